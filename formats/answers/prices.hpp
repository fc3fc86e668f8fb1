// Prices of models, shown.

#pragma once

#include <string>

#include "agentstore/analysis/prices.hpp"
#include "agentstore/timestamp.hpp"
#include "formats/text/sink.hpp"

namespace agentstore::formats {

/// agentstore/prices/1, on one line: a table that Prices::parse reads back.
void write_prices_json(Sink& sink, const Prices& prices);
/// A row for each model, and for each day and length of prompt from which others hold.
void write_prices_text(Sink& sink, const Prices& prices, Timestamp now, const Screen& screen);

/// How old the table is at `now`; empty where it has no date.
std::string age_text(const Prices& prices, Timestamp now);

}  // namespace agentstore::formats
