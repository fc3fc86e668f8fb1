// Sessions in a data folder: a log, a session file and snapshots each.

#include <fcntl.h>
#include <sys/file.h>

#include <algorithm>
#include <cerrno>
#include <map>
#include <mutex>
#include <utility>

#include "backends/backend.hpp"
#include "backends/check_list.hpp"
#include "backends/data_folder.hpp"
#include "backends/derived_files.hpp"
#include "backends/naming.hpp"
#include "backends/session_change.hpp"
#include "backends/session_files.hpp"
#include "backends/session_list.hpp"
#include "backends/session_names.hpp"
#include "backends/snapshot_files.hpp"
#include "backends/store_key.hpp"
#include "log/adopt.hpp"
#include "log/file_source.hpp"
#include "log/redaction.hpp"
#include "log/tail.hpp"
#include "log/due_events.hpp"
#include "log/writer.hpp"

namespace agentstore {
namespace {

constexpr std::size_t checkpoint_bytes_max = std::size_t{1} << 20;
constexpr std::size_t open_writers_max = 128;

class FileBackend : public Backend {
 public:
  FileBackend(DataFolder folder, const StoreOptions& options, const CacheLimits& limits)
      : folder_(std::move(folder)),
        options_(options),
        limits_(limits),
        key_(options.cache_key, options.on_detail) {}

  Result<void> create(const Session& session) override {
    if (session.name.empty()) return create_file(session);
    return while_naming([&] { return create_file(session); });
  }

  Result<void> create_file(const Session& session) {
    auto opened = writer(session.id);
    if (!opened) return std::unexpected(opened.error());
    return (*opened)->exclusively([&]() -> Result<void> {
      const auto there = files_.exists(session.id);
      if (!there) return std::unexpected(there.error());
      if (*there) return fail(Code::conflict, "session " + session.id + " exists");
      return session.name.empty() ? files_.write(session) : write_named(session);
    });
  }

  Result<void> while_naming(const std::function<Result<void>()>& work) override {
    if (auto prepared = prepare(); !prepared) return prepared;
    return names_.exclusively(work);
  }

  Result<std::optional<std::string>> holder_of(std::string_view word,
                                               std::string_view except_id) override {
    auto holder = names_.holder_of(word, except_id);
    if (!holder || *holder || word == except_id) return holder;
    const auto there = files_.exists(word);
    if (!there) return std::unexpected(there.error());
    return *there ? std::optional{std::string{word}} : std::nullopt;
  }

  Result<void> rename(std::string_view id, const std::string& name, const Labels& labels) override {
    return while_naming([&]() -> Result<void> {
      auto opened = existing_writer(id);
      if (!opened) return std::unexpected(opened.error());
      return (*opened)->exclusively([&]() -> Result<void> {
        auto changed = files_.read_to_write(id);
        if (!changed) return std::unexpected(changed.error());
        changed->name = name;
        changed->labels = labels;
        return write_named(*changed);
      });
    });
  }

  Result<Session> session(std::string_view id, bool fresh) override {
    auto session = files_.read(id);
    if (!session) return session;
    if (!fresh && session->event_count > 0) return session;
    const auto extent = files_.extent(id);
    if (!extent && !fresh) return session;  // It is there, and reading it will say what is wrong.
    if (!extent) return std::unexpected(extent.error());
    session->event_count = extent->events;
    if (extent->events > 0) session->updated_at = extent->last_at;
    return session;
  }

  Result<std::vector<Session>> sessions(const ListOptions& options) override {
    auto listed =
        list_sessions({.folder = folder_,
                       .cached_from = limits_.sessions_min,
                       .key = [this](MissingKey missing) { return key_.find(missing); },
                       .read = [this](const std::string& id) { return session(id, false); },
                       .notice = [this](const std::string& text) { notice(text); }},
                      options);
    if (!listed || !options.on_unreadable) return listed;
    const auto lost = lost_ids(folder_);
    if (!lost) return std::unexpected(lost.error());
    for (const std::string& id : *lost)
      options.on_unreadable(id, {Code::corrupt, "nothing but checkpoints are left of it"});
    return listed;
  }

