#include "cmd/input/sessions_history.hpp"

#include <algorithm>
#include <charconv>
#include <optional>
#include <set>
#include <utility>

#include "cmd/input/find_event.hpp"
#include "cmd/input/unknown_session.hpp"
#include "cmd/quoting.hpp"

namespace agentstore::cmd {
namespace {

constexpr const char* how_to_name = "name an event as SESSION#12, or by its event id";

/// Of events in memory, those that a filter lets through.
class MemoryReader final : public EventReader {
 public:
  MemoryReader(std::span<const EventView> events, const Filter& filter) {
    std::ranges::copy_if(events, std::back_inserter(chosen_),
                         [&](const EventView& event) { return filter.matches(event); });
    report_.verdict = Verdict::clean;
    report_.events = events.size();
    report_.last_sequence_number = events.size();
  }

  Result<std::span<const EventView>> next() override {
    return std::exchange(given_, true) ? std::span<const EventView>{} : chosen_;
  }
  Result<bool> poll() override { return false; }
  const ReadReport& report() const override { return report_; }

 private:
  std::vector<EventView> chosen_;
  bool given_ = false;
  ReadReport report_;
};

/// A fold of events that are numbered otherwise in their sessions.
class FoldOfSessions final : public Projection {
 public:
  FoldOfSessions(std::unique_ptr<Projection> fold, std::span<const std::uint64_t> own_numbers)
      : fold_{std::move(fold)}, own_numbers_{own_numbers} {}

  std::string_view name() const override { return fold_->name(); }
  int version() const override { return fold_->version(); }
  bool looks_at_lines() const override { return fold_->looks_at_lines(); }
  std::string to_json() const override { return fold_->to_json(); }
  Result<void> from_json(std::string_view json) override { return fold_->from_json(json); }
  bool goes_on_from_json() const override { return fold_->goes_on_from_json(); }
  std::span<const FoldNote> notes() const override { return notes_; }

  Result<void> apply(const EventView& event) override {
    EventView own = event;
    if (event.sequence_number > 0 && event.sequence_number <= own_numbers_.size())
      own.sequence_number = own_numbers_[event.sequence_number - 1];
    auto applied = fold_->apply(own);
    for (std::size_t i = notes_.size(); i < fold_->notes().size(); ++i) {
      notes_.push_back(fold_->notes()[i]);
      notes_.back().sequence_number = event.sequence_number;
    }
    if (!applied)
      applied.error().message =
          "session " + std::string{event.session_id} + ": " + applied.error().message;
    return applied;
  }

