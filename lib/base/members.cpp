#include "agentstore/members.hpp"

#include <charconv>
#include <cmath>

#include "agentstore/json.hpp"

namespace agentstore {
namespace json {

Token::Token(double value) : text_("null") {
  if (!std::isfinite(value)) return;
  char buffer[32];
  const auto [end, status] = std::to_chars(buffer, buffer + sizeof buffer, value);
  text_.assign(buffer, end);
}

Token::Token(const Decimal& value) : text_(value.to_string()) {}

Token::Token(std::string_view text) {
  append_quoted(text_, text);
}

Token Token::raw(std::string json) {
  Token token;
  token.text_ = std::move(json);
  return token;
}

Token object(std::initializer_list<Member> members) {
  std::string text = "{";
  for (const Member& member : members) {
    if (text.size() > 1) text += ',';
    append_quoted(text, member.key);
    text += ':' + member.value.text();
  }
  return Token::raw(text + '}');
}

Token array(std::initializer_list<Token> values) {
  std::string text = "[";
  for (const Token& value : values) {
    if (text.size() > 1) text += ',';
    text += value.text();
  }
  return Token::raw(text + ']');
}

}  // namespace json

Draft draft_of(std::string type, std::initializer_list<json::Member> payload) {
  return {.type = std::move(type), .payload = json::object(payload).text()};
}

}  // namespace agentstore
