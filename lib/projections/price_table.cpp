// The JSON of a price table: agentstore-prices(5).

#include <algorithm>
#include <array>
#include <span>

#include "agentstore/analysis/prices.hpp"
#include "agentstore/internal/foreign_json.hpp"
#include "base/sha256.hpp"
#include "projections/standard_prices.hpp"

namespace agentstore {
namespace {

constexpr std::int64_t version_max = 2;

constexpr std::array<std::string_view, 7> table_members{
    "schema", "version", "date", "source", "comment", "prefixes", "usd_per_million_tokens"};
constexpr std::array<std::string_view, 5> price_members{"in", "out", "cache_read", "cache_write",
                                                        "cache_write_1h"};
constexpr std::array<std::string_view, 4> period_members{"from", "over", "modes", "web_searches"};
constexpr std::array<std::string_view, 6> model_members{"changes", "aliases", "source",
                                                        "date",    "comment", "unconfirmed"};
constexpr std::array<std::string_view, 3> mode_members{"speed", "service_tier", "inference_geo"};

/// Reads one model, or the table around them. `where` names it in messages; a table of version 1
/// may hold members that nobody knows.
class TableReader {
 public:
  TableReader(std::string where, bool strict) : where_{std::move(where)}, strict_{strict} {}

  std::unexpected<Error> refused(const std::string& what) const {
    return fail(Code::invalid, what + " of " + where_);
  }

  Result<void> only(const json::Value& object,
                    std::initializer_list<std::span<const std::string_view>> known) const {
    if (json::kind_of(object) != json::Kind::object)
      return fail(Code::invalid, where_ + " is not an object");
    if (!strict_) return {};
    for (json::Walk member{object}; member.next();) {
      const std::string key = json::text_of(member.key());
      const bool found = std::ranges::any_of(
          known, [&](const auto& names) { return std::ranges::find(names, key) != names.end(); });
      if (!found) return refused("the member \"" + key + "\" is not known, in the prices");
    }
    return {};
  }

  Result<Decimal> number(std::string_view name, std::string_view token) const {
    const auto parsed = json::kind_of(token) == json::Kind::number
                            ? Decimal::parse(token)
                            : Result<Decimal>{fail(Code::invalid, "")};
    if (!parsed || parsed->is_negative())
      return fail(Code::invalid,
                  "\"" + std::string{name} + "\" of " + where_ + " is not a number from 0");
    return *parsed;
  }