  Result<std::vector<std::string>> known_ids() override { return agentstore::known_ids(folder_); }
  SessionEntries entries(std::string_view id) override { return look_at_entries(folder_, id); }

  Result<std::vector<std::string>> session_ids() override { return readable_ids(folder_); }

  Result<std::vector<Receipt>> append(std::string_view id,
                                      std::span<const log::CheckedDraft> drafts,
                                      const AppendOptions& options) override {
    auto opened = existing_writer(id);
    if (!opened) return std::unexpected(opened.error());
    return (*opened)->append(drafts, options);
  }

  Result<std::unique_ptr<log::ByteSource>> log(std::string_view id) override {
    const auto there = files_.exists(id);
    if (!there) return std::unexpected(there.error());
    if (!*there) return SessionFiles::no_session(id);
    auto source =
        log::FileSource::open(system(), folder_.log_file(id), folder_.lock_file(id), true,
                              [this, key = std::string{id}] { return files_.due_events(key); });
    if (!source) return std::unexpected(source.error());
    return std::move(*source);
  }

  Result<Adopted> adopt(const Session& session, const LineSource& next_line) override {
    if (auto prepared = prepare(); !prepared) return std::unexpected(prepared.error());
    const Path temp = sibling_temp(folder_.log_file(session.id));
    auto adopted = adopt_by(temp, session, next_line);
    if (!adopted) system().unlink(temp.c_str());
    return adopted;
  }

  Result<Repair> repair(std::string_view id, const RepairOptions& options) override {
    auto opened = existing_writer(id);
    if (!opened) return std::unexpected(opened.error());
    return (*opened)->repair(options);
  }

  Result<std::vector<Receipt>> redact(std::string_view id,
                                      std::span<const std::uint64_t> sequence_numbers,
                                      std::string_view reason,
                                      std::string_view requested_by) override {
    auto opened = existing_writer(id);
    if (!opened) return std::unexpected(opened.error());
    return (*opened)->redact(sequence_numbers, reason, requested_by);
  }

  Result<std::uint64_t> make_durable(std::string_view id) override {
    const auto opened = existing_writer(id);
    if (!opened) return std::unexpected(opened.error());
    return (*opened)->make_durable();
  }

  Result<std::optional<std::string>> newest_checkpoint(std::string_view id) override {
    const auto newest = log::newest_checkpoint_size(system(), folder_.checkpoints(id));
    if (!newest) return std::unexpected(newest.error());
    if (*newest == 0) return std::nullopt;
    auto note = read_file(system(), checkpoint_file(id, *newest), checkpoint_bytes_max);
    if (!note) return std::unexpected(note.error());
    return std::move(*note);
  }

  Result<void> save_checkpoint(std::string_view id, std::uint64_t size,
                               std::string_view note) override {
    // A note must not outlive the events that it speaks of.
    const auto durable = make_durable(id);
    if (!durable) return std::unexpected(durable.error());
    if (*durable < size) {
      return fail(Code::busy,
                  "session " + std::string{id} + " lost its last write, which had failed",
                  "try again");
    }
    const Path path = checkpoint_file(id, size);
    for (const Path& part : {path.parent_path().parent_path(), path.parent_path()}) {
      if (auto made = make_folder(system(), part, folder_.folder_mode()); !made) return made;
      // It may stand there since a sync that failed, or was never reached.
      if (auto synced = sync_folder(system(), part.parent_path()); !synced) return synced;
    }
    return replace_file(system(), path, note, folder_.file_mode());
  }

  const CacheKey* cache_key(MissingKey missing) override { return key_.find(missing); }

