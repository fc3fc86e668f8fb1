// Prices of models: what responses cost for which no cost was recorded. An estimate, and shown as
// one: apart from what was recorded.

#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "agentstore/analysis/stats.hpp"
#include "agentstore/decimal.hpp"
#include "agentstore/result.hpp"

namespace agentstore {

/// In dollars for a million tokens.
struct Price {
  Decimal in;
  Decimal out;
  Decimal cache_read;
  Decimal cache_write;
  Decimal cache_write_1h;
};

class Prices {
 public:
  /// {"date":"2026-03-21","source":"…","usd_per_million_tokens":{"model":{"in":3,"out":15,
  /// "cache_read":0.3,"cache_write":3.75,"cache_write_1h":6}}}; the cache's prices may be missing:
  /// then it costs what `in` does. Errors: invalid.
  static Result<Prices> parse(std::string_view json);
  /// The list prices that this version knows.
  static const Prices& standard();

  /// Of a model, whose name may end in a date ("-20250929", "-2025-09-29") that the table leaves
  /// out. Null: not known.
  const Price* find(std::string_view model) const;

  /// Computes what has no cost, as far as prices are known; `unpriced` keeps the rest.
  /// Errors: overflow.
  Result<void> apply(Totals& totals) const;

  const std::string& date() const { return date_; }
  const std::string& source() const { return source_; }
  const std::map<std::string, Price, std::less<>>& by_model() const { return by_model_; }

 private:
  std::string date_;
  std::string source_;
  std::map<std::string, Price, std::less<>> by_model_;
};

/// The totals with what list prices say of what has no cost; as they are, where a sum overflows.
Totals priced(const Totals& totals);

/// What one response cost in dollars: as recorded, else by list prices. Nothing where that is not
/// known, and for events of other types.
std::optional<Decimal> cost_of(const EventView& event);

}  // namespace agentstore
