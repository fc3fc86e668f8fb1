// Prices of models, shown.

#pragma once

#include "agentstore/analysis/prices.hpp"
#include "formats/sink.hpp"

namespace agentstore::formats {

/// agentstore/prices/1, on one line.
void write_prices_json(Sink& sink, const Prices& prices);
void write_prices_text(Sink& sink, const Prices& prices, const Screen& screen);

}  // namespace agentstore::formats