  Result<std::vector<std::uint64_t>> snapshots(std::string_view id,
                                               std::string_view projection) override {
    const CacheKey* const key = key_.find(MissingKey::refuse);
    if (key == nullptr) return std::vector<std::uint64_t>{};
    return snapshot_files_.numbers(id, projection, key->id());
  }

  Result<std::optional<std::string>> snapshot(std::string_view id, std::string_view projection,
                                              std::uint64_t sequence_number) override {
    const CacheKey* const key = key_.find(MissingKey::refuse);
    if (key == nullptr) return std::nullopt;
    return snapshot_files_.read(id, projection, sequence_number, key->id());
  }

  Result<std::optional<std::string>> published_snapshot(std::string_view id) override {
    return snapshot_files_.read_published(id);
  }

  Result<bool> save_snapshots(std::string_view id, log::ByteSource& folded,
                              std::span<const KeptSnapshot> snapshots) override {
    const CacheKey* const key = key_.find(MissingKey::make);
    if (key == nullptr) return false;
    auto opened = writer(id);
    if (!opened) return std::unexpected(opened.error());
    bool same = true;
    auto saved = (*opened)->exclusively([&]() -> Result<void> {
      const auto change = folded.refresh();
      if (!change) return std::unexpected(change.error());
      same =
          *change != log::ByteSource::Change::replaced && *change != log::ByteSource::Change::gone;
      if (!same) return {};
      for (const KeptSnapshot& snapshot : snapshots) {
        if (auto done = snapshot_files_.save(id, snapshot, key->id()); !done) return done;
      }
      return files_.refresh(id, (*opened)->synced_events());
    });
    if (!saved) return std::unexpected(std::move(saved.error()));
    return same;
  }

  // Under the lock, where there is one: a redaction then removes this, or has replaced the log that
  // was folded. Where there is none, no writer was ever here, and what one does meanwhile is looked
  // for afterwards.
  Result<void> save_read_snapshot(std::string_view id, log::ByteSource& folded,
                                  const KeptSnapshot& snapshot) override {
    const CacheKey* const key = folder_.marked() ? key_.find(MissingKey::make) : nullptr;
    if (key == nullptr) return {};
    const auto lock = open_file(system(), folder_.lock_file(id), O_RDONLY);
    if (!lock && lock.error().code != Code::not_found) return std::unexpected(lock.error());
    if (lock && system().flock(lock->get(), LOCK_EX | LOCK_NB) < 0) return {};
    const auto may_stay = [&]() -> Result<bool> {
      const auto change = folded.refresh();
      if (!change) return std::unexpected(change.error());
      if (*change == log::ByteSource::Change::replaced) return false;
      const auto redaction = log::last_redactions(folded);
      if (!redaction) return std::unexpected(redaction.error());
      return redaction->empty();
    };
    auto same = may_stay();
    if (!same || !*same) return same ? Result<void>{} : std::unexpected(same.error());
    if (auto done = snapshot_files_.save(id, snapshot, key->id()); !done) return done;
    if (lock) return {};
    same = may_stay();
    return same && *same ? Result<void>{} : forget_derived(folder_, std::string{id});
  }

  std::optional<MemoFile> memo(std::string_view id, std::string_view name, std::string_view version,
                               bool however_short) override {
    const CacheKey* const key =
        is_file_name(id) && folder_.marked() ? key_.find(MissingKey::make) : nullptr;
    if (key == nullptr) return std::nullopt;
    std::optional<MemoFile> memo{std::in_place, folder_, *key, id, name, version, memos_swept_};
    if (!however_short && memo->log_bytes() < limits_.memo_log_bytes_min) memo.reset();
    return memo;
  }

  std::vector<Finding> check_list(std::string_view id) override {
    const CacheKey* const key = key_.find(MissingKey::refuse);
    if (key == nullptr) return {};
    std::vector<Finding> findings = check_list_of(folder_, *key, id);
    std::call_once(list_checked_, [&] {
      for (Finding& finding : agentstore::check_list(folder_, *key))
        findings.push_back(std::move(finding));
    });
    return findings;
  }

