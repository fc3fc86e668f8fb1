// Drafts from a list of members, so that nobody has to put JSON text together by hand:
//
//   store.append(id, draft_of("tool_called", {{"tool", "search"}, {"tries", 3},
//                                             {"args", json::object({{"q", "flights"}})}}));

#pragma once

#include <concepts>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>

#include "agentstore/decimal.hpp"
#include "agentstore/event.hpp"

namespace agentstore {
namespace json {

/// A JSON value that was made of a value of ours; owns its text.
class Token {
 public:
  Token(std::nullptr_t) : text_("null") {}
  Token(bool value) : text_(value ? "true" : "false") {}
  template <std::integral Integer>
  Token(Integer value) : text_(std::to_string(value)) {}
  /// The shortest text that reads back as the same double; `null` where it is not finite.
  Token(double value);
  /// Every digit, exactly.
  Token(const Decimal& value);
  /// A string: escaped, invalid UTF-8 as U+FFFD.
  Token(std::string_view text);
  Token(const char* text) : Token(std::string_view{text}) {}
  Token(const std::string& text) : Token(std::string_view{text}) {}

  /// JSON text as it is; an append refuses it where it is none.
  static Token raw(std::string json);

  const std::string& text() const { return text_; }

 private:
  Token() = default;
  std::string text_;
};

struct Member {
  std::string_view key;
  Token value;
};

/// An object of these members, in their order. Keys are not compared: an append refuses double
/// ones.
Token object(std::initializer_list<Member> members);
Token array(std::initializer_list<Token> values);

}  // namespace json

/// A draft whose payload is an object of these members.
Draft draft_of(std::string type, std::initializer_list<json::Member> payload);

}  // namespace agentstore
