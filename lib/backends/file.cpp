// Sessions in a data folder: a log, a session file and caches each, which files of their own keep.

#include <algorithm>
#include <utility>

#include "backends/backend.hpp"
#include "backends/checkpoint_files.hpp"
#include "backends/data_folder.hpp"
#include "backends/derived_files.hpp"
#include "backends/folder_caches.hpp"
#include "backends/naming.hpp"
#include "backends/session_change.hpp"
#include "backends/session_files.hpp"
#include "backends/session_list.hpp"
#include "backends/session_names.hpp"
#include "backends/session_writers.hpp"
#include "backends/source_files.hpp"
#include "log/file_source.hpp"
#include "log/import_lines.hpp"
#include "log/redaction.hpp"
#include "log/source_scrub.hpp"
#include "log/tail.hpp"

namespace agentstore {
namespace {

class FileBackend : public Backend {
 public:
  FileBackend(DataFolder folder, const BackendOptions& options, const CacheLimits& limits)
      : folder_(std::move(folder)),
        options_(options),
        cached_sessions_min_(limits.sessions_min),
        caches_(folder_, options_, limits) {}

  Result<void> create(const Session& session) override {
    if (session.name.empty()) return create_file(session);
    return while_naming([&] { return create_file(session); });
  }

  Result<void> create_file(const Session& session) {
    auto opened = writers_.open(session.id);
    if (!opened) return std::unexpected(opened.error());
    return (*opened)->exclusively([&]() -> Result<void> {
      const auto there = files_.exists(session.id);
      if (!there) return std::unexpected(there.error());
      const auto torn = files_.is_torn(session.id);
      if (!torn) return std::unexpected(torn.error());
      const auto exists = fail(Code::conflict, "session " + session.id + " exists");
      if (*there && !*torn) return exists;
      auto written = session.name.empty() ? files_.write(session) : write_named(session);
      if (!written) return written;
      sources_.made(session.id);
      // Events of it may have got to the disk before its file did.
      const auto log = status_of(system(), folder_.log_file(session.id));
      if (!log) return std::unexpected(log.error());
      return *torn && *log && (*log)->size_bytes > 0 ? Result<void>{exists} : Result<void>{};
    });
  }

  Result<void> while_naming(const std::function<Result<void>()>& work) override {
    if (auto prepared = writers_.prepare(); !prepared) return prepared;
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
    const auto length = files_.length(id);
    if (!length && !fresh) return session;  // It is there, and reading it will say what is wrong.
    if (!length) return std::unexpected(length.error());
    session->event_count = length->events;
    if (length->events > 0) session->updated_at = length->last_at;
    return session;
  }

