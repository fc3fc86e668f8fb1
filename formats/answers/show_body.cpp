#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <span>
#include <utility>

#include "agentstore/analysis/event_parts.hpp"
#include "agentstore/analysis/kinds.hpp"
#include "agentstore/analysis/stats.hpp"
#include "agentstore/json.hpp"
#include "formats/answers/facts.hpp"
#include "formats/answers/show.hpp"
#include "formats/events/edits.hpp"
#include "formats/text/escape.hpp"
#include "formats/text/prose.hpp"
#include "formats/text/units.hpp"

namespace agentstore::formats {
namespace {

using Names = std::span<const std::string_view>;

// What names the call, and its parts that are shown in another way.
constexpr std::string_view names_of_calls[] = {"type",      "id",      "name",         "tool",
                                               "tool_name", "call_id", "tool_call_id", "function",
                                               "status",    "caller"};
constexpr std::string_view names_of_edits[] = {
    "old_string", "new_string", "old_str", "new_str", "content",   "file_text",
    "edits",      "input",      "patch",   "changes", "file_path", "path",
    "filePath",   "command",    "cmd",     "oldText", "newText",   "workdir"};
constexpr std::string_view names_of_words[] = {"content",  "text", "message",
                                               "response", "role", "type"};
constexpr std::string_view names_of_answers[] = {"content", "role", "type", "usage", "id", "phase"};
constexpr std::string_view names_of_errors[] = {"message", "content", "error", "error_message",
                                                "text"};
constexpr std::string_view names_of_results[] = {
    "result",      "results",   "output", "content", "tool_response",
    "tool_use_id", "type",      "id",     "call_id", "tool_call_id",
    "tool",        "tool_name", "name",   "status",  "is_error"};
// What Claude Code keeps beside what the model was shown of a result, mostly the same again.
constexpr std::string_view name_of_copy = "toolUseResult";

bool is_one_of(const json::Walk& member, Names names) {
  return std::ranges::any_of(names, [&](std::string_view name) { return member.key_is(name); });
}

std::string text_of_value(const json::Value& value) {
  return json::kind_of(value) == json::Kind::string ? json::text_of(value) : pretty_json(value);
}

/// A text that is JSON itself, as tools answer, with a member a line.
std::string laid_out(std::string text) {
  constexpr std::size_t bytes_max = std::size_t{1} << 20;
  if (!text.starts_with('{') && !text.starts_with('[')) return text;
  if (text.size() > bytes_max || json::check(text, json::rules_to_read)) return text;
  return pretty_json(text);
}

/// The members of an object but for those of some names.
Facts members_of(const json::Value& object, Names left_out = {}) {
  Facts facts;
  if (json::kind_of(object) != json::Kind::object) return facts;
  for (json::Walk walk{object}; walk.next();)
    if (!is_one_of(walk, left_out) && !walk.key_is(name_of_copy))
      facts.add(printable(json::text_of(walk.key())), text_of_value(walk.value()));
  return facts;
}

void write_edit_line(Sink& sink, const EditLine& line, const Screen& screen) {
  struct Look {
    const char* before;
    Paint paint;
  };
  constexpr std::array<Look, 4> looks{
      {{"    ", Paint::none}, {"  + ", Paint::green}, {"  - ", Paint::red}, {"  ", Paint::cyan}}};
  const Look& look = looks[static_cast<std::size_t>(line.kind)];
  for (const std::string& piece : prose_lines(line.text, columns_beside(screen, 4)))
    sink.write(painted(look.before + piece, look.paint, screen.color) + "\n");
}

void write_edits(Sink& sink, const std::vector<FileEdit>& edits, const Screen& screen) {
  for (const FileEdit& edit : edits) {
    std::string head = edit.file.empty() ? "an edit" : edit.file;
    head += fmt::format("  +{} −{}", edit.added(), edit.removed());
    if (!edit.what.empty()) head += "  " + edit.what;
    write_prose(sink, head, screen, {.paint = Paint::bold});
    for (const EditLine& line : edit.lines) write_edit_line(sink, line, screen);
  }
}

void write_call(Sink& sink, const EventView& call, const EventView* result, const Screen& screen) {
  const auto made = result != nullptr ? edits_of(*result) : std::vector<FileEdit>{};
  const auto edits = made.empty() ? edits_of(call) : made;
  const auto arguments = event_part(call, "tool_args");
  if (arguments) {
    Facts facts = members_of(*arguments, edits.empty() ? Names{} : Names{names_of_edits});
    // A command as it runs, not as a list of words.
    const auto command = event_part(call, "command");
    if (edits.empty() && command) {
      facts = {};
      facts.add("command", json::text_of(*command));
      for (json::Walk walk{*arguments}; walk.next();)
        if (!is_one_of(walk, command_members()) && !input_is_command(*arguments))
          facts.add(printable(json::text_of(walk.key())), text_of_value(walk.value()));
    }
    facts.write(sink, screen);
  } else if (json::kind_of(call.payload) != json::Kind::object) {
    write_prose(sink, text_of_value(call.payload), screen);
  } else {
    members_of(call.payload, names_of_calls).write(sink, screen);
  }
  write_edits(sink, edits, screen);
}

void write_words(Sink& sink, const EventView& event, Names shown_names, const Screen& screen,
                 const ProseStyle& style) {
  const auto words = event_part(event, "text");
  if (words) write_prose(sink, laid_out(json::text_of(*words)), screen, style);
  if (json::kind_of(event.payload) != json::Kind::object) {
    if (!words) write_prose(sink, text_of_value(event.payload), screen, style);
    return;
  }
  if (!words) return members_of(event.payload).write(sink, screen, style.indent.size());
  const Facts others = members_of(event.payload, shown_names);
  if (others.empty()) return;
  sink.write("\n");
  others.write(sink, screen, style.indent.size());
}

// A response's blocks, in their order: what it thought, what it said.
void write_answer(Sink& sink, const EventView& event, const Screen& screen) {
  const auto content = json::kind_of(event.payload) == json::Kind::object
                           ? json::find(event.payload, "content")
                           : std::nullopt;
  if (!content || json::kind_of(*content) != json::Kind::array)
    return write_words(sink, event, names_of_words, screen, {});
  bool any = false;
  for (json::Walk walk{*content}; walk.next(); any = true) {
    if (any) sink.write("\n");
    const auto thought = json::find_text(walk.value(), "thinking");
    const auto text = json::find_text(walk.value(), "text");
    if (thought) {
      sink.write(painted("  thinking", Paint::dim, screen.color) + "\n");
      write_prose(sink, thought->empty() ? "(not recorded)" : *thought, screen,
                  {.indent = "    ", .paint = Paint::dim});
    } else if (text) {
      write_prose(sink, *text, screen);
    } else {
      write_prose(sink, text_of_value(walk.value()), screen);
    }
  }
  if (!any)
    write_prose(sink, "no words: a record of what was used", screen,
                {.indent = "  ", .paint = Paint::dim});
  const Facts others = members_of(event.payload, names_of_answers);
  if (others.empty()) return;
  sink.write("\n");
  others.write(sink, screen);
}

// "result #973 after 41.0 s, failed: exit 1"
std::string result_head(const EventView& result, const CallOutcome& outcome) {
  std::string text = fmt::format("result #{}", result.sequence_number);
  if (outcome.duration_ms) text += " after " + duration_text(*outcome.duration_ms);
  if (outcome.failed) text += ", " + outcome.ending;
  return text;
}

void write_result(Sink& sink, const EventView& result, const Screen& screen) {
  const bool failed = is_tool_error(result);
  write_words(sink, result, names_of_results, screen,
              {.indent = "    ", .paint = failed ? Paint::red : Paint::none});
}

bool is_gone(Sink& sink, const EventView& event, const Screen& screen) {
  if (event.redacted_by == 0) return false;
  write_prose(sink, fmt::format("the payload was redacted; #{} says why", event.redacted_by),
              screen, {.paint = Paint::dim});
  return true;
}

void write_own_result(Sink& sink, const ShownEvent& shown, const Screen& screen) {
  if (shown.call_event) {
    write_prose(sink, fmt::format("call #{}", shown.call_event->sequence_number), screen,
                {.paint = Paint::dim});
    if (!is_gone(sink, *shown.call_event, screen))
      write_call(sink, *shown.call_event, &shown.event, screen);
    sink.write("\n");
  }
  const std::string head = result_head(shown.event, shown.outcome);
  write_prose(sink, head, screen, {.paint = shown.outcome.failed ? Paint::red : Paint::dim});
  if (!is_gone(sink, shown.event, screen)) write_result(sink, shown.event, screen);
}

}  // namespace

void write_event_body(Sink& sink, const ShownEvent& shown, const Screen& screen) {
  const EventView& event = shown.event;
  const EventKind kind = kind_of_type(event.type);
  if (kind == EventKind::result) return write_own_result(sink, shown, screen);
  if (is_gone(sink, event, screen)) return;
  switch (kind) {
    case EventKind::call: {
      const EventView* const result = shown.result_event ? &*shown.result_event : nullptr;
      write_call(sink, event, result, screen);
      if (result == nullptr) return;
      sink.write("\n");
      write_prose(sink, result_head(*result, shown.outcome), screen,
                  {.paint = shown.outcome.failed ? Paint::red : Paint::dim});
      if (!is_gone(sink, *result, screen)) write_result(sink, *result, screen);
      return;
    }
    case EventKind::answer: return write_answer(sink, event, screen);
    case EventKind::error:
      return write_words(sink, event, names_of_errors, screen, {.paint = Paint::red});
    case EventKind::message:
    case EventKind::plan:
    case EventKind::decision: return write_words(sink, event, names_of_words, screen, {});
    default: break;
  }
  const Facts facts = members_of(event.payload);
  if (facts.empty()) write_prose(sink, text_of_value(event.payload), screen);
  else facts.write(sink, screen);
}

}  // namespace agentstore::formats
