// What a question is about: a session, or several as one.

#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "agentstore/analysis/whatif.hpp"
#include "cmd/input/selector.hpp"
#include "cmd/input/sessions_history.hpp"
#include "formats/text/event_name.hpp"

namespace agentstore::cmd {

class Subject {
 public:
  /// The session of a word, or without one all that are selected. Errors: those of choosing and of
  /// reading, with advice.
  static Result<Subject> choose(Selector& selector, const std::string& word, OnCorrupt on_corrupt);

  const History& history() const { return history_; }
  const Inputs& inputs() const { return inputs_; }
  bool of_store() const { return inputs_.front()->of_store(); }
  /// Absent: it is one session.
  std::optional<formats::SeveralSessions> several() const;

  /// Errors: as find_event, or SessionsHistory::find.
  Result<std::uint64_t> find(std::string_view word) const;
  /// Of a number of the history.
  formats::EventName event(std::uint64_t number) const;
  /// "#5"; of several "S#5".
  std::string name_of(std::uint64_t number) const { return event_name(history_.name, number); }
  /// Of projections by name. Errors: as projection_named.
  Result<std::vector<ProjectionFactory>> folds(const std::vector<std::string>& names,
                                               const Ledger& ledger) const;
  /// What was learnt of each session; `of_one`: by a reader of the history.
  std::vector<ReadReport> reports(const ReadReport& of_one) const;
  /// What folds noticed, by session; of one session without its name.
  std::map<std::string, std::vector<FoldNote>> by_session(const std::vector<FoldNote>& notes) const;
  Error with_advice(Error error) const;

 private:
  Inputs inputs_;
  std::unique_ptr<SessionsHistory> several_;
  History history_;
};

/// Whether several sessions are asked for. Errors: invalid, where one is, too, or nothing is.
Result<bool> asks_for_several(const Context& context, const std::string& session, bool all);

}  // namespace agentstore::cmd