  Result<std::vector<Session>> sessions(const ListOptions& options) override {
    auto listed =
        list_sessions({.folder = folder_,
                       .cached_from = cached_sessions_min_,
                       .key = [this](MissingKey missing) { return caches_.key(missing); },
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
    if (!*there) return no_session(id);
    auto source =
        log::FileSource::open(system(), folder_.log_file(id), folder_.lock_file(id), true,
                              [this, key = std::string{id}] { return files_.due_events(key); });
    if (!source) return std::unexpected(source.error());
    return std::move(*source);
  }

  Result<ImportReport> import_session(const Session& session,
                                      const LineSource& next_line) override {
    if (auto prepared = writers_.prepare(); !prepared) return std::unexpected(prepared.error());
    const Path temp = sibling_temp(folder_.log_file(session.id));
    try {
      auto imported = import_by(temp, session, next_line);
      if (!imported) system().unlink(temp.c_str());
      return imported;
    } catch (...) {  // of next_line
      system().unlink(temp.c_str());
      throw;
    }
  }

  Result<KeepReport> keep_source(std::string_view id, const SourceFile& file) override {
    if (const auto opened = existing_writer(id); !opened) return std::unexpected(opened.error());
    return sources_.keep(id, file);
  }

  Result<void> keep_source_elsewhere(std::string_view id, const KeptElsewhere& file) override {
    return sources_.keep_elsewhere(id, file);
  }

  Result<KeptFiles> kept_files(std::string_view id) override { return sources_.list(id); }

  Result<void> read_kept_file(std::string_view id, std::uint64_t number,
                              const TakeBytes& take) override {
    return sources_.read(id, number, take);
  }

  std::vector<Finding> check_source_files(std::string_view id) override {
    return sources_.check(id);
  }

  // Source files are durable before the events that name them.
  Result<void> sync() override {
    if (options_.durability != Durability::deferred) return {};
    const auto few = sources_.sync();
    if (!few) return std::unexpected(few.error());
    if (auto synced = writers_.sync_deferred(!*few); !synced) return synced;
    if (auto told = sources_.tell_kept(); !told) return told;
    return writers_.settle();
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
    sources_.changed(id);
    if (auto gone = redact_sources(id, sequence_numbers, reason, requested_by); !gone)
      return std::unexpected(gone.error());
    return (*opened)->redact(sequence_numbers, reason, requested_by);
  }

  Result<std::uint64_t> make_durable(std::string_view id) override {
    const auto opened = existing_writer(id);
    if (!opened) return std::unexpected(opened.error());
    return (*opened)->make_durable();
  }

  Result<std::optional<std::string>> newest_checkpoint(std::string_view id) override {
    return checkpoints_.newest(id);
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
    return checkpoints_.save(id, size, note);
  }

  const CacheKey* cache_key(MissingKey missing) override { return caches_.key(missing); }

  Result<std::vector<std::uint64_t>> snapshots(std::string_view id,
                                               std::string_view projection) override {
    return caches_.snapshots(id, projection);
  }

  Result<std::optional<std::string>> snapshot(std::string_view id, std::string_view projection,
                                              std::uint64_t sequence_number) override {
    return caches_.snapshot(id, projection, sequence_number);
  }

  Result<std::optional<std::string>> published_snapshot(std::string_view id) override {
    return caches_.published_snapshot(id);
  }

  Result<bool> save_snapshots(std::string_view id, log::ByteSource& folded,
                              std::span<const KeptSnapshot> snapshots) override {
    const CacheKey* const key = caches_.key(MissingKey::make);
    if (key == nullptr) return false;
    auto opened = writers_.open(id);
    if (!opened) return std::unexpected(opened.error());
    Result<bool> same = true;
    auto saved = (*opened)->exclusively([&]() -> Result<void> {
      same = caches_.save(id, folded, snapshots, *key);
      if (!same) return std::unexpected(same.error());
      return *same ? files_.refresh(id, (*opened)->synced_events()) : Result<void>{};
    });
    if (!saved) return std::unexpected(std::move(saved.error()));
    return same;
  }

  Result<void> save_read_snapshot(std::string_view id, log::ByteSource& folded,
                                  const KeptSnapshot& snapshot) override {
    return caches_.save_read(id, folded, snapshot);
  }

  std::optional<CachedAggregateEntry> cached_aggregate(std::string_view id, std::string_view name,
                                                       std::string_view version) override {
    return caches_.cached_aggregate(id, name, version);
  }
  void save_cached_aggregates(std::uint64_t log_bytes) override {
    caches_.save_cached_aggregates(log_bytes);
  }

  std::vector<Finding> check_list(std::string_view id) override { return caches_.check_list(id); }

  std::vector<std::string> foreign_caches(std::string_view id) override {
    return caches_.foreign(id);
  }

  Result<void> close() override {
    auto synced = sync();
    auto closed = writers_.close();
    return synced ? closed : synced;
  }

 private:
  // Where the events cannot be redacted, nothing is done: who redacts them says why.
  Result<void> redact_sources(std::string_view id, std::span<const std::uint64_t> sequence_numbers,
                              std::string_view reason, std::string_view requested_by) {
    const auto kept = sources_.list(id);
    if (!kept || (kept->versions.empty() && kept->elsewhere.empty())) return {};
    const auto own = log(id);
    if (!own) return std::unexpected(own.error());
    const auto lines = log::find_lines(**own, sequence_numbers);
    if (!lines || !log::redaction_payloads(*lines, reason, requested_by)) return {};
    const Labels labels = labels_of(id);
    const auto redact = [&](std::string_view of, log::ByteSource* keeper) -> Result<void> {
      const auto scrubber = log::SourceScrubber::of(*lines, **own, keeper, labels);
      if (!scrubber) return std::unexpected(scrubber.error());
      return sources_.redact(of, *scrubber, options_.lock_timeout.count());
    };
    if (auto done = redact(id, nullptr); !done) return done;
    for (const KeptElsewhere& file : kept->elsewhere) {
      const auto keeper = log(file.session_id);
      if (!keeper && keeper.error().code == Code::not_found) continue;
      if (!keeper) return std::unexpected(keeper.error());
      if (auto done = redact(file.session_id, keeper->get()); !done) return done;
    }
    return {};
  }

  Labels labels_of(std::string_view id) {
    auto session = files_.read(id);
    return session ? std::move(session->labels) : Labels{};
  }

  using SharedWriter = SessionWriters::SharedWriter;

  System& system() const { return folder_.system(); }

  Result<SharedWriter> existing_writer(std::string_view id) {
    if (const SharedWriter known = writers_.with_appends(id)) return known;
    const auto there = files_.exists(id);
    if (!there) return std::unexpected(there.error());
    if (!*there) return no_session(id);
    if (auto finished = finish_change(id); !finished) return std::unexpected(finished.error());
    return writers_.open(id);
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
    const auto unusable = [](const std::string& id) -> Result<Session> { return no_session(id); };
    return list_sessions({.folder = folder_,
                          .cached_from = cached_sessions_min_,
                          .key = [this](MissingKey missing) { return caches_.key(missing); },
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
      const auto opened = writers_.open(id);
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

  Result<ImportReport> import_by(const Path& temp, const Session& session,
                                 const LineSource& next_line) {
    if (auto written = log::write_lines(system(), temp, folder_.file_mode(), next_line); !written)
      return std::unexpected(written.error());
    const auto source = log::FileSource::open(system(), temp, {}, false);
    if (!source) return std::unexpected(source.error());
    const auto events = log::check_importable(**source, session.id);
    if (!events) return std::unexpected(events.error());
    ImportReport imported;
    const auto created =
        create_imported(*this, session, [this](const std::string& text) { notice(text); });
    if (!created) return std::unexpected(created.error());
    imported.session_created = *created;
    auto opened = writers_.open(session.id);
    if (!opened) return std::unexpected(opened.error());
    const auto before = (*opened)->replace_with(temp, *events);
    if (!before) return std::unexpected(before.error());
    if (auto noted = sources_.left_behind(session.id); !noted)
      return std::unexpected(noted.error());
    imported.already = std::min(*before, *events);
    imported.events = *events - imported.already;
    return imported;
  }

  Result<void> forget(const std::string& id, std::span<const std::string_view> payloads,
                      const Path& own_temp) {
    caches_.forget_cached_aggregates();
    if (auto done = forget_derived(folder_, id, own_temp); !done) return done;
    auto session = payloads.empty() ? Result<Session>{} : files_.read(id);
    if (!session || !is_title_of(session->name, payloads)) return {};
    notice(title_is_gone(id));
    session->name.clear();
    return files_.write(*session);
  }

  void notice(const std::string& text) const { options_.notice(text); }

  DataFolder folder_;
  const BackendOptions options_;
  const std::size_t cached_sessions_min_;
  FolderCaches caches_;
  const CheckpointFiles checkpoints_{folder_};
  SessionFiles files_{folder_, options_.durability,
                      [this](const std::string& text) { notice(text); }};
  SessionNames names_{folder_, options_.lock_timeout, [this] { return list_names(); }};
  SourceFiles sources_{
      folder_,
      options_.durability,
      {.open = [this](std::string_view id) { return log(id); },
       .append = [this](std::string_view id,
                        std::span<const log::CheckedDraft> drafts) -> Result<void> {
         const auto appended = append(id, drafts, {});
         return appended ? Result<void>{} : std::unexpected(appended.error());
       },
       .labels = [this](std::string_view id) { return labels_of(id); }}};
  SessionWriters writers_{folder_, files_, options_,
                          [this](const std::string& id, const auto& payloads,
                                 const Path& own_temp) { return forget(id, payloads, own_temp); }};
};

}  // namespace

Result<std::unique_ptr<Backend>> open_file_backend(const std::filesystem::path& folder,
                                                   const BackendOptions& options, System& system,
                                                   const CacheLimits& limits) {
  auto opened = DataFolder::open(system, folder, options.create);
  if (!opened) return std::unexpected(opened.error());
  return std::make_unique<FileBackend>(std::move(*opened), options, limits);
}

}  // namespace agentstore
