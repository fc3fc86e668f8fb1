// Sessions in an SQLite database that other programs may write to, too.

#include <set>
#include <utility>

#include "backends/backend.hpp"
#include "backends/derived_files.hpp"
#include "backends/naming.hpp"
#include "backends/row_log.hpp"
#include "backends/row_sessions.hpp"
#include "backends/sqlite_snapshots.hpp"
#include "backends/sqlite_store.hpp"
#include "backends/store_key.hpp"
#include "log/assemble.hpp"
#include "log/encode.hpp"
#include "log/redaction.hpp"

namespace agentstore {
namespace {

// Sessions that were made of another tool's transcripts have it: those may share records.
constexpr const char* imported_label = "imported_by";

class SqliteBackend : public Backend {
 public:
  SqliteBackend(std::shared_ptr<SqliteStore> store, const BackendOptions& options)
      : store_(std::move(store)), options_(options), key_(options.cache_key, options.on_detail) {}

  Result<void> create(const Session& session) override {
    return database().write([&]() -> Result<void> {
      const auto there = store_->exists(session.id);
      if (!there) return std::unexpected(there.error());
      if (*there) return fail(Code::conflict, "session " + session.id + " exists");
      return store_->put(session);
    });
  }

  Result<Session> session(std::string_view id, bool /*fresh*/) override {
    Session found;
    auto read = database().read([&]() -> Result<void> {
      auto session = store_->session(id);
      if (!session) return std::unexpected(session.error());
      found = std::move(*session);
      return {};
    });
    if (!read) return std::unexpected(read.error());
    return found;
  }

  Result<std::vector<Session>> sessions(const ListOptions& options) override {
    std::vector<Session> all;
    auto read = database().read([&]() -> Result<void> {
      const auto ids = store_->ids();
      if (!ids) return std::unexpected(ids.error());
      for (const std::string& id : *ids) {
        auto session = store_->session(id);
        if (!session) return std::unexpected(session.error());
        all.push_back(std::move(*session));
      }
      return {};
    });
    if (!read) return std::unexpected(read.error());
    return listed(all, options);
  }

  Result<std::vector<std::string>> session_ids() override {
    const std::lock_guard guard{database().mutex};
    return store_->ids();
  }

  // The database is one file: what is wrong with it may be wrong with any of its sessions.
  SessionEntries entries(std::string_view id) override {
    const std::lock_guard guard{database().mutex};
    SessionEntries entries;
    entries.known = store_->exists(id).value_or(false);
    if (!own_check_) own_check_ = database().own_check();
    if (!own_check_->empty())
      entries.findings.push_back(
          {FindingKind::file, 0, 0, 0, "SQLite's own check of the database finds: " + *own_check_});
    return entries;
  }

  Result<void> while_naming(const std::function<Result<void>()>& work) override {
    return database().write(work);
  }

  Result<std::optional<std::string>> holder_of(std::string_view word,
                                               std::string_view except_id) override {
    const std::lock_guard guard{database().mutex};
    auto named = store_->id_named(word, except_id);
    if (!named || *named || word == except_id) return named;
    const auto there = store_->exists(word);
    if (!there) return std::unexpected(there.error());
    return *there ? std::optional{std::string{word}} : std::nullopt;
  }

  Result<void> rename(std::string_view id, const std::string& name, const Labels& labels) override {
    return database().write([&]() -> Result<void> {
      auto session = store_->session(id);
      if (!session) return std::unexpected(session.error());
      session->name = name;
      session->labels = labels;
      return store_->put(*session);
    });
  }

