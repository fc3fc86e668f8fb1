#include "query/sql_rows.hpp"

#include <algorithm>
#include <charconv>

#include "agentstore/json.hpp"

namespace agentstore::sql {
namespace {

constexpr std::size_t digits_max = 15;
constexpr std::size_t room_bytes = std::size_t{64} << 10;

std::size_t significant_digits(std::string_view number) {
  std::string digits;
  for (const char c : number)
    if (c >= '0' && c <= '9') digits += c;
  const std::size_t first = digits.find_first_not_of('0');
  if (first == digits.npos) return 0;
  return digits.find_last_not_of('0') - first + 1;
}

}  // namespace

Cell amount_cell(const Decimal& amount) {
  const std::string text = amount.to_string();
  if (const auto integer = json::integer_of(text)) return Cell::of(*integer);
  double real = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), real);
  if (significant_digits(text) <= digits_max && error == std::errc{} &&
      end == text.data() + text.size())
    return Cell::of(real);
  Cell cell;
  cell.kind = Cell::Kind::inexact;
  return cell;
}

Cell Block::text(std::string_view value) {
  Cell cell;
  cell.kind = Cell::Kind::text;
  cell.bytes = static_cast<std::uint32_t>(value.size());
  text_bytes_ += value.size();
  if (value.size() > room_bytes_) {
    const std::size_t size = std::max(value.size(), room_bytes);
    texts_.push_back(std::make_unique_for_overwrite<char[]>(size));
    room_ = texts_.back().get();
    room_bytes_ = size;
  }
  if (!value.empty()) std::memcpy(room_, value.data(), value.size());
  cell.text = room_;
  room_ += value.size();
  room_bytes_ -= value.size();
  return cell;
}

}  // namespace agentstore::sql
