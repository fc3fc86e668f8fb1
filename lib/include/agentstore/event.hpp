// Events: what an agent did, immutable and numbered; and drafts, which are not numbered yet.

#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "agentstore/json.hpp"
#include "agentstore/timestamp.hpp"

namespace agentstore {

// The first-class types. Any other [A-Za-z][A-Za-z0-9_.:-]{0,127} is a type too; those that begin
// with "agentstore." are ours alone.
inline constexpr std::string_view user_message = "user_message";
inline constexpr std::string_view plan_created = "plan_created";
inline constexpr std::string_view tool_called = "tool_called";
inline constexpr std::string_view tool_result = "tool_result";
inline constexpr std::string_view llm_request = "llm_request";
inline constexpr std::string_view llm_response = "llm_response";
inline constexpr std::string_view state_updated = "state_updated";
inline constexpr std::string_view error_event = "error";
inline constexpr std::string_view custom_event = "custom";

/// The largest line that a log holds, its newline included.
inline constexpr std::size_t line_bytes_max = std::size_t{64} << 20;

/// An event that is not stored yet.
struct Draft {
  std::string type;
  /// JSON text; kept to the letter, but for insignificant white space. Empty means `{}`.
  std::string payload = {};
  /// A JSON object; see agentstore-log(5) for the keys that have a meaning. Empty means `{}`.
  std::string metadata = {};
  /// Unique in its session: appending the same draft again is a success that stores nothing.
  /// Empty: the store makes a UUIDv7.
  std::string event_id = {};
  /// When it happened. Absent: the writer's clock.
  std::optional<Timestamp> timestamp = std::nullopt;
};

/// A stored event, seen in place. The views live as long as the batch that it came with.
struct EventView {
  std::string_view session_id;
  std::uint64_t sequence_number = 0;  ///< from 1, without a gap
  std::string_view type;
  Timestamp timestamp;            ///< when it happened
  json::Value metadata;           ///< a JSON object
  json::Value payload;            ///< JSON text; `null` where it was redacted
  std::string_view event_id;      ///< empty in lines of the Go library
  std::string_view hash;          ///< 64 hex digits; empty in lines of the Go library
  std::uint64_t redacted_by = 0;  ///< the event that says why the payload is gone; 0: it stands
  bool upcast =
      false;  ///< type, metadata and payload are not those of `line`, but of a newer schema
  std::string_view line;           ///< the stored line, without its newline
  std::uint64_t offset_bytes = 0;  ///< where the line starts in its log
};

constexpr bool is_llm_event(std::string_view type) {
  return type == llm_request || type == llm_response;
}
constexpr bool is_tool_event(std::string_view type) {
  return type == tool_called || type == tool_result;
}

}  // namespace agentstore
