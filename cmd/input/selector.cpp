#include "cmd/input/selector.hpp"

#include <fmt/format.h>

#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <filesystem>

#include "cmd/home_folder.hpp"
#include "cmd/input/file_input.hpp"
#include "cmd/input/gathered_events.hpp"
#include "cmd/input/log_files.hpp"
#include "cmd/input/session_copies.hpp"
#include "cmd/input/store_input.hpp"
#include "cmd/input/unknown_session.hpp"
#include "cmd/words/session_word.hpp"

namespace agentstore::cmd {
namespace {

/// The indices of the sessions that match.
template <class Matches>
std::vector<std::size_t> those(const Inputs& all, Matches matches) {
  std::vector<std::size_t> found;
  for (std::size_t i = 0; i < all.size(); ++i)
    if (matches(all[i]->session())) found.push_back(i);
  return found;
}

std::string place_text(const std::optional<std::uint64_t>& point) {
  return point ? fmt::format("#{}", *point) : "its end";
}

/// When its newest event was that is not the store's own; of a session without one its creation.
Timestamp last_activity(const Input& input) {
  const Session& session = input.session();
  if (!input.of_store() || session.event_count == 0) return session.updated_at;
  const auto newest = [&](std::uint64_t count) -> std::optional<Timestamp> {
    Filter filter;
    filter.newest = count;
    const auto reader =
        input.read({.filter = filter, .on_corrupt = OnCorrupt::prefix, .raw = true});
    std::optional<Timestamp> found;
    if (reader)
      static_cast<void>(for_each_event(**reader, [&](const EventView& event) {
        if (!event.type.starts_with("agentstore.")) found = event.timestamp;
      }));
    return found;
  };
  constexpr std::uint64_t few = 16;
  auto found = newest(few);
  if (!found && session.event_count > few) found = newest(0);
  return found.value_or(session.created_at);
}

/// "@" is 0, "@~3" is 3.
Result<std::size_t> parse_age(std::string_view word) {
  std::size_t back = 0;
  if (word.size() == 1) return back;
  const auto [rest, error] = std::from_chars(word.data() + 2, word.data() + word.size(), back);
  if (error == std::errc{} && rest == word.data() + word.size()) return back;
  return fail(Code::invalid, "cannot read " + in_quotes(word),
              "@ is the session with the newest event, @~1 the one before it");
}

}  // namespace

Result<Store*> Selector::store() {
  const auto places = places_.chosen();
  if (!places) return std::unexpected{places.error()};
  const auto found = std::ranges::find_if(*places, [](Place* one) { return !one->transcripts; });
  return places_.store_of(**(found == places->end() ? places->begin() : found));
}

// A log in a store is that store's session: what the store knows of it holds.
Result<std::unique_ptr<Input>> Selector::by_path(const std::string& path) {
  if (context_.writes_to(path))
    return fail(Code::invalid,
                "cannot write to " + in_quotes(path) + ": it is the file that is read",
                "name another file");
  if (!context_.common.as.empty()) {
    const auto source = source_named(context_.common.as);
    if (!source) return std::unexpected{source.error()};
    files_.read_as(**source);
  }
  const auto folder = path == "-" ? std::filesystem::path{} : store_of_log(path);
  if (folder.empty()) return std::make_unique<FileInput>(context_, files_, path);
  const auto place = places_.of_folder(folder.string());
  if (!place) return std::unexpected{place.error()};
  const auto opened = places_.store_of(**place);
  if (!opened) return std::unexpected{opened.error()};
  auto session = (*opened)->session(std::filesystem::path{path}.stem().string(), false);
  if (!session) return std::unexpected{session.error()};
  const auto chosen = places_.chosen();
  const bool is_other = !chosen || chosen->size() > 1 || chosen->front() != *place;
  return std::make_unique<StoreInput>(**opened, std::move(*session),
                                      is_other ? (*place)->name : std::string{});
}

Result<std::unique_ptr<Input>> Selector::choose(std::string_view word) {
  const SessionWord asked = parse_session_word(word);
  if (!asked.sequence_number) return whole(word);
  const auto without_point = is_whole(word, asked.session);
  if (!without_point) return std::unexpected{without_point.error()};
  if (*without_point) return whole(word);
  auto chosen = whole(asked.session);
  if (!chosen) return chosen;
  if (auto ended = end_at(**chosen, *asked.sequence_number); !ended)
    return std::unexpected{ended.error()};
  return chosen;
}

Result<bool> Selector::is_whole(std::string_view word, std::string_view without_point) {
  if (is_path(without_point)) return ::access(std::string{word}.c_str(), F_OK) == 0;
  auto whole = exact(word);
  if (!whole) return std::unexpected{whole.error()};
  if (whole->empty()) return false;
  auto others = exact(without_point);
  if (!others) return std::unexpected{others.error()};
  if (others->empty()) return true;
  whole->push_back(std::move(others->front()));
  return std::unexpected{ambiguous(word, *whole)};
}

Result<Inputs> Selector::exact(std::string_view id) {
  const auto places = places_.chosen();
  if (!places) return std::unexpected{places.error()};
  Inputs found;
  if (std::ranges::any_of(*places, [](Place* one) { return one->transcripts.has_value(); }))
    return found;
  for (Place* const place : *places) {
    const auto opened = places_.store_of(*place);
    if (!opened) return std::unexpected{opened.error()};
    auto session = (*opened)->session(id, false);
    if (!session) continue;
    const std::string folder = places->size() > 1 ? place->name : std::string{};
    found.push_back(std::make_unique<StoreInput>(**opened, std::move(*session), folder));
    found.back()->is_in(folder);
  }
  return found;
}

Result<void> Selector::end_at(Input& input, std::uint64_t sequence_number) {
  input.end_at(sequence_number, input.session().created_at);
  if (sequence_number == 0) return {};
  Filter one;
  one.from_seq = one.to_seq = sequence_number;
  const auto reader = input.read({.filter = std::move(one), .raw = true});
  if (!reader) return std::unexpected{reader.error()};
  const auto batch = (*reader)->next();
  // Who reads it says what is damaged.
  if (!batch && batch.error().code == Code::corrupt) return {};
  if (!batch) return std::unexpected{batch.error()};
  if (!batch->empty()) {
    input.end_at(sequence_number, batch->front().timestamp);
    return {};
  }
  const std::uint64_t last = (*reader)->report().last_sequence_number;
  if (last >= sequence_number) return {};
  return fail(Code::not_found, fmt::format("there is no event #{} in {}: its last is #{}",
                                           sequence_number, in_quotes(input.label()), last));
}

Result<std::unique_ptr<Input>> Selector::whole(std::string_view word) {
  if (word.empty()) return fail(Code::invalid, "a session's name is empty");
  if (!context_.common.labels.empty())
    return fail(Code::invalid, "--label and --project choose among all sessions, and one is named",
                "give one of them");
  if (is_path(word)) return by_path(expand_home(word));
  if (word == "@" || word.starts_with("@~")) return by_age(word);
  return by_name(word);
}

Result<std::unique_ptr<Input>> Selector::by_name(std::string_view word) {
  // Without fresh counts: those would read whole logs, only to find a name.
  auto at_once = exact(word);
  if (!at_once) return std::unexpected{at_once.error()};
  if (at_once->size() == 1) return std::move(at_once->front());
  auto all = list({.called = std::string{word}, .fresh_counts = false});
  if (!all) return std::unexpected{all.error()};
  auto found = those(*all, [&](const Session& session) { return session.id == word; });
  if (found.empty())
    found = those(*all, [&](const Session& session) { return session.name == word; });
  if (found.empty())
    found = those(*all, [&](const Session& session) { return session.id.starts_with(word); });
  if (found.size() == 1) return std::move((*all)[found.front()]);
  Inputs candidates;
  for (const std::size_t i : found) candidates.push_back(std::move((*all)[i]));
  if (candidates.size() > 1) return std::unexpected{ambiguous(word, candidates)};
  if (auto unlisted = by_unlisted_id(word); !unlisted || *unlisted) return unlisted;
  const auto others = list({.fresh_counts = false});
  if (!others) return std::unexpected{others.error()};
  std::vector<Session> sessions;
  for (const auto& one : *others) sessions.push_back(one->session());
  return std::unexpected{unknown(word, sessions)};
}

// One that is there and cannot be listed says why.
Result<std::unique_ptr<Input>> Selector::by_unlisted_id(std::string_view id) {
  const auto places = places_.chosen();
  if (!places) return std::unexpected{places.error()};
  for (Place* const place : *places) {
    if (!place->store) continue;
    auto unlisted = place->store->session(id);
    if (unlisted) return std::make_unique<StoreInput>(*place->store, std::move(*unlisted));
    if (is_refusal(unlisted.error())) return std::unexpected{unlisted.error()};
  }
  return nullptr;
}

Result<std::unique_ptr<Input>> Selector::by_age(std::string_view word) {
  const auto parsed = parse_age(word);
  if (!parsed) return std::unexpected{parsed.error()};
  const std::size_t back = *parsed;
  auto all = list({.by_last_event = true});
  if (!all) return std::unexpected{all.error()};
  if (back >= all->size())
    return fail(Code::not_found, fmt::format("there is no session {}: there are only {}",
                                             in_quotes(word), all->size()));
  // Transcripts come in an order of their own.
  std::ranges::stable_sort(*all, std::ranges::greater{},
                           [](const auto& one) { return one->session().updated_at; });
  // By the last event, whoever wrote it, until no other session can be among the newest.
  std::vector<std::pair<Timestamp, std::size_t>> newest;
  const auto later = [](const auto& a, const auto& b) { return a.first > b.first; };
  for (std::size_t i = 0; i < all->size(); ++i) {
    if (newest.size() > back && newest[back].first >= (*all)[i]->session().updated_at) break;
    const std::pair one{last_activity(*(*all)[i]), i};
    newest.insert(std::ranges::upper_bound(newest, one, later), one);
  }
  return std::move((*all)[newest[back].second]);
}

Result<Inputs> Selector::choose_each(std::span<const std::string> words) {
  Inputs chosen;
  for (const std::string& word : words) {
    auto one = choose(word);
    if (!one) return std::unexpected{one.error()};
    chosen.push_back(std::move(*one));
  }
  if (auto dropped = drop_repeated(chosen); !dropped) return std::unexpected{dropped.error()};
  return chosen;
}

Result<void> Selector::drop_repeated(Inputs& chosen) {
  if (chosen.size() < 2) return {};
  std::map<std::string, std::optional<std::uint64_t>> seen;
  Inputs kept;
  for (auto& one : chosen) {
    const auto [first, is_new] = seen.emplace(one->identity(), one->point());
    if (!is_new && first->second != one->point())
      return fail(Code::invalid,
                  in_quotes(one->label()) + " is named at two points: " +
                      place_text(first->second) + " and " + place_text(one->point()),
                  "a session counts once: name it at one of them");
    if (is_new) kept.push_back(std::move(one));
    else context_.note(in_quotes(one->label()) + " is named more than once; it counts once");
  }
  chosen = std::move(kept);
  return {};
}

void Selector::count_once(Inputs& chosen) {
  std::map<std::pair<std::string, Timestamp>, std::size_t> seen;
  std::vector<bool> is_copy(chosen.size());
  CopiesNote note;
  for (std::size_t i = 0; i < chosen.size(); ++i) {
    const Session& session = chosen[i]->session();
    if (session.id.empty() || chosen[i]->store_name().empty()) continue;
    const auto [place, is_new] = seen.emplace(std::pair{session.id, session.created_at}, i);
    const std::size_t other = place->second;
    if (is_new || chosen[other]->store_name() == chosen[i]->store_name()) continue;
    note.add(session.id, chosen[other]->store_name(), chosen[i]->store_name());
    const bool goes_further = session.updated_at > chosen[other]->session().updated_at;
    is_copy[goes_further ? other : i] = true;
    if (goes_further) place->second = i;
  }
  Inputs kept;
  for (std::size_t i = 0; i < chosen.size(); ++i)
    if (!is_copy[i]) kept.push_back(std::move(chosen[i]));
  chosen = std::move(kept);
  note.tell(context_);
}

Result<std::unique_ptr<EventReader>> Selector::read_all(Inputs& all, ReadOptions options,
                                                        bool side_by_side) {
  const auto places = places_.chosen();
  if (!places) return std::unexpected{places.error()};
  if (places->size() == 1 && !places->front()->transcripts && context_.common.labels.empty()) {
    auto opened = places_.store_of(*places->front());
    if (!opened) return std::unexpected{opened.error()};
    return (*opened)->read_all(std::move(options));
  }
  count_once(all);
  return gather_events(all, options, side_by_side);
}

}  // namespace agentstore::cmd
