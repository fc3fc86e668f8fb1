#include "formats/answers/prices.hpp"

#include <fmt/format.h>

#include <span>
#include <utility>

#include "agentstore/json.hpp"
#include "formats/text/escape.hpp"
#include "formats/text/json_fields.hpp"
#include "formats/text/table.hpp"
#include "formats/text/units.hpp"
#include "formats/text/wrap.hpp"

namespace agentstore::formats {
namespace {

constexpr std::size_t date_bytes = 10;

std::string members_json(const Price& price) {
  return fmt::format(R"("in":{},"out":{},"cache_read":{},"cache_write":{},"cache_write_1h":{})",
                     price.in.to_string(), price.out.to_string(), price.cache_read.to_string(),
                     price.cache_write.to_string(), price.cache_write_1h.to_string());
}

std::string modes_json(const std::vector<PriceMode>& modes) {
  std::map<std::string, std::vector<const PriceMode*>> by_member;
  for (const PriceMode& mode : modes) by_member[mode.member].push_back(&mode);
  return object_json(by_member, [](const auto& member) {
    return json::quote(member.first) + ':' + object_json(member.second, [](const PriceMode* mode) {
             return json::quote(mode->value) + ':' +
                    (mode->price ? '{' + members_json(*mode->price) + '}'
                                 : mode->factor->to_string());
           });
  });
}

std::string day_of(Timestamp at) {
  return format_rfc3339(at).substr(0, date_bytes);
}

std::string members_json(const PricePeriod& period) {
  std::string out;
  if (period.from) out += R"("from":")" + day_of(*period.from) + "\",";
  out += members_json(period.price);
  if (!period.long_prompts.empty())
    out += R"(,"over":)" + array_json(period.long_prompts, [](const LongPromptPrice& dearer) {
             return fmt::format(R"({{"tokens":{},{}}})", dearer.over_tokens,
                                members_json(dearer.price));
           });
  if (!period.modes.empty()) out += R"(,"modes":)" + modes_json(period.modes);
  if (period.web_searches) out += R"(,"web_searches":)" + period.web_searches->to_string();
  return out;
}

std::string model_json(const ModelPrices& model) {
  std::string out = '{' + members_json(model.periods.front());
  if (model.periods.size() > 1)
    out += R"(,"changes":)" +
           array_json(std::span{model.periods}.subspan(1),
                      [](const PricePeriod& period) { return '{' + members_json(period) + '}'; });
  if (!model.aliases.empty()) out += R"(,"aliases":)" + array_json(model.aliases, json::quote);
  if (!model.source.empty()) out += R"(,"source":)" + json::quote(model.source);
  if (!model.date.empty()) out += R"(,"date":)" + json::quote(model.date);
  if (model.unconfirmed) out += R"(,"unconfirmed":true)";
  return out + '}';
}

std::string modes_text(const PricePeriod& period) {
  std::string out;
  const auto add = [&](const std::string& part) { out += (out.empty() ? "" : ", ") + part; };
  for (const PriceMode& mode : period.modes)
    add(mode.factor ? fmt::format("{} x {}", mode.value, mode.factor->to_string())
                    : fmt::format("{} {}/{}", mode.value, mode.price->in.to_string(),
                                  mode.price->out.to_string()));
  return out;
}

std::vector<std::string> price_cells(const Price& price) {
  return {price.in.to_string(), price.out.to_string(), price.cache_read.to_string(),
          price.cache_write.to_string(), price.cache_write_1h.to_string()};
}

/// A row for the usual price of a period, and one for each of its long prompts'. The first one of a
/// model bears its name.
void add_rows(Table& table, std::string name, const PricePeriod& period, std::string source) {
  const auto row = [&](std::string what, const Price& price, std::string modes) {
    std::vector<std::string> cells{std::move(what)};
    for (std::string& cell : price_cells(price)) cells.push_back(std::move(cell));
    cells.push_back(std::move(modes));
    cells.push_back(std::exchange(source, ""));
    table.row(std::move(cells));
  };
  const std::string from = period.from ? "  from " + day_of(*period.from) : "";
  if (!name.empty() && period.from) name += ',' + from.substr(1);
  row(name.empty() ? from : name, period.price, modes_text(period));
  for (const LongPromptPrice& dearer : period.long_prompts)
    row("  over " + thousands(dearer.over_tokens) + " in the prompt", dearer.price, "");
}

std::string source_of(const ModelPrices& model, const Prices& prices) {
  std::string out = model.source;
  const std::string& date = model.date.empty() ? prices.date() : model.date;
  if (!date.empty()) out += (out.empty() ? "" : ", ") + date;
  return out;
}

}  // namespace

void write_prices_json(Sink& sink, const Prices& prices) {
  const std::string models = object_json(prices.by_model(), [](const auto& of_model) {
    return json::quote(of_model.first) + ':' + model_json(of_model.second);
  });
  sink.write(fmt::format(
      R"({{"schema":"agentstore/prices/1","version":2,"date":{},"source":{},"prefixes":{},"usd_per_million_tokens":{}}})"
      "\n",
      json::quote(prices.date()), json::quote(prices.source()),
      array_json(prices.prefixes(), json::quote), models));
}

void write_prices_text(Sink& sink, const Prices& prices, Timestamp now, const Screen& screen) {
  std::vector<Column> columns{
      {.name = "MODEL", .role = Role::key},    {.name = "IN", .role = Role::number},
      {.name = "OUT", .role = Role::number},   {.name = "CACHE READ", .role = Role::number},
      {.name = "WRITE", .role = Role::number}, {.name = "WRITE 1H", .role = Role::number}};
  columns.push_back({.name = "ALSO", .secondary = 1});
  columns.push_back({.name = "SOURCE", .secondary = 2});
  Table table{std::move(columns)};
  bool any_unconfirmed = false;
  for (const auto& [model, of_model] : prices.by_model()) {
    any_unconfirmed = any_unconfirmed || of_model.unconfirmed;
    std::string name = model + (of_model.unconfirmed ? " (?)" : "");
    std::string source = source_of(of_model, prices);
    for (const PricePeriod& period : of_model.periods)
      add_rows(table, std::exchange(name, ""), period, std::exchange(source, ""));
  }
  table.write(sink, screen);
  const auto say = [&](const std::string& text) { sink.write(wrapped(text, screen, 2) + "\n"); };
  say("US dollars for a million tokens; " + printable(prices.source()));
  if (any_unconfirmed) say("(?) one source says so, and no other confirms it");
  const std::string age = age_text(prices, now);
  if (!age.empty()) say(age);
}

std::string age_text(const Prices& prices, Timestamp now) {
  const auto made = parse_rfc3339(prices.date() + "T00:00:00Z");
  if (!made) return {};
  const std::int64_t days = (now.seconds - made->seconds) / (24 * 60 * 60);
  if (days < 1) return "the prices are those of " + prices.date();
  return "the prices are those of " + prices.date() + ", " +
         counted(static_cast<std::uint64_t>(days), "day") +
         " old; newer ones can be given by --prices FILE";
}

}  // namespace agentstore::formats
