#include "formats/sources/codex_record.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

#include "agentstore/analysis/stats.hpp"
#include "agentstore/json.hpp"
#include "formats/sources/texts.hpp"

namespace agentstore::formats {
namespace {

constexpr std::array groups = {
    std::string_view{"session_meta"},
    std::string_view{"turn_context"},
    std::string_view{"response_item"},
    std::string_view{"event_msg"},
    std::string_view{"compacted"},
    std::string_view{"token_usage_record"},
    std::string_view{"world_state"},
    std::string_view{"inter_agent_communication"},
    std::string_view{"inter_agent_communication_metadata"},
};
// Of lines that had no group yet.
constexpr std::array item_types = {
    std::string_view{"message"},
    std::string_view{"reasoning"},
    std::string_view{"function_call"},
    std::string_view{"function_call_output"},
    std::string_view{"local_shell_call"},
    std::string_view{"custom_tool_call"},
    std::string_view{"custom_tool_call_output"},
};

std::int64_t count_of(const json::Value& usage, std::string_view key) {
  return std::max<std::int64_t>(count_of_token(json::find(usage, key).value_or("0")).value_or(0),
                                0);
}

/// The number behind `label` in a text.
std::optional<double> number_after(std::string_view text, std::string_view label) {
  const std::size_t at = text.find(label);
  if (at == text.npos) return std::nullopt;
  double number = 0;
  const char* const start = text.data() + at + label.size();
  const auto [rest, error] = std::from_chars(start, text.data() + text.size(), number);
  return error == std::errc{} && std::abs(number) < 1e12 ? std::optional{number} : std::nullopt;
}

std::string text_of_parts(const json::Value& parts) {
  std::string text;
  for (json::Walk part{parts}; part.next();)
    if (json::kind_of(part.value()) == json::Kind::object)
      text += json::find_text(part.value(), "text").value_or("");
  return text;
}

/// Lines of `codex exec --json`: a dot in the type.
bool is_exec_type(std::string_view type) {
  return type.starts_with("thread.") || type.starts_with("turn.") || type.starts_with("item.");
}

}  // namespace

CodexRecord read_codex_record(const json::Value& json) {
  CodexRecord record;
  const auto text = [&](const json::Value& value) { return record.texts.view(value); };
  const auto type_in = [&](const json::Value& object) {
    return text(json::find(object, "type").value_or("null"));
  };
  std::string_view type;
  std::string_view record_type;
  std::string_view id;
  json::Value payload;
  bool screen = false;
  bool has_ts = false;
  for (json::Walk member{json}; member.next();) {
    if (member.key_is("type")) type = text(member.value());
    else if (member.key_is("record_type")) record_type = text(member.value());
    else if (member.key_is("id")) id = text(member.value());
    else if (member.key_is("dir")) screen = true;
    else if (member.key_is("kind") && type.empty()) type = text(member.value());
    else if (member.key_is("payload") && json::kind_of(member.value()) == json::Kind::object)
      payload = member.value();
    else if (member.key_is("timestamp") || member.key_is("ts")) {
      has_ts = has_ts || member.key_is("ts");
      if (const auto at = parse_rfc3339(text(member.value()))) record.at = *at;
    }
  }
  if (screen && has_ts) {
    record.group = "screen";
    record.item_type = type;
    if (const auto message = json::find(payload, "msg");
        message && json::find_text(*message, "type"))
      record.item_type = type_in(*message);
    record.payload = json;
  } else if (const auto group = std::ranges::find(groups, type);
             group != groups.end() && !payload.empty()) {
    record.group = *group;
    record.payload = payload;
    record.item_type = type_in(payload);
  } else if (is_exec_type(type)) {
    record.group = "exec";
    record.item_type = type;
    record.payload = json;
  } else if (is_one_of(type, item_types)) {
    record.group = "response_item";
    record.item_type = type;
    record.payload = json;
  } else if (record_type == "state") {
    record.group = "state";
  } else if (type.empty() && !id.empty() && record.at && json::find(json, "instructions")) {
    record.group = "session_meta";
    record.payload = json;
  }
  return record;
}

bool is_codex_record(const json::Value& json) {
  const CodexRecord record = read_codex_record(json);
  return !record.group.empty() && record.group != "state" && record.group != "exec" &&
         !(record.group == "response_item" && record.item_type == "message" &&
           record.payload.data() == json.data() &&
           json::kind_of(json::find(json, "content").value_or("null")) != json::Kind::array);
}

std::optional<CodexUsage> read_codex_usage(const json::Value& usage) {
  if (json::kind_of(usage) != json::Kind::object) return std::nullopt;
  return CodexUsage{count_of(usage, "input_tokens"), count_of(usage, "cached_input_tokens"),
                    count_of(usage, "output_tokens"), count_of(usage, "reasoning_output_tokens"),
                    count_of(usage, "cache_write_input_tokens")};
}

std::string unread_in_codex_usage(const json::Value& usage) {
  if (json::kind_of(usage) != json::Kind::object) return {};
  for (const std::string_view key : {"input_tokens", "output_tokens", "cached_input_tokens",
                                     "reasoning_output_tokens", "cache_write_input_tokens"}) {
    const auto token = json::find(usage, key);
    const bool optional = key != "input_tokens" && key != "output_tokens";
    if (!token || (optional && *token == "null")) continue;
    const auto count = count_of_token(*token);
    if (!count || *count < 0) return unread_figure(key, *token);
  }
  return {};
}

std::string codex_text(const json::Value& payload) {
  const auto content = json::find(payload, "content");
  if (!content) return {};
  if (json::kind_of(*content) == json::Kind::string) return json::text_of(*content);
  return text_of_parts(*content);
}

bool is_codex_context(std::string_view text) {
  text.remove_prefix(std::min(text.find_first_not_of(" \n\r\t"), text.size()));
  if (text.starts_with("# AGENTS.md")) return true;
  if (!text.starts_with('<')) return false;
  const std::size_t end =
      text.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_-", 1);
  return end != text.npos && end > 1 && (text[end] == '>' || text[end] == ' ');
}

CodexOutcome read_codex_output(const json::Value& output) {
  CodexOutcome outcome;
  std::string text = text_or_empty(output);
  // Of code mode: an array of parts.
  if (json::kind_of(output) == json::Kind::array) text = text_of_parts(output);
  json::Value told = output;
  if (text.starts_with('{') && !json::check(text, json::rules_to_read)) told = text;
  const auto metadata =
      json::kind_of(told) == json::Kind::object ? json::find(told, "metadata") : std::nullopt;
  std::optional<double> seconds;
  if (metadata) {
    outcome.exit_code = json::find_integer(*metadata, "exit_code");
    if (const auto token = json::find(*metadata, "duration_seconds"))
      seconds = number_after(*token, "");
  } else {
    const std::string_view head = std::string_view{text}.substr(0, 400);
    if (const auto code = number_after(head, "Exit code: "))
      outcome.exit_code = static_cast<std::int64_t>(*code);
    else if (const auto exited = number_after(head, "Process exited with code "))
      outcome.exit_code = static_cast<std::int64_t>(*exited);
    outcome.failed = head.starts_with("Script failed");
    seconds = number_after(head, "Wall time: ");
    if (!seconds && head.starts_with("Script ")) seconds = number_after(head, "Wall time ");
  }
  if (seconds && *seconds >= 0) outcome.duration_ms = std::llround(*seconds * 1000);
  return outcome;
}

}  // namespace agentstore::formats
