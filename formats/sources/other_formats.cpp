#include "formats/sources/other_formats.hpp"

#include <algorithm>
#include <array>
#include <initializer_list>
#include <string>

namespace agentstore::formats {
namespace {

/// Asked of each record in turn.
struct Rule {
  OtherFormat format;
  bool (*recognises)(const json::Value& value);
};

bool has(const json::Value& value, std::initializer_list<std::string_view> keys) {
  return std::ranges::all_of(
      keys, [&](std::string_view key) { return json::find(value, key).has_value(); });
}

std::string text(const json::Value& value, std::string_view key) {
  return json::find_text(value, key).value_or("");
}

json::Value member(const json::Value& value, std::string_view key) {
  return json::find(value, key).value_or("null");
}

json::Value first_of(const json::Value& array) {
  json::Walk element{array};
  if (json::kind_of(array) != json::Kind::array || !element.next()) return std::string_view{"null"};
  return element.value();
}

bool is_iflow(const json::Value& record) {
  const auto id = json::find_text(member(record, "message"), "id");
  return id && id->starts_with("response-") && has(record, {"sessionId", "uuid"});
}

bool is_grok_stream(const json::Value& record) {
  const std::string type = text(record, "type");
  if (type == "text" || type == "thought") return json::find_text(record, "data").has_value();
  if (type == "end") return has(record, {"stopReason"});
  return text(record, "method").ends_with("session/update") && has(record, {"params"});
}

/// Its lines are those of Claude Code's stream but for the model.
bool is_grok_as_claude(const json::Value& record) {
  return has(record, {"session_id"}) &&
         (text(record, "model").starts_with("grok") ||
          text(member(record, "message"), "model").starts_with("grok"));
}

bool is_grok_history(const json::Value& record) {
  return has(record, {"synthetic_reason"}) ||
         (text(record, "type") == "system" && text(record, "content").starts_with("You are Grok"));
}

/// It says what Claude Code's stream says with fewer words.
bool is_cursor_stream(const json::Value& record) {
  if (!has(record, {"session_id"}) || has(record, {"uuid"}) || has(record, {"parent_tool_use_id"}))
    return false;
  const std::string type = text(record, "type");
  if (type == "tool_call") return has(record, {"subtype"});
  if (type == "thinking") return has(record, {"subtype"});
  if (type == "result") return has(record, {"request_id"}) && !has(record, {"num_turns"});
  return type == "system" && text(record, "subtype") == "init" && has(record, {"permissionMode"}) &&
         !has(record, {"tools"}) && !has(record, {"mcp_servers"});
}

bool is_cursor_transcript(const json::Value& record) {
  return !has(record, {"type"}) && has(record, {"role", "message"}) &&
         has(member(record, "message"), {"content"}) && !has(record, {"sessionId"}) &&
         !has(record, {"uuid"});
}

bool is_gemini_session(const json::Value& record) {
  return has(record, {"sessionId", "projectHash", "startTime"});
}

bool is_gemini_stream(const json::Value& record) {
  const std::string type = text(record, "type");
  if (type == "init") return has(record, {"session_id", "model"});
  if (type == "message") return has(record, {"role", "content"}) && !has(record, {"message"});
  if (type == "tool_use") return has(record, {"tool_name", "tool_id"});
  return type == "result" && has(record, {"status", "stats"});
}

bool is_rush(const json::Value& record) {
  return has(record, {"id", "session_id", "agent_id", "role", "created_at"});
}

bool is_copilot_cli(const json::Value& record) {
  const std::string type = text(record, "type");
  return type == "session.start" ? has(record, {"data"})
                                 : type.contains('.') && has(record, {"data", "id", "parentId"});
}

bool is_workflow_journal(const json::Value& record) {
  const std::string type = text(record, "type");
  return (type == "started" || type == "result") && has(record, {"key", "agentId"});
}

bool is_prompt_history(const json::Value& record) {
  return has(record, {"display", "timestamp", "project"}) ||
         (has(record, {"session_id", "ts", "text"}) && !has(record, {"type"}));
}

bool is_chat_message(const json::Value& record) {
  return !has(record, {"type"}) && has(record, {"role"}) &&
         (has(record, {"content"}) || has(record, {"tool_calls"}));
}

constexpr auto rules = std::to_array<Rule>({
    {{"an iFlow session", true}, is_iflow},
    {{"a Qwen Code session", true},
     [](const json::Value& record) { return has(record, {"sessionId", "provenance"}); }},
    {{"a Grok stream", true}, is_grok_as_claude},
    {{"a Grok stream"}, is_grok_stream},
    {{"a Grok session"}, is_grok_history},
    {{"a Cursor stream"}, is_cursor_stream},
    {{"a Cursor transcript", true}, is_cursor_transcript},
    {{"a Gemini CLI session"}, is_gemini_session},
    {{"a Gemini CLI stream"}, is_gemini_stream},
    {{"a Rush session", true}, is_rush},
    {{"a session of GitHub Copilot CLI"}, is_copilot_cli},
    {{"a journal of Claude Code's workflows"}, is_workflow_journal},
    {{"a history of prompts, as Claude Code and Codex keep one"}, is_prompt_history},
    {{"a pi session (OpenClaw writes such files, too)"},
     [](const json::Value& record) {
       return text(record, "type") == "session" && has(record, {"cwd", "id"});
     }},
    {{"a Factory Droid session"},
     [](const json::Value& record) {
       return text(record, "type") == "session_start" && has(record, {"id", "cwd"});
     }},
    {{"a log of agentstore itself: `agentstore replay PATH` reads it, and import takes the "
      "data folder it is in"},
     [](const json::Value& record) {
       return has(record, {"session_id", "sequence_number", "type"});
     }},
    {{"chat messages as OpenAI has them"},
     [](const json::Value& record) { return has(record, {"messages"}); }},
    {{"chat messages as OpenAI has them"}, is_chat_message},
    {{"OpenTelemetry data"},
     [](const json::Value& record) {
       return has(record, {"resourceSpans"}) || has(record, {"traceId", "spanId"}) ||
              has(record, {"hrTime", "resource"}) || has(record, {"resource", "scopeMetrics"});
     }},
});

constexpr auto document_rules = std::to_array<Rule>({
    {{"a Gemini CLI session"}, is_gemini_session},
    {{"an export of opencode"},
     [](const json::Value& value) {
       return has(value, {"info", "messages"}) &&
              text(member(value, "info"), "id").starts_with("ses_");
     }},
    {{"an ATIF trajectory"},
     [](const json::Value& value) { return text(value, "schema_version").starts_with("ATIF"); }},
    {{"a SWE-agent trajectory"},
     [](const json::Value& value) { return has(value, {"trajectory", "history"}); }},
    {{"a chat session of VS Code"},
     [](const json::Value& value) {
       return has(value, {"requests"}) && has(first_of(member(value, "requests")), {"requestId"});
     }},
    {{"a Cline session"},
     [](const json::Value& value) {
       return has(value, {"version", "sessionId", "messages", "agent"}) ||
              has(first_of(value), {"ts", "type"});
     }},
    {{"the metadata of an Entire checkpoint"},
     [](const json::Value& value) { return has(value, {"cli_version", "checkpoint_id"}); }},
    {{"an index of Claude Code's sessions"},
     [](const json::Value& value) { return has(value, {"version", "entries"}); }},
    {{"what Claude Code notes of a sub-agent"},
     [](const json::Value& value) { return has(value, {"agentType"}); }},
    {{"OpenHands events"},
     [](const json::Value& value) {
       return has(first_of(value), {"source"}) &&
              (has(first_of(value), {"action"}) || has(first_of(value), {"observation"}));
     }},
    {{"chat messages in one JSON value (Cline and mini-SWE-agent write such files)"},
     [](const json::Value& value) { return has(first_of(value), {"role", "content"}); }},
    {{"a Langfuse export"},
     [](const json::Value& value) { return has(value, {"trace", "observations"}); }},
    {{"OpenTelemetry data"},
     [](const json::Value& value) { return has(value, {"resourceSpans"}); }},
});

/// A file that begins with `start`, and has `also` in its first bytes.
struct Magic {
  std::string_view start;
  std::string_view also;
  std::string_view title;
};

constexpr std::string_view sqlite_start = "SQLite format 3";

constexpr auto magics = std::to_array<Magic>({
    {sqlite_start, "session_share", "a database of opencode"},
    {sqlite_start, "goose_db_version", "a database of Crush"},
    {sqlite_start, "user_set_name", "a database of Goose"},
    {sqlite_start, "rewind_count", "a database of Hermes"},
    {sqlite_start, "composerData", "a database of Cursor"},
    {sqlite_start, "", "an SQLite database"},
    {"PK\x03\x04", "header.json", "an archive of Inspect"},
    {"PK\x03\x04", "", "a ZIP archive"},
    {"\x1f\x8b", "", "a file packed with gzip"},
    {"user:\n<user_query>", "", "a Cursor transcript"},
    {"", "# aider chat started at", "a chat history of aider"},
});

OtherFormat first_match(const auto& all, const json::Value& value) {
  for (const Rule& rule : all)
    if (rule.recognises(value)) return rule.format;
  return {};
}

}  // namespace

OtherFormat other_format_of_record(const json::Value& record) {
  return json::kind_of(record) == json::Kind::object ? first_match(rules, record) : OtherFormat{};
}

OtherFormat other_format_of_document(const json::Value& document) {
  return first_match(document_rules, document);
}

OtherFormat other_format_of_bytes(std::string_view head) {
  constexpr std::size_t looked_at_bytes = std::size_t{64} << 10;
  constexpr std::size_t text_start_bytes = 64;
  const std::string_view first = head.substr(0, looked_at_bytes);
  for (const Magic& magic : magics) {
    const std::string_view where = magic.start.empty() ? first.substr(0, text_start_bytes) : first;
    if (first.starts_with(magic.start) && where.contains(magic.also)) return {magic.title};
  }
  return {};
}

}  // namespace agentstore::formats
