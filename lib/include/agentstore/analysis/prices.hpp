// Prices of models: what responses cost for which no cost was recorded. An estimate, and shown as
// one: apart from what was recorded.

#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "agentstore/analysis/stats.hpp"
#include "agentstore/decimal.hpp"
#include "agentstore/result.hpp"
#include "agentstore/timestamp.hpp"

namespace agentstore {

/// The member of `metadata.extra` by which a converter says that no prompt had more tokens than
/// that, where the event tells of several responses at once.
inline constexpr std::string_view prompt_max_member = "prompt_tokens_max";

/// In dollars for a million tokens.
struct Price {
  Decimal in;
  Decimal out;
  Decimal cache_read;
  Decimal cache_write;
  Decimal cache_write_1h;

  friend bool operator==(const Price&, const Price&) = default;
};

/// What every token of a response costs whose prompt has more than so many tokens, the cache's
/// included.
struct LongPromptPrice {
  std::int64_t over_tokens = 0;
  Price price;

  friend bool operator==(const LongPromptPrice&, const LongPromptPrice&) = default;
};

/// What a word changes that a response tells of itself, as in `"speed":"fast"`: the price times a
/// factor, or a price of its own.
struct PriceMode {
  std::string member;  ///< "speed", "service_tier" or "inference_geo"
  std::string value;
  std::optional<Decimal> factor;
  std::optional<Price> price;  ///< where there is no factor

  friend bool operator==(const PriceMode&, const PriceMode&) = default;
};

/// The prices of a model from one day on, until the next of the model's periods begins.
struct PricePeriod {
  std::optional<Timestamp> from;  ///< nothing: since ever
  Price price;
  std::vector<LongPromptPrice> long_prompts;  ///< the lowest bound first
  std::vector<PriceMode> modes;
  std::optional<Decimal> web_searches;  ///< a thousand of them; nothing: not known

  friend bool operator==(const PricePeriod&, const PricePeriod&) = default;
};

/// What a table says of a model.
struct ModelPrices {
  std::vector<PricePeriod> periods;  ///< one at least, the earliest first
  std::vector<std::string> aliases;  ///< other names of the model
  std::string source;                ///< who says so; empty: the table's source
  std::string date;                  ///< when that was read; empty: the table's date
  bool unconfirmed = false;          ///< no second source says the same

  /// The prices in force. Null: before the first period.
  const PricePeriod* at(Timestamp at) const;
};

/// What one response cost by a table, exactly; or why that is not known.
struct ResponseCost {
  std::optional<Decimal> usd;
  std::string why;  ///< for people, with words of the log: `no price for the model x`

  bool known() const { return usd.has_value(); }
};

/// A price table. Immutable once it is made: any thread may ask it.
class Prices {
 public:
  /// As agentstore-prices(5) has it; versions 1 and 2. Where it has no `prefixes`, it has those of
  /// `standard`. Errors: invalid.
  static Result<Prices> parse(std::string_view json);
  /// The list prices that this version knows.
  static const Prices& standard();

  /// Of a model: by its name or an alias; else without the prefixes that name who serves it, and
  /// the endings that name a version ("-20250929", "-2025-09-29", "@20250929", "-v1:0", "-latest",
  /// "[1m]"). Nothing else is guessed. Null: not known.
  const ModelPrices* find(std::string_view model) const;

  /// What a response cost that used so much at that time: at the price that was in force, of the
  /// tier of its own prompt, with what its `extra` tells of speed, tier, region and searches.
  /// A cost that was recorded is not looked at.
  ResponseCost cost_of(const Usage& usage, Timestamp at) const;

  /// When the table was made, "2026-11-29"; may be empty.
  const std::string& date() const { return date_; }
  const std::string& source() const { return source_; }
  const std::vector<std::string>& prefixes() const { return prefixes_; }
  const std::map<std::string, ModelPrices, std::less<>>& by_model() const { return by_model_; }
  /// The same for tables that price everything alike; for the versions of cached sums.
  const std::string& fingerprint() const { return fingerprint_; }

 private:
  const ModelPrices* named(std::string_view name) const;

  std::string date_;
  std::string source_;
  std::string fingerprint_;
  std::vector<std::string> prefixes_;
  std::map<std::string, ModelPrices, std::less<>> by_model_;
  std::map<std::string, std::string, std::less<>> model_of_alias_;
};

/// What one response cost in dollars: as recorded, else by list prices. Nothing where that is not
/// known, and for events of other types.
std::optional<Decimal> cost_of(const EventView& event);

}  // namespace agentstore
