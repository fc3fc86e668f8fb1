// Results: what the world can refuse is a value, not an exception.
// Every fallible call of the library returns Result<T>; a bug of ours is an assert.
//
// The library throws nothing of its own, but for std::bad_alloc. What a callback throws (a
// projection, a filter's predicate, a part, a reducer, a command handler, on_notice) reaches the
// caller of the library, from whichever thread it ran in, and nothing is left locked:
//
//   - A call that reads gives nothing then. A reader whose predicate threw may have passed events
//     over, and refuses to go on with Code::closed: open another.
//   - A call that writes throws only before anything was stored. What is thrown after that, by a
//     projection that is saved as a snapshot or by on_notice, never makes what is durable look
//     failed: of the projection on_notice is told, and what on_notice throws is dropped.

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

/// What would help, where the library has a call for it: a program can offer its own way to that.
enum class Remedy {
  none,
  verify,       ///< Store::verify says what is wrong
  salvage,      ///< RepairOptions::salvage rescues what can be read
  accept_loss,  ///< RepairOptions::accept_loss goes on without what is gone
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
  Remedy remedy = Remedy::none;

  static constexpr std::size_t npos = static_cast<std::size_t>(-1);
};

/// A value, or why there is none. The compiler warns of one that is thrown away.
template <class T>
class [[nodiscard]] Result : public std::expected<T, Error> {
 public:
  using std::expected<T, Error>::expected;
};

/// Shorthand for a refusal: `return fail(Code::invalid, "...")`.
inline std::unexpected<Error> fail(Code code, std::string message, std::string hint = {},
                                   Remedy remedy = Remedy::none) {
  return std::unexpected<Error>{
      Error{code, std::move(message), std::move(hint), Error::npos, remedy}};
}

}  // namespace agentstore
