// Times as other programs write them into a database: ISO 8601, in any of its forms.

#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "agentstore/timestamp.hpp"

namespace agentstore {

/// Reads a calendar, week or ordinal date, with or without hyphens, alone (its first instant) or
/// with a time behind `T` or a space: down to hours, minutes, seconds, or a fraction of a second
/// behind a point or comma, of which nine digits count; in the zone of `Z` or an offset, else in
/// UTC. Nothing where the text is none of these, or names a time that there is not.
std::optional<Timestamp> parse_iso8601(std::string_view text);

/// As Python's isoformat writes it, which that reads back: "2026-03-07T12:00:00.123456+00:00",
/// always six digits, those behind them cut off. For instants that can be written.
std::string occurred_at_text(Timestamp at);

}  // namespace agentstore
