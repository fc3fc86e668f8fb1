#include "formats/fields.hpp"

#include <algorithm>

#include "agentstore/decimal.hpp"
#include "agentstore/json.hpp"
#include "formats/escape.hpp"

namespace agentstore::formats {
namespace {

// An object of more members than a person would read is looked at as far as this.
constexpr std::size_t members_max = 512;
constexpr std::size_t members_usual = 8;
constexpr int content_depth_max = 6;

// As much of a string token as fills `columns`, and a byte that stands for its closing quote. What
// is ASCII takes a column or more; escapes are not counted.
std::string_view filling(std::string_view token, std::size_t columns) {
  constexpr std::size_t ahead_max = 64;  // what tells a runner's command is looked at, too
  std::size_t left = columns + ahead_max;
  for (std::size_t at = 1; at + 1 < token.size(); ++at) {
    if (token[at] == '\\') at += token[at + 1] == 'u' ? 5 : 1;
    else if (static_cast<unsigned char>(token[at]) < 0x80 && left-- == 0)
      return token.substr(0, at + 1);
  }
  return token;
}

bool is_bare(std::string_view text) {
  return !text.empty() && !text.contains(' ') && !text.contains('"');
}

void append_words(std::string& out, std::string_view content, std::size_t columns, int depth) {
  if (depth > content_depth_max || out.size() > bytes_for(columns)) return;
  switch (json::kind_of(content)) {
    case json::Kind::string:
      if (!out.empty()) out += ' ';
      out += text_head(content, columns);
      break;
    case json::Kind::array:
      for (json::Walk walk{content}; walk.next() && out.size() <= bytes_for(columns);) {
        append_words(out, walk.value(), columns, depth + 1);
      }
      break;
    case json::Kind::object: {
      const Fields fields{content};
      const auto inner = fields.find({"content", "text", "message", "parts", "value"});
      if (inner) append_words(out, *inner, columns, depth + 1);
      break;
    }
    default: break;
  }
}

}  // namespace

Fields::Fields(std::string_view object) {
  if (object.empty() || json::kind_of(object) != json::Kind::object) return;
  members_.reserve(members_usual);
  for (json::Walk walk{object}; members_.size() < members_max && walk.next();) {
    members_.emplace_back(walk.key(), walk.value());
  }
}

std::optional<std::string_view> Fields::find(std::initializer_list<std::string_view> names) const {
  for (const std::string_view name : names) {
    // Of members of one name the last counts, as for Go.
    for (auto member = members_.rbegin(); member != members_.rend(); ++member) {
      const std::string_view key = member->first.substr(1, member->first.size() - 2);
      if (key != name) continue;
      if (json::kind_of(member->second) == json::Kind::null) break;
      return member->second;
    }
  }
  return std::nullopt;
}

std::size_t bytes_for(std::size_t columns) {
  // A character, eight marks on it, each twelve bytes as a pair of escapes; and some to see that
  // there is more.
  return columns * 112 + 256;
}

std::string text_head(std::string_view value, std::size_t columns) {
  const std::string_view head = value.substr(0, bytes_for(columns));
  if (json::kind_of(value) != json::Kind::string) return std::string{head};
  // The last byte stands for the closing quote. An escape that this cuts is read to its end, which
  // lies in `value`; what it gives is never shown.
  return json::text_of(filling(head, columns));
}

std::string words_of(std::string_view content, std::size_t columns) {
  std::string out;
  append_words(out, content, columns, 0);
  return out;
}

std::string value_text(std::string_view value, std::size_t columns) {
  const std::string text = text_head(value, columns);
  if (json::kind_of(value) != json::Kind::string) return printable_cut(text, columns);
  // A blank behind what is shown counts, too.
  const bool bare = is_bare(text) && is_bare(json::text_of(value.substr(0, bytes_for(columns))));
  return bare ? printable_cut(text, columns) : quoted_text(text, columns);
}

std::string quoted_text(std::string_view text, std::size_t columns) {
  if (columns < 3) return printable_cut(text, columns);
  return '"' + printable_cut(text, columns - 2) + '"';
}

std::string money_text(std::string_view number_or_string, std::size_t columns) {
  constexpr std::size_t digits_max = 64;
  const std::string text = text_head(number_or_string, columns);
  if (text.size() < digits_max && text.find_first_of("eE") != std::string::npos) {
    if (const auto number = Decimal::parse(text)) return cut(number->to_string(), columns);
  }
  return printable_cut(text, columns);
}

}  // namespace agentstore::formats
