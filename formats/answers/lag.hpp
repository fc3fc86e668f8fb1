// How far a reader of a store is behind: "agentstore/lag/1", and a table of it.

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "formats/text/sink.hpp"

namespace agentstore::formats {

/// Of a session, or of a whole database.
struct Lag {
  std::string session_id;                              ///< empty: of the database
  std::uint64_t newest = 0;                            ///< the last sequence number, or position
  std::uint64_t cursor = 0;                            ///< the last that was read; 0: none was
  std::uint64_t events = 0;                            ///< that were not
  std::optional<std::int64_t> seconds = std::nullopt;  ///< since the first of these happened
};

struct LagAnswer {
  std::string cursor;  ///< its path
  std::string store;
  std::vector<Lag> sessions;
  std::optional<Lag> database = std::nullopt;
};

/// How much it is in all: the sum of events, the most seconds.
Lag sum_of(const LagAnswer& answer);

void write_lag_json(Sink& sink, const LagAnswer& answer);
/// `all`: those that are not behind, too.
void write_lag_text(Sink& sink, const LagAnswer& answer, const Screen& screen, bool all);

}  // namespace agentstore::formats
