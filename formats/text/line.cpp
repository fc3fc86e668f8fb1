#include "formats/text/line.hpp"

#include <charconv>

namespace agentstore::formats {

void Line::add_number(std::uint64_t number) {
  constexpr std::size_t digits_max = 20;
  char* const digits = room(digits_max);
  added(static_cast<std::size_t>(std::to_chars(digits, digits + digits_max, number).ptr - digits));
}

bool Line::add_text_of(std::string_view json, std::size_t columns) {
  if (!json.starts_with('"')) return add_printable(json, columns);
  return added(write_printable_string(room(printable_bytes_max(json, columns)), json, columns));
}

bool Line::cut(Place from, std::size_t columns) {
  if (columns_since(from) <= columns) return false;
  const std::string kept = formats::cut(text().substr(from.bytes), columns);
  go_back(from);
  add_as_it_is(kept);
  columns_ += display_width(kept);
  return true;
}

void Line::paint(Place from, std::size_t bytes, Paint paint) {
  const std::string inside = painted(text().substr(from.bytes, bytes), paint, true);
  const std::string behind{text().substr(from.bytes + bytes)};
  bytes_ = from.bytes;
  add_as_it_is(inside);
  add_as_it_is(behind);
}

}  // namespace agentstore::formats
