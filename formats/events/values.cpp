#include "formats/events/values.hpp"

#include <algorithm>
#include <optional>
#include <string>

#include "agentstore/decimal.hpp"
#include "formats/events/fields.hpp"

namespace agentstore::formats {
namespace {

constexpr int content_depth_max = 6;

// Writes what `write` adds between quotes, where there is room for them.
template <class Write>
void add_in_quotes(Line& line, std::size_t columns, Write&& write) {
  if (columns < 3) {
    write(columns);
    return;
  }
  line.add("\"");
  write(columns - 2);
  line.add("\"");
}

// Texts with blanks between them, in so many columns.
class Words {
 public:
  Words(Line& line, std::size_t columns) : line_{line}, start_{line.end()}, columns_{columns} {}

  void add_from(const json::Value& content, int depth = 0) {
    if (depth > content_depth_max || full_) return;
    switch (json::kind_of(content)) {
      case json::Kind::string: add(content); break;
      case json::Kind::array:
        for (json::Walk walk{content}; !full_ && walk.next();) add_from(walk.value(), depth + 1);
        break;
      case json::Kind::object: {
        const auto inner = Fields{content}.find({"content", "text", "message", "parts", "value"});
        if (inner) add_from(*inner, depth + 1);
        break;
      }
      default: break;
    }
  }
  bool found() const { return found_; }

 private:
  void add(std::string_view string) {
    if (found_) line_.add_blanks(1);
    found_ = found_ || string.size() > 2;
    const std::size_t left = columns_ - std::min(columns_, line_.columns_since(start_));
    full_ = !line_.add_text_of(string, std::max<std::size_t>(left, 1));
    full_ = line_.cut(start_, columns_) || full_;
  }

  Line& line_;
  Line::Place start_;
  std::size_t columns_;
  bool found_ = false;
  bool full_ = false;
};

// Whether a string token may stand without quotes. A blank after what is shown counts, too, as far
// as is looked.
bool is_bare(std::string_view token, std::size_t columns) {
  // A character, eight marks on it, each twelve bytes as a pair of escapes.
  const std::size_t bytes_max = columns * 112 + 256;
  const std::string_view body = token.substr(1, std::min(token.size(), bytes_max) - 2);
  if (body.empty() || body.contains(' ')) return false;
  for (std::size_t at = 0; (at = body.find('\\', at)) != body.npos;) {
    const json::Escape escape = json::first_escape(token.substr(1 + at));
    if (escape.code_point == ' ' || escape.code_point == '"') return false;
    at += escape.bytes;
  }
  return true;
}

// The text of a number with an exponent, which may stand in a string.
std::optional<std::string> written_out(std::string_view value) {
  constexpr std::size_t digits_max = 64;
  if (value.size() > 6 * digits_max + 2 || value.find_first_of("eE\\") == value.npos)
    return std::nullopt;
  const bool string = json::kind_of(value) == json::Kind::string;
  const std::string text = string ? json::text_of(value) : std::string{value};
  if (text.size() >= digits_max || text.find_first_of("eE") == text.npos) return std::nullopt;
  const auto number = Decimal::parse(text);
  return number ? std::optional{number->to_string()} : std::nullopt;
}

}  // namespace

bool add_words(Line& line, const json::Value& content, std::size_t columns) {
  bool found = false;
  add_in_quotes(line, columns, [&](std::size_t inside) {
    Words words{line, inside};
    words.add_from(content);
    found = words.found();
  });
  return found;
}

void add_value(Line& line, std::string_view value, std::size_t columns) {
  if (value.starts_with('"') && !is_bare(value, columns)) add_quoted(line, value, columns);
  else line.add_text_of(value, columns);
}

void add_quoted(Line& line, std::string_view value, std::size_t columns) {
  add_in_quotes(line, columns, [&](std::size_t inside) { line.add_text_of(value, inside); });
}

void add_money(Line& line, std::string_view number_or_string, std::size_t columns) {
  if (const auto number = written_out(number_or_string)) line.add_printable(*number, columns);
  else line.add_text_of(number_or_string, columns);
}

}  // namespace agentstore::formats