  Result<std::vector<Receipt>> append(std::string_view id,
                                      std::span<const log::CheckedDraft> drafts,
                                      const AppendOptions& options) override {
    log::Request request{.drafts = drafts, .options = options};
    log::prepare(request);
    auto written = database().write([&]() -> Result<void> {
      const auto session = store_->session(id);
      if (!session) return std::unexpected(session.error());
      auto before = store_->position(id);
      if (!before) return std::unexpected(before.error());
      log::Request* const requests[] = {&request};
      const auto write = log::assemble(
          requests, {id, before->position, [] { return now(); }, finder(id, *session)});
      if (!write) return std::unexpected(write.error());
      if (!request.result) return std::unexpected(request.result.error());
      return extend_by(*session, *before, write->lines);
    });
    if (!written) return std::unexpected(written.error());
    return std::move(request.result);
  }

  Result<std::unique_ptr<log::ByteSource>> log(std::string_view id) override {
    return open_row_log(store_, id);
  }

  Result<ImportReport> import_session(const Session& session,
                                      const LineSource& next_line) override {
    const auto lines = collect_lines(next_line, session.id);
    if (!lines) return std::unexpected(lines.error());
    ImportReport imported;
    std::vector<std::string> notices;
    auto written = database().write([&]() -> Result<void> {
      const auto created = create_imported(
          *this, session, [&](const std::string& text) { notices.push_back(text); });
      if (!created) return std::unexpected(created.error());
      imported.session_created = *created;
      return take_over(session, *lines, imported);
    });
    if (!written) return std::unexpected(written.error());
    for (const std::string& text : notices) options_.notice(text);
    return imported;
  }

  // What is in a database is there as a whole: only events that somebody removed can be missing.
  Result<Repair> repair(std::string_view id, const RepairOptions& options) override {
    Repair repair;
    auto done = database().write([&]() -> Result<void> {
      const auto end = store_->end(id);
      if (!end) return std::unexpected(end.error());
      std::int64_t last = end->version;
      if (end->due > end->version && options.accept_loss) {
        const auto whole = end_of_whole_write(id, last);
        if (!whole) return std::unexpected(whole.error());
        last = *whole;
        repair.changed = true;
        if (!options.dry_run)
          if (auto gone = forget_after(id, last); !gone) return gone;
      }
      const auto position = options.dry_run && repair.changed
                                ? Result<SqlitePosition>{SqlitePosition{}}
                                : store_->position(id);
      if (!position) return not_repaired(position.error(), options);
      repair.events = static_cast<std::uint64_t>(last + 1);
      return {};
    });
    if (!done) return std::unexpected(done.error());
    return repair;
  }

  Result<std::vector<Receipt>> redact(std::string_view id,
                                      std::span<const std::uint64_t> sequence_numbers,
                                      std::string_view reason,
                                      std::string_view requested_by) override {
    std::vector<Receipt> receipts;
    bool unnamed = false;
    auto done = database().write([&]() -> Result<void> {
      const auto lines = lines_of(id, {sequence_numbers.begin(), sequence_numbers.end()});
      if (!lines) return std::unexpected(lines.error());
      if (lines->empty()) return {};
      return redact_lines(id, *lines, reason, requested_by, receipts, unnamed);
    });
    if (!done) return std::unexpected(done.error());
    if (unnamed) options_.notice(title_is_gone(id));
    if (!receipts.empty() && !database().empty_journal())
      options_.notice(
          "the payload is gone from the database, and not yet from its journal, which "
          "others read just now: it goes when they are done");
    return receipts;
  }

  // A commit of ours syncs what others wrote before it, too.
  Result<std::uint64_t> make_durable(std::string_view id) override {
    std::uint64_t events = 0;
    auto done = database().write([&]() -> Result<void> {
      const auto session = store_->session(id);
      if (!session) return std::unexpected(session.error());
      events = session->event_count;
      return database().run("UPDATE agentstore_format SET format = format");
    });
    if (!done) return std::unexpected(done.error());
    return events;
  }