  std::vector<std::string> foreign_caches(std::string_view id) override {
    const CacheKey* const key = key_.find(MissingKey::refuse);
    return agentstore::foreign_caches(folder_, key == nullptr ? "" : key->id(), id);
  }

  Result<void> close() override {
    const std::lock_guard guard{mutex_};
    Result<void> result;
    for (const auto& [id, writer] : writers_) {
      if (auto done = refresh_session(id, *writer); !done) result = done;
    }
    writers_.clear();
    return result;
  }

 private:
  using SharedWriter = std::shared_ptr<log::Writer>;

  System& system() const { return folder_.system(); }

  Result<void> prepare() {
    const std::lock_guard guard{mutex_};
    return folder_.prepare_for_writing();
  }

  Path checkpoint_file(std::string_view id, std::uint64_t size) const {
    return folder_.checkpoints(id) / (std::to_string(size) + ".note");
  }

  Result<SharedWriter> existing_writer(std::string_view id) {
    {
      const std::lock_guard guard{mutex_};
      const auto known = writers_.find(id);
      if (known != writers_.end() && known->second->has_appended()) return known->second;
    }
    const auto there = files_.exists(id);
    if (!there) return std::unexpected(there.error());
    if (!*there) return SessionFiles::no_session(id);
    if (auto finished = finish_change(id); !finished) return std::unexpected(finished.error());
    return writer(id);
  }

  Result<SharedWriter> writer(std::string_view id) {
    const std::lock_guard guard{mutex_};
    if (const auto known = writers_.find(id); known != writers_.end()) return known->second;
    if (auto prepared = folder_.prepare_for_writing(); !prepared) {
      return std::unexpected(prepared.error());
    }
    if (writers_.size() >= open_writers_max) let_go_of_idle_writers();
    const auto made = std::make_shared<log::Writer>(
        system(),
        log::WriterOptions{
            .log = folder_.log_file(id),
            .lock = folder_.lock_file(id),
            .quarantine = folder_.quarantine(id),
            .checkpoints = folder_.checkpoints(id),
            .folder_mode = folder_.folder_mode(),
            .file_mode = folder_.file_mode(),
            .session_id = std::string{id},
            .durability = options_.durability,
            .lock_timeout = options_.lock_timeout,
            .on_notice = options_.on_notice,
            .forget_derived = [this, key = std::string{id}](
                                  const auto& payloads) { return forget(key, payloads); },
            .synced_events = [this, key = std::string{id}] { return files_.synced_events(key); },
            .set_synced_events =
                [this, key = std::string{id}](std::uint64_t events) {
                  return files_.set_synced_events(key, events);
                }});
    writers_.emplace(id, made);
    return made;
  }

  // Each holds two descriptors. A poisoned one is kept: its log must not be appended to again.
  void let_go_of_idle_writers() {
    std::erase_if(writers_, [&](const auto& entry) {
      const auto& [id, writer] = entry;
      if (writer.use_count() > 1 || writer->poisoned()) return false;
      if (auto done = refresh_session(id, *writer); !done) {
        notice("session " + id + ": its file was not refreshed: " + done.error().message);
      }
      return true;
    });
  }

  // Writes a session's file with a name that may be another one than before.
  Result<void> write_named(const Session& session) {
    if (auto done = names_.announce(); !done) return done;
    auto written = files_.write(session);
    if (written) names_.is_called(session.id, session.name);
    return written;
  }

  // Every session, without a word of those that cannot be read: they have no names.
  Result<std::vector<Session>> list_names() {
    const auto unusable = [](const std::string& id) -> Result<Session> {
      return SessionFiles::no_session(id);
    };
    return list_sessions({.folder = folder_,
                          .cached_from = limits_.sessions_min,
                          .key = [this](MissingKey missing) { return key_.find(missing); },
                          .read = unusable,
                          .notice = [](const std::string&) {}},
                         {.fresh_counts = false});
  }

