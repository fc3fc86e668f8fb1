// Statistics: what a session, or many, came to.

#pragma once

#include <algorithm>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "agentstore/decimal.hpp"
#include "agentstore/event.hpp"
#include "agentstore/result.hpp"

namespace agentstore {

class Prices;

/// Tokens that a response used, as far as they are told.
struct TokenCounts {
  std::optional<std::int64_t> tokens_in;  ///< with the cache's
  std::optional<std::int64_t> tokens_out;
  std::optional<std::int64_t> tokens_cache_read;
  std::optional<std::int64_t> tokens_cache_write;
  std::optional<std::int64_t> tokens_cache_write_1h;  ///< of the writes, those kept for an hour
  std::optional<std::int64_t> tokens_reasoning;       ///< of those out

  bool has_tokens() const {
    return tokens_in || tokens_out || tokens_cache_read || tokens_cache_write || tokens_reasoning;
  }
  friend bool operator==(const TokenCounts&, const TokenCounts&) = default;
};

/// What the metadata of one event says of its use of a model; views into it.
struct Usage : TokenCounts {
  std::string_view cost;          ///< a number token; empty: none
  std::string_view model;         ///< a string token; empty: none
  std::string_view extra;         ///< any value; empty: none
  std::string_view unread_key;    ///< of a figure in a form that none has; empty: there is none
  std::string_view unread_value;  ///< its token
  bool told_elsewhere = false;    ///< another event tells what the response used
  bool identified = false;        ///< set by who has `Responses` count it
};

/// Reads it. Of a key that stands twice, the last one counts.
Usage usage_of(const EventView& event);

/// Whether events of a type tell of the session's file or of what an import kept, and are no part
/// of the run: sums leave them out, times included. The projection `session` counts them.
constexpr bool is_of_session_alone(std::string_view type) {
  return type == "agentstore.session_changed" || type == "agentstore.source_kept" ||
         type == "agentstore.source_changed" || type == "agentstore.source_redacted";
}

/// A count as JSON may write it: a whole number, also as 10.0 or 1e2. Nothing for any other token,
/// and where it does not fit.
std::optional<std::int64_t> count_of_token(std::string_view token);

/// An event that says what was used in a form that cannot be read: it is missing from the sums.
struct UnreadUsage {
  std::string session_id;
  std::uint64_t sequence_number = 0;
  std::string why;
};
/// How a figure that cannot be read is told of: `tokens_in is "100", which is not a count`.
std::string unread_figure(std::string_view name, std::string_view token);
/// The member of `metadata.extra` by which a converter says that it could not read what was used.
inline constexpr std::string_view unread_member = "unread";

/// Sums over events. Tokens and cost are those of llm_request and llm_response, as the Go library
/// counts them; a sum that no event contributed to is absent, never a made-up zero.
struct Totals {
  std::uint64_t events = 0;
  std::map<std::string, std::uint64_t, std::less<>> by_type;
  std::uint64_t tool_calls = 0;   ///< events of the kind `call`
  std::uint64_t errors = 0;       ///< events of the kind `error`
  std::uint64_t tool_errors = 0;  ///< events of the kind `result` that say that they failed
  std::int64_t tokens_in = 0;
  std::int64_t tokens_out = 0;
  std::optional<std::int64_t> tokens_cache_read;
  std::optional<std::int64_t> tokens_cache_write;
  std::optional<std::int64_t> tokens_reasoning;
  std::optional<Decimal> cost_usd;           ///< as recorded, exact
  std::optional<Decimal> cost_computed_usd;  ///< by a price table, where none was recorded
  std::uint64_t events_without_cost = 0;     ///< responses that carry tokens, and no cost is known
  std::map<std::string, std::uint64_t, std::less<>> unpriced;  ///< theirs, by ResponseCost::why
  std::uint64_t silent_responses = 0;  ///< those that say nothing of what they used or cost
  std::uint64_t usage_records = 0;     ///< those that tell what the silent ones beside them used
  std::uint64_t runs_begun = 0;        ///< of a stream that tells at the end what it used
  std::uint64_t runs_ended = 0;        ///< and did
  std::uint64_t other_events_with_tokens = 0;  ///< not of an LLM type, so not in the sums
  std::vector<UnreadUsage> unread_usage;       ///< the first hundred
  std::uint64_t unread_usage_count = 0;        ///< of all of them
  std::optional<Timestamp> first_event_at;     ///< the earliest
  std::optional<Timestamp> last_event_at;      ///< the latest

  /// Adds one event; what has no recorded cost is priced by the list prices. Errors: overflow,
  /// naming the event.
  Result<void> add(const EventView& event) { return add(event, usage_of(event)); }
  /// The same, where the usage is known already. Where it is identified, the event counts, and what
  /// it tells of tokens and cost is for `Responses` to count.
  Result<void> add(const EventView& event, const Usage& usage);
  /// The same, by a price table.
  Result<void> add(const EventView& event, const Usage& usage, const Prices& prices);
  /// Adds what a response used at some time, by a price table. Errors: overflow.
  Result<void> add_use(std::string_view type, Timestamp at, const Usage& usage,
                       const Prices& prices);
  /// Adds what another part of the events came to. Errors: overflow; then it is neither sum.
  Result<void> merge(const Totals& other);
  /// At the end of a session: its silent responses are of no account where records of usage tell
  /// what they used. `told`: it has some, if not among these events.
  void end_session(bool told);
  /// What the cost comes to; nothing where that of a response is not known. Errors: overflow.
  Result<std::optional<Decimal>> cost_total_usd() const;
  /// Runs that did not tell what they used: sums lack it.
  std::uint64_t unfinished_runs() const { return runs_begun - std::min(runs_begun, runs_ended); }
  /// Responses of which no cost is known, neither recorded nor computed.
  std::uint64_t cost_unknown_responses() const;
  /// What is known of the cost, recorded and computed; 0 where nothing is. Errors: overflow.
  Result<Decimal> cost_known_usd() const;
  /// From the earliest to the latest event; absent without events.
  std::optional<std::int64_t> duration_ms() const;
};

/// The sums of each type of event.
using TotalsByType = std::map<std::string, Totals, std::less<>>;

/// Raised whenever the same events would give other totals, or other bytes below.
inline constexpr int totals_version = 6;
/// All of them, exactly, for a cache on this machine.
std::string to_bytes(const TotalsByType& totals);
/// What to_bytes of this version gave; nothing for most that it did not give.
std::optional<TotalsByType> totals_from_bytes(std::string_view bytes);

/// Whether an event of the kind `result` says that it failed: an `error` that is neither null,
/// false nor empty; `is_error` true; a non-zero `exit_code`; or `metadata.extra.is_error` "true".
bool is_tool_error(const EventView& event);

}  // namespace agentstore
