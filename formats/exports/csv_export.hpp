// What models were asked for and what it cost, as CSV (RFC 4180) for spreadsheets.

#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "agentstore/analysis/stats.hpp"
#include "agentstore/decimal.hpp"
#include "agentstore/session.hpp"
#include "formats/text/sink.hpp"

namespace agentstore::formats {

/// One response of a model that counts, or a request that tells of tokens or a cost.
struct ModelCall {
  std::string session_id;
  std::uint64_t sequence_number = 0;  ///< of the event that told of it first
  std::string project;
  Timestamp at;
  std::string model;
  TokenCounts tokens;
  std::optional<Decimal> cost_usd;
  bool computed = false;  ///< by a price table; else as recorded
  bool asks = false;      ///< a request: without a cost of its own it costs nothing
  std::string agent;      ///< of a sub-agent that only its parent tells of
};

/// A cell: quoted where it has to be. A text that a spreadsheet would take for a formula begins
/// with a `'`.
std::string csv_cell(std::string_view text);

/// A head line, and a row a call, in the order given: session_id, project, time, model, tokens_in
/// (with the cache's), tokens_cache_read, tokens_cache_write, tokens_out, tokens_reasoning,
/// cost_usd, cost_source (recorded, computed, unknown; empty: none is due), agent,
/// sequence_number. What is not told is empty.
void write_calls_csv(Sink& sink, std::span<const ModelCall> calls);

/// A head line, and a row a session, also of those without a call: session_id, name, project,
/// created_at, last_event_at, models, calls, the same tokens, cost_usd (of what is known),
/// cost_source (several with a +), cost_unknown_calls. Sessions that only calls name come last.
void write_session_calls_csv(Sink& sink, std::span<const Session> sessions,
                             std::span<const ModelCall> calls);

}  // namespace agentstore::formats
