#include "formats/difference.hpp"

#include "agentstore/decimal.hpp"

namespace agentstore::formats {

std::optional<std::string> difference_of(std::string_view from, std::string_view to) {
  const auto first = Decimal::parse(from);
  const auto second = Decimal::parse(to);
  if (!first || !second) return std::nullopt;
  const auto difference = second->plus(first->negated());
  if (!difference) return std::nullopt;
  return difference->to_string();
}

std::string difference_text(std::string_view from, std::string_view to) {
  const auto difference = difference_of(from, to);
  if (!difference) return "-";
  return *difference == "0" || difference->starts_with('-') ? *difference : '+' + *difference;
}

}  // namespace agentstore::formats
