#include "formats/text/units.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <iterator>
#include <utility>

namespace agentstore::formats {
namespace {

constexpr std::uint64_t second_ms = 1000;
constexpr std::uint64_t minute_ms = 60 * second_ms;
constexpr std::uint64_t hour_ms = 60 * minute_ms;
constexpr std::uint64_t day_ms = 24 * hour_ms;

// Without the overflow that the smallest integer would have.
std::uint64_t size_of(std::int64_t number) {
  const auto bits = static_cast<std::uint64_t>(number);
  return number < 0 ? 0 - bits : bits;
}

std::string_view sign_of(std::int64_t number) {
  return number < 0 ? "-" : "";
}

// Writes a number in so many digits, which are enough; gives their end.
char* put_padded(char* into, std::uint64_t number, std::ptrdiff_t digits) {
  for (char* at = into + digits; at != into; number /= 10)
    *--at = static_cast<char>('0' + number % 10);
  return into + digits;
}

bool is_uuid(std::string_view id) {
  if (id.size() != 36) return false;
  for (std::size_t at = 0; at < id.size(); ++at) {
    const bool dash = at == 8 || at == 13 || at == 18 || at == 23;
    const bool hex = std::string_view{"0123456789abcdefABCDEF"}.contains(id[at]);
    if (dash ? id[at] != '-' : !hex) return false;
  }
  return true;
}

// How many decimals an amount is shown with: of less than a dollar, as many as two digits need.
int cost_places(std::string_view amount) {
  if (amount == "0") return 0;
  return amount.starts_with("0.") ? static_cast<int>(amount.find_first_not_of('0', 2)) : 2;
}

}  // namespace

std::string separated(std::string number) {
  const std::size_t start = number.starts_with('-') ? 1 : 0;
  const std::size_t point = std::min(number.find('.'), number.size());
  for (std::size_t at = point; at > start + 3;) number.insert(at -= 3, 1, ',');
  return number;
}

std::string bytes_text(std::uint64_t bytes) {
  if (bytes < 1000) return fmt::format("{} B", bytes);
  constexpr std::string_view units = "kMGTPE";
  auto size = static_cast<double>(bytes) / 1000;
  std::size_t unit = 0;
  for (; size >= 999.95; size /= 1000) ++unit;
  return fmt::format("{:.1f} {}B", size, units[unit]);
}

std::string duration_text(std::int64_t duration_ms) {
  const std::uint64_t ms = size_of(duration_ms);
  const std::string_view sign = sign_of(duration_ms);
  if (ms < second_ms) return fmt::format("{}{} ms", sign, ms);
  if (ms < minute_ms) {
    return fmt::format("{}{}.{} s", sign, ms / second_ms, ms % second_ms / 100);
  }
  if (ms < hour_ms) {
    return fmt::format("{}{} m {} s", sign, ms / minute_ms, ms % minute_ms / second_ms);
  }
  if (ms < day_ms) {
    return fmt::format("{}{} h {} m", sign, ms / hour_ms, ms % hour_ms / minute_ms);
  }
  return fmt::format("{}{} d {} h", sign, thousands(ms / day_ms), ms % day_ms / hour_ms);
}

std::string elapsed_text(std::int64_t elapsed_ms) {
  const std::uint64_t ms = size_of(elapsed_ms);
  char text[48];
  char* at = text;
  if (elapsed_ms < 0) *at++ = '-';
  if (ms >= day_ms) {
    at = std::to_chars(at, std::end(text), ms / day_ms).ptr;
    *at++ = 'd';
    *at++ = ' ';
  }
  if (ms >= hour_ms) {
    at = put_padded(at, ms % day_ms / hour_ms, ms < 10 * hour_ms ? 1 : 2);
    *at++ = ':';
  }
  at = put_padded(at, ms % hour_ms / minute_ms, 2);
  *at++ = ':';
  at = put_padded(at, ms % minute_ms / second_ms, 2);
  if (ms < day_ms) {
    *at++ = '.';
    at = put_padded(at, ms % second_ms, 3);
  }
  return {text, at};
}

std::string time_text(Timestamp at) {
  std::string text = format_rfc3339(at).substr(0, 19);
  std::ranges::replace(text, 'T', ' ');
  return text;
}

std::string dollars_text(const Decimal& cost) {
  const bool negative = cost.is_negative();
  const Decimal size = negative ? cost.negated() : cost;
  std::string text = size.to_string();
  if (const auto rounded = size.divided_by(Decimal::from_integer(1), cost_places(text)))
    text = rounded->to_string();
  const auto places = static_cast<std::size_t>(cost_places(text));
  if (places > 0) {
    if (!text.contains('.')) text += '.';
    const std::size_t behind = text.size() - 1 - text.find('.');
    if (behind < places) text.append(places - behind, '0');
  }
  return fmt::format("{}${}", negative ? "-" : "", separated(std::move(text)));
}

std::string cost_text(const Totals& totals) {
  if (!totals.cost_usd && !totals.cost_computed_usd)
    return totals.cost_unknown_responses() > 0 ? "unknown" : "";
  const auto known = totals.cost_known_usd();
  if (!known) return "unknown";
  return (totals.cost_computed_usd ? "~" : "") + dollars_text(*known);
}

std::string unknown_costs_text(const Totals& totals) {
  const bool known = totals.cost_usd || totals.cost_computed_usd;
  const std::uint64_t unknown = totals.cost_unknown_responses();
  return known && unknown > 0 ? "+ " + counted(unknown, "response") + " unknown" : "";
}

std::string counted(std::uint64_t number, std::string_view noun) {
  return thousands(number).append(" ").append(noun).append(number == 1 ? "" : "s");
}

std::size_t telling_characters(std::vector<std::string_view> ids) {
  constexpr std::size_t short_id_characters = 8;
  std::ranges::sort(ids);
  std::size_t characters = short_id_characters;
  for (std::size_t i = 1; i < ids.size(); ++i) {
    if (ids[i] == ids[i - 1]) continue;
    const auto end = std::ranges::mismatch(ids[i - 1], ids[i]).in2;
    characters = std::max(characters, static_cast<std::size_t>(end - ids[i].begin()) + 1);
  }
  return characters;
}

std::string short_id(std::string_view id) {
  return std::string{is_uuid(id) ? id.substr(0, 8) : id};
}

}  // namespace agentstore::formats
