#include "formats/sources/claude_record.hpp"

#include <algorithm>
#include <array>

#include "agentstore/analysis/stats.hpp"
#include "agentstore/json.hpp"

namespace agentstore::formats {
namespace {

constexpr std::array types = {
    std::string_view{"user"},    std::string_view{"assistant"},
    std::string_view{"system"},  std::string_view{"progress"},
    std::string_view{"summary"}, std::string_view{"file-history-snapshot"},
    std::string_view{"pr-link"}, std::string_view{"queue-operation"},
};

bool is_object(std::string_view value) {
  return json::kind_of(value) == json::Kind::object;
}

ClaudeMessage read_message(const json::Value& json, Texts& texts) {
  ClaudeMessage message;
  for (json::Walk member{json}; member.next();) {
    if (member.key_is("content")) message.content = member.value();
    else if (member.key_is("id")) message.id = texts.view(member.value());
    else if (member.key_is("role")) message.role = texts.view(member.value());
    else if (member.key_is("model")) message.model = texts.view(member.value());
    else if (member.key_is("stop_reason")) message.stop_reason = texts.view(member.value());
    else if (member.key_is("usage") && is_object(member.value())) message.usage = member.value();
  }
  return message;
}

std::optional<Timestamp> time_of(std::string_view value) {
  const auto at = parse_rfc3339(text_or_empty(value));
  return at ? std::optional{*at} : std::nullopt;
}

void read_texts(ClaudeRecord& record, const json::Walk& member) {
  const auto take = [&](std::string_view key, std::string_view& into) {
    if (!member.key_is(key)) return false;
    into = record.texts.view(member.value());
    return true;
  };
  (void)(take("type", record.type) || take("sessionId", record.session_id) ||
         take("uuid", record.uuid) || take("cwd", record.cwd) || take("version", record.version) ||
         take("gitBranch", record.branch) || take("requestId", record.request_id) ||
         take("agentId", record.agent_id) || take("subtype", record.subtype));
}

void read_member(ClaudeRecord& record, const json::Walk& member) {
  const json::Value& value = member.value();
  if (member.key_is("message") && is_object(value)) {
    record.message = read_message(value, record.texts);
    record.has_message = true;
  } else if (member.key_is("toolUseResult")) record.tool_use_result = value;
  else if (member.key_is("timestamp")) {
    record.at = time_of(value);
    record.time = record.texts.view(value);
  } else if (member.key_is("isSidechain")) record.sidechain = value == "true";
  else if (member.key_is("isMeta")) record.meta = value == "true";
  else if (member.key_is("isCompactSummary")) record.compact_summary = value == "true";
  else if (member.key_is("isApiErrorMessage")) record.api_error = value == "true";
  else if (member.key_is("durationMs")) record.duration_ms = json::integer_of(value);
  else if (member.key_is("costUSD") && json::kind_of(value) == json::Kind::number)
    record.cost_usd = value;
  else if (member.key_is("costUSD") && value != "null") record.unread_cost = value;
  else if (member.key_is("data") && is_object(value)) record.data = value;
  else if (member.key_is("forkedFrom"))
    record.forked_from = record.texts.view(json::find(value, "sessionId").value_or("null"));
  else if (member.key_is("snapshot")) record.snapshot = is_object(value);
  else if (member.key_is("leafUuid")) record.leaf = true;
  else read_texts(record, member);
}

}  // namespace

std::vector<ClaudeBlock> read_claude_blocks(const json::Value& content, Texts& texts) {
  std::vector<ClaudeBlock> blocks;
  if (json::kind_of(content) != json::Kind::array) return blocks;
  for (json::Walk each{content}; each.next();) {
    ClaudeBlock& block = blocks.emplace_back();
    block.json = each.value();
    if (!is_object(block.json)) continue;
    for (json::Walk member{block.json}; member.next();) {
      if (member.key_is("type")) block.type = texts.view(member.value());
      else if (member.key_is("id") || member.key_is("tool_use_id"))
        block.id = texts.view(member.value());
      else if (member.key_is("name")) block.name = texts.view(member.value());
      else if (member.key_is("input")) block.input = member.value();
      else if (member.key_is("is_error")) block.error = member.value() == "true";
    }
  }
  return blocks;
}

ClaudeToolResult read_claude_tool_result(const json::Value& json) {
  ClaudeToolResult result;
  if (!is_object(json)) return result;
  for (json::Walk member{json}; member.next();) {
    if (member.key_is("durationMs") || member.key_is("totalDurationMs"))
      result.duration_ms = json::integer_of(member.value());
    else if (member.key_is("agentId")) result.agent_id = text_or_empty(member.value());
    else if (member.key_is("usage") && is_object(member.value())) result.usage = member.value();
  }
  return result;
}

ClaudeRecord read_claude_record(const json::Value& json) {
  ClaudeRecord record;
  for (json::Walk member{json}; member.next();) read_member(record, member);
  return record;
}

Usage read_claude_usage(const json::Value& usage) {
  const auto count = [](const json::Value& object, std::string_view key) {
    return std::max<std::int64_t>(count_of_token(json::find(object, key).value_or("0")).value_or(0),
                                  0);
  };
  const auto writes = json::find(usage, "cache_creation").value_or("null");
  return {count(usage, "input_tokens"), count(usage, "cache_creation_input_tokens"),
          count(usage, "cache_read_input_tokens"), count(usage, "output_tokens"),
          count(writes, "ephemeral_1h_input_tokens")};
}

std::string unread_in_claude_usage(const json::Value& usage) {
  if (usage.empty()) return {};
  const auto wrong = [](const json::Value& object, std::string_view key, bool may_be_null) {
    const auto token = json::find(object, key);
    if (!token || (may_be_null && *token == "null")) return std::string{};
    const auto count = count_of_token(*token);
    return count && *count >= 0 ? std::string{} : unread_figure(key, *token);
  };
  for (const std::string_view key : {"input_tokens", "output_tokens"})
    if (auto why = wrong(usage, key, false); !why.empty()) return why;
  for (const std::string_view key : {"cache_creation_input_tokens", "cache_read_input_tokens"})
    if (auto why = wrong(usage, key, true); !why.empty()) return why;
  const auto writes = json::find(usage, "cache_creation");
  if (!writes || !is_object(*writes)) return {};
  return wrong(*writes, "ephemeral_1h_input_tokens", true);
}

bool is_claude_record(const json::Value& json) {
  if (json::find(json, "provenance")) return false;  // Qwen Code, whose lines are alike.
  const ClaudeRecord record = read_claude_record(json);
  const bool talk = record.kind() == "user" || record.kind() == "assistant";
  if (talk)
    return record.has_message && (!record.message.content.empty() || !record.message.usage.empty());
  return std::ranges::find(types, record.type) != types.end() &&
         (!record.session_id.empty() || record.leaf || record.snapshot);
}

}  // namespace agentstore::formats
