#include "agentstore/analysis/prices.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "agentstore/json.hpp"
#include "projections/model_names.hpp"

namespace agentstore {
namespace {

constexpr std::size_t additions_max = 8;
constexpr std::size_t date_bytes = 10;
constexpr int millionths = -6;
constexpr int thousandths = -3;

/// What a response tells of itself that its price depends on; views into the event.
struct Told {
  struct Word {
    std::string_view member;
    std::string_view token;  ///< a JSON value; empty: not told
  };
  std::array<Word, 3> words{{{"speed", {}}, {"service_tier", {}}, {"inference_geo", {}}}};
  std::string_view web_searches;  ///< the same
  std::string_view prompt_max;    ///< the same
  bool unread = false;            ///< what it used could not be read
};

Told told_by(std::string_view extra) {
  Told told;
  if (extra.empty() || json::kind_of(extra) != json::Kind::object) return told;
  for (json::Walk member{extra}; member.next();) {
    if (member.value() == "null") continue;
    if (member.key_is(unread_member)) told.unread = true;
    if (member.key_is(prompt_max_member)) told.prompt_max = member.value();
    if (member.key_is("web_searches")) told.web_searches = member.value();
    for (Told::Word& word : told.words)
      if (member.key_is(word.member)) word.token = member.value();
  }
  return told;
}

std::string text_or_token(std::string_view token) {
  return json::kind_of(token) == json::Kind::string ? json::text_of(token) : std::string{token};
}

/// Words that say that nothing is out of the ordinary.
bool is_usual(std::string_view text) {
  constexpr std::array<std::string_view, 5> usual{"", "standard", "default", "global",
                                                  "not_available"};
  return std::ranges::find(usual, text) != usual.end();
}

/// How many tokens are paid at which price.
struct Amounts {
  std::int64_t prompt = 0;  ///< with the cache's
  std::int64_t in = 0;      ///< without
  std::int64_t out = 0;
  std::int64_t cache_read = 0;
  std::int64_t cache_write = 0;  ///< without those for an hour
  std::int64_t cache_write_1h = 0;

  bool none() const { return prompt == 0 && out == 0; }
};

/// Nothing: a sum overflows.
std::optional<Amounts> amounts_of(const Usage& usage) {
  Amounts amounts{.prompt = usage.tokens_in.value_or(0),
                  .out = usage.tokens_out.value_or(0),
                  .cache_read = usage.tokens_cache_read.value_or(0)};
  const std::int64_t written = usage.tokens_cache_write.value_or(0);
  amounts.cache_write_1h = std::min(usage.tokens_cache_write_1h.value_or(0), written);
  amounts.cache_write = written - amounts.cache_write_1h;
  std::int64_t cached = 0;
  if (__builtin_add_overflow(amounts.cache_read, written, &cached)) return std::nullopt;
  if (amounts.prompt >= cached) {
    amounts.in = amounts.prompt - cached;
    return amounts;
  }
  // Where the cache's are more than all, they were not counted in.
  amounts.in = amounts.prompt;
  if (__builtin_add_overflow(amounts.in, cached, &amounts.prompt)) return std::nullopt;
  return amounts;
}

/// In dollars. Errors: overflow.
Result<Decimal> price_of(const Price& price, const Amounts& amounts) {
  Decimal sum;
  for (const auto& [each, number] :
       {std::pair{&price.in, amounts.in}, std::pair{&price.out, amounts.out},
        std::pair{&price.cache_read, amounts.cache_read},
        std::pair{&price.cache_write, amounts.cache_write},
        std::pair{&price.cache_write_1h, amounts.cache_write_1h}}) {
    if (number == 0) continue;
    const auto part = each->times(Decimal::from_integer(number));
    if (!part) return part;
    const auto more = sum.plus(*part);
    if (!more) return more;
    sum = *more;
  }
  return sum.shifted(millionths);
}

/// `prompt_max`: a JSON value, or empty.
const Price& tier_of(const PricePeriod& period, std::int64_t prompt_tokens,
                     std::string_view prompt_max) {
  if (!prompt_max.empty())
    prompt_tokens =
        std::min(prompt_tokens, count_of_token(text_or_token(prompt_max)).value_or(prompt_tokens));
  const Price* price = &period.price;
  for (const LongPromptPrice& dearer : period.long_prompts)
    if (prompt_tokens > dearer.over_tokens) price = &dearer.price;
  return *price;
}

ResponseCost unknown(std::string why) {
  return {.usd = std::nullopt, .why = std::move(why)};
}

/// Prices one response of a known model.
class Pricing {
 public:
  Pricing(std::string_view model, const PricePeriod& period) : model_{model}, period_{period} {}

