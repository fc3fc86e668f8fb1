#include "backends/session_list.hpp"

#include <fcntl.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cerrno>
#include <span>
#include <system_error>
#include <thread>
#include <utility>

#include "backends/session_cache.hpp"
#include "backends/session_entries.hpp"
#include "backends/session_file.hpp"
#include "base/cache_file.hpp"
#include "base/checksum.hpp"
#include "base/parallel.hpp"
#include "log/file_source.hpp"
#include "log/log_length.hpp"

namespace agentstore {
namespace {

constexpr std::size_t session_file_bytes_max = std::size_t{16} << 20;
// A folder of this size is worth a thread of its own.
constexpr std::uint64_t large_folder_bytes = std::uint64_t{64} << 10;
// Writing the cache costs as much as reading some hundredths of the sessions does.
constexpr std::size_t learnt_share = 64;
// Names are read anew as long as sessions come and go: a cache written each time would not last.
constexpr std::int64_t quiet_ns = 60'000'000'000;

Result<std::vector<std::string>> names_in(System& system, const Path& folder,
                                          std::string_view ending) {
  std::vector<std::string> names;
  const int error = system.list(folder.c_str(), names);
  if (error == -ENOENT || error == -ENOTDIR) return std::vector<std::string>{};
  if (error < 0) return system_error("list", folder, -error);
  std::erase_if(names, [&](const std::string& name) {
    return name.front() == '.' || !name.ends_with(ending);
  });
  for (std::string& name : names) name.resize(name.size() - ending.size());
  return names;
}

// What one worker has read.
struct Reading {
  std::vector<std::uint32_t> read;
  std::vector<std::uint32_t> unusable;
  std::string text;
  std::string file;
  SessionView session;
};

// Numbers by name: nothing is allocated for each, which is what costs most in a std::unordered_map.
class NameIndex {
 public:
  explicit NameIndex(std::size_t names) : slots_(std::bit_ceil(2 * names + 1)) {}

  void add(std::string_view name, std::uint32_t number) { slot(name) = {name, number}; }
  const std::uint32_t* find(std::string_view name) {
    const Slot& found = slot(name);
    return found.name.empty() ? nullptr : &found.number;
  }

 private:
  struct Slot {
    std::string_view name;  // empty: free
    std::uint32_t number = 0;
  };
  Slot& slot(std::string_view name) {
    std::size_t at = checksum(name) & (slots_.size() - 1);
    while (!slots_[at].name.empty() && slots_[at].name != name) at = (at + 1) & (slots_.size() - 1);
    return slots_[at];
  }
  std::vector<Slot> slots_;
};

void leave_those_without_file(std::vector<std::string>& logs, std::span<const std::string> files) {
  NameIndex with_file{files.size()};
  for (const std::string& id : files) with_file.add(id, 0);
  std::erase_if(logs, [&](const std::string& id) { return with_file.find(id) != nullptr; });
}

// Reads a session's file; false where it is not as it should be.
bool read_session(System& system, const Descriptor& folder, const char* name, std::string_view id,
                  Reading& into, SessionRecord& record) {
  constexpr int flags = O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK;
  const int number = folder ? system.open_at(folder.get(), name, flags, 0) : -ENOENT;
  if (number < 0) return false;
  const Descriptor file{system, number};
  struct stat status{};
  if (system.fstat(number, status) < 0 || !S_ISREG(status.st_mode)) return false;
  if (static_cast<std::uint64_t>(status.st_size) > session_file_bytes_max) return false;
  into.file.resize(static_cast<std::size_t>(status.st_size));
  // What interrupts this, or cuts it short, is dealt with where unusable files are.
  const ssize_t got = system.pread(number, into.file.data(), into.file.size(), 0);
  if (got != status.st_size) return false;
  const bool plain = read_plain_session(into.file, into.session);
  const auto other = plain ? Result<Session>{} : session_from_json(into.file);
  if (!other) return false;
  if (!plain) into.session = view_of(*other);
  if (into.session.id != id) return false;
  describe(record, into.session, into.text);
  record.file = stamp_of(status);
  return true;
}

class SessionList {
 public:
  SessionList(const ListSource& source, const ListOptions& options)
      : source_(source), options_(options) {}