  Result<std::optional<std::string>> newest_checkpoint(std::string_view id) override {
    const std::lock_guard guard{database().mutex};
    if (const auto end = store_->end(id); !end || end->checkpoint == 0) {
      if (!end) return std::unexpected(end.error());
      return std::nullopt;
    }
    SqliteQuery query{database(),
                      "SELECT note FROM agentstore_checkpoints WHERE stream_id = ? "
                      "ORDER BY size DESC LIMIT 1"};
    const auto row = query.bind(id).step();
    if (!row) return std::unexpected(row.error());
    return *row ? std::optional{std::string{query.text(0)}} : std::nullopt;
  }

  Result<void> save_checkpoint(std::string_view id, std::uint64_t size,
                               std::string_view note) override {
    return database().write([&]() -> Result<void> {
      SqliteQuery query{database(),
                        "INSERT OR REPLACE INTO agentstore_checkpoints (stream_id, size, note) "
                        "VALUES (?, ?, ?)"};
      return query.bind(id).bind(static_cast<std::int64_t>(size)).bind(note).run();
    });
  }

  const CacheKey* cache_key(MissingKey missing) override { return key_.find(missing); }

  Result<std::vector<std::uint64_t>> snapshots(std::string_view id,
                                               std::string_view projection) override {
    const CacheKey* const key = key_.find(MissingKey::refuse);
    if (key == nullptr) return std::vector<std::uint64_t>{};
    return SqliteSnapshots{*store_, *key}.numbers(id, projection);
  }

  Result<std::optional<std::string>> snapshot(std::string_view id, std::string_view projection,
                                              std::uint64_t sequence_number) override {
    const CacheKey* const key = key_.find(MissingKey::refuse);
    if (key == nullptr) return std::nullopt;
    return SqliteSnapshots{*store_, *key}.text(id, projection, sequence_number);
  }

  Result<bool> save_snapshots(std::string_view id, log::ByteSource& folded,
                              std::span<const KeptSnapshot> snapshots) override {
    const CacheKey* const key = key_.find(MissingKey::make);
    if (key == nullptr) return false;
    bool same = true;
    auto saved = database().write([&]() -> Result<void> {
      const auto done = save_each(folded, snapshots, [&](const KeptSnapshot& snapshot) {
        return SqliteSnapshots{*store_, *key}.save(id, snapshot);
      });
      if (!done) return std::unexpected(done.error());
      same = *done;
      return {};
    });
    if (!saved) return std::unexpected(saved.error());
    return same;
  }

  Result<void> close() override { return {}; }

 private:
  SqliteDatabase& database() { return store_->database(); }

  std::function<Result<std::optional<log::StoredEvent>>(std::string_view)> finder(
      std::string_view id, const Session& session) {
    const bool shared = session.labels.contains(imported_label);
    return [this, id, shared](std::string_view event_id) {
      return store_->find_event(id, event_id, shared);
    };
  }

  Result<void> extend_by(const Session& session, const SqlitePosition& before,
                         std::string_view lines) {
    if (lines.empty()) return {};
    auto kept = store_->keep_places(session.id, before.places);
    if (!kept) return kept;
    return store_->insert(stream_type_of(session), lines, before.position.offset_bytes);
  }

  static std::string stream_type_of(const Session& session) {
    const auto found = session.labels.find("stream_type");
    return found == session.labels.end() ? "agent" : found->second;
  }

  Result<void> take_over(const Session& session, const ImportedLines& lines,
                         ImportReport& imported) {
    const auto here = open_row_log(store_, session.id);
    if (!here) return std::unexpected(here.error());
    const auto end = store_->end(session.id);
    if (!end) return std::unexpected(end.error());
    return extend(
        **here, session.id, static_cast<std::uint64_t>(end->version + 1), lines,
        [&](std::string_view beyond, std::uint64_t offset_bytes) -> Result<void> {
          const auto known = store_->session(session.id);
          if (!known) return std::unexpected(known.error());
          return store_->insert(stream_type_of(*known), beyond, offset_bytes);
        },
        imported);
  }