  ResponseCost cost(const Amounts& amounts, const Told& told) const {
    const Price* price = &tier_of(period_, amounts.prompt, told.prompt_max);
    Decimal factor = Decimal::from_integer(1);
    for (const Told::Word& word : told.words) {
      if (word.token.empty()) continue;
      const std::string text = text_or_token(word.token);
      if (is_usual(text)) continue;
      const PriceMode* const mode = mode_of(word.member, text);
      // A price of its own is that of short prompts.
      if (mode == nullptr || (mode->price && price != &period_.price))
        return unknown("no price for " + std::string{word.member} + " \"" + text + "\" of" +
                       name());
      if (mode->price) {
        price = &*mode->price;
        continue;
      }
      const auto product = factor.times(*mode->factor);
      if (!product) return too_large();
      factor = *product;
    }
    const auto plain = price_of(*price, amounts);
    const auto cost = plain ? plain->times(factor) : plain;
    return cost ? with_searches(*cost, told) : too_large();
  }

 private:
  const PriceMode* mode_of(std::string_view member, std::string_view value) const {
    const auto found = std::ranges::find_if(period_.modes, [&](const PriceMode& mode) {
      return mode.member == member && mode.value == value;
    });
    return found == period_.modes.end() ? nullptr : &*found;
  }

  ResponseCost with_searches(const Decimal& cost, const Told& told) const {
    if (told.web_searches.empty()) return {.usd = cost, .why = {}};
    const auto searches = count_of_token(text_or_token(told.web_searches));
    if (!searches || *searches < 0) return unknown("a count of web searches that cannot be read");
    if (*searches == 0) return {.usd = cost, .why = {}};
    if (!period_.web_searches) return unknown("no price for web searches of" + name());
    const auto product = period_.web_searches->times(Decimal::from_integer(*searches));
    const auto each = product ? product->shifted(thousandths) : product;
    const auto sum = each ? cost.plus(*each) : each;
    return sum ? ResponseCost{.usd = *sum, .why = {}} : too_large();
  }

  std::string name() const { return " the model \"" + std::string{model_} + "\""; }
  ResponseCost too_large() const { return unknown("a cost beyond all numbers of" + name()); }

  std::string_view model_;
  const PricePeriod& period_;
};

}  // namespace

const PricePeriod* ModelPrices::at(Timestamp at) const {
  const PricePeriod* in_force = nullptr;
  for (const PricePeriod& period : periods)
    if (!period.from || *period.from <= at) in_force = &period;
  return in_force;
}

const ModelPrices* Prices::named(std::string_view name) const {
  if (const auto exact = by_model_.find(name); exact != by_model_.end()) return &exact->second;
  const auto alias = model_of_alias_.find(name);
  return alias == model_of_alias_.end() ? nullptr : &by_model_.find(alias->second)->second;
}

// A provider may have a price of its own for a model, and a model one for a dated version: what is
// found with less taken away is the better answer.
const ModelPrices* Prices::find(std::string_view model) const {
  for (std::size_t prefixes = 0; prefixes < additions_max; ++prefixes) {
    std::string_view name = model;
    for (std::size_t endings = 0; endings < additions_max; ++endings) {
      if (const ModelPrices* const found = named(name)) return found;
      const std::string_view rest = without_ending(name);
      if (rest.size() == name.size()) break;
      name = rest;
    }
    const std::string_view rest = without_prefix(model, prefixes_);
    if (rest.size() == model.size()) break;
    model = rest;
  }
  return nullptr;
}

ResponseCost Prices::cost_of(const Usage& usage, Timestamp at) const {
  const Told told = told_by(usage.extra);
  if (!usage.unread_key.empty() || told.unread) return unknown("a figure that cannot be read");
  const std::string model = usage.model.empty() ? "" : json::text_of(usage.model);
  if (model.empty()) return unknown("no model is named");
  const auto amounts = amounts_of(usage);
  if (!amounts) return unknown("more tokens than can be counted");
  // Of a named model; its price is of no account.
  if (amounts->none() && told.web_searches.empty()) return {.usd = Decimal{}, .why = {}};
  const ModelPrices* const prices = find(model);
  if (prices == nullptr) return unknown("no price for the model \"" + model + "\"");
  const PricePeriod* const period = prices->at(at);
  if (period == nullptr)
    return unknown("no price for the model \"" + model + "\" before " +
                   format_rfc3339(*prices->periods.front().from).substr(0, date_bytes));
  return Pricing{model, *period}.cost(*amounts, told);
}

std::optional<Decimal> cost_of(const EventView& event) {
  if (event.type != llm_response) return std::nullopt;
  Totals one;
  if (!one.add(event)) return std::nullopt;
  if (one.cost_usd) return one.cost_usd;
  return one.cost_computed_usd;
}

}  // namespace agentstore
