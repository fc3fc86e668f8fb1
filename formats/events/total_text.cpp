#include "formats/events/total_text.hpp"

#include "agentstore/decimal.hpp"
#include "formats/text/escape.hpp"
#include "formats/text/units.hpp"

namespace agentstore::formats {

std::string total_text(const Totals& totals, std::size_t columns) {
  enum Place { events, tokens, cost, calls, errors, took, places };
  std::string parts[places];
  parts[events] = "Total: " + counted(totals.events, "event");
  if (totals.tokens_in != 0 || totals.tokens_out != 0) {
    Decimal sum = Decimal::from_integer(totals.tokens_in);
    // Two 64-bit integers fit; only the sum as an integer might not.
    sum = sum.plus(Decimal::from_integer(totals.tokens_out)).value_or(sum);
    parts[tokens] = separated(sum.to_string()) + " tokens";
  }
  parts[cost] = cost_text(totals);
  if (parts[cost] == "unknown") parts[cost] = "cost unknown";
  if (const std::string lacking = unknown_costs_text(totals); !lacking.empty())
    parts[cost] += (parts[cost].empty() ? "" : " ") + lacking;
  const std::string failed = thousands(totals.tool_errors) + " failed";
  if (totals.tool_calls > 0)
    parts[calls] =
        counted(totals.tool_calls, "tool call") + (totals.tool_errors > 0 ? ", " + failed : "");
  else if (totals.tool_errors > 0) parts[calls] = failed;
  if (totals.errors > 0) parts[errors] = counted(totals.errors, "error");
  if (const auto duration = totals.duration_ms()) parts[took] = duration_text(*duration);
  const auto joined = [&] {
    std::string text;
    for (const std::string& part : parts)
      if (!part.empty()) text += (text.empty() ? "" : " | ") + part;
    return text;
  };
  std::string text = joined();
  for (const Place least : {tokens, took, cost, calls, errors}) {
    if (columns == 0 || display_width(text) <= columns) break;
    parts[least].clear();
    text = joined();
  }
  return text;
}

}  // namespace agentstore::formats