  // Steps 1 and 2. Errors: io.
  Result<void> refresh();

  // Step 3.
  std::vector<Session> rows();
  // Step 4, the last: nothing is left here. What goes wrong costs time later, and nothing else.
  void sweep(const CacheKey& key) const;
  void save();

 private:
  const SessionRecords& all() const { return cache_.sessions; }
  System& system() const { return source_.folder.system(); }
  const Path& root() const { return source_.folder.root(); }
  Path cache_path(const CacheKey& key) const {
    return source_.folder.cache() / ("sessions." + key.id());
  }
  Descriptor open_folder(const char* name, Stamp& stamp) const;
  Result<void> read_anew();
  void name_records(std::span<const std::string> files);
  void add_records(std::span<const std::string> ids);
  void read_changed(std::size_t first);
  void read_unusable(const std::vector<std::uint32_t>& unusable);
  std::vector<Session> counted(const std::vector<std::uint32_t>& rows, bool fresh);
  std::vector<Result<void>> count(const std::vector<std::uint32_t>& rows);
  Result<void> count(SessionRecord& record);
  bool worth_saving() const;
  void tell_unreadable(const std::string& id, const char* what, const Error& why) const;
  const CacheKey* key_of_cache(MissingKey missing) const {
    return source_.folder.marked() ? source_.key(missing) : nullptr;
  }

