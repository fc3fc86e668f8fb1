#include "cmd/select.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <set>

#include "agentstore/nearest.hpp"
#include "agentstore/title.hpp"
#include "cmd/import_transcript.hpp"
#include "cmd/log_files.hpp"
#include "cmd/session_word.hpp"
#include "cmd/transcript_folder.hpp"
#include "cmd/transcript_reader.hpp"
#include "formats/absent.hpp"

namespace agentstore::cmd {
namespace {

constexpr std::size_t candidates_max = 10;

std::string named(const Session& session) {
  return session.name.empty() ? session.id : session.id + " (" + session.name + ")";
}

Error ambiguous(std::string_view word, const std::vector<Session>& found) {
  std::string list;
  for (std::size_t i = 0; i < std::min(found.size(), candidates_max); ++i)
    list += (i == 0 ? "" : ", ") + named(found[i]);
  if (found.size() > candidates_max)
    list += " and " + std::to_string(found.size() - candidates_max) + " more";
  return {Code::not_found, in_quotes(word) + " could be more than one session", "one of " + list};
}

Error unknown(std::string_view word, const std::vector<Session>& sessions) {
  std::vector<std::string> words;
  for (const Session& session : sessions) {
    words.push_back(session.id);
    words.push_back(session.name);
  }
  const std::string near = nearest(word, words);
  return {Code::not_found, "there is no session " + in_quotes(word),
          near.empty() ? "`agentstore sessions` lists what is there"
                       : "did you mean " + in_quotes(near) + "?"};
}

template <class Matches>
std::vector<const Chosen*> those(const std::vector<Chosen>& all, Matches matches) {
  std::vector<const Chosen*> found;
  for (const Chosen& one : all)
    if (matches(one.session)) found.push_back(&one);
  return found;
}

/// Whether a session is there, and something else is wrong.
bool is_refusal(const Error& error) {
  return error.code != Code::not_found && error.code != Code::invalid;
}

/// Leaves out what comes after the point of what was chosen.
ReadOptions up_to_point(const Chosen& chosen, ReadOptions options) {
  if (!chosen.point) return options;
  options.filter.to_seq = std::min(options.filter.to_seq, *chosen.point);
  options.filter.newest = 0;  // counted from the log's end
  return options;
}

std::string point_text(const std::optional<std::uint64_t>& point) {
  return point ? "#" + std::to_string(*point) : "its end";
}

}  // namespace

std::string Chosen::label() const {
  if (!path.empty()) return path;
  return session.name.empty() ? session.id : session.name;
}

Result<Store*> Selector::store() {
  if (!store_) {
    auto opened = context_.open_store();
    if (!opened) return std::unexpected{opened.error()};
    store_.emplace(std::move(*opened));
  }
  return &*store_;
}

Result<Store*> Selector::store_of(const Chosen& chosen) {
  if (chosen.folder.empty()) return store();
  const auto known = others_.find(chosen.folder);
  if (known != others_.end()) return &known->second;
  auto opened = context_.open_store({.create = false}, chosen.folder);
  if (!opened) return std::unexpected{opened.error()};
  return &others_.emplace(chosen.folder, std::move(*opened)).first->second;
}

Result<const Input*> Selector::input_of(const Chosen& chosen) {
  const bool again = inputs_.knows(chosen.path);
  const auto input = inputs_.open(chosen.path);
  if (input && (*input)->laid_out_anew && !again)
    context_.note((*input)->origin.name +
                  ": another program laid out its events anew; they are read, and their seals "
                  "checked, without the white space that it put in");
  return input;
}

Labels Selector::labels_of(const Chosen& chosen) {
  if (chosen.path.empty() || !chosen.session.labels.empty()) return chosen.session.labels;
  const auto input = input_of(chosen);
  return input && (*input)->session ? (*input)->session->labels : Labels{};
}

// A log in a store is that store's session: what the store knows of it holds.
Result<Chosen> Selector::by_path(const std::string& path) {
  const auto folder = path == "-" ? std::filesystem::path{} : store_of_log(path);
  if (folder.empty()) return Chosen{{}, path};
  std::error_code error;
  const bool chosen = std::filesystem::equivalent(folder, context_.store_name(), error) && !error;
  Chosen one;
  if (!chosen) one.folder = folder.string();
  const auto opened = store_of(one);
  if (!opened) return std::unexpected{opened.error()};
  auto session = (*opened)->session(std::filesystem::path{path}.stem().string(), false);
  if (!session) return std::unexpected{session.error()};
  one.session = std::move(*session);
  return one;
}

Result<Chosen> Selector::choose(std::string_view word) {
  const SessionWord asked = parse_session_word(word);
  if (!asked.sequence_number) return whole(word);
  const auto without_point = is_whole(word, asked.session);
  if (!without_point) return std::unexpected{without_point.error()};
  if (*without_point) return whole(word);
  auto chosen = whole(asked.session);
  if (!chosen) return chosen;
  return at_point(std::move(*chosen), *asked.sequence_number);
}

Result<bool> Selector::is_whole(std::string_view word, std::string_view without_point) {
  if (is_path(without_point)) return ::access(std::string{word}.c_str(), F_OK) == 0;
  const auto folder = transcript_folder(context_.store_name());
  if (!folder) return std::unexpected{folder.error()};
  if (*folder) return false;
  const auto opened = store();
  if (!opened) return std::unexpected{opened.error()};
  auto exact = (*opened)->session(word, false);
  if (!exact) return false;
  if (auto other = (*opened)->session(without_point, false))
    return std::unexpected{ambiguous(word, {std::move(*exact), std::move(*other)})};
  return true;
}

Result<Chosen> Selector::at_point(Chosen chosen, std::uint64_t sequence_number) {
  chosen.point = sequence_number;
  chosen.session.event_count = sequence_number;
  chosen.session.updated_at = chosen.session.created_at;
  if (sequence_number == 0) return chosen;
  Filter one;
  one.from_seq = one.to_seq = sequence_number;
  const auto reader = read(chosen, {.filter = std::move(one), .raw = true});
  if (!reader) return std::unexpected{reader.error()};
  const auto batch = (*reader)->next();
  // Who reads it says what is damaged.
  if (!batch && batch.error().code == Code::corrupt) return chosen;
  if (!batch) return std::unexpected{batch.error()};
  if (!batch->empty()) {
    chosen.session.updated_at = batch->front().timestamp;
    return chosen;
  }
  const std::uint64_t last = (*reader)->report().last_sequence_number;
  if (last >= sequence_number) return chosen;
  return fail(Code::not_found, "there is no event #" + std::to_string(sequence_number) + " in " +
                                   in_quotes(chosen.label()) + ": its last is #" +
                                   std::to_string(last));
}

Result<Chosen> Selector::whole(std::string_view word) {
  if (word.empty()) return fail(Code::invalid, "a session's name is empty");
  if (is_path(word)) return by_path(std::string{word});
  if (word == "@" || word.starts_with("@~")) return by_age(word);

  // Without fresh counts: those would read whole logs, only to find a name.
  const auto folder = transcript_folder(context_.store_name());
  if (!folder) return std::unexpected{folder.error()};
  if (!*folder) {
    const auto opened = store();
    if (!opened) return std::unexpected{opened.error()};
    if (auto exact = (*opened)->session(word, false)) return Chosen{std::move(*exact), {}};
  }
  const auto all = list({.called = std::string{word}, .fresh_counts = false});
  if (!all) return std::unexpected{all.error()};
  auto found = those(*all, [&](const Session& session) { return session.id == word; });
  if (found.empty())
    found = those(*all, [&](const Session& session) { return session.name == word; });
  if (found.empty())
    found = those(*all, [&](const Session& session) { return session.id.starts_with(word); });
  if (found.size() == 1) return *found.front();
  std::vector<Session> sessions;
  for (const Chosen* one : found) sessions.push_back(one->session);
  if (found.size() > 1) return std::unexpected{ambiguous(word, sessions)};
  // One that is there and cannot be listed says why.
  if (store_) {
    const auto unlisted = store_->session(word);
    if (unlisted) return Chosen{*unlisted, {}};
    if (is_refusal(unlisted.error())) return std::unexpected{unlisted.error()};
  }
  const auto others = list({.fresh_counts = false});
  if (!others) return std::unexpected{others.error()};
  for (const Chosen& one : *others) sessions.push_back(one.session);
  return std::unexpected{unknown(word, sessions)};
}

Result<Chosen> Selector::by_age(std::string_view word) {
  std::size_t back = 0;
  if (word.size() > 1) {
    const auto [rest, error] = std::from_chars(word.data() + 2, word.data() + word.size(), back);
    if (error != std::errc{} || rest != word.data() + word.size())
      return fail(Code::invalid, "cannot read " + in_quotes(word),
                  "@ is the session with the newest event, @~1 the one before it");
  }
  auto all = list({.by_last_event = true});
  if (!all) return std::unexpected{all.error()};
  if (back >= all->size())
    return fail(Code::not_found, "there is no session " + in_quotes(word) + ": there are only " +
                                     std::to_string(all->size()));
  // Transcripts come in an order of their own.
  std::ranges::stable_sort(*all, std::ranges::greater{},
                           [](const Chosen& one) { return one.session.updated_at; });
  // By the last event, whoever wrote it, until no other session can be among the newest.
  std::vector<std::pair<Timestamp, std::size_t>> newest;
  const auto later = [](const auto& a, const auto& b) { return a.first > b.first; };
  for (std::size_t i = 0; i < all->size(); ++i) {
    if (newest.size() > back && newest[back].first >= (*all)[i].session.updated_at) break;
    const std::pair one{last_activity((*all)[i]), i};
    newest.insert(std::ranges::upper_bound(newest, one, later), one);
  }
  return std::move((*all)[newest[back].second]);
}

Timestamp Selector::last_activity(const Chosen& chosen) {
  if (!chosen.path.empty() || chosen.session.event_count == 0) return chosen.session.updated_at;
  const auto newest = [&](std::uint64_t count) -> std::optional<Timestamp> {
    Filter filter;
    filter.newest = count;
    const auto reader =
        read(chosen, {.filter = filter, .on_corrupt = OnCorrupt::prefix, .raw = true});
    std::optional<Timestamp> found;
    if (reader)
      static_cast<void>(for_each_event(**reader, [&](const EventView& event) {
        if (!event.type.starts_with("agentstore.")) found = event.timestamp;
      }));
    return found;
  };
  constexpr std::uint64_t few = 16;
  auto found = newest(few);
  if (!found && chosen.session.event_count > few) found = newest(0);
  return found.value_or(chosen.session.created_at);
}

std::string Selector::title_of(const Chosen& chosen) {
  if (!chosen.session.name.empty() || !chosen.title.empty()) return chosen.title;
  Filter first;
  first.to_seq = title_events_max;
  const auto reader = read(chosen, {.filter = first, .on_corrupt = OnCorrupt::prefix, .raw = true});
  return reader ? find_title(**reader) : std::string{};
}

Result<std::vector<Chosen>> Selector::all() {
  return list(
      {.fresh_counts = false, .on_unreadable = [this](const std::string& id, const Error& why) {
         context_.on_unreadable()(id, why);
         unreadable_.push_back("session " + id + ": " + why.message);
       }});
}

Result<std::vector<Chosen>> Selector::known() {
  // What cannot be listed is looked at all the same, and found out then.
  auto listed = list({.fresh_counts = false, .on_unreadable = [](const auto&, const auto&) {}});
  const auto folder = transcript_folder(context_.store_name());
  if (!store_ || (folder && *folder)) return listed;
  const auto ids = store_->known_ids();
  if (!ids) return std::unexpected{ids.error()};
  std::vector<Chosen> known;
  if (listed) known = std::move(*listed);
  std::set<std::string> names;
  for (const Chosen& one : known) names.insert(one.session.id);
  for (const std::string& id : *ids)
    if (!names.contains(id)) known.emplace_back().session.id = id;
  return known;
}

Result<std::vector<Chosen>> Selector::children(const Chosen& parent) {
  const char* const label = "parent_session";
  const std::string& parent_id = parent.session.id;
  std::vector<Chosen> found;
  if (parent.folder.empty()) {
    auto all = list({.labels = {{label, parent_id}}, .fresh_counts = false});
    if (!all) return all;
    found = std::move(*all);
  } else {
    const auto opened = store_of(parent);
    if (!opened) return std::unexpected{opened.error()};
    auto sessions = (*opened)->sessions({.labels = {{label, parent_id}}, .fresh_counts = false});
    if (!sessions) return std::unexpected{sessions.error()};
    for (Session& session : *sessions)
      found.push_back({.session = std::move(session), .path = {}, .folder = parent.folder});
  }
  std::erase_if(found, [&](const Chosen& one) {
    const auto label_of = one.session.labels.find(label);
    return label_of == one.session.labels.end() || label_of->second != parent_id ||
           one.session.id == parent_id;
  });
  return found;
}

Result<std::vector<Chosen>> Selector::list(const ListOptions& options) {
  std::vector<Chosen> chosen;
  const auto folder = transcript_folder(context_.store_name());
  if (!folder) return std::unexpected{folder.error()};
  if (*folder) {
    auto list = list_transcripts(**folder, false, [&](const std::string& text) {
      if (!std::exchange(links_told_, true)) context_.note(text);
    });
    if (!list) return std::unexpected{list.error()};
    note_unreadable(list->unreadable);
    for (TranscriptFile& file : list->files)
      chosen.push_back({.session = std::move(file.session),
                        .path = std::move(file.path),
                        .title = std::move(file.title)});
    return chosen;
  }
  auto opened = store();
  if (!opened) return std::unexpected{opened.error()};
  auto sessions = (*opened)->sessions(options);
  if (!sessions) return std::unexpected{sessions.error()};
  for (Session& session : *sessions) chosen.push_back({std::move(session), {}});
  return chosen;
}

void Selector::note_unreadable(const std::vector<Error>& errors) {
  for (const Error& error : errors) {
    if (std::ranges::find(unreadable_, error.message) != unreadable_.end()) continue;
    context_.warn("the answer is incomplete: " + error.message);
    unreadable_.push_back(error.message);
  }
}

std::string Selector::identity_of(const Chosen& chosen) {
  std::string path = chosen.path;
  if (path.empty()) {
    // Opening a log reads nothing of it, and says where it is.
    const auto reader = read(chosen, {.filter = {.to_seq = 0}, .raw = true});
    if (reader) path = (*reader)->report().log_name;
  }
  struct stat file{};
  const bool known = path == "-" ? ::fstat(0, &file) == 0 : ::stat(path.c_str(), &file) == 0;
  if (!known || (path == "-" && !S_ISREG(file.st_mode)))
    return (path == "-" ? "-" : "id ") + chosen.session.id;
  return std::to_string(file.st_dev) + ' ' + std::to_string(file.st_ino);
}

Result<void> Selector::drop_repeated(std::vector<Chosen>& chosen) {
  if (chosen.size() < 2) return {};
  std::map<std::string, std::optional<std::uint64_t>> seen;
  std::vector<Chosen> kept;
  for (Chosen& one : chosen) {
    const auto [first, is_new] = seen.emplace(identity_of(one), one.point);
    if (!is_new && first->second != one.point)
      return fail(Code::invalid,
                  in_quotes(one.label()) + " is named at two points: " + point_text(first->second) +
                      " and " + point_text(one.point),
                  "a session counts once: name it at one of them");
    if (is_new) kept.push_back(std::move(one));
    else context_.note(in_quotes(one.label()) + " is named more than once; it counts once");
  }
  chosen = std::move(kept);
  return {};
}

Result<std::string> Selector::session_id_of(const Chosen& chosen, OnCorrupt on_corrupt) {
  if (chosen.path.empty()) return chosen.session.id;
  const auto reader = read({{}, chosen.path}, {.on_corrupt = on_corrupt, .raw = true});
  if (!reader) return std::unexpected{reader.error()};
  const auto batch = (*reader)->next();
  if (!batch) return std::unexpected{batch.error()};
  if (!batch->empty()) return std::string{batch->front().session_id};
  const auto input = input_of(chosen);
  return input && (*input)->session ? (*input)->session->id : std::string{};
}

Result<std::unique_ptr<EventReader>> Selector::read(const Chosen& chosen, ReadOptions options) {
  options = up_to_point(chosen, std::move(options));
  if (!chosen.path.empty()) {
    const auto input = input_of(chosen);
    if (!input) return std::unexpected{input.error()};
    const auto upcasts = context_.upcasts();
    if (!upcasts) return std::unexpected{upcasts.error()};
    options.upcasts = *upcasts;
    if (const formats::Source* const source = (*input)->source)
      return TranscriptReader::open((*input)->path, *source, std::move(options),
                                    (*input)->origin.name);
    return read_log((*input)->path, std::move(options), (*input)->origin);
  }
  auto opened = store_of(chosen);
  if (!opened) return std::unexpected{opened.error()};
  return (*opened)->read(chosen.session.id, std::move(options));
}

Result<ReadReport> Selector::read_parts(const Chosen& chosen, ReadOptions options,
                                        const Parts& parts) {
  options = up_to_point(chosen, std::move(options));
  if (chosen.path.empty()) {
    const auto opened = store_of(chosen);
    if (!opened) return std::unexpected{opened.error()};
    return (*opened)->read_parts(chosen.session.id, std::move(options), parts);
  }
  const auto input = input_of(chosen);
  if (!input) return std::unexpected{input.error()};
  if ((*input)->source != nullptr) {
    const auto reader = read(chosen, std::move(options));
    if (!reader) return std::unexpected{reader.error()};
    return agentstore::read_parts(**reader, parts);
  }
  const auto upcasts = context_.upcasts();
  if (!upcasts) return std::unexpected{upcasts.error()};
  options.upcasts = *upcasts;
  return read_log_parts((*input)->path, std::move(options), parts, (*input)->origin);
}

Result<std::unique_ptr<EventReader>> Selector::read_all(ReadOptions options) {
  const auto folder = transcript_folder(context_.store_name());
  if (!folder) return std::unexpected{folder.error()};
  if (!*folder) {
    auto opened = store();
    if (!opened) return std::unexpected{opened.error()};
    return (*opened)->read_all(std::move(options));
  }
  // In order of time over all of them: they have to be there together.
  gathered_.emplace(Store::in_memory({.snapshot_interval = 0, .default_ledger = casino_ledger()}));
  const auto all = list({});
  if (!all) return std::unexpected{all.error()};
  Progress progress{0};
  for (const Chosen& one : *all) {
    auto input = ByteInput::open(one.path);
    if (!input) return std::unexpected{input.error()};
    TranscriptImporter importer{&*gathered_, std::move(*input), {.as = (*folder)->source}};
    if (auto done = importer.run(progress); !done) return std::unexpected{done.error()};
  }
  return gathered_->read_all(std::move(options));
}

namespace {

/// Whether a name addresses a session for writing: not in old stores, what names one by its age, or
/// at an event.
bool addresses(std::string_view name) {
  return !name.empty() && !name.starts_with('@') && !parse_session_word(name).sequence_number;
}

}  // namespace

Result<std::string> choose_to_write(const Store& store, std::string_view word) {
  // Opening its log says whether there is a session of that id, and reads nothing of it.
  const auto exact = store.read(word, {.filter = {.to_seq = 0}, .raw = true});
  if (exact) return std::string{word};
  if (is_refusal(exact.error())) return std::unexpected{exact.error()};
  const auto sessions = store.sessions({.called = std::string{word}, .fresh_counts = false});
  if (!sessions) return std::unexpected{sessions.error()};
  std::vector<Session> found;
  for (const Session& session : *sessions)
    if (addresses(word) && session.name == word) found.push_back(session);
  if (found.size() > 1) return std::unexpected{ambiguous(word, found)};
  if (found.size() == 1) return found.front().id;
  if (!addresses(word) && !word.empty())
    return fail(Code::not_found, "there is no session " + in_quotes(word) + " to write to",
                "@ and S@12 are for commands that read: name the session by its id or name");
  const auto all = store.sessions({.fresh_counts = false});
  if (!all) return std::unexpected{all.error()};
  return std::unexpected{unknown(word, *all)};
}

Result<Labels> parse_labels(const std::vector<std::string>& words) {
  Labels labels;
  for (const std::string& word : words) {
    const std::size_t equals = word.find('=');
    if (equals == word.npos || equals == 0)
      return fail(Code::invalid, "the label " + in_quotes(word) + " is not of the form KEY=VALUE");
    if (!labels.emplace(word.substr(0, equals), word.substr(equals + 1)).second)
      return fail(Code::invalid,
                  "the label " + in_quotes(word.substr(0, equals)) + " is given more than once");
  }
  return labels;
}

}  // namespace agentstore::cmd
