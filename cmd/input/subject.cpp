#include "cmd/input/subject.hpp"

#include <utility>

#include "cmd/input/find_event.hpp"
#include "cmd/input/read_report.hpp"
#include "cmd/input/views.hpp"

namespace agentstore::cmd {

Result<bool> asks_for_several(const Context& context, const std::string& session, bool all) {
  const bool several = all || !context.common.labels.empty();
  if (session.empty() == several) return several;
  return fail(
      Code::invalid,
      several ? "a session and --all, --label or --project are given" : "no session is named",
      "give its id or name, or @ for the newest, or --all; `agentstore sessions` lists what is "
      "there");
}

Result<Subject> Subject::choose(Selector& selector, const std::string& word, OnCorrupt on_corrupt) {
  Subject subject;
  if (word.empty()) {
    auto inputs = selector.several();
    if (!inputs) return std::unexpected{inputs.error()};
    subject.inputs_ = std::move(*inputs);
    auto several = SessionsHistory::read(subject.inputs_, on_corrupt);
    if (!several) return std::unexpected{several.error()};
    subject.several_ = std::move(*several);
    subject.history_ = subject.several_->history();
    return subject;
  }
  auto chosen = selector.choose(word);
  if (!chosen) return std::unexpected{chosen.error()};
  auto history = (*chosen)->history();
  if (!history) return std::unexpected{cmd::with_advice(history.error(), **chosen)};
  subject.inputs_.push_back(std::move(*chosen));
  subject.history_ = std::move(*history);
  return subject;
}

std::optional<formats::SeveralSessions> Subject::several() const {
  if (!several_) return std::nullopt;
  return formats::SeveralSessions{.count = inputs_.size(), .name = [this](std::uint64_t number) {
                                    return several_->name_of(number);
                                  }};
}

Result<std::uint64_t> Subject::find(std::string_view word) const {
  return several_ ? several_->find(word) : find_event(history_, word);
}

formats::EventName Subject::event(std::uint64_t number) const {
  if (several_) return several_->name_of(number);
  return {history_.session_id, number};
}

Result<std::vector<ProjectionFactory>> Subject::folds(const std::vector<std::string>& names,
                                                      const Ledger& ledger) const {
  auto makers = factories_of(names, ledger, history_.labels);
  return makers && several_ ? several_->folds(*makers) : makers;
}

std::vector<ReadReport> Subject::reports(const ReadReport& of_one) const {
  if (!several_) return {of_one};
  const auto each = several_->reports();
  return {each.begin(), each.end()};
}

std::map<std::string, std::vector<FoldNote>> Subject::by_session(
    const std::vector<FoldNote>& notes) const {
  if (!several_) return {{std::string{}, notes}};
  std::map<std::string, std::vector<FoldNote>> sorted;
  for (const FoldNote& note : notes) {
    auto [session_id, number] = several_->name_of(note.sequence_number);
    sorted[session_id].push_back(note);
    sorted[session_id].back().sequence_number = number;
  }
  return sorted;
}

Error Subject::with_advice(Error error) const {
  return several_ ? std::move(error) : cmd::with_advice(std::move(error), *inputs_.front());
}

}  // namespace agentstore::cmd
