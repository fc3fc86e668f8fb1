#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <iterator>

#include "agentstore/json.hpp"
#include "formats/text/code_points.hpp"
#include "formats/text/escape.hpp"

namespace agentstore::formats {
namespace {

void append_json_escape(std::string& out, std::int32_t point) {
  const auto to = std::back_inserter(out);
  if (point < 0x10000) {
    fmt::format_to(to, "\\u{:04x}", point);
  } else {
    const std::int32_t offset = point - 0x10000;
    fmt::format_to(to, "\\u{:04x}\\u{:04x}", 0xD800 + (offset >> 10), 0xDC00 + (offset & 0x3FF));
  }
}

// The bytes of an escape of a character beyond ASCII, both halves of a pair; 0 where there is none.
std::size_t wide_escape_bytes(std::string_view json) {
  const auto unit_at = [&](std::size_t at) -> unsigned {
    unsigned unit = 0;
    if (json.size() < at + 6 || json[at] != '\\' || json[at + 1] != 'u') return 0;
    const char* const digits = json.data() + at + 2;
    const auto [end, error] = std::from_chars(digits, digits + 4, unit, 16);
    return error == std::errc{} && end == digits + 4 ? unit : 0;
  };
  const unsigned first = unit_at(0);
  if (first < 0x80) return 0;
  if (first < 0xD800 || first > 0xDFFF) return 6;
  const unsigned second = unit_at(6);
  return first < 0xDC00 && second >= 0xDC00 && second <= 0xDFFF ? 12 : 0;
}

// Behind the string that starts at `at`.
std::size_t string_end(std::string_view json, std::size_t at) {
  for (++at; at < json.size() && json[at] != '"'; ++at) {
    if (json[at] == '\\') ++at;
  }
  return at < json.size() ? at + 1 : json.size();
}

class Indenter {
 public:
  explicit Indenter(std::string& out) : out_{out} {}

  void text(std::string_view token) { out_ += token; }

  void mark(char c, bool closes_empty) {
    const bool closes = c == '}' || c == ']';
    if (closes) --depth_;
    if (closes && !closes_empty) new_line();
    out_ += c;
    if (c == ':') out_ += ' ';
    if (c == ',') new_line();
  }

  void open(char c, bool is_empty) {
    out_ += c;
    ++depth_;
    if (!is_empty) new_line();
  }

 private:
  void new_line() {
    // Deeper levels share a column: depth 10,000 would cost a gigabyte of blanks.
    constexpr std::size_t indent_max = 64;
    out_ += '\n';
    out_.append(2 * std::min(depth_, indent_max), ' ');
  }

  std::string& out_;
  std::size_t depth_ = 0;
};

}  // namespace

std::string printable_value(std::string_view json, std::size_t columns) {
  constexpr std::size_t character_bytes_max = 48;  // a pair of escapes, and three marks like it
  const std::string_view head = json.substr(0, character_bytes_max * (columns + 1));
  std::string text;
  for (std::size_t at = 0; at < head.size();) {
    if (head[at] != '\\') {
      text += head[at++];
    } else if (const std::size_t bytes = wide_escape_bytes(head.substr(at)); bytes > 0) {
      text += json::text_of('"' + std::string{head.substr(at, bytes)} + '"');
      at += bytes;
    } else {
      text += head.substr(at, 2);
      at += 2;
    }
  }
  return printable_cut(text, columns);
}

std::string printable_json(std::string_view json) {
  std::string out;
  out.reserve(json.size());
  while (!json.empty()) {
    const CodePoint point = first_code_point(json);
    const bool space = json.front() == '\n';  // Ours: the text's own strings hold no raw control.
    if (point.value == '#' && starts_runner_command(json)) {
      out += "#\\u0023";
      json.remove_prefix(2);
      continue;
    }
    if (point.value < 0) out += "\\ufffd";
    else if (!space && is_unprintable(point.value)) append_json_escape(out, point.value);
    else out += json.substr(0, point.bytes);
    json.remove_prefix(point.bytes);
  }
  return out;
}

std::string pretty_json(std::string_view json) {
  std::string out;
  Indenter indenter{out};
  char last = ' ';
  for (std::size_t at = 0; at < json.size();) {
    const char c = json[at];
    std::size_t next = at + 1;
    if (c == '"') {
      next = string_end(json, at);
      indenter.text(json.substr(at, next - at));
    } else if (c == '{' || c == '[') {
      std::size_t inside = next;
      while (inside < json.size() && json::is_space(json[inside])) ++inside;
      const bool is_empty = inside < json.size() && (json[inside] == '}' || json[inside] == ']');
      indenter.open(c, is_empty);
    } else if (c == '}' || c == ']' || c == ',' || c == ':') {
      indenter.mark(c, last == '{' || last == '[');
    } else if (!json::is_space(c)) {
      indenter.text(json.substr(at, 1));
    }
    if (!json::is_space(c)) last = c;
    at = next;
  }
  return out;
}

}  // namespace agentstore::formats
