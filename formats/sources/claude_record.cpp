#include "formats/sources/claude_record.hpp"

#include <algorithm>
#include <array>

#include "agentstore/analysis/stats.hpp"
#include "agentstore/json.hpp"
#include "formats/sources/claude_types.hpp"

namespace agentstore::formats {
namespace {

// Up to 2.1.278.
constexpr auto stream_types = std::to_array<std::string_view>({
    "user",
    "assistant",
    "system",
    "result",
    "stream_event",
    "rate_limit_event",
    "tool_progress",
    "tool_use_summary",
    "auth_status",
    "prompt_suggestion",
});

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
         take("agentId", record.agent_id) || take("subtype", record.subtype) ||
         take("advisorModel", record.advisor_model));
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
  else if (member.key_is("isSynthetic")) record.synthetic = value == "true";
  else if (member.key_is("attachment") && is_object(value)) record.attachment = value;
  else if (member.key_is("origin"))
    record.origin = record.texts.view(json::find(value, "kind").value_or("null"));
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

ClaudeRecord read_claude_stream_record(const json::Value& json) {
  ClaudeRecord record;
  for (json::Walk member{json}; member.next();) {
    const auto text = [&] { return record.texts.view(member.value()); };
    if (member.key_is("session_id")) record.session_id = text();
    else if (member.key_is("request_id")) record.request_id = text();
    else if (member.key_is("parent_tool_use_id")) record.parent_tool_use = text();
    else if (member.key_is("tool_use_result")) record.tool_use_result = member.value();
    else if (member.key_is("claude_code_version")) record.version = text();
    else if (member.key_is("duration_ms")) record.duration_ms = json::integer_of(member.value());
    else if (member.key_is("error")) record.error_kind = text();
    else read_member(record, member);
  }
  return record;
}

bool is_claude_record(const json::Value& json) {
  if (json::find(json, "provenance")) return false;  // Qwen Code, whose lines are alike.
  const ClaudeRecord record = read_claude_record(json);
  const bool of_stream = record.session_id.empty() && json::find(json, "session_id");
  const bool talk = record.kind() == "user" || record.kind() == "assistant";
  if (talk)
    return !of_stream && record.has_message &&
           (!record.message.content.empty() || !record.message.usage.empty());
  // A type of tomorrow's in a line of today's shape.
  if (!record.type.empty() && !record.session_id.empty() && !record.uuid.empty() && record.at)
    return true;
  return is_claude_type(record.type) &&
         (!record.session_id.empty() || record.leaf || record.snapshot ||
          (record.type.starts_with("file-history-") && json::find(json, "messageId")));
}

// Cursor's stream has lines of the same types, and neither ids of records nor figures.
bool is_claude_stream_record(const json::Value& json) {
  if (json::find(json, "sessionId")) return false;
  const ClaudeRecord record = read_claude_stream_record(json);
  if (record.session_id.empty() || !is_one_of(record.type, stream_types)) return false;
  if (record.type == "result")
    return json::find(json, "num_turns") || json::find(json, "total_cost_usd") ||
           json::find(json, "modelUsage");
  if (record.type == "system" && record.subtype == "init")
    return !record.uuid.empty() || json::find(json, "tools") || json::find(json, "mcp_servers");
  if (record.type == "assistant" && !record.has_message) return false;
  return !record.uuid.empty() || json::find(json, "parent_tool_use_id") ||
         !record.message.id.empty() || !record.message.usage.empty();
}

}  // namespace agentstore::formats
