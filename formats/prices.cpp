#include "formats/prices.hpp"

#include <fmt/format.h>

#include "agentstore/json.hpp"
#include "formats/escape.hpp"
#include "formats/json_fields.hpp"
#include "formats/table.hpp"

namespace agentstore::formats {

void write_prices_json(Sink& sink, const Prices& prices) {
  const std::string models = object_json(prices.by_model(), [](const auto& of_model) {
    const auto& [model, price] = of_model;
    return fmt::format(
        R"({}:{{"in":{},"out":{},"cache_read":{},"cache_write":{},"cache_write_1h":{}}})",
        json::quote(model), price.in.to_string(), price.out.to_string(),
        price.cache_read.to_string(), price.cache_write.to_string(),
        price.cache_write_1h.to_string());
  });
  sink.write(fmt::format(
      R"({{"schema":"agentstore/prices/1","date":{},"source":{},"usd_per_million_tokens":{}}})"
      "\n",
      json::quote(prices.date()), json::quote(prices.source()), models));
}

void write_prices_text(Sink& sink, const Prices& prices, const Screen& screen) {
  Table table{{{.name = "MODEL", .flexible = true},
               {.name = "IN", .align = Align::right},
               {.name = "OUT", .align = Align::right},
               {.name = "CACHE READ", .align = Align::right},
               {.name = "WRITE", .align = Align::right},
               {.name = "WRITE 1H", .align = Align::right}}};
  for (const auto& [model, price] : prices.by_model())
    table.row({model, price.in.to_string(), price.out.to_string(), price.cache_read.to_string(),
               price.cache_write.to_string(), price.cache_write_1h.to_string()});
  table.write(sink, screen);
  sink.write("US dollars for a million tokens, as of " + printable(prices.date()) + "; " +
             printable(prices.source()) + "\n");
}

}  // namespace agentstore::formats
