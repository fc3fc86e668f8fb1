#include "formats/events/talk.hpp"

#include <algorithm>
#include <string_view>

#include "agentstore/analysis/event_parts.hpp"
#include "agentstore/analysis/kinds.hpp"
#include "agentstore/analysis/prices.hpp"
#include "agentstore/analysis/stats.hpp"
#include "agentstore/json.hpp"
#include "formats/events/bookkeeping.hpp"
#include "formats/events/fields.hpp"
#include "formats/events/summary.hpp"
#include "formats/events/words.hpp"
#include "formats/text/units.hpp"

namespace agentstore::formats {
namespace {

// More of a text than so many columns show.
std::size_t bytes_for(std::size_t columns) {
  return columns * 4 + 16;
}

std::string text_member(const Fields& fields, std::initializer_list<std::string_view> names) {
  const auto value = fields.find(names);
  return value && json::kind_of(*value) == json::Kind::string ? json::text_of(*value)
                                                              : std::string{};
}

/// "mcp__linear__list_issues" is "list_issues".
std::string shown_tool(std::string name) {
  if (!name.starts_with("mcp__")) return name;
  const std::size_t at = name.find("__", 5);
  return at == name.npos || at + 2 == name.size() ? name.substr(5) : name.substr(at + 2);
}

std::string tool_or(const EventView& event, std::string otherwise) {
  auto name = tool_name_of(event);
  return name ? shown_tool(std::move(*name)) : std::move(otherwise);
}

std::string who_of_record(const EventView& event, const TalkNames& names) {
  const std::string record = record_type_of(event);
  if (record.empty()) return std::string{event.type};
  if (record.contains("hook")) return "hook";
  if (record == "progress/agent_progress") return "sub-agent";
  if (record == "reasoning") return "thinking";
  if (record.ends_with("agent_message")) return names.agent;
  return record.substr(record.rfind('/') + 1);
}

std::string who_of(const EventView& event, const TalkNames& names) {
  switch (kind_of_type(event.type)) {
    case EventKind::message: {
      const std::string role = text_member(Fields{event.payload}, {"role"});
      return role.empty() ? "user" : role == "assistant" ? names.agent : role;
    }
    case EventKind::answer: return names.agent;
    case EventKind::request: return "request";
    case EventKind::call: return tool_or(event, "tool");
    case EventKind::result: return tool_or(event, "result");
    case EventKind::plan: return "plan";
    case EventKind::decision: return "decision";
    case EventKind::error: return "error";
    case EventKind::state: {
      std::string who = who_of_record(event, names);
      return who == event.type ? "state" : who;
    }
    default: return who_of_record(event, names);
  }
}

void add_text(Line& line, std::string_view text, std::size_t columns) {
  line.add_printable(text, columns);
}

/// A path, without the folder that the agent works in; of a long one its end.
std::string shown_path(std::string path, const TalkNames& names, std::size_t columns) {
  const std::string_view folder = names.folder;
  if (folder.size() > 1 && path.size() > folder.size() && path.starts_with(folder) &&
      path[folder.size()] == '/')
    path.erase(0, folder.size() + 1);
  if (columns < 8 || display_width(printable(path)) <= columns) return path;
  // Cut at a character, and at a folder where one begins soon.
  std::size_t at = path.size() - std::min(path.size(), columns - 1);
  while (at < path.size() && (static_cast<unsigned char>(path[at]) & 0xC0U) == 0x80U) ++at;
  if (const std::size_t slash = path.find('/', at); slash != path.npos && slash < at + columns / 3)
    at = slash;
  return "…" + path.substr(at);
}

/// The arguments of a call, an object; `kept` holds them where they were JSON in a string.
json::Value arguments_of(const EventView& call, std::string& kept) {
  constexpr std::size_t json_text_bytes_max = std::size_t{1} << 20;
  const Fields payload{call.payload};
  auto found =
      payload.find({"args", "arguments", "input", "parameters", "params", "tool_input", "action"});
  if (!found)
    if (const auto function = payload.find({"function"}))
      found = Fields{*function}.find({"arguments", "input"});
  if (!found) return call.payload;
  if (json::kind_of(*found) != json::Kind::string || found->size() > json_text_bytes_max)
    return *found;
  kept = json::text_of(*found);
  return kept.starts_with('{') && !json::check(kept, json::rules_to_read)
             ? json::Value{std::string_view{kept}}
             : *found;
}

/// ["bash","-lc","ls"] runs `ls`.
std::string command_in(const json::Value& command, std::size_t bytes_max) {
  if (json::kind_of(command) == json::Kind::array) {
    json::Value last;
    std::size_t count = 0;
    bool shell = false;
    for (json::Walk walk{command}; walk.next(); ++count) {
      last = walk.value();
      if (count == 1) shell = last == R"("-c")" || last == R"("-lc")";
    }
    if (count == 3 && shell) return words_start(last, bytes_max);
  }
  return words_start(command, bytes_max);
}

std::string file_of_patch(std::string_view patch) {
  for (const std::string_view word : {"*** Update File: ", "*** Add File: ", "*** Delete File: "}) {
    const std::size_t at = patch.find(word);
    if (at == patch.npos) continue;
    const std::string_view rest = patch.substr(at + word.size());
    return std::string{rest.substr(0, rest.find_first_of("\r\n"))};
  }
  return {};
}

std::string file_in(const Fields& arguments) {
  return text_member(arguments, {"file_path", "path", "file", "filename", "file_name",
                                 "target_file", "notebook_path", "filePath", "absolute_path"});
}

std::string pattern_words(const Fields& arguments, const json::Value& pattern,
                          const TalkNames& names, std::size_t columns) {
  std::string text = words_start(pattern, bytes_for(columns));
  const std::string where = text_member(arguments, {"path", "glob"});
  if (where.empty()) return text;
  const std::size_t used = text.size() + 4;
  return text + " in " + shown_path(where, names, columns > used + 12 ? columns - used : 12);
}

std::string call_words(const EventView& call, const TalkNames& names, std::size_t columns) {
  const std::size_t bytes = bytes_for(columns);
  std::string kept;
  const json::Value value = arguments_of(call, kept);
  if (json::kind_of(value) != json::Kind::object) {
    if (std::string file = file_of_patch(kept); !file.empty())
      return shown_path(std::move(file), names, columns);
    return words_start(value, bytes);
  }
  const Fields arguments{value};
  if (const auto command = arguments.find({"command", "cmd", "script", "commandLine"}))
    return command_in(*command, bytes);
  if (const auto pattern = arguments.find({"pattern", "regex"}))
    return pattern_words(arguments, *pattern, names, columns);
  if (std::string file = file_in(arguments); !file.empty())
    return shown_path(std::move(file), names, columns);
  if (const auto patch = arguments.find({"patch", "input"}))
    if (std::string file = file_of_patch(json::text_of(*patch).substr(0, 4096)); !file.empty())
      return shown_path(std::move(file), names, columns);
  if (const auto todos = arguments.find({"todos", "plan"}))
    if (json::kind_of(*todos) == json::Kind::array) return counted(count_of(*todos), "step");
  if (const auto said = arguments.find({"description", "url", "query", "skill", "subject", "prompt",
                                        "question", "text", "message"}))
    if (std::string text = words_start(*said, bytes); !text.empty()) return text;
  return record_words(value, bytes);
}

bool is_blank(const json::Value& value) {
  return words_start(value, 1).empty();
}

/// An object or array in a string, which `kept` then holds; nothing where the string is a text.
std::optional<json::Value> json_within(const json::Value& value, std::string& kept) {
  constexpr std::size_t bytes_max = 65536;
  if (json::kind_of(value) != json::Kind::string || value.size() > bytes_max ||
      (!value.starts_with("\"{") && !value.starts_with("\"[")))
    return std::nullopt;
  kept = json::text_of(value);
  if (json::check(kept, json::rules_to_read)) return std::nullopt;
  return json::Value{std::string_view{kept}};
}

/// The text of a list that has one content block alone; else the value itself.
json::Value only_text(const json::Value& value) {
  if (json::kind_of(value) != json::Kind::array) return value;
  json::Walk walk{value};
  if (!walk.next()) return value;
  const auto text = Fields{walk.value()}.find({"text"});
  return text && !walk.next() ? *text : value;
}

/// Of "Exit code: 0 Wall time: 0.1 seconds Output: hello", which codex gives its model, the output.
std::string without_preamble(std::string words) {
  constexpr std::string_view output = "Output:";
  if (!words.starts_with("Exit code: ") && !words.starts_with("Chunk ID: ")) return words;
  const std::size_t at = words.find(output);
  if (at == words.npos) return words;
  words.erase(0, std::min(at + output.size() + 1, words.size()));
  return words;
}

std::string result_words(const EventView& result, std::size_t bytes_max) {
  const Fields payload{result.payload};
  auto came = payload.find(
      {"result", "results", "output", "content", "tool_response", "aggregated_output", "error"});
  if (!came) return {};
  std::string kept;
  if (const auto within = json_within(only_text(*came), kept)) {
    came = *within;
    // Codex: {"output":"…","metadata":{…}}.
    if (const auto output = json::find(*came, "output")) came = *output;
  }
  const json::Kind kind = json::kind_of(*came);
  constexpr std::size_t preamble_bytes = 160;
  if (kind == json::Kind::string)
    return without_preamble(words_start(*came, bytes_max + preamble_bytes));
  if (kind == json::Kind::array) {
    std::string words = without_preamble(words_start(*came, bytes_max + preamble_bytes));
    return words.empty() ? counted(count_of(*came), "result") : words;
  }
  if (kind == json::Kind::object) {
    const auto list = Fields{*came}.find({"results", "items"});
    if (list && json::kind_of(*list) == json::Kind::array)
      return counted(count_of(*list), "result");
    return record_words(*came, bytes_max);
  }
  return std::string{*came};
}

void strip_tag(std::string& text, std::string_view tag) {
  const std::string open = "<" + std::string{tag} + ">";
  if (!text.starts_with(open)) return;
  text.erase(0, open.size());
  if (const std::size_t at = text.find("</" + std::string{tag} + ">"); at != text.npos)
    text.erase(at);
}

/// The code that a program ended with, as the result tells it; empty: it does not.
std::string exit_code_of(const EventView& result) {
  auto code = Fields{result.payload}.find({"exit_code", "exitCode"});
  if (!code)
    if (const auto extra = json::find(result.metadata, "extra"))
      code = Fields{*extra}.find({"exit_code"});
  if (!code) return {};
  std::string text =
      json::kind_of(*code) == json::Kind::string ? json::text_of(*code) : std::string{*code};
  return text == "0" ? std::string{} : text.substr(0, 12);
}

/// "Exit code 1 no such file": takes the code away from the front.
std::string take_exit_code(std::string& text) {
  constexpr std::string_view words = "Exit code ";
  if (!text.starts_with(words)) return {};
  const std::size_t end = std::min(text.find_first_not_of("0123456789", words.size()), text.size());
  std::string code = text.substr(words.size(), end - words.size());
  text.erase(0, std::min(end + 1, text.size()));
  return code;
}

constexpr std::string_view rejected_words = "The user doesn't want to";

Ending rejection(const std::string& text) {
  constexpr std::string_view said = "the user said: ";
  const std::size_t at = text.find(said);
  return {"rejected", at == text.npos ? "by the user" : text.substr(at + said.size()), Paint::red};
}

Ending failure_of(const EventView& result, std::size_t bytes_max) {
  // A rejection says late what for.
  std::string text = result_words(result, std::max<std::size_t>(bytes_max, 400));
  strip_tag(text, "tool_use_error");
  if (text.starts_with(rejected_words)) return rejection(text);
  if (text.starts_with("[Request interrupted")) return {"interrupted", {}, Paint::red};
  std::string code = take_exit_code(text);
  if (code.empty()) code = exit_code_of(result);
  if (text.starts_with("Command timed out") || code == "124")
    return {"timed out", std::move(text), Paint::red};
  if (code.empty() && text.starts_with("Error: ")) text.erase(0, 7);
  return {code.empty() ? "failed" : "failed: exit " + code, std::move(text), Paint::red};
}

bool was_interrupted(const EventView& result) {
  const auto more = json::find(result.payload, "toolUseResult");
  return more && json::kind_of(*more) == json::Kind::object &&
         json::find(*more, "interrupted").value_or("") == "true";
}

void add_answer(Line& line, const EventView& event, std::size_t columns) {
  const Line::Place start = line.end();
  if (is_thinking(event)) line.add("thinking: ");
  const std::size_t used = std::min(columns, line.columns_since(start));
  std::string words = words_start(event.payload, bytes_for(columns));
  if (words.empty()) {
    const auto other = Fields{event.payload}.find({"completion", "output"});
    if (other) words = words_start(*other, bytes_for(columns));
  }
  add_text(line, words.empty() ? "(no text)" : words, columns - used);
  line.cut(start, columns);
}

void add_result(Line& line, const EventView& event, std::size_t columns, bool failed) {
  const Line::Place start = line.end();
  line.add_printable("→ ", columns);
  const Ending ending = ending_of(event, failed, bytes_for(columns));
  std::string text = ending.words;
  if (!text.empty() && !ending.detail.empty()) text += text.contains(':') ? "  " : ": ";
  text += ending.detail;
  add_text(line, text.empty() ? "done" : text, columns);
  line.cut(start, columns);
}

}  // namespace

void add_who(Line& line, const EventView& event, const TalkNames& names, std::size_t columns) {
  line.add_printable(who_of(event, names), columns);
}

void add_call_words(Line& line, const EventView& call, const TalkNames& names,
                    std::size_t columns) {
  add_text(line, call_words(call, names, columns), columns);
}

void add_what(Line& line, const EventView& event, const TalkNames& names, std::size_t columns,
              bool tool_failed) {
  const EventKind kind = kind_of_type(event.type);
  if (event.redacted_by != 0 || event.type.starts_with("agentstore."))
    return add_summary(line, event, columns, tool_failed);
  switch (kind) {
    case EventKind::message:
      if (is_blank(event.payload)) break;
      return add_text(line, words_start(event.payload, bytes_for(columns)), columns);
    case EventKind::answer: return add_answer(line, event, columns);
    case EventKind::call: return add_call_words(line, event, names, columns);
    case EventKind::result: return add_result(line, event, columns, tool_failed);
    case EventKind::state:
      if (const auto took = duration_ms_of(event))
        return add_text(line, "took " + duration_text(*took), columns);
      break;
    case EventKind::plan:
    case EventKind::error:
    case EventKind::request: return add_summary(line, event, columns, tool_failed);
    default: break;
  }
  const std::string words = record_words(event.payload, bytes_for(columns));
  add_text(line, words.starts_with("[Request interrupted") ? "interrupted by the user" : words,
           columns);
}

std::optional<std::int64_t> duration_ms_of(const EventView& event) {
  if (const auto own = json::find(event.metadata, "duration_ms"))
    if (const auto count = count_of_token(*own)) return count;
  const auto in_payload = Fields{event.payload}.find({"duration_ms", "durationMs"});
  return in_payload ? count_of_token(*in_payload) : std::nullopt;
}

Ending ending_of(const EventView& result, bool failed, std::size_t bytes_max) {
  if (result.redacted_by != 0)
    return {"(redacted by #" + std::to_string(result.redacted_by) + ")", {}, Paint::dim};
  if (failed) return failure_of(result, bytes_max);
  if (was_interrupted(result)) return {"interrupted", {}, Paint::red};
  return {{}, result_words(result, bytes_max), Paint::dim};
}

bool is_thinking(const EventView& answer) {
  const auto content = json::find(answer.payload, "content");
  if (!content || json::kind_of(*content) != json::Kind::array) return false;
  json::Walk first{*content};
  return first.next() && Fields{first.value()}.find({"type"}).value_or("") == R"("thinking")";
}

std::string response_of(const EventView& answer) {
  const auto extra = json::find(answer.metadata, "extra");
  return extra ? json::find_text(*extra, "response").value_or("") : std::string{};
}

AnswerUse use_of(const EventView& answer) {
  // Several events tell of one response; what it used in the end, the one with its usage says.
  if (!response_of(answer).empty() && !json::find(answer.payload, "usage")) return {};
  return use_told_by(answer);
}

AnswerUse use_told_by(const EventView& answer) {
  AnswerUse use;
  const Usage usage = usage_of(answer);
  if (usage.tokens_out) use.tokens = thousands(*usage.tokens_out) + " out";
  if (const auto cost = cost_of(answer); cost && !cost->is_zero())
    use.cost = (usage.cost.empty() ? "~" : "") + dollars_text(*cost);
  return use;
}

}  // namespace agentstore::formats