  Result<Price> price(const json::Value& json) const {
    Price price;
    const auto take = [&](Decimal& into, std::string_view key,
                          const std::optional<Decimal>& otherwise) -> Result<void> {
      const auto token = json::find(json, key);
      if (!token && otherwise) {
        into = *otherwise;
        return {};
      }
      const auto read = number(key, token ? std::string_view{*token} : "null");
      if (!read) return std::unexpected{read.error()};
      into = *read;
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

  Result<std::vector<LongPromptPrice>> long_prompts(const json::Value& tiers) const {
    static constexpr std::array<std::string_view, 1> own{"tokens"};
    if (json::kind_of(tiers) != json::Kind::array) return refused("\"over\" is not an array,");
    std::vector<LongPromptPrice> read;
    for (json::Walk tier{tiers}; tier.next();) {
      if (auto known = only(tier.value(), {own, price_members}); !known)
        return std::unexpected{known.error()};
      const auto tokens = json::find_integer(tier.value(), "tokens");
      if (!tokens || *tokens < 0 || (!read.empty() && *tokens <= read.back().over_tokens))
        return refused("\"tokens\" is not a count above the one before,");
      const auto dear = price(tier.value());
      if (!dear) return std::unexpected{dear.error()};
      read.push_back({*tokens, *dear});
    }
    return read;
  }

  Result<std::vector<PriceMode>> modes(const json::Value& members) const {
    if (auto known = only(members, {mode_members}); !known) return std::unexpected{known.error()};
    std::vector<PriceMode> read;
    for (json::Walk member{members}; member.next();) {
      if (json::kind_of(member.value()) != json::Kind::object)
        return refused("a member of \"modes\" is not an object,");
      for (json::Walk word{member.value()}; word.next();) {
        PriceMode mode{json::text_of(member.key()), json::text_of(word.key()), {}, {}};
        if (auto taken = changes(mode, word.value()); !taken) return std::unexpected{taken.error()};
        read.push_back(std::move(mode));
      }
    }
    return read;
  }

  Result<PricePeriod> period(const json::Value& json) const {
    PricePeriod period;
    const auto own = price(json);
    if (!own) return std::unexpected{own.error()};
    period.price = *own;
    if (const auto from = json::find(json, "from")) {
      const auto day = json::kind_of(*from) == json::Kind::string
                           ? parse_rfc3339(json::text_of(*from) + "T00:00:00Z")
                           : Result<Timestamp>{fail(Code::invalid, "")};
      if (!day) return refused("\"from\" is not a date,");
      period.from = *day;
    }
    if (const auto tiers = json::find(json, "over")) {
      auto read = long_prompts(*tiers);
      if (!read) return std::unexpected{read.error()};
      period.long_prompts = std::move(*read);
    }
    if (const auto words = json::find(json, "modes")) {
      auto read = modes(*words);
      if (!read) return std::unexpected{read.error()};
      period.modes = std::move(*read);
    }
    if (const auto searches = json::find(json, "web_searches")) {
      const auto read = number("web_searches", *searches);
      if (!read) return std::unexpected{read.error()};
      period.web_searches = *read;
    }
    return period;
  }

  Result<void> later_periods(const json::Value& json, std::vector<PricePeriod>& periods) const {
    const auto changes = json::find(json, "changes");
    if (!changes) return {};
    if (json::kind_of(*changes) != json::Kind::array)
      return refused("\"changes\" is not an array,");
    for (json::Walk change{*changes}; change.next();) {
      if (auto known = only(change.value(), {price_members, period_members}); !known) return known;
      auto next = period(change.value());
      if (!next) return std::unexpected{next.error()};
      if (!next->from || (periods.back().from && *next->from <= *periods.back().from))
        return refused("\"from\" of a change is not after the one before,");
      periods.push_back(std::move(*next));
    }
    return {};
  }

  Result<std::vector<std::string>> texts(const json::Value& json, std::string_view key) const {
    std::vector<std::string> read;
    const auto array = json::find(json, key);
    if (!array) return read;
    const auto wrong = "\"" + std::string{key} + "\" is not an array of texts,";
    if (json::kind_of(*array) != json::Kind::array) return refused(wrong);
    for (json::Walk text{*array}; text.next();) {
      if (json::kind_of(text.value()) != json::Kind::string || text.value().size() <= 2)
        return refused(wrong);
      read.push_back(json::text_of(text.value()));
    }
    return read;
  }

  Result<ModelPrices> model(const json::Value& json) const {
    if (auto known = only(json, {price_members, period_members, model_members}); !known)
      return std::unexpected{known.error()};
    auto first = period(json);
    if (!first) return std::unexpected{first.error()};
    ModelPrices model;
    model.periods.push_back(std::move(*first));
    if (auto later = later_periods(json, model.periods); !later)
      return std::unexpected{later.error()};
    auto aliases = texts(json, "aliases");
    if (!aliases) return std::unexpected{aliases.error()};
    model.aliases = std::move(*aliases);
    model.source = json::find_text(json, "source").value_or("");
    model.date = json::find_text(json, "date").value_or("");
    model.unconfirmed = json::find(json, "unconfirmed").value_or("") == "true";
    return model;
  }

 private:
  Result<void> changes(PriceMode& mode, const json::Value& value) const {
    if (json::kind_of(value) == json::Kind::object) {
      if (auto known = only(value, {price_members}); !known) return known;
      const auto own = price(value);
      if (!own) return std::unexpected{own.error()};
      mode.price = *own;
      return {};
    }
    const auto factor = number(mode.value, value);
    if (!factor) return std::unexpected{factor.error()};
    mode.factor = *factor;
    return {};
  }

  std::string where_;
  bool strict_;
};

}  // namespace

Result<Prices> Prices::parse(std::string_view text) {
  json::ForeignParser parser;
  json::Value json;
  if (const auto wrong = parser.check(text, json::rules_to_store, json))
    return fail(Code::invalid, std::string{"the price table is not JSON: "} + wrong->what);
  if (json::kind_of(json) != json::Kind::object)
    return fail(Code::invalid, "the price table is not an object");
  const auto version_token = json::find(json, "version");
  const auto version = json::find_integer(json, "version");
  if (version_token && (!version || *version < 1 || *version > version_max))
    return fail(Code::invalid, "the price table is of version " + std::string{*version_token} +
                                   "; known are 1 and 2");
  const bool strict = version.value_or(1) > 1;
  const TableReader table{"the price table", strict};
  if (auto known = table.only(json, {table_members}); !known) return std::unexpected{known.error()};
  const auto models = json::find(json, "usd_per_million_tokens");
  if (!models || json::kind_of(*models) != json::Kind::object)
    return fail(Code::invalid, "the price table has no object usd_per_million_tokens");
  Prices prices;
  prices.date_ = json::find_text(json, "date").value_or("");
  prices.source_ = json::find_text(json, "source").value_or("");
  auto prefixes = table.texts(json, "prefixes");
  if (!prefixes) return std::unexpected{prefixes.error()};
  prices.prefixes_ = json::find(json, "prefixes") ? std::move(*prefixes) : standard().prefixes();
  for (json::Walk model{*models}; model.next();) {
    std::string name = json::text_of(model.key());
    auto read = TableReader{'"' + name + '"', strict}.model(model.value());
    if (!read) return std::unexpected{read.error()};
    prices.by_model_.emplace(std::move(name), std::move(*read));
  }
  for (const auto& [name, model] : prices.by_model_)
    for (const std::string& alias : model.aliases)
      if (prices.by_model_.contains(alias) || !prices.model_of_alias_.emplace(alias, name).second)
        return fail(Code::invalid, "the alias \"" + alias + "\" of the model \"" + name +
                                       "\" is the name of another one, too");
  prices.fingerprint_ = view_of(hex_of(sha256({text})));
  return prices;
}

const Prices& Prices::standard() {
  static const Prices prices = parse(standard_prices_json).value();
  return prices;
}

}  // namespace agentstore
