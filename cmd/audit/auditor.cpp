#include "cmd/audit/auditor.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <filesystem>
#include <set>
#include <system_error>
#include <utility>

#include "cmd/input/read_report.hpp"
#include "cmd/progress.hpp"
#include "cmd/quoting.hpp"
#include "cmd/time_limit.hpp"
#include "cmd/totals/sql_functions.hpp"
#include "formats/answers/absent.hpp"
#include "formats/answers/verify.hpp"

namespace agentstore::cmd {
namespace {

using formats::AuditFinding;

constexpr std::size_t message_bytes_max = 2000;
constexpr std::size_t fingerprint_digits = 32;
constexpr std::uint64_t rows_max = 1'000'000;
constexpr const char* ends_hint = "does it end? --timeout gives it more";

/// Of what tells a finding from all others, whatever else the log comes to hold.
std::string fingerprint_of(const AuditFinding& finding, const std::string& about,
                           std::uint64_t number) {
  const std::string at =
      finding.sequence_number ? std::to_string(*finding.sequence_number) : std::string{};
  std::string text;
  for (const std::string& part :
       {finding.rule, finding.session_id, at, about, std::to_string(number)})
    text += part + '\0';
  return rule_file({}, text).sha256.substr(0, fingerprint_digits);
}

std::string text_of(const SqlValue& value) {
  if (const auto* const text = std::get_if<std::string_view>(&value)) return std::string{*text};
  if (const auto* const integer = std::get_if<std::int64_t>(&value))
    return std::to_string(*integer);
  if (const auto* const real = std::get_if<double>(&value)) return fmt::format("{}", *real);
  return {};
}

/// Whether a value is 0: only that says that something was not judged.
bool is_zero(const SqlValue& value) {
  const auto* const integer = std::get_if<std::int64_t>(&value);
  return integer != nullptr && *integer == 0;
}

/// What rule 0 says of a log; nothing where all is well.
struct Complaint {
  std::string message;
  bool judged = true;
};
std::optional<Complaint> complaint_of(const Verification& verification, bool extract_will_do,
                                      bool empty_will_do) {
  const auto& findings = verification.findings;
  const bool skipped = !findings.empty() && std::ranges::all_of(findings, [](const Finding& one) {
    return one.kind == FindingKind::skipped;
  });
  std::string first = findings.empty() ? "" : formats::finding_text(findings.front());
  if (!first.empty()) first.insert(0, first.starts_with(' ') ? ":" : ": ");
  const std::string more = verification.finding_count > 1
                               ? fmt::format(" (and {} more)", verification.finding_count - 1)
                               : "";
  if (skipped) return Complaint{"read in part" + first + more, false};
  switch (verification.verdict) {
    case Verdict::damaged: return Complaint{"damaged" + first + more};
    case Verdict::lost: return Complaint{"lost" + first + more};
    case Verdict::torn: return Complaint{"torn" + first, false};
    case Verdict::extract:
      if (extract_will_do) break;
      return Complaint{"an extract: " + formats::absent_text(verification.absent), false};
    default: break;
  }
  if (verification.events == 0 && !empty_will_do)
    return Complaint{"holds no event: there is nothing to judge", false};
  return std::nullopt;
}

/// "FILE:LINE"
void set_place(AuditFinding& finding, const std::string& place) {
  const std::size_t colon = place.rfind(':');
  std::uint64_t line = 0;
  const char* const end = place.data() + place.size();
  if (colon == place.npos) return;
  const auto [rest, error] = std::from_chars(place.data() + colon + 1, end, line);
  if (error != std::errc{} || rest != end || line == 0) return;
  finding.file = place.substr(0, colon);
  finding.line = line;
}

/// The file that holds a session of a store; empty: it is not one file with a line an event.
std::string log_file_of(const Input& input) {
  const auto reader = input.read({.filter = {.to_seq = 0}, .raw = true});
  const std::string path = reader ? (*reader)->report().log_name : std::string{};
  std::error_code error;
  return std::filesystem::is_regular_file(path, error) ? path : std::string{};
}

}  // namespace

Result<void> Auditor::run(Inputs inputs, const RuleSet& rules, formats::AuditAnswer& answer) {
  answer_ = &answer;
  looked_at_ = pointers_to(inputs);
  look_at_all();
  if (unreadable_) return std::unexpected{*unreadable_};
  if (auto left = leave_out_copies_of(inputs); !left) return left;
  source_.emplace(
      context_, std::move(inputs),
      SqlSourceOptions{.on_corrupt = on_corrupt_, .ledger = options_.ledger, .seals = Seals::all});
  if (const auto& unread = source_->unread())
    return std::unexpected{with_advice(unread->error, *unread->input)};
  find_shared_ids();
  auto database = SqlDatabase::open(*source_, {.functions = sql_functions()});
  if (!database) return std::unexpected{database.error()};
  const std::vector<AuditRule> applied = rules.applied();
  names_.reserve(applied.size());
  // Sums are made once, and are no rule's own work.
  if (std::ranges::any_of(applied, [](const AuditRule& rule) {
        return rule.asks && rule.text.contains("sessions");
      }))
    (void)source_->sessions({.totals = true});
  Progress progress{0, "rule"};
  for (std::size_t at = 0; at < applied.size(); ++at) {
    progress.file(at + 1, applied.size());
    progress.add(0);
    if (!applied[at].asks) continue;
    auto asked = ask(applied[at], rules, *database);
    if (!asked) return asked;
  }
  progress.clear();
  answer.rules = applied;
  tell_reading();
  sort();
  return {};
}

void Auditor::look_at_all() {
  Progress progress{0, "log"};
  for (std::size_t at = 0; at < looked_at_.size(); ++at) {
    progress.file(at + 1, looked_at_.size());
    const auto verification = looked_at_[at]->verify({});
    progress.clear();
    look_at(*looked_at_[at], verification);
    progress.add(verification ? verification->end_offset_bytes : 0);
  }
}

/// Rules know sessions by their ids: two logs of one would be judged as one. Of each the log is
/// kept that has all of the others; one that differs is a finding, for no rule is asked of it.
Result<void> Auditor::leave_out_copies_of(Inputs& inputs) {
  const auto differs = [this](const Input& kept, const Input& other, const LogComparison& how) {
    find_difference(kept, other, how);
    return true;
  };
  std::vector<std::string> ids;
  for (const Input* const input : looked_at_) ids.push_back(id_of_.at(input));
  auto left_out = leave_out_copies(
      context_, inputs, ids,
      {.prefix_will_do = on_corrupt_ == OnCorrupt::prefix,
       .is_bad = [this](const Input& one) { return std::ranges::find(bad_, &one) != bad_.end(); },
       .differs = differs});
  if (!left_out) return std::unexpected{left_out.error()};
  copies_ = std::move(*left_out);
  std::set<const Input*> are_copies;
  for (const auto& copy : copies_) are_copies.insert(copy.get());
  for (AuditFinding& finding : answer_->findings)
    if (const auto found = found_in_.find(finding.fingerprint);
        found != found_in_.end() && are_copies.contains(found->second))
      finding.message.insert(0, "in " + place_of_copy(*found->second) + ": ");
  std::vector<formats::AuditedSession> sessions;
  for (std::size_t at = 0; at < looked_at_.size(); ++at) {
    if (are_copies.contains(looked_at_[at])) continue;
    input_of_.emplace(ids[at], looked_at_[at]);
    sessions.push_back(std::move(answer_->sessions[at]));
  }
  answer_->sessions = std::move(sessions);
  return {};
}

void Auditor::find_difference(const Input& kept, const Input& other, const LogComparison& how) {
  // What an agent's record was read as may differ without anybody's doing.
  const bool judged =
      how.diverged && how.any_equal && kept.recorded_by().empty() && other.recorded_by().empty();
  const std::string what =
      how.diverged
          ? fmt::format("differs from {} from event #{} on", place_of_copy(kept), how.differs_at)
          : "has a payload that is redacted in " + place_of_copy(kept);
  find_integrity(other, {.sequence_number = how.differs_at,
                         .message = what + "; no rule is asked of it here: audit it alone",
                         .judged = judged});
}

/// Files may hold several sessions each, also the same ones.
void Auditor::find_shared_ids() {
  if (source_->logs().size() < 2) return;
  const auto sessions = source_->sessions({});
  if (!sessions) return;
  std::set<std::string_view> seen;
  for (const SqlSession& one : *sessions) {
    if (seen.insert(one.session.id).second) continue;
    AuditFinding finding{.rule = std::string{integrity_rule},
                         .session_id = one.session.id,
                         .message =
                             "is in several of the files that are read, which count as one: "
                             "audit each alone",
                         .judged = false};
    gate_.not_judged(finding.session_id + ": " + finding.message);
    add(std::move(finding), "several");
  }
}

void Auditor::look_at(const Input& input, const Result<Verification>& verification) {
  if (!verification) {
    const Error error = with_advice(verification.error(), input);
    if (error.code == Code::invalid) {
      if (!unreadable_) unreadable_ = error;
      return;
    }
    bad_.push_back(&input);
    Verification none;
    none.session_id = input.session_id(OnCorrupt::prefix).value_or("");
    add_session(input, none);
    find_integrity(input, {.message = "cannot be read: " + error.message,
                           .judged = error.code == Code::corrupt});
    return gate_.failed(error);
  }
  gate_.verified(*verification);
  add_session(input, *verification);
  for (const std::string& note : verification->notes) context_.note(input.label() + ": " + note);
  const auto complaint = complaint_of(*verification, context_.common.extract, options_.allow_empty);
  if (!complaint) return;
  if (on_corrupt_ == OnCorrupt::prefix && verification->events > 0 &&
      verification->verdict != Verdict::extract)
    return context_.warn(input.label() + ": " + complaint->message);
  bad_.push_back(&input);
  AuditFinding finding{.message = complaint->message,
                       .judged = complaint->judged && on_corrupt_ != OnCorrupt::skip};
  if (!verification->findings.empty()) {
    const Finding& first = verification->findings.front();
    if (first.sequence_number > 0) finding.sequence_number = first.sequence_number;
    if (first.line > 0) finding.line = first.line;
  }
  find_integrity(input, std::move(finding));
}

void Auditor::add_session(const Input& input, const Verification& verification) {
  std::string id = input.session().id.empty() ? verification.session_id : input.session().id;
  if (id.empty()) id = input.label();
  id_of_.emplace(&input, id);
  const std::uint64_t events =
      std::min(verification.events, input.point().value_or(verification.events));
  answer_->sessions.push_back({.id = std::move(id),
                               .name = input.session().name,
                               .store = input.store_name(),
                               .events = events});
}

void Auditor::find_integrity(const Input& input, AuditFinding finding) {
  if (!finding.judged) gate_.not_judged(input.label() + ": " + finding.message);
  finding.rule = integrity_rule;
  finding.session_id = id_of_.at(&input);
  add(std::move(finding), {});
  found_in_.emplace(answer_->findings.back().fingerprint, &input);
}

void Auditor::add(AuditFinding finding, const std::string& about) {
  finding.message = cut_bytes(finding.message, message_bytes_max);
  const std::string first = fingerprint_of(finding, about, 0);
  finding.fingerprint = fingerprint_of(finding, about, equal_[first]++);
  answer_->findings.push_back(std::move(finding));
}

Result<void> Auditor::ask(const AuditRule& rule, const RuleSet& rules, SqlDatabase& database) {
  source_->begin_question();
  const std::uint64_t inexact_before = database.inexact_amounts();
  names_.push_back(name_for_people(rule) + " takes");
  const LimitedWork limited{names_.back().c_str(), std::chrono::seconds{options_.timeout_s},
                            ends_hint};
  const auto parameters = rules.parameters_of(rule);
  auto query = database.query(rule.text, parameters);
  auto taken = query ? take_rows(rule, *query) : Result<void>{std::unexpected{query.error()}};
  if (!taken) {
    // What needs all the memory that a rule may have does not end either.
    if (taken.error().hint.contains("--memory"))
      taken.error() = {Code::invalid, taken.error().message, "have it hold less at once"};
    taken.error().message = name_for_people(rule) + ": " + taken.error().message;
    return taken;
  }
  const std::uint64_t inexact = database.inexact_amounts() - inexact_before;
  if (inexact > 0)
    add({.rule = rule.name,
         .severity = rule.severity,
         .message =
             fmt::format("{} amounts have more digits than a number holds; the columns whose "
                         "names end in _text have them",
                         inexact),
         .judged = false},
        "inexact");
  if (inexact > 0) gate_.not_judged(rule.name + ": amounts that no number holds");
  if (rule.needs_payloads) tell_lacking(rule);
  return {};
}

Result<void> Auditor::take_rows(const AuditRule& rule, SqlQuery& query) {
  const auto columns = columns_of(rule, query.columns());
  if (!columns) return std::unexpected{columns.error()};
  for (std::uint64_t rows = 0;; ++rows) {
    const auto more = query.next();
    if (!more) return std::unexpected{more.error()};
    if (!*more) return {};
    if (rows == rows_max)
      return fail(Code::invalid, "it finds more than a million things", "have it find less");
    const SqlValue number = query.value(columns->sequence_number);
    const auto* const sequence_number = std::get_if<std::int64_t>(&number);
    if (sequence_number == nullptr && !std::holds_alternative<std::monostate>(number))
      return fail(Code::invalid,
                  "its column seq is no number of an event: " + in_quotes(text_of(number)));
    AuditFinding finding{.rule = rule.name,
                         .severity = rule.severity,
                         .session_id = text_of(query.value(columns->session_id)),
                         .message = text_of(query.value(columns->message)),
                         .judged = !columns->judged || !is_zero(query.value(*columns->judged))};
    if (finding.message.empty()) finding.message = rule.why;
    if (sequence_number != nullptr && *sequence_number > 0)
      finding.sequence_number = static_cast<std::uint64_t>(*sequence_number);
    if (!finding.judged) gate_.not_judged(rule.name + ": " + cut_bytes(finding.message, 200));
    const std::string about =
        columns->about ? text_of(query.value(*columns->about)) : std::string{};
    add(std::move(finding), about);
  }
}

void Auditor::tell_lacking(const AuditRule& rule) {
  for (const auto& [event, why] : source_->lacking()) {
    const auto& [session_id, number] = event;
    gate_.not_judged(fmt::format("{}: {} #{}: {}", rule.name, session_id, number, why));
    AuditFinding finding{.rule = rule.name,
                         .severity = rule.severity,
                         .session_id = session_id,
                         .message = why,
                         .judged = false};
    if (number > 0) finding.sequence_number = number;
    add(std::move(finding), "lacking");
  }
}

/// What the reading for the rules learnt, and rule 0 did not tell of before.
void Auditor::tell_reading() {
  for (const SqlInputs::Told& told : source_->told()) {
    const bool known = std::ranges::find(bad_, told.input) != bad_.end();
    gate_.folded(told.notes, told.input->label() + ": ");
    if (known || !told.read || *told.read) continue;
    const Error& error = told.read->error();
    if (error.code == Code::corrupt && on_corrupt_ == OnCorrupt::prefix) continue;
    gate_.failed(with_advice(error, *told.input));
  }
}

void Auditor::sort() {
  std::map<std::string_view, std::size_t> place;
  for (const formats::AuditedSession& session : answer_->sessions)
    place.emplace(session.id, place.size());
  const auto key = [&](const AuditFinding& finding) {
    const auto found = place.find(finding.session_id);
    return std::tuple{found == place.end() ? place.size() : found->second,
                      std::string_view{finding.session_id}, finding.sequence_number.value_or(0)};
  };
  std::ranges::stable_sort(answer_->findings, {}, key);
}

void Auditor::place(std::vector<AuditFinding>& findings) const {
  std::map<const Input*, std::vector<AuditFinding*>> by_input;
  for (AuditFinding& finding : findings) {
    const auto own = found_in_.find(finding.fingerprint);
    const auto found = input_of_.find(finding.session_id);
    if (own != found_in_.end()) by_input[own->second].push_back(&finding);
    else if (found != input_of_.end()) by_input[found->second].push_back(&finding);
  }
  for (const auto& [input, some] : by_input) {
    const std::string file = input->path().empty() ? log_file_of(*input) : input->path();
    std::set<std::uint64_t> numbers;
    for (const AuditFinding* const one : some)
      if (one->sequence_number) numbers.insert(*one->sequence_number);
    const auto places = numbers.empty() ? std::nullopt : input->places_of(numbers);
    for (AuditFinding* const one : some) {
      one->file = file == "-" ? std::string{} : file;
      if (!one->sequence_number || one->line) continue;
      if (places && places->contains(*one->sequence_number))
        set_place(*one, places->at(*one->sequence_number));
      else if (!one->file.empty())
        one->line = *one->sequence_number;  // A log of ours has a line an event.
    }
  }
}

}  // namespace agentstore::cmd
