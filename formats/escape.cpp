#include "formats/escape.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "formats/code_points.hpp"
#include "formats/plain_text.hpp"

namespace agentstore::formats {
namespace {

// More marks than any script stacks on one character would climb over the lines above.
constexpr std::size_t marks_max = 8;

class Escaper {
 public:
  explicit Escaper(std::string_view text) : rest_{text} {}

  bool done() const { return rest_.empty(); }

  // Writes the next character, or its escape, or as many plain characters as fit in `columns_max`;
  // gives the columns that they take.
  std::size_t next(std::string& out, std::size_t columns_max) {
    if (const std::size_t plain = plain_bytes(rest_.substr(0, columns_max)); plain > 0) {
      out += rest_.substr(0, plain);
      rest_.remove_prefix(plain);
      marks_ = 0;
      return plain;
    }
    return next_character(out);
  }

 private:
  std::size_t next_character(std::string& out) {
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

struct Size {
  std::size_t bytes = 0;
  std::size_t columns = 0;
};

// What must not be cut: an escape or a character.
Size first_unit(std::string_view text) {
  if (const std::size_t bytes = escape_bytes(text); bytes != 0) return {bytes, bytes};
  const CodePoint point = first_code_point(text);
  return {point.bytes, point.value < 0 ? 1 : columns_of(point.value)};
}

// As much of `text` as `columns` can hold, and no unit cut.
Size fitting(std::string_view text, std::size_t columns) {
  Size fits;
  while (fits.bytes < text.size()) {
    const std::string_view rest = text.substr(fits.bytes);
    const std::size_t left = columns - fits.columns;
    const std::size_t plain = plain_bytes(rest.substr(0, left));
    const Size next = plain > 0 ? Size{plain, plain} : first_unit(rest);
    if (next.columns > left) break;
    fits.bytes += next.bytes;
    fits.columns += next.columns;
  }
  return fits;
}

}  // namespace

std::string printable(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (Escaper escaper{text}; !escaper.done();) escaper.next(out, text.size());
  return out;
}

std::string printable_cut(std::string_view text, std::size_t columns) {
  if (columns == 0) return {};  // Not even marks, which take none.
  std::string out;
  out.reserve(std::min(text.size(), 2 * columns));
  std::size_t used = 0;
  for (Escaper escaper{text}; !escaper.done() && used <= columns;) {
    used += escaper.next(out, columns - used + 1);
  }
  return used <= columns ? out : cut(out, columns);
}

std::size_t display_width(std::string_view printable_text) {
  return fitting(printable_text, std::string_view::npos).columns;
}

std::string cut(std::string_view printable_text, std::size_t columns) {
  if (columns == 0) return {};
  // As long as there is still room for the mark of the cut.
  const Size kept = fitting(printable_text, columns - 1);
  const std::string_view rest = printable_text.substr(kept.bytes);
  if (fitting(rest, columns - kept.columns).bytes == rest.size())
    return std::string{printable_text};
  return std::string{printable_text.substr(0, kept.bytes)}.append("…");
}

}  // namespace agentstore::formats