 private:
  std::unique_ptr<Projection> fold_;
  std::span<const std::uint64_t> own_numbers_;
  std::vector<FoldNote> notes_;
};

std::optional<std::uint64_t> number_in(std::string_view word) {
  std::uint64_t number = 0;
  const char* const end = word.data() + word.size();
  const auto [rest, error] = std::from_chars(word.data(), end, number);
  return error == std::errc{} && rest == end ? std::optional{number} : std::nullopt;
}

}  // namespace

Result<std::unique_ptr<SessionsHistory>> SessionsHistory::read(const Inputs& inputs,
                                                               OnCorrupt on_corrupt) {
  auto gathered = EventsInMemory::read(inputs, {.on_corrupt = on_corrupt});
  if (!gathered) return std::unexpected{gathered.error()};
  std::unique_ptr<SessionsHistory> history{new SessionsHistory{std::move(*gathered)}};
  for (EventView event : history->gathered_.events()) {
    history->own_numbers_.push_back(event.sequence_number);
    event.sequence_number = history->own_numbers_.size();
    history->events_.push_back(event);
  }
  std::set<std::string_view> listed;
  for (const auto& input : inputs) {
    history->sessions_.push_back(input->session());
    listed.insert(input->session().id);
  }
  // A transcript may tell of sessions that no list names.
  for (const EventView& event : history->events_) {
    if (!listed.insert(event.session_id).second) continue;
    Session session;
    session.id = event.session_id;
    history->sessions_.push_back(std::move(session));
  }
  return history;
}

History SessionsHistory::history() const {
  History history{.session_id = {}, .read = nullptr};
  history.read = [this](const ReadOptions& options) -> Result<std::unique_ptr<EventReader>> {
    return std::make_unique<MemoryReader>(events_, options.filter);
  };
  history.name = [this](std::uint64_t number) { return formats::text_of(name_of(number)); };
  return history;
}

std::vector<ProjectionFactory> SessionsHistory::folds(
    const std::vector<ProjectionFactory>& makers) const {
  std::vector<ProjectionFactory> folds;
  for (const ProjectionFactory& make : makers)
    folds.push_back([make, this](std::string_view session_id) {
      return std::make_unique<FoldOfSessions>(make(session_id), own_numbers_);
    });
  return folds;
}

formats::EventName SessionsHistory::name_of(std::uint64_t number) const {
  if (number == 0 || events_.empty()) return {};
  // After the last event there may be one more, that was added to its session.
  const std::size_t at = std::min<std::size_t>(number, events_.size()) - 1;
  return {std::string{events_[at].session_id}, own_numbers_[at] + (number - at - 1)};
}

Result<std::string> SessionsHistory::session_called(std::string_view word) const {
  std::vector<Session> found;
  const auto look = [&](const auto& fits) {
    if (found.empty()) std::ranges::copy_if(sessions_, std::back_inserter(found), fits);
  };
  look([&](const Session& session) { return session.id == word; });
  look([&](const Session& session) { return session.name == word; });
  look([&](const Session& session) { return session.id.starts_with(word); });
  if (found.size() == 1) return found.front().id;
  return std::unexpected{found.empty() ? unknown(word, sessions_) : ambiguous(word, found)};
}

Result<std::uint64_t> SessionsHistory::find_within(const std::string& session_id,
                                                   std::string_view word) const {
  const auto number = number_in(word);
  if (!number) {
    History own{.session_id = session_id, .read = nullptr};
    own.read = [&](ReadOptions options) -> Result<std::unique_ptr<EventReader>> {
      const auto named = std::move(options.filter.predicate);
      options.filter.predicate = [&session_id, named](const EventView& event) {
        return event.session_id == session_id && (!named || named(event));
      };
      return std::make_unique<MemoryReader>(events_, options.filter);
    };
    return find_event(own, word);
  }
  std::uint64_t last = 0;
  for (std::size_t i = 0; i < events_.size(); ++i) {
    if (events_[i].session_id != session_id) continue;
    if (own_numbers_[i] == *number) return i + 1;
    last = std::max(last, own_numbers_[i]);
  }
  return fail(Code::not_found,
              "there is no event #" + std::string{word} + " in " + in_quotes(session_id) + ": " +
                  (last == 0 ? "it has none" : "its last is #" + std::to_string(last)));
}

Result<std::uint64_t> SessionsHistory::find(std::string_view word) const {
  const std::size_t mark = word.rfind('#');
  if (mark != word.npos && mark > 0 && mark + 1 < word.size()) {
    const auto session_id = session_called(word.substr(0, mark));
    if (!session_id) return std::unexpected{session_id.error()};
    return find_within(*session_id, word.substr(mark + 1));
  }
  if (const auto number = number_in(word)) {
    if (*number == 0) return 0;
    return fail(Code::invalid, "of several sessions each has an event " + in_quotes(word),
                how_to_name);
  }
  const std::string_view id = word.starts_with("id:") ? word.substr(3) : word;
  std::vector<std::uint64_t> found;
  for (const EventView& event : events_)
    if (event.event_id == id) found.push_back(event.sequence_number);
  if (found.size() == 1) return found.front();
  if (found.empty())
    return fail(Code::not_found, "no session has an event " + in_quotes(id), how_to_name);
  return fail(Code::conflict,
              "event id " + in_quotes(id) + " is that of " + formats::text_of(name_of(found[0])) +
                  " and of " + formats::text_of(name_of(found[1])),
              how_to_name);
}

}  // namespace agentstore::cmd
