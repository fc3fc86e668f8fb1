// Gates: a decision (--assert, --fail-on, -q, whether two sessions are alike), and how complete was
// what it is made from. A command that decides tells its gate of everything that it reads, and ends
// with the gate's exit status; one that does not decide may do the same.

#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "agentstore/projection.hpp"
#include "agentstore/reader.hpp"
#include "agentstore/verification.hpp"
#include "cmd/context.hpp"
#include "cmd/input/subject.hpp"
#include "formats/text/incomplete.hpp"

namespace agentstore::cmd {

struct GateOptions {
  bool decides = true;  ///< off: incomplete inputs are told, and change no exit status
  OnCorrupt on_corrupt = OnCorrupt::strict;  ///< prefix: what comes before damage is enough
  bool allow_empty = false;                  ///< a decision about nothing is one, too
};

/// What one log's answer lacks.
formats::Incomplete incomplete_of(const ReadReport& report, std::span<const FoldNote> notes);

class Gate {
 public:
  Gate(Context& context, const GateOptions& options) : context_{context}, options_{options} {}

  /// A log was read to its end: says what its reader learned.
  void read(const ReadReport& report);
  /// The same of a log that was verified, its events counted. Says nothing: whoever answers does.
  void verified(const Verification& verification);
  /// Something of the question was not judged, as whoever answers says.
  void not_judged(std::string what);
  /// Says what folds noticed; payloads that they needed may be redacted. `before` is put before
  /// each note: of several sessions, whose it is.
  void folded(std::span<const FoldNote> notes, std::string_view before = {});
  /// The same of what a question was about. `report`: of a reader of its history.
  void asked(const Subject& subject, const ReadReport& report, const std::vector<FoldNote>& notes);
  /// Says that an input could not be read, or could not be read on.
  void failed(const Error& error) { add_failure(context_.refuse(error)); }
  /// An exit status of something that was said already; `fine` is nothing.
  void add_failure(int status);
  /// Something is missing from the answer: `count` things, of which the first are here. Says it.
  void lacks(const std::vector<std::string>& what, std::uint64_t count);
  /// Payloads that a filter had to look into, and are redacted. Says it.
  void lacks_payloads(std::uint64_t count);
  /// What may be missing from a figure: of no weight where `decisive` is false. Says nothing.
  void lacks_figures(const std::vector<std::string>& what, bool decisive);
  /// Files that a selector said it could not read; see Selector::unreadable.
  void lacks_files(const std::vector<std::string>& unreadable);
  /// Events that the decision is about.
  void count(std::uint64_t events) { events_ += events; }
  /// Says that nothing has what was asked for; `hint` may be empty.
  void unmatched(const std::string& what, const std::string& hint);

  bool any_failure() const { return first_failure_.has_value(); }
  /// The same, where it was said already.
  void nothing_to_judge() { unmatched_ = true; }

  /// What is missing from the answer.
  const formats::Incomplete& incomplete() const { return incomplete_; }

  /// The exit status, where `held` says what was decided over all that was read. Says so where
  /// nothing could be decided.
  int status(bool held);
  /// That of a search as grep has it; nothing found is a finding.
  int status_of_search(bool found);

 private:
  void lacks_as_told(std::string what);
  /// Whether some of what was asked for was not read.
  bool partial() const { return partial_ || redacted_ || failed_; }

  Context& context_;
  GateOptions options_;
  formats::Incomplete incomplete_;
  std::optional<int> first_failure_;
  std::uint64_t events_ = 0;
  std::uint64_t inputs_ = 0;
  bool damaged_ = false;
  bool misused_ = false;   // an input that is not there, or is not one
  bool failed_ = false;    // an input could not be read
  bool partial_ = false;   // torn, lines skipped, usage unread
  bool redacted_ = false;  // a payload that was needed
  bool unmatched_ = false;
};

}  // namespace agentstore::cmd
