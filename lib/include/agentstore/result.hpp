// Results: what the world can refuse is a value, not an exception.
// Every fallible call of the library returns Result<T>; a bug of ours is an assert.

#pragma once

#include <cstddef>
#include <expected>
#include <string>
#include <utility>

namespace agentstore {

/// Why a call was refused; a caller can act on it. Values are stable and never reused.
enum class Code {
  invalid = 1,      ///< rejected input: a bad id, type, payload, option
  not_found = 2,    ///< no such store, session or event
  conflict = 3,     ///< it exists already, or the expected version moved on
  io = 4,           ///< the system said no: permission, no space, a failed write or sync
  busy = 5,         ///< another writer kept the lock for too long; worth trying again
  corrupt = 6,      ///< stored bytes are damaged
  unsupported = 7,  ///< a newer format, or something that this backend cannot do
  closed = 8,       ///< the store was closed, or its process forked
  overflow = 9,     ///< a number that cannot be held exactly
};

/// What was attempted, where, and why it failed: lower case, no full stop. The message may quote
/// log content: escape it before it reaches a terminal.
struct Error {
  Code code = Code::invalid;
  std::string message;
  /// What to do about it; may be empty.
  std::string hint = {};
  /// The draft that was refused, counted from 0, where one was.
  std::size_t draft_index = npos;

  static constexpr std::size_t npos = static_cast<std::size_t>(-1);
};

template <class T>
using Result = std::expected<T, Error>;

/// Shorthand for a refusal: `return fail(Code::invalid, "...")`.
inline std::unexpected<Error> fail(Code code, std::string message, std::string hint = {}) {
  return std::unexpected<Error>{Error{code, std::move(message), std::move(hint)}};
}

}  // namespace agentstore
