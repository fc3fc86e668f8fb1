#include "formats/answers/facts.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "agentstore/analysis/prices.hpp"
#include "agentstore/analysis/stats.hpp"
#include "agentstore/json.hpp"
#include "formats/text/escape.hpp"
#include "formats/text/json_fields.hpp"
#include "formats/text/prose.hpp"
#include "formats/text/units.hpp"

namespace agentstore::formats {
namespace {

/// A row of the price table, and its prices that were in force.
struct PriceRow {
  std::string name;
  const ModelPrices* model = nullptr;
  const PricePeriod* period = nullptr;
};

std::string text_of_token(std::string_view token) {
  return json::kind_of(token.empty() ? "null" : token) == json::Kind::string ? json::text_of(token)
                                                                             : std::string{};
}

// Of a response whose cost was not recorded.
std::optional<PriceRow> price_row_of(const EventView& event, const Usage& usage) {
  if (!is_llm_event(event.type) || !usage.cost.empty() || !usage.has_tokens()) return std::nullopt;
  const Prices& prices = Prices::standard();
  const ModelPrices* const model = prices.find(text_of_token(usage.model));
  if (model == nullptr) return std::nullopt;
  const auto& rows = prices.by_model();
  const auto row =
      std::ranges::find_if(rows, [&](const auto& one) { return &one.second == model; });
  const PricePeriod* const period = model->at(event.timestamp);
  if (row == rows.end() || period == nullptr) return std::nullopt;
  return PriceRow{row->first, model, period};
}

std::string price_text(const PriceRow& row) {
  const Price& price = row.period->price;
  const std::string& date = row.model->date;
  return fmt::format(
      "list prices of {} for a million tokens: in {}, out {}, cache read {}, cache write {} ({}{})",
      row.name, dollars_text(price.in), dollars_text(price.out), dollars_text(price.cache_read),
      dollars_text(price.cache_write), row.model->source, date.empty() ? date : ", " + date);
}

std::string of_these(const Usage& usage) {
  std::string text;
  const auto add = [&](const std::optional<std::int64_t>& number, const char* what) {
    if (!number) return;
    text += text.empty() ? " (" : ", ";
    text += fmt::format("{} {}", thousands(*number), what);
  };
  add(usage.tokens_cache_read, "read from the cache");
  add(usage.tokens_cache_write, "written to the cache");
  return text.empty() ? text : text + ")";
}

void add_cost(Facts& facts, const EventView& event, const Usage& usage) {
  if (!usage.cost.empty()) {
    const auto cost = Decimal::parse(usage.cost);
    facts.add("cost", (cost ? dollars_text(*cost) : std::string{usage.cost}) + ", as recorded");
    return;
  }
  if (!is_llm_event(event.type) || !usage.has_tokens()) return;
  const ResponseCost cost = Prices::standard().cost_of(usage, event.timestamp);
  facts.add("cost", cost.known() ? "~" + dollars_text(*cost.usd) : "unknown: " + cost.why);
  if (const auto row = price_row_of(event, usage)) facts.add("price", price_text(*row));
}

std::string number_member(const char* name, const std::optional<std::int64_t>& number) {
  return fmt::format(",\"{}\":{}", name, number_json(number));
}

std::string price_json(const std::optional<PriceRow>& row) {
  if (!row) return "null";
  const Price& price = row->period->price;
  return fmt::format(
      R"({{"model":{},"in":{},"out":{},"cache_read":{},"cache_write":{},"source":{},"date":{}}})",
      json::quote(row->name), price.in.to_string(), price.out.to_string(),
      price.cache_read.to_string(), price.cache_write.to_string(), json::quote(row->model->source),
      json::quote(row->model->date));
}

}  // namespace

void Facts::add(std::string_view name, std::string_view value) {
  facts_.emplace_back(without_command(std::string{name}), value);
}

void Facts::write(Sink& sink, const Screen& screen, std::size_t indent_columns) const {
  constexpr std::size_t name_columns_max = 20;
  std::size_t name_columns = 0;
  for (const auto& [name, value] : facts_)
    if (const std::size_t columns = display_width(name); columns <= name_columns_max)
      name_columns = std::max(name_columns, columns);
  const std::string margin(indent_columns, ' ');
  std::size_t indent = indent_columns + name_columns + 2;
  // On a narrow screen, names stand above what belongs to them.
  constexpr std::size_t value_columns_min = 24;
  if (screen.columns != 0 && screen.columns < indent + value_columns_min) {
    name_columns = 0;
    indent = indent_columns + 2;
  }
  for (const auto& [name, value] : facts_) {
    const std::size_t columns = display_width(name);
    std::string before = margin + name;
    if (columns > name_columns) {
      write_prose(sink, name, screen, {.indent = margin, .paint = Paint::dim});
      before.assign(indent, ' ');
    } else {
      before.append(name_columns - columns + 2, ' ');
    }
    for (const std::string& line : prose_lines(value, columns_beside(screen, indent))) {
      sink.write(painted(before, Paint::dim, screen.color) + line + "\n");
      before.assign(indent, ' ');
    }
  }
}

void add_usage(Facts& facts, const EventView& event) {
  const Usage usage = usage_of(event);
  if (const std::string model = text_of_token(usage.model); !model.empty())
    facts.add("model", model);
  if (usage.tokens_in) facts.add("tokens in", thousands(*usage.tokens_in) + of_these(usage));
  if (usage.tokens_out) {
    const auto thought = usage.tokens_reasoning;
    facts.add("tokens out",
              thousands(*usage.tokens_out) +
                  (thought ? " (" + thousands(*thought) + " of them reasoning)" : ""));
  }
  add_cost(facts, event, usage);
  const auto extra = json::find(event.metadata, "extra");
  const auto response = extra ? json::find_text(*extra, "response") : std::nullopt;
  if (response)
    facts.add("response", *response + " (every record of it tells the same; it counts once)");
}

std::string usage_members(const EventView& event) {
  const Usage usage = usage_of(event);
  std::string out = ",\"usage\":";
  if (!usage.has_tokens() && usage.cost.empty()) {
    out += "null";
  } else {
    out += "{\"model\":" + std::string{usage.model.empty() ? "null" : usage.model};
    out += number_member("tokens_in", usage.tokens_in);
    out += number_member("tokens_out", usage.tokens_out);
    out += number_member("tokens_cache_read", usage.tokens_cache_read);
    out += number_member("tokens_cache_write", usage.tokens_cache_write);
    out += number_member("tokens_reasoning", usage.tokens_reasoning);
    out += ",\"cost_usd\":" + std::string{usage.cost.empty() ? "null" : usage.cost} + "}";
  }
  return out + ",\"price\":" + price_json(price_row_of(event, usage));
}

}  // namespace agentstore::formats
