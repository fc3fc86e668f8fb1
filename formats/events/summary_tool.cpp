#include "agentstore/analysis/stats.hpp"
#include "agentstore/json.hpp"
#include "formats/events/edit_size.hpp"
#include "formats/events/fields.hpp"
#include "formats/events/parts.hpp"
#include "formats/events/summaries.hpp"
#include "formats/events/values.hpp"
#include "formats/text/units.hpp"

namespace agentstore::formats {
namespace {

constexpr std::size_t json_text_bytes_max = std::size_t{1} << 20;

// `metadata` is walked only where the payload names no tool.
void add_tool_name(Line& line, const Fields& payload, const json::Value& metadata,
                   std::size_t columns) {
  auto name = payload.find({"tool", "tool_name", "name", "function"});
  if (name && json::kind_of(*name) == json::Kind::object) name = Fields{*name}.find({"name"});
  if (!name) name = Fields{metadata}.find({"tool_name"});
  if (name) line.add_text_of(*name, columns);
}

bool no_member(const json::Walk&) {
  return false;
}

/// The members of an object, without those that `left_out` names.
template <class LeftOut = bool (*)(const json::Walk&)>
void add_members(Line& line, const json::Value& object, std::size_t columns,
                 LeftOut left_out = no_member) {
  constexpr std::size_t value_columns_max = 48;
  Parts parts{line, columns, 1};
  for (json::Walk walk{object}; parts.left() > 0 && walk.next();) {
    if (left_out(walk)) continue;
    parts.add([&](std::size_t) {
      line.add_text_of(walk.key(), columns);
      line.add("=");
      add_value(line, walk.value(), value_columns_max);
    });
  }
  parts.end();
}

void add_arguments(Line& line, const json::Value& arguments, std::size_t columns) {
  if (json::kind_of(arguments) == json::Kind::object) {
    add_members(line, arguments, columns);
    return;
  }
  // OpenAI's tools give the arguments as JSON in a string.
  if (json::kind_of(arguments) == json::Kind::string && arguments.size() < json_text_bytes_max) {
    const std::string text = json::text_of(arguments);
    if (text.starts_with('{') && !json::check(text, json::rules_to_read)) {
      add_members(line, text, columns);
      return;
    }
  }
  add_value(line, arguments, columns);
}

/// What says which tool it is, and which call; the members beside these are arguments.
bool names_the_call(const json::Walk& member) {
  for (const char* const key : {"tool", "tool_name", "tool_call_id", "call_id", "id", "type"})
    if (member.key_is(key)) return true;
  return false;
}

void add_count(Line& line, const json::Value& array) {
  line.add(counted(count_of(array), "result"));
}

void add_result(Line& line, const json::Value& result, std::size_t columns) {
  if (json::kind_of(result) == json::Kind::array) {
    json::Walk first{result};
    const bool blocks =
        first.next() && Fields{first.value()}.find({"type"}).value_or("") == R"("text")";
    if (blocks) add_words(line, result, columns);
    else add_count(line, result);
    return;
  }
  if (json::kind_of(result) == json::Kind::object) {
    const auto list = Fields{result}.find({"results", "items"});
    if (list && json::kind_of(*list) == json::Kind::array) {
      add_count(line, *list);
      return;
    }
    return add_record(line, result, columns);
  }
  add_value(line, result, columns);
}

}  // namespace

void add_tool_call(Line& line, const EventView& event, std::size_t columns) {
  const Fields payload{event.payload};
  Parts parts{line, columns};
  parts.add([&](std::size_t) { add_tool_name(line, payload, event.metadata, columns); });
  if (parts.empty()) return;
  const auto arguments =
      payload.find({"args", "arguments", "input", "parameters", "params", "tool_input"});
  if (arguments && json::kind_of(*arguments) == json::Kind::object) {
    const Fields fields{*arguments};
    const auto file = fields.find({"file_path", "path"});
    const bool edits = file && fields.find({"old_string", "old_str", "edits"});
    const auto size = edits ? edit_size_of(event) : std::nullopt;
    if (size) {
      const std::string lines = edit_text(*size);
      parts.add([&](std::size_t left) {
        line.add_text_of(*file, left > lines.size() + 8 ? left - lines.size() : left);
      });
      parts.add([&](std::size_t left) { line.add_printable(lines, left); });
      return parts.end();
    }
  }
  if (arguments) {
    parts.add([&](std::size_t left) { add_arguments(line, *arguments, left); });
  } else if (payload.find({"tool", "tool_name"})) {
    // The Go library's own examples: {"tool":"search","query":"…"}.
    bool any = false;
    for (json::Walk walk{event.payload}; walk.next();) any = any || !names_the_call(walk);
    if (any)
      parts.add([&](std::size_t left) { add_members(line, event.payload, left, names_the_call); });
  } else if (const auto command = payload.find({"command", "changes", "query"})) {
    // Items of Codex.
    parts.add([&](std::size_t left) { add_value(line, *command, left); });
  }
  parts.end();
}

void add_tool_result(Line& line, const EventView& event, std::size_t columns, bool failed) {
  const Fields payload{event.payload};
  const Fields metadata{event.metadata};
  Parts parts{line, columns};
  parts.add([&](std::size_t) { add_tool_name(line, payload, event.metadata, columns); });
  auto duration = metadata.find({"duration_ms"});
  if (!duration) duration = payload.find({"duration_ms"});
  if (duration) {
    parts.add([&](std::size_t) {
      if (const auto whole = count_of_token(*duration)) return line.add(duration_text(*whole));
      add_money(line, *duration, 20);
      line.add(" ms");
    });
  }
  const auto printed = payload.find({"aggregated_output"});
  const auto exit_code = payload.find({"exit_code"});
  if (exit_code && json::kind_of(*exit_code) == json::Kind::number && (failed || printed)) {
    parts.add([&](std::size_t left) {
      line.add("exit ");
      add_value(line, *exit_code, left);
    });
  }
  auto result = payload.find({"result", "results", "output", "content", "tool_response"});
  if (!result) result = printed;
  if (failed) {
    const auto failure = payload.find({"error"});
    const bool says = failure && json::kind_of(*failure) != json::Kind::boolean;
    parts.add([&](std::size_t left) {
      line.add("failed: ");
      if (says) add_failure(line, *failure, left);
      else if (result) add_result(line, *result, left);
      else add_failure(line, event.payload, left);
    });
  } else if (result) {
    parts.add([&](std::size_t left) { add_result(line, *result, left); });
  }
  parts.end();
}

}  // namespace agentstore::formats
