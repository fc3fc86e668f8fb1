#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "formats/code_points.hpp"
#include "formats/escape.hpp"

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

bool is_space(char c) {
  return c == ' ' || c == '\t' || c == '\n' || c == '\r';
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
      while (inside < json.size() && is_space(json[inside])) ++inside;
      const bool is_empty = inside < json.size() && (json[inside] == '}' || json[inside] == ']');
      indenter.open(c, is_empty);
    } else if (c == '}' || c == ']' || c == ',' || c == ':') {
      indenter.mark(c, last == '{' || last == '[');
    } else if (!is_space(c)) {
      indenter.text(json.substr(at, 1));
    }
    if (!is_space(c)) last = c;
    at = next;
  }
  return out;
}

}  // namespace agentstore::formats
