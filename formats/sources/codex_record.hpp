// A line of a Codex log, taken apart. Lines of every age are brought into the shape of today's:
// a group (session_meta, turn_context, response_item, event_msg…) and an item in it.

#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "agentstore/timestamp.hpp"

namespace agentstore::formats {

/// Cumulative, as Codex counts: `in` with the cache's, `out` with the reasoning's.
struct CodexUsage {
  std::int64_t in = 0;
  std::int64_t cached = 0;
  std::int64_t out = 0;
  std::int64_t reasoning = 0;

  friend bool operator==(const CodexUsage&, const CodexUsage&) = default;
};

struct CodexRecord {
  std::string group;      ///< empty: none that is known
  std::string item_type;  ///< of the payload
  std::string_view payload = "{}";
  std::optional<Timestamp> at;
};

CodexRecord read_codex_record(std::string_view json);
bool is_codex_record(std::string_view json);

/// Nothing where `usage` is no object.
std::optional<CodexUsage> read_codex_usage(std::string_view usage);
/// The first of its figures that cannot be read, in words; empty: there is none.
std::string unread_in_codex_usage(std::string_view usage);

/// The texts of a message's content, joined.
std::string codex_text(std::string_view payload);
/// Whether a user's message was written by Codex: the surroundings, the instructions of a project.
bool is_codex_context(std::string_view text);

/// What a tool's output says of how it went.
struct CodexOutcome {
  std::optional<std::int64_t> exit_code;
  std::optional<std::int64_t> duration_ms;
};
CodexOutcome read_codex_output(std::string_view output);

}  // namespace agentstore::formats
