// Two answers to one message: whether they say the same and call the same tools, and what differs.
//
// Compared are texts by their words, and calls by tool, arguments and result, of which generated
// ids and times do not count (as in diff.hpp). Calls that were in flight together are a set.

#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "agentstore/analysis/turns.hpp"
#include "agentstore/result.hpp"

namespace agentstore {

enum class TurnVerdict {
  same,      ///< the texts are equal but for white space, and so are the calls
  reworded,  ///< the same numbers and, of the words of both, four fifths or more in common
  changed,   ///< the text says something else
  tool_calls_changed,  ///< other calls, other results, or another order
  error,               ///< the answer ended in an error
};
inline constexpr std::size_t turn_verdicts = 5;
/// "tool_calls_changed"
std::string_view turn_verdict_name(TurnVerdict verdict);

struct TurnRules {
  /// JSON pointers (RFC 6901) of what does not count, in calls (/args/limit) and in the payloads of
  /// results (/result/score).
  std::vector<std::string> ignored = {};
  /// Texts are the same where their words are, in this order, without case and punctuation.
  bool by_words = false;
};

/// Calls of which the other answer has no equal one: places in `calls` of the turns.
struct CallDifference {
  std::vector<std::size_t> missing;
  std::vector<std::size_t> added;
};

class TurnComparer {
 public:
  /// Errors: invalid, naming the pointer.
  static Result<TurnComparer> make(const TurnRules& rules);
  TurnComparer(TurnComparer&&) noexcept;
  TurnComparer& operator=(TurnComparer&&) noexcept;
  ~TurnComparer();

  /// What `answer` is, held against `recorded`.
  TurnVerdict compare(const Turn& recorded, const Turn& answer) const;
  /// Both empty where the calls are equal, or differ in their order alone.
  CallDifference calls(const Turn& recorded, const Turn& answer) const;

 private:
  struct Impl;
  explicit TurnComparer(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

/// A piece of two texts: what both have, or one alone. White space is one blank.
struct WordChange {
  enum class Kind { both, removed, added };
  Kind kind = Kind::both;
  std::string text;
};
/// The words of `from` and `to`, aligned, in order. Of texts that are far apart there may be fewer
/// in common than there could be.
std::vector<WordChange> word_changes(std::string_view from, std::string_view to);

/// Whether two texts have the same numbers and, of the words that either has, at least `share` in
/// common. A word: letters, digits and what is beyond ASCII; the case of ASCII letters does not
/// count. A number: digits, with points or commas within and a sign before them.
bool is_reworded(std::string_view from, std::string_view to, double share = 0.8);
/// Whether the words of two texts are equal, in their order.
bool same_words(std::string_view a, std::string_view b);
/// Whether two texts are equal but for white space.
bool same_but_for_space(std::string_view a, std::string_view b);

}  // namespace agentstore
