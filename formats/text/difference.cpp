#include "formats/text/difference.hpp"

#include "agentstore/decimal.hpp"

namespace agentstore::formats {
namespace {

// A number without an exponent.
bool is_plain(std::string_view value) {
  return !value.empty() && value.find_first_not_of("+-.0123456789") == value.npos;
}

}  // namespace

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

std::size_t places_of(std::string_view value) {
  const std::size_t point = value.find('.');
  return point == value.npos || !is_plain(value) ? 0 : value.size() - point - 1;
}

std::string with_places(std::string value, std::size_t places) {
  const std::size_t own = places_of(value);
  if (own >= places || !is_plain(value)) return value;
  if (own == 0) value += '.';
  return value.append(places - own, '0');
}

}  // namespace agentstore::formats
