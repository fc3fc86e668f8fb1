#include "cmd/gates/gate.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "cmd/input/folds.hpp"
#include "cmd/input/read_report.hpp"
#include "cmd/input/selector.hpp"

namespace agentstore::cmd {
namespace {

constexpr std::size_t told_max = 10;
constexpr std::size_t incomplete_max = 1000;
constexpr const char* not_all_read = "not all that was asked for could be read";

std::string place_of(const ReadReport& report, const Finding& finding) {
  return fmt::format("{}:{}: {}", report.log_name, finding.line, finding.message);
}

}  // namespace

formats::Incomplete incomplete_of(const ReadReport& report, std::span<const FoldNote> notes) {
  formats::Incomplete incomplete;
  for (const FoldNote& note : notes)
    if (note.kind == FoldNote::Kind::incomplete) incomplete.events.insert(note.sequence_number);
  for (const Finding& finding : report.findings)
    incomplete.inputs.push_back(place_of(report, finding));
  return incomplete;
}

void Gate::read(const ReadReport& report) {
  ++inputs_;
  const int told = tell_report(context_, report, options_.on_corrupt);
  if (!first_failure_ && told != Status::fine) first_failure_ = told;
  if (report.verdict == Verdict::extract && !context_.common.extract) {
    partial_ = true;
    lacks_as_told(fmt::format("{}: an extract: {} events of its log are not in it", report.log_name,
                              report.absent.events));
  }
  if (report.finding_count == 0) return;
  for (std::string& input : incomplete_of(report, {}).inputs) lacks_as_told(std::move(input));
  if (options_.on_corrupt == OnCorrupt::prefix) return;
  partial_ = true;
}

void Gate::verified(const Verification& verification) {
  ++inputs_;
  events_ += verification.events;
  for (const Finding& finding : verification.findings)
    lacks_as_told(fmt::format("{}:{}: {}", verification.log_name, finding.line, finding.message));
  const Verdict verdict = verification.verdict;
  const bool bad = verdict == Verdict::damaged || verdict == Verdict::lost;
  // What of another tool's transcript could not be read is not damage of a log.
  const bool skipped = bad && std::ranges::all_of(verification.findings, [](const Finding& one) {
                         return one.kind == FindingKind::skipped;
                       });
  if (verdict == Verdict::extract && !context_.common.extract) partial_ = true;
  if (verification.events == 0 && !options_.allow_empty) partial_ = true;
  if (options_.on_corrupt == OnCorrupt::prefix) return;
  if (bad && !skipped && options_.on_corrupt == OnCorrupt::strict) add_failure(Status::finding);
  else if (bad || verdict == Verdict::torn) partial_ = true;
}

void Gate::not_judged(std::string what) {
  partial_ = true;
  lacks_as_told(std::move(what));
}

void Gate::folded(std::span<const FoldNote> notes, std::string_view before) {
  if (tell_notes(context_, notes, Status::fine, before) == Status::fine) return;
  redacted_ = true;
  formats::Incomplete lacked = incomplete_of({}, notes);
  if (before.empty()) incomplete_.events.merge(lacked.events);
  else
    for (const std::uint64_t number : lacked.events)
      lacks_as_told(fmt::format("{}#{}", before, number));
  if (!first_failure_) first_failure_ = Status::incomplete;
}

void Gate::asked(const Subject& subject, const ReadReport& report,
                 const std::vector<FoldNote>& notes) {
  for (const ReadReport& one : subject.reports(report)) read(one);
  for (const auto& [session_id, own] : subject.by_session(notes))
    folded(own, session_id.empty() ? session_id : "session " + session_id + ": ");
}

void Gate::add_failure(int status) {
  if (status == Status::fine) return;
  if (!first_failure_) first_failure_ = status;
  if (status == Status::finding) damaged_ = true;
  else if (status == Status::io_failed) failed_ = true;
  else if (status == Status::incomplete) partial_ = true;
  else misused_ = true;
}

void Gate::lacks(const std::vector<std::string>& what, std::uint64_t count) {
  if (count == 0) return;
  partial_ = true;
  const std::size_t told = std::min(what.size(), told_max);
  for (std::size_t i = 0; i < told; ++i) context_.warn("the answer is incomplete: " + what[i]);
  if (count > told) context_.warn(fmt::format("and {} more of that kind", count - told));
  for (const std::string& one : what) lacks_as_told(one);
}

void Gate::lacks_payloads(std::uint64_t count) {
  if (count == 0) return;
  lacks({fmt::format("redacted payloads that the filter could not look into: {}", count)}, 1);
}

void Gate::lacks_figures(const std::vector<std::string>& what, bool decisive) {
  if (decisive) return lacks(what, what.size());
  for (const std::string& one : what) lacks_as_told(one);
}

void Gate::lacks_files(const std::vector<std::string>& unreadable) {
  for (const std::string& why : unreadable) lacks_as_told(why);
  failed_ = failed_ || !unreadable.empty();
}

void Gate::lacks_as_told(std::string what) {
  if (incomplete_.inputs.size() < incomplete_max) incomplete_.inputs.push_back(std::move(what));
}

void Gate::unmatched(const std::string& what, const std::string& hint) {
  unmatched_ = true;
  context_.note(hint.empty() ? what : what + "; " + hint);
}

int Gate::status(bool held) {
  if (!options_.decides) return first_failure_.value_or(Status::fine);
  if (first_failure_ && (misused_ || inputs_ == 0)) return *first_failure_;
  if (inputs_ == 0 && failed_) return Status::io_failed;
  if (damaged_) return Status::finding;
  const bool empty_counts = options_.allow_empty;
  if (events_ == 0 && !empty_counts)
    return context_.cannot_judge(partial() ? not_all_read : "there is no event to judge by");
  if (!held) return Status::finding;
  if (partial()) return context_.cannot_judge(not_all_read);
  if (unmatched_ && !empty_counts)
    return context_.cannot_judge("nothing has some of what was asked for");
  return Status::fine;
}

int Gate::status_of_search(bool found) {
  if (first_failure_ && (misused_ || inputs_ == 0)) return *first_failure_;
  if (damaged_) return Status::finding;
  if (partial()) return context_.cannot_judge(not_all_read);
  return found ? Status::fine : Status::finding;
}

}  // namespace agentstore::cmd
