#include "formats/line.hpp"

#include <charconv>

namespace agentstore::formats {

void Line::add_number(std::uint64_t number) {
  char digits[20];
  const auto [end, status] = std::to_chars(digits, digits + sizeof digits, number);
  add({digits, end});
}

bool Line::add_text_of(std::string_view json, std::size_t columns) {
  if (json.starts_with('"')) return add(append_printable_string(text_, json, columns));
  return add_printable(json, columns);
}

bool Line::cut(Place from, std::size_t columns) {
  if (columns_since(from) <= columns) return false;
  const std::string kept = formats::cut(std::string_view{text_}.substr(from.bytes), columns);
  go_back(from);
  text_ += kept;
  columns_ += display_width(kept);
  return true;
}

void Line::paint(Place from, std::size_t bytes, Paint paint) {
  const std::string_view plain = std::string_view{text_}.substr(from.bytes, bytes);
  text_.replace(from.bytes, bytes, painted(plain, paint, true));
}

}  // namespace agentstore::formats
