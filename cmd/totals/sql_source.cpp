#include "cmd/totals/sql_source.hpp"

#include <algorithm>
#include <filesystem>
#include <set>
#include <system_error>
#include <utility>

#include "cmd/input/folds.hpp"
#include "cmd/input/known_files.hpp"
#include "cmd/time_limit.hpp"
#include "cmd/totals/session_totals.hpp"

namespace agentstore::cmd {
namespace {

constexpr std::uint64_t large_bytes = std::uint64_t{1} << 20;
constexpr std::uint64_t large_events = 5000;
constexpr std::uint64_t bytes_an_event = 500;  // about
constexpr std::uint64_t events_unknown = 1000;
constexpr std::uint64_t readings_max = 20;
constexpr std::size_t lacking_max = 1000;

bool is_before(const std::unique_ptr<Input>& a, const std::unique_ptr<Input>& b) {
  return a->session().id < b->session().id;
}

Inputs sorted(Inputs inputs) {
  std::ranges::stable_sort(inputs, is_before);
  return inputs;
}

SqlLog log_of(const Input& input) {
  SqlLog log{.session_id = input.session().id, .several = input.session().id.empty()};
  std::error_code error;
  const std::string path = input.path();
  const std::uint64_t bytes =
      path.empty() || path == "-" ? 0 : std::filesystem::file_size(path, error);
  if (!path.empty()) {
    log.large = error || bytes == 0 || bytes > large_bytes;
    log.events = error || bytes == 0 ? events_unknown : bytes / bytes_an_event + 1;
  } else {
    const std::uint64_t events = input.session().event_count;
    log.large = events == 0 || events > large_events;
    log.events = events == 0 ? events_unknown : events;
  }
  return log;
}

}  // namespace

SqlInputs::SqlInputs(Context& context, Inputs inputs, SqlSourceOptions options)
    : context_{context}, inputs_{sorted(std::move(inputs))}, options_{std::move(options)} {
  readings_.assign(inputs_.size(), 0);
  for (const auto& input : inputs_) {
    logs_.push_back(log_of(*input));
    told_.push_back({input.get(), std::nullopt, {}});
    // A file that was named is looked at by one thread first: others read it from then on.
    if (!logs_.back().several) continue;
    const auto id = input->session_id(OnCorrupt::prefix);
    if (!id && id.error().code == Code::invalid && !unread_)
      unread_ = Unread{input.get(), id.error()};
  }
}

bool SqlInputs::of_store() const {
  return std::ranges::any_of(inputs_, [](const auto& one) { return one->of_store(); });
}

void SqlInputs::read(std::size_t log, ReadOptions options, const Parts& parts, bool figures) {
  options.on_corrupt = options_.on_corrupt;
  options.seals = options_.seals;
  Parts watched = parts;
  if (counts_as_reading(log))
    watched.join = [&parts](Part& part) {
      LimitedWork::goes_on();
      return parts.join(part);
    };
  tell(log, inputs_[log]->read_parts(std::move(options), watched,
                                     figures ? formats::Made::figures : formats::Made::whole));
}

bool SqlInputs::counts_as_reading(std::size_t log) {
  const std::lock_guard guard{lock_};
  return ++readings_[log] <= readings_max;
}

void SqlInputs::begin_question() {
  const std::lock_guard guard{lock_};
  readings_.assign(inputs_.size(), 0);
  lacking_.clear();
}

void SqlInputs::add_lacking(std::string session_id, std::uint64_t sequence_number,
                            const std::string& why) {
  if (lacking_.size() < lacking_max)
    lacking_.emplace(std::pair{std::move(session_id), sequence_number}, why);
}

void SqlInputs::lacks_payload(std::size_t /*log*/, std::string_view session_id,
                              std::uint64_t sequence_number) {
  const std::lock_guard guard{lock_};
  add_lacking(std::string{session_id}, sequence_number, "its payload is redacted");
}

void SqlInputs::tell(std::size_t log, Result<ReadReport> read) {
  // Who asks for no more has the reading end.
  if (!read && read.error().code == Code::closed) return;
  const std::lock_guard guard{lock_};
  auto& told = told_[log].read;
  if (!told || (*told && !read)) told = std::move(read);
}

void SqlInputs::noticed(std::size_t log, std::span<const FoldNote> notes) {
  const std::lock_guard guard{lock_};
  auto& all = told_[log].notes;
  for (const FoldNote& note : notes) {
    if (note.kind == FoldNote::Kind::incomplete)
      add_lacking(logs_[log].session_id, note.sequence_number, note.message);
    const auto same = [&](const FoldNote& one) {
      return one.sequence_number == note.sequence_number && one.message == note.message;
    };
    if (std::ranges::none_of(all, same)) all.push_back(note);
  }
}

Result<Ledger> SqlInputs::ledger(std::size_t log) {
  const std::lock_guard guard{lock_};
  return choose_ledger(context_, *inputs_[log], options_.ledger);
}

void SqlInputs::find_sessions(std::size_t log) {
  const Input& input = *inputs_[log];
  std::set<std::string, std::less<>> seen;
  const auto main = input.describe();
  const auto add = [&](Session session) {
    sessions_->push_back({std::move(session)});
    log_of_session_.push_back(log);
  };
  if (main && !main->id.empty()) {
    seen.insert(main->id);
    Session session = *main;
    session.labels = input.labels();
    add(std::move(session));
  }
  const auto reader = input.read({.on_corrupt = OnCorrupt::prefix, .seals = options_.seals});
  if (!reader) return tell(log, std::unexpected{reader.error()});
  const auto read = for_each_event(**reader, [&](const EventView& event) {
    if (seen.contains(event.session_id)) return;
    seen.emplace(event.session_id);
    Session session;
    session.id = event.session_id;
    session.created_at = event.timestamp;
    add(std::move(session));
  });
  if (read) tell(log, (*reader)->report());
  else tell(log, std::unexpected{read.error()});
}

void SqlInputs::find_all_sessions() {
  sessions_.emplace().reserve(inputs_.size());
  log_of_session_.reserve(inputs_.size());
  for (std::size_t i = 0; i < inputs_.size(); ++i) {
    const Session& session = inputs_[i]->session();
    if (session.id.empty()) {
      find_sessions(i);
      continue;
    }
    sessions_->push_back({session});
    if (session.labels.empty()) sessions_->back().session.labels = inputs_[i]->labels();
    log_of_session_.push_back(i);
  }
}

Result<std::span<const SqlSession>> SqlInputs::sessions(const SqlSessionNeeds& needs) {
  if (!sessions_) find_all_sessions();
  if (needs.titles && !std::exchange(titled_, true))
    for (std::size_t i = 0; i < sessions_->size(); ++i)
      if (i == 0 || log_of_session_[i] != log_of_session_[i - 1])
        (*sessions_)[i].title = inputs_[log_of_session_[i]]->title();
  if (needs.totals && !totals_) {
    const auto told = [this](std::size_t log, Result<ReadReport> read) {
      tell(log, std::move(read));
    };
    const ReadOptions how{.on_corrupt = options_.on_corrupt, .seals = options_.seals};
    const SessionTotals sums = totals_of_sessions(
        pointers_to(inputs_),
        {.on_read = told, .settled = context_.known_files().settled_uses(), .read = how});
    totals_ = sums.by_id();
    for (SqlSession& one : *sessions_) {
      const auto found = totals_->find(one.session.id);
      if (found != totals_->end()) one.totals = found->second;
      const auto agents = sums.told_agents.find(one.session.id);
      if (agents != sums.told_agents.end()) one.told_agents = agents->second;
    }
  }
  return std::span<const SqlSession>{*sessions_};
}

}  // namespace agentstore::cmd
