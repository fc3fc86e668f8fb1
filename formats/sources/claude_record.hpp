// A line of a Claude Code transcript, taken apart.

#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "agentstore/timestamp.hpp"
#include "formats/sources/usage.hpp"

namespace agentstore::formats {

/// Views into the record; a member that is absent or of another kind is empty.
struct ClaudeMessage {
  std::string id;
  std::string role;
  std::string model;
  std::string stop_reason;
  std::string_view content;  ///< a string token, or an array of blocks
  std::string_view usage;    ///< an object
};

struct ClaudeRecord {
  std::string type;
  std::string subtype;
  std::string session_id;
  std::string uuid;
  std::string agent_id;
  std::string request_id;
  std::string forked_from;  ///< the session that this is a copy of a record of
  std::string cwd;
  std::string branch;
  std::string version;
  std::optional<Timestamp> at;
  std::optional<std::int64_t> duration_ms;
  std::string_view cost_usd;         ///< a number token
  std::string_view unread_cost;      ///< any other token in its place but null
  std::string_view tool_use_result;  ///< any value
  std::string_view data;             ///< an object
  bool sidechain = false;
  bool meta = false;
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
  std::string_view json;
  std::string type;
  std::string id;          ///< of the call that it is, or that it is the result of
  std::string name;        ///< of the tool
  std::string_view input;  ///< of the tool
  bool error = false;
};

/// What the result of a tool says beside its content.
struct ClaudeToolResult {
  std::optional<std::int64_t> duration_ms;
  std::string agent_id;    ///< of the sub-agent that ran
  std::string_view usage;  ///< that agent's
};

/// Of text that is no array: none.
std::vector<ClaudeBlock> read_claude_blocks(std::string_view content);
ClaudeToolResult read_claude_tool_result(std::string_view json);
ClaudeRecord read_claude_record(std::string_view json);
Usage read_claude_usage(std::string_view usage);
/// The first of its figures that cannot be read, in words; empty: there is none.
std::string unread_in_claude_usage(std::string_view usage);
bool is_claude_record(std::string_view json);

/// The text of a string token; empty for any other value.
std::string text_or_empty(std::string_view value);

}  // namespace agentstore::formats
