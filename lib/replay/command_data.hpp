// The data of a command: an object whose members are known, each of its kind.

#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "agentstore/decimal.hpp"
#include "agentstore/result.hpp"

namespace agentstore {

struct CommandMember {
  std::string_view name;
  enum class Kind { amount, text } kind = Kind::text;
  bool required = false;
};

/// Views into the text that it was read from, which has to be JSON.
class CommandData {
 public:
  /// Errors: invalid (no JSON, no object, an unknown or missing member, one of another kind),
  /// conflict (an amount that is not positive, or out of bounds).
  static Result<CommandData> read(std::string_view command, std::string_view text,
                                  std::span<const CommandMember> members);

  /// The token, as it was written.
  std::optional<std::string_view> token(std::string_view member) const;
  std::optional<std::string> text(std::string_view member) const;
  /// Of a member that was read as an amount and is there.
  Decimal amount(std::string_view member) const;

 private:
  explicit CommandData(std::string_view text) : text_(text) {}
  std::string_view text_;
};

}  // namespace agentstore
