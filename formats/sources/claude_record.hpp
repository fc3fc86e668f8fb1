// A line of a Claude Code transcript, taken apart.

#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "agentstore/json.hpp"
#include "agentstore/timestamp.hpp"
#include "formats/sources/texts.hpp"

namespace agentstore::formats {

/// A member that is absent or of another kind is empty.
struct ClaudeMessage {
  std::string_view id;
  std::string_view role;
  std::string_view model;
  std::string_view stop_reason;
  json::Value content;  ///< a string token, or an array of blocks
  json::Value usage;    ///< an object
};

/// Views into the record's JSON, and into its `texts`.
struct ClaudeRecord {
  Texts texts;
  std::string_view type;
  std::string_view subtype;
  std::string_view session_id;
  std::string_view uuid;
  std::string_view agent_id;
  std::string_view request_id;
  std::string_view forked_from;  ///< the session that this is a copy of a record of
  std::string_view cwd;
  std::string_view branch;
  std::string_view version;
  std::string_view origin;           ///< the kind of whoever wrote a user's record
  std::string_view advisor_model;    ///< of the iterations that name none
  std::string_view parent_tool_use;  ///< the call that the sub-agent of a stream's record is of
  std::string_view error_kind;       ///< why a stream's response failed
  std::string_view time;             ///< as text
  std::optional<Timestamp> at;
  std::optional<std::int64_t> duration_ms;
  std::string_view cost_usd;     ///< a number token
  std::string_view unread_cost;  ///< any other token in its place but null
  json::Value tool_use_result;   ///< any value
  json::Value data;              ///< an object
  json::Value attachment;        ///< an object
  bool sidechain = false;
  bool meta = false;
  bool synthetic = false;  ///< a hook or another program wrote it in the user's name
  bool compact_summary = false;
  bool api_error = false;
  bool snapshot = false;
  bool leaf = false;
  bool has_message = false;
  ClaudeMessage message;

  /// The type; of old lines without one, what its message says.
  std::string_view kind() const { return type.empty() ? message.role : type; }
};

/// A block of a message's content.
struct ClaudeBlock {
  json::Value json;
  std::string_view type;
  std::string_view id;    ///< of the call that it is, or that it is the result of
  std::string_view name;  ///< of the tool
  json::Value input;      ///< of the tool
  bool error = false;
};

/// What the result of a tool says beside its content.
struct ClaudeToolResult {
  std::optional<std::int64_t> duration_ms;
  std::string agent_id;  ///< of the sub-agent that ran
  json::Value usage;     ///< that agent's
};

/// Of text that is no array: none. Views into `content` and into `texts`.
std::vector<ClaudeBlock> read_claude_blocks(const json::Value& content, Texts& texts);
ClaudeToolResult read_claude_tool_result(const json::Value& json);
ClaudeRecord read_claude_record(const json::Value& json);
/// A line of `claude -p --output-format stream-json`, which spells some keys otherwise.
ClaudeRecord read_claude_stream_record(const json::Value& json);
bool is_claude_record(const json::Value& json);
bool is_claude_stream_record(const json::Value& json);

}  // namespace agentstore::formats
