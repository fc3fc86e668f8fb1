#include "formats/escape.hpp"

#include <fmt/format.h>

#include <iterator>

#include "agentstore/json.hpp"
#include "formats/code_points.hpp"
#include "formats/plain_text.hpp"

namespace agentstore::formats {
namespace {

// More marks than any script stacks on one character would climb over the lines above.
constexpr std::size_t marks_max = 8;
constexpr std::string_view cut_mark = "…";

// How a text is written: as it is, or as the body of a JSON string.
enum class Form { text, json };

class Escaper {
 public:
  Escaper(std::string_view text, Form form) : rest_{text}, form_{form} {}

  bool done() const { return rest_.empty(); }
  // Whether units of what was written, as `cut` sees them, may have been written by halves.
  bool split() const { return split_; }

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
    const CodePoint point = first(rest_);
    const Look look = point.value < 0 ? Look{} : look_of(point.value);
    marks_ = look.columns == 0 ? marks_ + 1 : 0;

    const std::string_view bytes = rest_.substr(0, point.bytes);
    const bool command = point.value == '#' && starts_command();
    rest_.remove_prefix(point.bytes);
    if (point.value == '\\' || command) split_ = true;
    if (command) {
      rest_.remove_prefix(first(rest_).bytes);
      out += "#\\u{23}";
    } else if (point.value < 0) {
      fmt::format_to(std::back_inserter(out), "\\x{{{:02x}}}",
                     static_cast<unsigned char>(bytes.front()));
    } else if (look.unprintable || marks_ > marks_max) {
      escape(point.value, out);
    } else {
      if (is_escape(bytes)) append_code_point(out, point.value);
      else out += bytes;
      return look.columns;
    }
    return out.size() - before;
  }

  bool is_escape(std::string_view text) const {
    return form_ == Form::json && text.front() == '\\';
  }

  CodePoint first(std::string_view text) const {
    if (!is_escape(text)) return first_code_point(text);
    const json::Escape escape = json::first_escape(text);
    return {static_cast<std::int32_t>(escape.code_point), escape.bytes};
  }

  bool starts_command() const {
    std::string ahead;
    for (std::string_view text = rest_; !text.empty() && ahead.size() < runner_command_bytes_max;) {
      const CodePoint point = first(text);
      if (point.value <= ' ' || point.value >= 0x7F) break;
      ahead += static_cast<char>(point.value);
      text.remove_prefix(point.bytes);
    }
    return starts_runner_command(ahead);
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
  Form form_;
  std::size_t marks_ = 0;
  bool split_ = false;
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

// As much as `columns` can hold; where that is not all, as `cut` would give it.
Appended append_cut(std::string& out, Escaper text, std::size_t columns) {
  if (columns == 0) return {0, text.done()};  // Not even marks, which take none.
  const std::size_t start = out.size();
  std::size_t used = 0;
  Size kept;  // As long as there is still room for the mark of the cut.
  while (!text.done() && used <= columns) {
    used += text.next(out, used + 1 < columns ? columns - 1 - used : 1);
    if (used < columns) kept = {out.size() - start, used};
  }
  if (used <= columns) return {used, true};
  if (text.split()) kept = fitting(std::string_view{out}.substr(start), columns - 1);
  out.resize(start + kept.bytes);
  out += cut_mark;
  return {kept.columns + 1, false};
}

}  // namespace

std::string printable(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (Escaper escaper{text, Form::text}; !escaper.done();) escaper.next(out, text.size());
  return out;
}

Appended append_printable(std::string& out, std::string_view text, std::size_t columns) {
  return append_cut(out, {text, Form::text}, columns);
}

Appended append_printable_string(std::string& out, std::string_view token, std::size_t columns) {
  return append_cut(out, {token.substr(1, token.size() - 2), Form::json}, columns);
}

std::string printable_cut(std::string_view text, std::size_t columns) {
  std::string out;
  append_printable(out, text, columns);
  return out;
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
  return std::string{printable_text.substr(0, kept.bytes)}.append(cut_mark);
}

}  // namespace agentstore::formats
