#include "agentstore/analysis/prices.hpp"

#include <algorithm>

#include "agentstore/internal/foreign_json.hpp"
#include "projections/standard_prices.hpp"

namespace agentstore {
namespace {

Result<Decimal> price_member(std::string_view model, std::string_view prices, std::string_view key,
                             const std::optional<Decimal>& otherwise) {
  const auto token = json::find(prices, key);
  if (!token && otherwise) return *otherwise;
  const auto price = json::kind_of(token.value_or("null")) == json::Kind::number
                         ? Decimal::parse(*token)
                         : Result<Decimal>{fail(Code::invalid, "")};
  if (!price || price->is_negative())
    return fail(Code::invalid, "the price \"" + std::string{key} + "\" of \"" + std::string{model} +
                                   "\" is no number from 0");
  return *price;
}

Result<Price> parse_price(std::string_view model, const json::Value& json) {
  Price price;
  const auto take = [&](Decimal& into, std::string_view key,
                        std::optional<Decimal> otherwise) -> Result<void> {
    const auto found = price_member(model, json, key, otherwise);
    if (!found) return std::unexpected{found.error()};
    into = *found;
    return {};
  };
  if (auto taken = take(price.in, "in", {}); !taken) return std::unexpected{taken.error()};
  if (auto taken = take(price.out, "out", {}); !taken) return std::unexpected{taken.error()};
  if (auto taken = take(price.cache_read, "cache_read", price.in); !taken)
    return std::unexpected{taken.error()};
  if (auto taken = take(price.cache_write, "cache_write", price.in); !taken)
    return std::unexpected{taken.error()};
  if (auto taken = take(price.cache_write_1h, "cache_write_1h", price.cache_write); !taken)
    return std::unexpected{taken.error()};
  return price;
}

/// `number` times `price`, by doubling; exact.
Result<Decimal> times(Decimal price, std::int64_t number) {
  Decimal product;
  while (number > 0) {
    if (number % 2 == 1) {
      const auto sum = product.plus(price);
      if (!sum) return sum;
      product = *sum;
    }
    number /= 2;
    if (number == 0) break;
    const auto twice = price.plus(price);
    if (!twice) return twice;
    price = *twice;
  }
  return product;
}

/// In millionths of a dollar.
Result<Decimal> price_of(const Price& price, const UnpricedUse& use) {
  const std::int64_t cached = use.tokens_cache_read + use.tokens_cache_write;
  const std::int64_t hour = std::min(use.tokens_cache_write_1h, use.tokens_cache_write);
  // Where the cache's are more than all, they were not counted in.
  const std::int64_t plain = use.tokens_in >= cached ? use.tokens_in - cached : use.tokens_in;
  Decimal sum;
  for (const auto& [each, number] :
       {std::pair{price.in, plain}, std::pair{price.out, use.tokens_out},
        std::pair{price.cache_read, use.tokens_cache_read},
        std::pair{price.cache_write, use.tokens_cache_write - hour},
        std::pair{price.cache_write_1h, hour}}) {
    const auto part = times(each, number);
    if (!part) return part;
    const auto more = sum.plus(*part);
    if (!more) return more;
    sum = *more;
  }
  return sum;
}

/// Of a named model; its price is of no account. An agent's own words, which no model made, are
/// told of as such.
bool is_nothing(const std::pair<const std::string, UnpricedUse>& use) {
  const auto& [events, in, out, cache_read, cache_write, cache_write_1h] = use.second;
  return !use.first.empty() && in == 0 && out == 0 && cache_read == 0 && cache_write == 0;
}

Result<Decimal> millionth(const Decimal& number) {
  return Decimal::parse(number.to_string() + "e-6");
}

/// Whether `text` is "-20250929" or "-2025-09-29".
bool is_date(std::string_view text) {
  if (text.size() != 9 && text.size() != 11) return false;
  return text.starts_with("-20") &&
         std::ranges::all_of(text, [](char c) { return c == '-' || (c >= '0' && c <= '9'); });
}

}  // namespace

Result<Prices> Prices::parse(std::string_view text) {
  json::ForeignParser parser;
  json::Value json;
  if (const auto wrong = parser.check(text, json::rules_to_store, json))
    return fail(Code::invalid, std::string{"the price table is no JSON: "} + wrong->what);
  const auto models = json::find(json, "usd_per_million_tokens");
  if (!models || json::kind_of(*models) != json::Kind::object)
    return fail(Code::invalid, "the price table has no object usd_per_million_tokens");
  Prices prices;
  prices.date_ = json::find_text(json, "date").value_or("");
  prices.source_ = json::find_text(json, "source").value_or("");
  for (json::Walk model{*models}; model.next();) {
    std::string name = json::text_of(model.key());
    const auto price = parse_price(name, model.value());
    if (!price) return std::unexpected{price.error()};
    prices.by_model_.emplace(std::move(name), *price);
  }
  return prices;
}

const Prices& Prices::standard() {
  static const Prices prices = parse(standard_prices_json).value();
  return prices;
}

const Price* Prices::find(std::string_view model) const {
  if (const auto exact = by_model_.find(model); exact != by_model_.end()) return &exact->second;
  for (const std::size_t date_bytes : {9, 11}) {
    if (model.size() <= date_bytes || !is_date(model.substr(model.size() - date_bytes))) continue;
    const auto dated = by_model_.find(model.substr(0, model.size() - date_bytes));
    if (dated != by_model_.end()) return &dated->second;
  }
  return nullptr;
}

Result<void> Prices::apply(Totals& totals) const {
  for (auto use = totals.unpriced.begin(); use != totals.unpriced.end();) {
    static const Price free{};
    const Price* const price = is_nothing(*use) ? &free : find(use->first);
    if (price == nullptr) {
      ++use;
      continue;
    }
    const auto millionths = price_of(*price, use->second);
    if (!millionths) return std::unexpected{millionths.error()};
    const auto cost = millionth(*millionths);
    if (!cost) return std::unexpected{cost.error()};
    const auto sum = totals.cost_computed_usd.value_or(Decimal{}).plus(*cost);
    if (!sum) return std::unexpected{sum.error()};
    totals.cost_computed_usd = *sum;
    totals.events_without_cost -= use->second.events;
    use = totals.unpriced.erase(use);
  }
  return {};
}

std::optional<Decimal> cost_of(const EventView& event) {
  if (event.type != llm_response) return std::nullopt;
  Totals one;
  if (!one.add(event) || !Prices::standard().apply(one)) return std::nullopt;
  if (one.cost_usd) return one.cost_usd;
  return one.cost_computed_usd;
}

Totals priced(const Totals& totals) {
  Totals computed = totals;
  return Prices::standard().apply(computed) ? computed : totals;
}

}  // namespace agentstore