  // A process may have died between the event that says how a session is called now, and its file:
  // then the event is the log's last, unless a writer of another version came after it.
  Result<void> finish_change(std::string_view id) {
    const auto change = last_change(id);
    if (!change || !*change) return {};  // Who reads the log next says what is wrong with it.
    return while_naming([&]() -> Result<void> {
      const auto opened = writer(id);
      if (!opened) return std::unexpected(opened.error());
      return (*opened)->exclusively([&]() -> Result<void> {
        const auto now = last_change(id);
        const auto kept = files_.read_to_write(id);
        if (!now || !*now || !kept) return {};
        Session session = *kept;
        apply_change(session, **now);
        if (session.name == kept->name && session.labels == kept->labels) return {};
        const auto holder = session.name.empty() ? Result<std::optional<std::string>>{}
                                                 : holder_of(session.name, id);
        if (!holder) return std::unexpected(holder.error());
        if (*holder) session.name = kept->name;
        return write_named(session);
      });
    });
  }

  // The payload of the log's last event, where that is a change of the session.
  Result<std::optional<std::string>> last_change(std::string_view id) {
    const auto source = log::FileSource::open(system(), folder_.log_file(id), {}, true);
    if (!source) return std::unexpected(source.error());
    return log::last_payload_of(**source, session_changed);
  }

  Result<void> refresh_session(const std::string& id, log::Writer& writer) {
    return writer.exclusively([&] { return files_.refresh(id, writer.synced_events()); });
  }

  Result<Adopted> adopt_by(const Path& temp, const Session& session, const LineSource& next_line) {
    if (auto written = log::write_lines(system(), temp, folder_.file_mode(), next_line); !written)
      return std::unexpected(written.error());
    const auto source = log::FileSource::open(system(), temp, {}, false);
    if (!source) return std::unexpected(source.error());
    const auto events = log::check_adoptable(**source, session.id);
    if (!events) return std::unexpected(events.error());
    Adopted adopted;
    const auto created =
        create_adopted(*this, session, [this](const std::string& text) { notice(text); });
    if (!created) return std::unexpected(created.error());
    adopted.session_created = *created;
    auto opened = writer(session.id);
    if (!opened) return std::unexpected(opened.error());
    const auto before = (*opened)->replace_with(temp, *events);
    if (!before) return std::unexpected(before.error());
    adopted.already = std::min(*before, *events);
    adopted.events = *events - adopted.already;
    return adopted;
  }

  Result<void> forget(const std::string& id, std::span<const std::string_view> payloads) {
    if (auto done = forget_derived(folder_, id); !done) return done;
    auto session = payloads.empty() ? Result<Session>{} : files_.read(id);
    if (!session || !is_title_of(session->name, payloads)) return {};
    notice("session " + id + ": its name, the beginning of a message that was redacted, is gone");
    session->name.clear();
    return files_.write(*session);
  }

  void notice(const std::string& text) const {
    if (options_.on_notice) options_.on_notice(text);
  }

  DataFolder folder_;
  const StoreOptions options_;
  const CacheLimits limits_;
  StoreKey key_;
  const SnapshotFiles snapshot_files_{folder_, options_.durability};
  std::once_flag memos_swept_;
  std::once_flag list_checked_;
  SessionFiles files_{folder_, [this](const std::string& text) { notice(text); }};
  SessionNames names_{folder_, options_.lock_timeout, [this] { return list_names(); }};
  std::mutex mutex_;
  std::map<std::string, SharedWriter, std::less<>> writers_;
};

}  // namespace

Result<std::unique_ptr<Backend>> open_file_backend(const std::filesystem::path& folder,
                                                   const StoreOptions& options, System& system,
                                                   const CacheLimits& limits) {
  auto opened = DataFolder::open(system, folder, options.create);
  if (!opened) return std::unexpected(opened.error());
  return std::make_unique<FileBackend>(std::move(*opened), options, limits);
}

}  // namespace agentstore
