#include "agentstore/analysis/event_parts.hpp"

#include <algorithm>
#include <array>
#include <initializer_list>
#include <vector>

#include "agentstore/analysis/kinds.hpp"
#include "agentstore/analysis/prices.hpp"
#include "agentstore/analysis/stats.hpp"
#include "agentstore/json.hpp"
#include "projections/said.hpp"

namespace agentstore {
namespace {

using Part = std::optional<std::string>;
using Members = std::initializer_list<std::string_view>;

constexpr std::array<std::string_view, 7> names{"text",    "tool_name", "tool_args",     "file",
                                                "command", "failed",    "cost_total_usd"};

// "args" last: beside "command" it has the words that follow it.
constexpr std::array<std::string_view, 8> names_of_commands{
    "command", "cmd", "script", "commandLine", "command_line", "commands", "argv", "args"};

constexpr std::size_t json_text_bytes_max = std::size_t{1} << 20;

std::optional<std::string_view> member(std::string_view value, Members of_these) {
  return json::kind_of(value) == json::Kind::object ? first_member(value, of_these) : std::nullopt;
}

std::optional<std::string_view> arguments_in(std::string_view call) {
  return member(call,
                {"args", "arguments", "input", "parameters", "params", "tool_input", "action"});
}

Part text_part(std::string_view text) {
  return text.empty() ? std::nullopt : Part{json::quote(text)};
}

// The words of a value; where it has none, its JSON text.
std::string words_or_json(std::string_view value) {
  std::string words = words_of(value);
  const json::Kind kind = json::kind_of(value);
  const bool holds = kind == json::Kind::object || kind == json::Kind::array;
  return words.empty() && holds ? std::string{value} : words;
}

// A request carries the conversation so far: its last message is what was asked now.
std::string words_of_request(std::string_view payload) {
  const auto messages = member(payload, {"messages"});
  if (!messages || json::kind_of(*messages) != json::Kind::array) {
    const auto asked = member(payload, {"prompt", "input"});
    return asked ? words_of(*asked) : words_of(payload);
  }
  std::string_view last;
  for (json::Walk walk{*messages}; walk.next();) last = walk.value();
  return words_of(last);
}

std::string words_of_error(std::string_view payload) {
  if (json::kind_of(payload) == json::Kind::string) return json::text_of(payload);
  const auto message =
      member(payload, {"message", "error", "error_message", "reason", "detail", "text", "stderr"});
  if (!message) return {};
  const auto inner = member(*message, {"message", "reason", "detail"});
  return words_or_json(inner.value_or(*message));
}

std::string words_of_result(std::string_view payload) {
  if (const auto result =
          member(payload, {"result", "results", "output", "content", "tool_response"}))
    return words_or_json(*result);
  if (member(payload, {"error"})) return words_of_error(payload);
  return words_of(payload);
}

std::string words_of_plan(std::string_view payload) {
  auto plan = member(payload, {"steps", "plan", "tasks", "todos"});
  if (plan && json::kind_of(*plan) == json::Kind::object)
    plan = member(*plan, {"steps", "tasks", "todos"});
  if (!plan || json::kind_of(*plan) != json::Kind::array) return words_of(plan.value_or(payload));
  std::string words;
  for (json::Walk step{*plan}; step.next();) {
    const auto named = member(step.value(), {"step", "title", "name", "action", "description",
                                             "content", "text", "tool"});
    const std::string text = words_of(named.value_or(step.value()));
    if (!text.empty()) words += (words.empty() ? "" : "\n") + text;
  }
  return words;
}

std::string words_said(const EventView& event) {
  switch (kind_of_type(event.type)) {
    case EventKind::request: return words_of_request(event.payload);
    case EventKind::result: return words_of_result(event.payload);
    case EventKind::error: return words_of_error(event.payload);
    case EventKind::plan: return words_of_plan(event.payload);
    case EventKind::answer: {
      const auto other = member(event.payload, {"completion", "output"});
      std::string words = words_of(event.payload);
      return words.empty() && other ? words_of(*other) : words;
    }
    case EventKind::decision: {
      const auto decided = member(event.payload, {"decision", "reason"});
      std::string words = words_of(event.payload);
      return words.empty() && decided ? words_of(*decided) : words;
    }
    case EventKind::call: return {};
    default: return words_of(event.payload);
  }
}

bool is_call(const EventView& event) {
  return kind_of_type(event.type) == EventKind::call;
}

// The members beside the tool's name, as in the Go library's own examples:
// {"tool":"search","query":"…"}.
std::string other_members(std::string_view payload) {
  constexpr std::array<std::string_view, 8> of_the_call{
      "tool", "tool_name", "name", "function", "tool_call_id", "call_id", "id", "type"};
  std::string out = "{";
  for (json::Walk walk{payload}; walk.next();) {
    const std::string key = json::text_of(walk.key());
    if (std::ranges::find(of_the_call, key) != of_the_call.end()) continue;
    if (out.size() > 1) out += ',';
    out += walk.key();
    out += ':';
    out += walk.value();
  }
  return out + '}';
}

std::string as_object(std::string_view arguments) {
  if (json::kind_of(arguments) == json::Kind::object) return std::string{arguments};
  if (json::kind_of(arguments) == json::Kind::string && arguments.size() < json_text_bytes_max) {
    std::string text = json::text_of(arguments);
    if (text.starts_with('{') && !json::check(text, json::rules_to_read)) return text;
  }
  return R"({"input":)" + std::string{arguments} + '}';
}

Part tool_args(const EventView& event) {
  if (!is_call(event) || json::kind_of(event.payload) != json::Kind::object) return std::nullopt;
  if (const auto arguments = arguments_in(event.payload)) return as_object(*arguments);
  // OpenAI's: {"function":{"name":…,"arguments":"…"}}.
  if (const auto function = member(event.payload, {"function"}))
    if (const auto arguments = arguments_in(*function)) return as_object(*arguments);
  return other_members(event.payload);
}

// "*** Update File: src/a.cpp", in a patch.
std::string_view file_of_patch(std::string_view patch) {
  for (const std::string_view word : {"*** Update File: ", "*** Add File: ", "*** Delete File: "}) {
    const std::size_t at = patch.find(word);
    if (at == patch.npos) continue;
    const std::string_view rest = patch.substr(at + word.size());
    return rest.substr(0, rest.find_first_of("\r\n"));
  }
  return {};
}

Part file(const EventView& event) {
  const Part arguments = tool_args(event);
  if (!arguments) return std::nullopt;
  const auto named =
      member(*arguments, {"file_path", "path", "file", "filename", "file_name", "target_file",
                          "notebook_path", "filePath", "absolute_path"});
  if (named && json::kind_of(*named) == json::Kind::string) return text_part(json::text_of(*named));
  const auto patch = member(*arguments, {"input", "patch"});
  if (!patch || json::kind_of(*patch) != json::Kind::string) return std::nullopt;
  return text_part(file_of_patch(json::text_of(*patch)));
}

// ["bash","-lc","ls"] runs `ls`.
std::string joined(const std::vector<std::string>& words) {
  if (words.size() == 3 && (words[1] == "-c" || words[1] == "-lc")) return words[2];
  std::string out;
  for (const std::string& word : words) out += (out.empty() ? "" : " ") + word;
  return out;
}

// A text, or a list of texts; else nothing.
std::string words_to_run(std::string_view value) {
  if (json::kind_of(value) == json::Kind::string) return json::text_of(value);
  if (json::kind_of(value) != json::Kind::array) return {};
  std::vector<std::string> words;
  for (json::Walk walk{value}; walk.next();) {
    if (json::kind_of(walk.value()) != json::Kind::string) return {};
    words.push_back(json::text_of(walk.value()));
  }
  return joined(words);
}

Part command(const EventView& event) {
  const Part arguments = tool_args(event);
  if (!arguments) return std::nullopt;
  if (input_is_command(*arguments)) {
    const std::string run = words_to_run(member(*arguments, {"input"}).value_or("null"));
    return run.starts_with(patch_begin) ? std::nullopt : text_part(run);
  }
  std::string run;
  for (const std::string_view name : names_of_commands) {
    const auto found = member(*arguments, {name});
    // Words to say may be a text under "args"; words to run are a list, or follow a command.
    const bool follows = name == "args";
    if (!found || (!run.empty() && !follows)) continue;
    if (follows && run.empty() && json::kind_of(*found) != json::Kind::array) continue;
    const std::string words = words_to_run(*found);
    if (!run.empty() && !words.empty()) run += ' ';
    run += words;
  }
  return text_part(run);
}

Part failed(const EventView& event) {
  const EventKind kind = kind_of_type(event.type);
  if (kind == EventKind::error) return "true";
  if (kind != EventKind::result) return std::nullopt;
  if (is_tool_error(event)) return "true";
  return event.redacted_by != 0 ? std::nullopt : Part{"false"};
}

}  // namespace

std::span<const std::string_view> event_part_names() {
  return names;
}

std::span<const std::string_view> command_members() {
  return names_of_commands;
}

bool input_is_command(std::string_view tool_args) {
  if (json::kind_of(tool_args) != json::Kind::object) return false;
  json::Walk walk{tool_args};
  return walk.next() && walk.key_is("input") && !walk.next();
}

std::optional<std::string> tool_name_of(const EventView& event) {
  if (auto name = json::find_text(event.metadata, "tool_name"); name && !name->empty()) return name;
  const EventKind kind = kind_of_type(event.type);
  if (kind != EventKind::call && kind != EventKind::result) return std::nullopt;
  auto name = member(event.payload, {"tool", "tool_name", "name", "function"});
  if (name && json::kind_of(*name) == json::Kind::object) name = member(*name, {"name"});
  if (!name || json::kind_of(*name) != json::Kind::string) return std::nullopt;
  std::string text = json::text_of(*name);
  return text.empty() ? std::nullopt : Part{std::move(text)};
}

std::optional<std::string> event_part(const EventView& event, std::string_view name) {
  if (name == "text") return text_part(words_said(event));
  if (name == "tool_name") {
    const auto tool = tool_name_of(event);
    return tool ? text_part(*tool) : std::nullopt;
  }
  if (name == "tool_args") return tool_args(event);
  if (name == "file") return file(event);
  if (name == "command") return command(event);
  if (name == "failed") return failed(event);
  if (name != "cost_total_usd") return std::nullopt;
  const auto cost = cost_of(event);
  return cost ? Part{cost->to_string()} : std::nullopt;
}

}  // namespace agentstore