  const ListSource& source_;
  const ListOptions& options_;
  Timestamp begun_;
  Descriptor files_;  // the folders; not open where they are missing
  Descriptor logs_;
  SessionCache cache_;
  bool named_anew_ = false;
  std::size_t learnt_ = 0;  // how many stamps the cache would have that it has not
};

Descriptor SessionList::open_folder(const char* name, Stamp& stamp) const {
  const Path path = root() / name;
  const int number = system().open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0);
  if (number < 0) return {};
  Descriptor folder{system(), number};
  struct stat status{};
  if (system().fstat(number, status) == 0) stamp = stamp_of(status);
  return folder;
}

Result<void> SessionList::refresh() {
  begun_ = system().clock();
  for (const char* const part : {"sessions", "events"}) {
    if (auto folder = check_folder(system(), root() / part); !folder) return folder;
  }
  // Before the names are read: what comes later changes it.
  Stamp sessions;
  Stamp events;
  files_ = open_folder("sessions", sessions);
  logs_ = open_folder("events", events);
  if (const CacheKey* const key = key_of_cache(MissingKey::refuse))
    if (auto kept = load_session_cache(system(), cache_path(*key), *key)) cache_ = std::move(*kept);
  named_anew_ = !sessions.known() || !events.known() || sessions != cache_.sessions_folder ||
                events != cache_.events_folder;
  cache_.sessions_folder = sessions;
  cache_.events_folder = events;
  if (named_anew_) return read_anew();
  read_changed(0);
  return {};
}

Result<void> SessionList::read_anew() {
  const bool large = cache_.events_folder.size_bytes > large_folder_bytes;
  const auto beside = [&](auto work, auto other_work) {
    std::jthread other;
    try {
      if (large) other = std::jthread{other_work};
    } catch (const std::system_error&) {  // One after the other will do.
    }
    if (!other.joinable()) other_work();
    work();
  };
  Result<std::vector<std::string>> files;
  Result<std::vector<std::string>> logs;
  beside([&] { files = names_in(system(), root() / "sessions", ".json"); },
         [&] { logs = names_in(system(), root() / "events", ".jsonl"); });
  if (!files) return std::unexpected(files.error());
  if (!logs) return std::unexpected(logs.error());
  name_records(*files);
  // Of a session without a file only its log is there.
  beside([&] { read_changed(0); }, [&] { leave_those_without_file(*logs, *files); });
  add_records(*logs);
  read_changed(files->size());
  return {};
}

// What is known of sessions whose files are still there is kept.
void SessionList::name_records(std::span<const std::string> files) {
  SessionRecords& all = cache_.sessions;
  const std::vector<SessionRecord> before = std::exchange(all.records, {});
  all.records.reserve(files.size());
  if (before.empty()) return add_records(files);
  std::size_t bytes = all.text.size();
  for (const std::string& id : files) bytes += id.size();
  all.text.reserve(bytes);  // Names that are known stand in it.
  NameIndex known{before.size()};
  for (std::uint32_t i = 0; i < before.size(); ++i) known.add(all.id(before[i]), i);
  for (const std::string& id : files) {
    if (const std::uint32_t* const found = known.find(id)) all.records.push_back(before[*found]);
    else add_records({&id, 1});
  }
}

void SessionList::add_records(std::span<const std::string> ids) {
  SessionRecords& all = cache_.sessions;
  for (const std::string& id : ids) {
    SessionRecord& record = all.records.emplace_back();
    record.text_at = all.text.size();
    record.id_bytes = static_cast<std::uint32_t>(id.size());
    all.text += id;
  }
}

void SessionList::read_changed(std::size_t first) {
  SessionRecords& all = cache_.sessions;
  std::array<Reading, workers_max> readings;
  const auto read = [&](std::size_t worker, std::size_t from, std::size_t to) {
    Reading& reading = readings[worker];
    std::string name;
    for (auto i = static_cast<std::uint32_t>(first + from); i < first + to; ++i) {
      SessionRecord& record = all.records[i];
      const std::string_view id = all.id(record);
      name.assign(id).append(".json");
      struct stat status{};
      const bool same = record.file.known() && files_ &&
                        system().lstat_at(files_.get(), name.c_str(), status) == 0 &&
                        stamp_of(status) == record.file;
      if (same) continue;
      const bool usable = read_session(system(), files_, name.c_str(), id, reading, record);
      (usable ? reading.read : reading.unusable).push_back(i);
    }
  };
  in_parallel(all.records.size() - first, read);
  const auto at_ns = nanoseconds_of({begun_.seconds, begun_.nanoseconds});
  std::vector<std::uint32_t> unusable;
  for (const Reading& reading : readings) {
    for (const std::uint32_t i : reading.read) {
      all.records[i].text_at += all.text.size();
      if (all.records[i].file.settled(at_ns)) ++learnt_;
    }
    all.text += reading.text;
    unusable.insert(unusable.end(), reading.unusable.begin(), reading.unusable.end());
  }
  std::ranges::sort(unusable, {}, [&](std::uint32_t i) { return all.id(all.records[i]); });
  read_unusable(unusable);
}

void SessionList::read_unusable(const std::vector<std::uint32_t>& unusable) {
  SessionRecords& all = cache_.sessions;
  for (const std::uint32_t i : unusable) {
    all.records[i].file = {};
    const std::string id{all.id(all.records[i])};
    if (const auto found = source_.read(id)) {
      describe(all.records[i], view_of(*found), all.text);
    } else {
      tell_unreadable(id, "cannot be listed", found.error());
      all.hidden.insert(i);
    }
  }
}

std::vector<Session> SessionList::rows() {
  auto sessions = counted(all().select(options_), options_.fresh_counts);
  return options_.by_last_event ? newest_event_first(std::move(sessions), options_)
                                : std::move(sessions);
}

void SessionList::tell_unreadable(const std::string& id, const char* what, const Error& why) const {
  if (options_.on_unreadable) options_.on_unreadable(id, why);
  else source_.notice("session " + id + " " + what + ": " + why.message);
}

// Without fresh counts those of a session file are taken, where it has any.
std::vector<Session> SessionList::counted(const std::vector<std::uint32_t>& rows, bool fresh) {
  std::vector<std::uint32_t> uncounted;
  for (const std::uint32_t row : rows)
    if (fresh || all().records[row].event_count == 0) uncounted.push_back(row);
  const auto counts = count(uncounted);
  std::vector<Session> sessions;
  sessions.reserve(rows.size());
  std::size_t next = 0;
  for (const std::uint32_t row : rows) {
    const SessionRecord& record = all().records[row];
    Session& session = sessions.emplace_back(all().session(record));
    if (next == uncounted.size() || uncounted[next] != row) continue;
    const Result<void>& count = counts[next++];
    if (!count && fresh) tell_unreadable(session.id, "cannot be counted", count.error());
    if (!count) continue;
    session.event_count = record.events;
    if (record.events > 0) session.updated_at = record.last_at();
  }
  return sessions;
}

std::vector<Result<void>> SessionList::count(const std::vector<std::uint32_t>& rows) {
  std::vector<Result<void>> results(rows.size());
  std::array<std::size_t, workers_max> learnt{};
  const auto at_ns = nanoseconds_of({begun_.seconds, begun_.nanoseconds});
  in_parallel(rows.size(), [&](std::size_t worker, std::size_t from, std::size_t to) {
    for (std::size_t i = from; i < to; ++i) {
      SessionRecord& record = cache_.sessions.records[rows[i]];
      const Stamp before = record.log;
      results[i] = count(record);
      if (record.log != before && record.log.settled(at_ns)) ++learnt[worker];
    }
  });
  for (const std::size_t more : learnt) learnt_ += more;
  return results;
}

Result<void> SessionList::count(SessionRecord& record) {
  const std::string id{all().id(record)};
  const Path path = source_.folder.log_file(id);
  struct stat status{};
  // Before the log is read: what is written meanwhile leaves another stamp than this.
  const int error =
      logs_ ? system().lstat_at(logs_.get(), path.filename().c_str(), status) : -ENOENT;
  if (error == 0 && record.log.known() && stamp_of(status) == record.log) return {};
  record.log = {};
  record.events = 0;
  if (error == -ENOENT) return {};
  const auto source = log::FileSource::open(system(), path, {}, true);
  if (!source) return std::unexpected(source.error());
  const auto length = log::length_of(**source, id);
  if (!length) return std::unexpected(length.error());
  record.events = length->events;
  record.last_s = length->last_at.seconds;
  record.last_ns = length->last_at.nanoseconds;
  if (error == 0) record.log = stamp_of(status);
  return {};
}

bool SessionList::worth_saving() const {
  const std::size_t sessions = all().records.size();
  if (sessions < source_.cached_from) return false;
  if (learnt_ > sessions / learnt_share) return true;
  const auto quiet_since_ns = nanoseconds_of({begun_.seconds, begun_.nanoseconds}) - quiet_ns;
  return named_anew_ && cache_.sessions_folder.settled(quiet_since_ns) &&
         cache_.events_folder.settled(quiet_since_ns);
}

// What a writer has left that died before its cache was whole, and what other keys and older
// versions left long ago.
void SessionList::sweep(const CacheKey& key) const {
  const Path folder = source_.folder.cache();
  const auto names = list_folder(system(), folder);
  if (!names) return;
  for (const std::string& name : *names) {
    const KeyedName keyed = split_keyed_name(name);
    const bool list = keyed.name == "sessions" && keyed.key_id != key.id();
    if (name.starts_with(".sessions.") && name.ends_with(".tmp"))
      sweep_cache_temp(system(), folder / name);
    else if (list && is_long_unused(system(), folder / name))
      system().unlink((folder / name).c_str());
  }
}

void SessionList::save() {
  if (!worth_saving()) return;
  const CacheKey* const key = key_of_cache(MissingKey::make);
  if (key == nullptr) return;
  const Path path = cache_path(*key);
  if (!make_cache_folder(system(), path.parent_path(), source_.folder.folder_mode())) return;
  sweep(*key);
  cache_.sessions.arrange();
  (void)save_session_cache(system(), path, std::move(cache_), begun_, source_.folder.file_mode(),
                           *key);
}

}  // namespace

Result<std::vector<Session>> list_sessions(const ListSource& source, const ListOptions& options) {
  SessionList list{source, options};
  if (auto done = list.refresh(); !done) return std::unexpected(done.error());
  auto sessions = list.rows();
  list.save();
  return sessions;
}

}  // namespace agentstore
