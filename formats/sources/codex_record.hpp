// A line of a Codex log, taken apart. Lines of every age are brought into the shape of today's:
// a group (session_meta, turn_context, response_item, event_msg…) and an item in it.

#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "agentstore/json.hpp"
#include "agentstore/timestamp.hpp"
#include "formats/sources/texts.hpp"

namespace agentstore::formats {

/// Cumulative, as Codex counts: `in` with the cache's, `out` with the reasoning's.
struct CodexUsage {
  std::int64_t in = 0;
  std::int64_t cached = 0;
  std::int64_t out = 0;
  std::int64_t reasoning = 0;
  std::int64_t written = 0;  ///< to the cache; a part of `in`

  friend bool operator==(const CodexUsage&, const CodexUsage&) = default;
};

/// Views into the record's JSON, and into its `texts`.
struct CodexRecord {
  Texts texts;
  std::string_view group;      ///< empty: none that is known
  std::string_view item_type;  ///< of the payload
  json::Value payload = std::string_view{"{}"};
  std::optional<Timestamp> at;
};

CodexRecord read_codex_record(const json::Value& json);
bool is_codex_record(const json::Value& json);

/// Nothing where `usage` is no object.
std::optional<CodexUsage> read_codex_usage(const json::Value& usage);
/// The first of its figures that cannot be read, in words; empty: there is none.
std::string unread_in_codex_usage(const json::Value& usage);

/// The texts of a message's content, joined.
std::string codex_text(const json::Value& payload);
/// Whether a user's message was written by Codex: the surroundings, the instructions of a project.
bool is_codex_context(std::string_view text);

/// What a tool's output says of how it went.
struct CodexOutcome {
  std::optional<std::int64_t> exit_code;
  std::optional<std::int64_t> duration_ms;
  bool failed = false;  ///< a script of code mode
};
CodexOutcome read_codex_output(const json::Value& output);

}  // namespace agentstore::formats
