// Sessions in PostgreSQL, to which other programs append by the same function of the server.

#include <map>
#include <mutex>
#include <thread>
#include <utility>

#include "backends/backend.hpp"
#include "backends/derived_files.hpp"
#include "backends/naming.hpp"
#include "backends/postgres_append.hpp"
#include "backends/postgres_snapshots.hpp"
#include "backends/postgres_store.hpp"
#include "backends/row_sessions.hpp"
#include "backends/store_key.hpp"
#include "base/ids.hpp"
#include "log/assemble.hpp"
#include "log/commit_queue.hpp"
#include "log/encode.hpp"
#include "log/redaction.hpp"

namespace agentstore {
namespace {

class PostgresBackend : public Backend {
 public:
  PostgresBackend(std::shared_ptr<PostgresStore> store, const BackendOptions& options)
      : store_(std::move(store)), options_(options), key_(options.cache_key, options.on_detail) {}

  Result<void> create(const Session& session) override {
    return write([&] { return store_->create(session); });
  }

  Result<Session> session(std::string_view id, bool /*fresh*/) override {
    return store_->session(id);
  }

  Result<std::vector<Session>> sessions(const ListOptions& options) override {
    const auto all = store_->sessions();
    if (!all) return std::unexpected(all.error());
    return listed(*all, options);
  }

  Result<std::vector<std::string>> session_ids() override { return store_->ids(); }
  Result<std::vector<std::string>> known_ids() override { return store_->known_ids(); }

  SessionEntries entries(std::string_view id) override {
    SessionEntries entries;
    entries.known = store_->exists(id).value_or(false);
    return entries;
  }

  Result<void> while_naming(const std::function<Result<void>()>& work) override {
    return write([&]() -> Result<void> {
      if (auto locked = store_->lock_names(); !locked) return locked;
      return work();
    });
  }

  Result<std::optional<std::string>> holder_of(std::string_view word,
                                               std::string_view except_id) override {
    return store_->holder_of(word, except_id);
  }

  Result<void> rename(std::string_view id, const std::string& name, const Labels& labels) override {
    return write([&]() -> Result<void> {
      if (const auto there = store_->session(id); !there) return std::unexpected(there.error());
      return store_->rename(id, name, labels);
    });
  }

  Result<std::vector<Receipt>> append(std::string_view id,
                                      std::span<const log::CheckedDraft> drafts,
                                      const AppendOptions& options) override {
    if (drafts.empty()) {
      if (const auto there = store_->session(id); !there) return std::unexpected(there.error());
      return std::vector<Receipt>{};
    }
    if (database().current() == nullptr) return queue_of(id)->append(drafts, options);
    log::Request request{.drafts = drafts, .options = options};
    log::prepare(request);
    log::Request* const requests[] = {&request};
    if (auto done = commit(id, requests); !done) return std::unexpected(done.error());
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
    auto written = write([&]() -> Result<void> {
      notices.clear();
      const auto created = create_imported(
          *this, session, [&](const std::string& text) { notices.push_back(text); });
      if (!created) return std::unexpected(created.error());
      imported = {.session_created = *created};
      return take_over(session, *lines, imported);
    });
    if (!written) return std::unexpected(written.error());
    for (const std::string& text : notices) options_.notice(text);
    return imported;
  }

