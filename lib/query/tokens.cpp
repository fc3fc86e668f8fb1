#include "query/tokens.hpp"

#include <algorithm>

#include "agentstore/json.hpp"
#include "base/ascii.hpp"

namespace agentstore {
namespace {

constexpr std::size_t shown_bytes_max = 40;

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
bool is_name_start(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' ||
         static_cast<unsigned char>(c) >= 0x80;
}
bool is_name_part(char c) {
  return is_name_start(c) || is_digit(c);
}

/// What stands between quotes; a quote inside is written twice.
Result<std::string> quoted(std::string_view text, std::size_t& at) {
  const std::size_t start = at;
  const char quote = text[at++];
  std::string value;
  for (; at < text.size(); ++at) {
    if (text[at] == quote) {
      ++at;
      if (at == text.size() || text[at] != quote) return value;
    }
    value += text[at];
  }
  return refuse_at(text, start,
                   quote == '"' ? "this name is not closed" : "this text is not closed");
}

void skip_digits(std::string_view text, std::size_t& at) {
  while (at < text.size() && is_digit(text[at])) ++at;
}

Result<Token> number(std::string_view text, std::size_t& at) {
  const std::size_t start = at;
  skip_digits(text, at);
  if (at + 1 < text.size() && text[at] == '.' && is_digit(text[at + 1])) skip_digits(text, ++at);
  if (at < text.size() && (text[at] == 'e' || text[at] == 'E')) {
    std::size_t digits = at + 1;
    if (digits < text.size() && (text[digits] == '+' || text[digits] == '-')) ++digits;
    if (digits < text.size() && is_digit(text[digits])) skip_digits(text, at = digits);
  }
  if (at < text.size() && (is_name_part(text[at]) || text[at] == '.'))
    return refuse_at(text, start, "this is not a number; write it like 12, 0.5 or 1e-6");
  return Token{Token::Kind::number, std::string{text.substr(start, at - start)}, start};
}

/// What people write who think of another language.
const char* advice_on(std::string_view rest) {
  if (rest.starts_with("--") || rest.starts_with("/*")) return "comments are not read";
  switch (rest.front()) {
    case ';': return "there is one expression, without a semicolon";
    case '&': return "write AND";
    case '|': return "write OR, or || to join texts";
    case '!': return "write NOT, or != for unequal";
    case '?':
    case ':':
    case '@':
    case '$': return "there are no parameters";
    case '.':
    case '[':
    case '`': return "a name with other signs than letters, digits and _ stands in double quotes";
    default: return "this sign has no meaning here";
  }
}

Result<Token> sign(std::string_view text, std::size_t& at) {
  const auto rest = text.substr(at);
  for (const char* const known : {"||", "==", "<>", "!=", "<=", ">=", "<", ">", "=", "(", ")", ",",
                                  "+", "-", "*", "/", "%"}) {
    if (!rest.starts_with(known) || rest.starts_with("--") || rest.starts_with("/*")) continue;
    Token token{Token::Kind::sign, known, at};
    at += token.value.size();
    return token;
  }
  return refuse_at(text, at, advice_on(rest));
}

}  // namespace

bool Token::is_word(std::string_view word) const {
  return kind == Kind::name && same_folded(value, word);
}

std::unexpected<Error> refuse_at(std::string_view text, std::size_t offset_bytes,
                                 const std::string& why) {
  const auto before = text.substr(0, offset_bytes);
  const auto characters = std::ranges::count_if(
      before, [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; });
  const auto is_inside = [&](std::size_t at) {
    return (static_cast<unsigned char>(text[at]) & 0xC0) == 0x80;
  };
  std::size_t end = std::min(offset_bytes + shown_bytes_max, text.size());
  while (end > offset_bytes && end < text.size() && is_inside(end)) --end;
  std::string shown{text.substr(offset_bytes, end - offset_bytes)};
  if (end < text.size()) shown += "…";
  return fail(Code::invalid, "cannot read the expression at character " +
                                 std::to_string(characters + 1) + ", " +
                                 (shown.empty() ? "its end" : '"' + shown + '"') + ": " + why);
}

Result<Token> next_token(std::string_view text, std::size_t& offset_bytes) {
  std::size_t& at = offset_bytes;
  while (at < text.size() && json::is_space(text[at])) ++at;
  if (at == text.size()) return Token{Token::Kind::end, {}, at};
  const std::size_t start = at;
  const char first = text[at];
  if (is_digit(first)) return number(text, at);
  if (first == '"' || first == '\'') {
    auto value = quoted(text, at);
    if (!value) return std::unexpected{value.error()};
    return Token{first == '"' ? Token::Kind::quoted_name : Token::Kind::text, std::move(*value),
                 start};
  }
  if (!is_name_start(first)) return sign(text, at);
  while (at < text.size() && is_name_part(text[at])) ++at;
  return Token{Token::Kind::name, std::string{text.substr(start, at - start)}, start};
}

}  // namespace agentstore
