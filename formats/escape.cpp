#include "formats/escape.hpp"

#include <fmt/format.h>

#include <iterator>

#include "formats/code_points.hpp"

namespace agentstore::formats {
namespace {

// More marks than any script stacks on one character would climb over the lines above.
constexpr std::size_t marks_max = 8;

class Escaper {
 public:
  explicit Escaper(std::string_view text) : rest_{text} {}

  bool done() const { return rest_.empty(); }

  // Writes the next character, or its escape; gives the columns that it takes.
  std::size_t next(std::string& out) {
    const std::size_t before = out.size();
    const CodePoint point = first_code_point(rest_);
    const std::size_t columns = point.value < 0 ? 1 : columns_of(point.value);
    marks_ = columns == 0 ? marks_ + 1 : 0;

    const std::string_view bytes = rest_.substr(0, point.bytes);
    const bool command = point.value == '#' && starts_runner_command(rest_);
    rest_.remove_prefix(command ? 2 : point.bytes);
    if (command) {
      out += "#\\u{23}";
    } else if (point.value < 0) {
      fmt::format_to(std::back_inserter(out), "\\x{{{:02x}}}",
                     static_cast<unsigned char>(bytes.front()));
    } else if (is_unprintable(point.value) || marks_ > marks_max) {
      escape(point.value, out);
    } else {
      out += bytes;
      return columns;
    }
    return out.size() - before;
  }

 private:
  static void escape(std::int32_t point, std::string& out) {
    switch (point) {
      case '\n': out += "\\n"; break;
      case '\t': out += "\\t"; break;
      case '\r': out += "\\r"; break;
      default: fmt::format_to(std::back_inserter(out), "\\u{{{:x}}}", point);
    }
  }

  std::string_view rest_;
  std::size_t marks_ = 0;
};

bool is_hex(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
}

// The bytes of an escape of ours at the start of `text`; 0 where there is none.
std::size_t escape_bytes(std::string_view text) {
  constexpr std::size_t digits_max = 6;
  if (text.size() < 2 || text[0] != '\\') return 0;
  if (text[1] == 'n' || text[1] == 't' || text[1] == 'r') return 2;
  if ((text[1] != 'u' && text[1] != 'x') || text.size() < 3 || text[2] != '{') return 0;
  std::size_t at = 3;
  while (at < text.size() && at < 3 + digits_max && is_hex(text[at])) ++at;
  return at < text.size() && at > 3 && text[at] == '}' ? at + 1 : 0;
}

struct Unit {
  std::size_t bytes;
  std::size_t columns;
};

// What must not be cut: an escape or a character.
Unit first_unit(std::string_view text) {
  if (const std::size_t bytes = escape_bytes(text); bytes != 0) return {bytes, bytes};
  const CodePoint point = first_code_point(text);
  return {point.bytes, point.value < 0 ? 1 : columns_of(point.value)};
}

}  // namespace

std::string printable(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (Escaper escaper{text}; !escaper.done();) escaper.next(out);
  return out;
}

std::string printable_cut(std::string_view text, std::size_t columns) {
  if (columns == 0) return {};  // Not even marks, which take none.
  std::string out;
  std::size_t used = 0;
  for (Escaper escaper{text}; !escaper.done() && used <= columns;) used += escaper.next(out);
  return used <= columns ? out : cut(out, columns);
}

std::size_t display_width(std::string_view printable_text) {
  std::size_t columns = 0;
  while (!printable_text.empty()) {
    const Unit unit = first_unit(printable_text);
    columns += unit.columns;
    printable_text.remove_prefix(unit.bytes);
  }
  return columns;
}

std::string cut(std::string_view printable_text, std::size_t columns) {
  if (columns == 0) return {};
  std::size_t used = 0;
  std::size_t kept_bytes = 0;  // as long as there is still room for the mark of the cut
  for (std::size_t at = 0; at < printable_text.size();) {
    const Unit unit = first_unit(printable_text.substr(at));
    used += unit.columns;
    at += unit.bytes;
    if (used < columns) kept_bytes = at;
    if (used > columns) return std::string{printable_text.substr(0, kept_bytes)} + "…";
  }
  return std::string{printable_text};
}

}  // namespace agentstore::formats
