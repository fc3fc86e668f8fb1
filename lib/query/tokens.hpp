// Tokens: the words of an SQL expression.

#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "agentstore/result.hpp"

namespace agentstore {

struct Token {
  enum class Kind { end, number, text, name, quoted_name, sign };
  Kind kind = Kind::end;
  std::string value;  ///< quotes removed
  std::size_t offset_bytes = 0;

  bool is_sign(std::string_view sign) const { return kind == Kind::sign && value == sign; }
  /// Whether it is this word, written in capitals or not.
  bool is_word(std::string_view word) const;
};

/// Why an expression was refused, and where.
std::unexpected<Error> refuse_at(std::string_view text, std::size_t offset_bytes,
                                 const std::string& why);

/// The token that starts at or after `offset_bytes`, which moves behind it. Errors: invalid.
Result<Token> next_token(std::string_view text, std::size_t& offset_bytes);

}  // namespace agentstore