  // What is in a database is there as a whole: only events that somebody removed can be missing.
  Result<Repair> repair(std::string_view id, const RepairOptions& options) override {
    Repair repair;
    auto done = write([&]() -> Result<void> {
      repair = {};
      const auto end = store_->end(id);
      if (!end) return std::unexpected(end.error());
      auto last = static_cast<std::uint64_t>(end->version + 1);
      if (end->due > end->version && options.accept_loss) {
        const auto whole = end_of_whole_write(id, last);
        if (!whole) return std::unexpected(whole.error());
        repair.events = last = *whole;
        repair.changed = true;
        return options.dry_run ? Result<void>{} : store_->forget_after(id, last);
      }
      const auto position = store_->position(id);
      if (!position) return not_repaired(position.error(), options);
      repair.events = last;
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
    auto done = write([&]() -> Result<void> {
      receipts.clear();
      const auto before = store_->position(id);
      if (!before) return std::unexpected(before.error());
      const auto lines = kept_lines({sequence_numbers.begin(), sequence_numbers.end()},
                                    [&](std::uint64_t number) { return store_->line(id, number); });
      if (!lines) return std::unexpected(lines.error());
      if (lines->empty()) return {};
      return redact_lines(id, *lines, *before, reason, requested_by, receipts, unnamed);
    });
    if (!done) return std::unexpected(done.error());
    if (unnamed) options_.notice(title_is_gone(id));
    if (!receipts.empty())
      options_.notice(
          "the payload is gone from the table; the server's dead rows keep it until a VACUUM, and "
          "its log and backups for as long as they are kept");
    return receipts;
  }

  Result<std::uint64_t> make_durable(std::string_view id) override {
    std::uint64_t events = 0;
    auto done = write([&]() -> Result<void> {
      const auto position = store_->position(id);
      if (!position) return std::unexpected(position.error());
      events = position->sequence_number;
      return {};
    });
    if (!done) return std::unexpected(done.error());
    return events;
  }

  Result<std::optional<std::string>> newest_checkpoint(std::string_view id) override {
    return store_->text(
        "SELECT note FROM @S@.checkpoints WHERE session_id = $1 ORDER BY size DESC LIMIT 1",
        PostgresValues{}.add(id));
  }

  Result<void> save_checkpoint(std::string_view id, std::uint64_t size,
                               std::string_view note) override {
    return write([&] {
      return store_->run(
          "INSERT INTO @S@.checkpoints (session_id, size, note) VALUES ($1, $2, $3) "
          "ON CONFLICT (session_id, size) DO UPDATE SET note = excluded.note",
          PostgresValues{}.add(id).add(static_cast<std::int64_t>(size)).add(note));
    });
  }

  const CacheKey* cache_key(MissingKey missing) override { return key_.find(missing); }

  Result<std::vector<std::uint64_t>> snapshots(std::string_view id,
                                               std::string_view projection) override {
    const CacheKey* const key = key_.find(MissingKey::refuse);
    if (key == nullptr) return std::vector<std::uint64_t>{};
    return PostgresSnapshots{*store_, *key}.numbers(id, projection);
  }

  Result<std::optional<std::string>> snapshot(std::string_view id, std::string_view projection,
                                              std::uint64_t sequence_number) override {
    const CacheKey* const key = key_.find(MissingKey::refuse);
    if (key == nullptr) return std::nullopt;
    return PostgresSnapshots{*store_, *key}.text(id, projection, sequence_number);
  }

  Result<bool> save_snapshots(std::string_view id, log::ByteSource& folded,
                              std::span<const KeptSnapshot> snapshots) override {
    const CacheKey* const key = key_.find(MissingKey::make);
    if (key == nullptr) return false;
    bool same = true;
    auto saved = write([&]() -> Result<void> {
      // Whoever redacts waits for this lock, and then forgets what is saved here.
      auto locked =
          store_->run("SELECT FROM @S@.sessions WHERE id = $1 FOR SHARE", PostgresValues{}.add(id));
      if (!locked) return locked;
      const auto done = save_each(folded, snapshots, [&](const KeptSnapshot& snapshot) {
        return PostgresSnapshots{*store_, *key}.save(id, snapshot);
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
  PostgresDatabase& database() { return store_->database(); }

  Result<void> write(const std::function<Result<void>()>& work) {
    return database().write([&](PostgresConnection&) { return work(); });
  }

  std::shared_ptr<log::CommitQueue> queue_of(std::string_view id) {
    const std::lock_guard guard{mutex_};
    auto& queue = queues_[std::string{id}];
    if (!queue)
      queue = std::make_shared<log::CommitQueue>(
          [this, of = std::string{id}](std::span<log::Request* const> requests) {
            return commit(of, requests);
          },
          [] { std::this_thread::sleep_for(std::chrono::microseconds{100}); });
    return queue;
  }

  // One transaction, in which each caller has a batch of its own.
  Result<void> commit(std::string_view id, std::span<log::Request* const> requests) {
    std::vector<PostgresAppend> appends;
    for (log::Request* const request : requests)
      if (PostgresAppend append{*request}; append.is_due()) appends.push_back(std::move(append));
    if (appends.empty()) return {};
    return database().append([&](PostgresConnection& connection, bool again) -> Result<void> {
      std::vector<PostgresValues> values;
      for (const PostgresAppend& append : appends) values.push_back(append.values(id, again));
      if (database().current() != nullptr || appends.size() == 1) {
        for (std::size_t i = 0; i < appends.size(); ++i) {
          const auto rows = connection.query(PostgresAppend::statement, values[i]);
          if (!rows) return std::unexpected(rows.error());
          if (auto taken = appends[i].take(*rows, *store_, id); !taken) return taken;
        }
        return {};
      }
      const auto start = std::chrono::steady_clock::now();
      const auto all = connection.query_each(PostgresAppend::statement, values);
      if (!all) return std::unexpected(all.error());
      queue_of(id)->note_sync(std::chrono::steady_clock::now() - start);
      for (std::size_t i = 0; i < appends.size(); ++i)
        if (auto taken = appends[i].take((*all)[i], *store_, id); !taken) return taken;
      return {};
    });
  }

  Result<void> take_over(const Session& session, const ImportedLines& lines,
                         ImportReport& imported) {
    const auto before = store_->position(session.id);
    if (!before) return std::unexpected(before.error());
    const auto here = open_row_log(store_, session.id);
    if (!here) return std::unexpected(here.error());
    return extend(
        **here, session.id, before->sequence_number, lines,
        [&](std::string_view beyond, std::uint64_t) -> Result<void> {
          const auto at = store_->position(session.id);
          if (!at) return std::unexpected(at.error());
          return store_->insert(session.id, beyond, *at);
        },
        imported);
  }

  // The number of the last event that is not of a write whose end is gone.
  Result<std::uint64_t> end_of_whole_write(std::string_view id, std::uint64_t number) {
    if (number == 0) return number;
    const auto text = store_->line(id, number);
    if (!text) return std::unexpected(text.error());
    log::Arena arena;
    log::Line line;
    const std::string_view row = std::string_view{*text}.substr(0, text->size() - 1);
    if (log::parse_line(row, arena, line)) return number;
    return line.batch.last > number ? line.batch.first - 1 : number;
  }

  Result<void> redact_lines(std::string_view id, const log::KeptLines& lines,
                            const log::Position& before, std::string_view reason,
                            std::string_view requested_by, std::vector<Receipt>& receipts,
                            bool& unnamed) {
    const auto payloads = log::redaction_payloads(lines, reason, requested_by);
    if (!payloads) return std::unexpected(payloads.error());
    const log::Write write = log::assemble_own(
        log::redacted_type, *payloads, {id, before, [] { return now(); }, nullptr}, receipts);
    auto done = store_->insert(id, write.lines, before);
    std::vector<PostgresStore::Redacted> events;
    std::uint64_t by = receipts.front().sequence_number;
    for (const auto& kept : lines)
      events.push_back(
          {kept->line.event.sequence_number, by++, std::string{log::payload_hash_of(kept->line)}});
    if (done) done = store_->redact(id, events);
    // With what a repair kept, which may hold what is redacted.
    for (const char* const statement : {"DELETE FROM @S@.quarantine WHERE session_id = $1",
                                        "DELETE FROM @S@.snapshots WHERE session_id = $1"})
      if (done) done = store_->run(statement, PostgresValues{}.add(id));
    if (done) done = store_->count_rewrite(id);
    if (!done) return done;
    const auto session = store_->session(id);
    if (!session) return std::unexpected(session.error());
    unnamed = is_title_of(session->name, log::payloads_of(lines));
    return unnamed ? store_->rename(id, {}, session->labels) : done;
  }

  const std::shared_ptr<PostgresStore> store_;
  const BackendOptions options_;
  StoreKey key_;
  std::mutex mutex_;  // guards these
  std::map<std::string, std::shared_ptr<log::CommitQueue>, std::less<>> queues_;
};

}  // namespace

Result<std::unique_ptr<Backend>> open_postgres_backend(const std::string& store_name,
                                                       const BackendOptions& options) {
  auto store = PostgresStore::open(store_name, options);
  if (!store) return std::unexpected(store.error());
  return std::make_unique<PostgresBackend>(std::move(*store), options);
}

}  // namespace agentstore