  // The last version that is not of a write whose end is gone.
  Result<std::int64_t> end_of_whole_write(std::string_view id, std::int64_t version) {
    SqliteQuery query{database(),
                      "SELECT batch_first, batch_last FROM agentstore_seals WHERE stream_id = ? "
                      "AND version = ?"};
    const auto row = query.bind(id).bind(version).step();
    if (!row) return std::unexpected(row.error());
    const bool cut = *row && query.integer(1) > version + 1;
    return cut ? query.integer(0) - 2 : version;
  }

  // What stands behind it is kept, as lines.
  Result<void> forget_after(std::string_view id, std::int64_t version) {
    if (auto kept = store_->quarantine(id, version + 1); !kept) return kept;
    for (const std::string_view sql :
         {"DELETE FROM events WHERE stream_id = ? AND version > ?",
          "DELETE FROM agentstore_seals WHERE stream_id = ? AND version > ?",
          "DELETE FROM agentstore_checkpoints WHERE stream_id = ? AND size > ? + 1"}) {
      SqliteQuery query{database(), sql};
      if (auto done = query.bind(id).bind(version).run(); !done) return done;
    }
    if (auto done = forget_snapshots(id); !done) return done;
    return store_->count_rewrite(id);
  }

  // With what a repair kept, which may hold what is redacted.
  Result<void> forget_derived(std::string_view id) {
    SqliteQuery query{database(), "DELETE FROM agentstore_quarantine WHERE stream_id = ?"};
    if (auto done = query.bind(id).run(); !done) return done;
    return forget_snapshots(id);
  }

  Result<void> forget_snapshots(std::string_view id) {
    SqliteQuery query{database(), "DELETE FROM agentstore_snapshots WHERE stream_id = ?"};
    return query.bind(id).run();
  }

  Result<log::KeptLines> lines_of(std::string_view id, const std::set<std::uint64_t>& numbers) {
    const auto there = store_->session(id);
    if (!there) return std::unexpected(there.error());
    return kept_lines(numbers, [&](std::uint64_t number) {
      return number > there->event_count ? Result<std::string>{}
                                         : store_->line(id, static_cast<std::int64_t>(number) - 1);
    });
  }

  Result<void> redact_lines(std::string_view id, const log::KeptLines& lines,
                            std::string_view reason, std::string_view requested_by,
                            std::vector<Receipt>& receipts, bool& unnamed) {
    const auto payloads = log::redaction_payloads(lines, reason, requested_by);
    if (!payloads) return std::unexpected(payloads.error());
    const auto before = store_->position(id);
    if (!before) return std::unexpected(before.error());
    auto session = store_->session(id);
    if (!session) return std::unexpected(session.error());
    const log::Write write =
        log::assemble_own(log::redacted_type, *payloads,
                          {id, before->position, [] { return now(); }, nullptr}, receipts);
    auto done = extend_by(*session, *before, write.lines);
    std::uint64_t by = receipts.front().sequence_number;
    for (const auto& kept : lines) {
      if (!done) return done;
      done = store_->redact(id, static_cast<std::int64_t>(kept->line.event.sequence_number) - 1,
                            by++, log::payload_hash_of(kept->line));
    }
    if (done) done = forget_derived(id);
    if (done) done = store_->count_rewrite(id);
    unnamed = is_title_of(session->name, log::payloads_of(lines));
    if (!done || !unnamed) return done;
    session->name.clear();
    return store_->put(*session);
  }

  const std::shared_ptr<SqliteStore> store_;
  const BackendOptions options_;
  StoreKey key_;
  std::optional<std::string> own_check_;
};

}  // namespace

Result<std::unique_ptr<Backend>> open_sqlite_backend(const std::filesystem::path& file,
                                                     const BackendOptions& options) {
  auto store = SqliteStore::open(file, {.create = options.create,
                                        .durability = options.durability,
                                        .lock_timeout = options.lock_timeout});
  if (!store) return std::unexpected(store.error());
  return std::make_unique<SqliteBackend>(std::move(*store), options);
}

}  // namespace agentstore
