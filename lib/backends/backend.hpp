// What a store keeps its sessions in. Every backend passes the same conformance suite.

#pragma once

#include <chrono>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "agentstore/append.hpp"
#include "agentstore/cache_key.hpp"
#include "agentstore/reader.hpp"
#include "agentstore/repair.hpp"
#include "agentstore/result.hpp"
#include "agentstore/session.hpp"
#include "agentstore/source_file.hpp"
#include "agentstore/verification.hpp"
#include "backends/cached_aggregate_entry.hpp"
#include "backends/session_entries.hpp"
#include "base/cache_key.hpp"
#include "base/system.hpp"
#include "log/chunk.hpp"
#include "log/draft.hpp"
#include "log/source.hpp"

namespace agentstore {

using LineSource = std::function<Result<std::optional<std::string_view>>()>;

/// A snapshot to be kept.
struct KeptSnapshot {
  std::string projection;
  std::uint64_t sequence_number = 0;
  std::string text;
  std::vector<std::uint64_t> outdated = {};  ///< those of the projection that are let go
};

/// The state of a projection behind an event.
struct KeptState {
  std::uint64_t sequence_number = 0;
  int version = 0;  ///< of the projection
  std::string json;
};

/// How a backend is opened, and what it tells; see StoreOptions.
struct BackendOptions {
  bool create = true;
  Durability durability = Durability::fsync;
  std::chrono::milliseconds lock_timeout{10'000};
  std::function<void(const std::string&)> on_notice = nullptr;
  std::function<void(const std::string&)> on_detail = nullptr;
  std::function<void(const std::string&)> on_wait = nullptr;
  std::function<void(const std::string&)> on_made = nullptr;
  std::optional<std::string> cache_key = std::nullopt;

  void notice(const std::string& text) const {
    if (on_notice) on_notice(text);
  }
};

/// Thread-safe. Ids given to it are checked by the store.
class Backend {
 public:
  virtual ~Backend() = default;

  /// Durable. Errors: conflict (a session of that id exists).
  virtual Result<void> create(const Session& session) = 0;
  /// A session with counts and times from its log, if `fresh`. Errors: not_found.
  virtual Result<Session> session(std::string_view id, bool fresh) = 0;
  /// As Store::sessions; those that cannot be read are told to BackendOptions::on_notice.
  virtual Result<std::vector<Session>> sessions(const ListOptions& options) = 0;
  /// The ids of all sessions, in no order.
  virtual Result<std::vector<std::string>> session_ids() = 0;

  /// As Store::known_ids.
  virtual Result<std::vector<std::string>> known_ids() { return session_ids(); }
  /// What is wrong with the files of a session, before any of them is read.
  virtual SessionEntries entries(std::string_view /*id*/) { return {}; }
  /// Runs `work` while nobody else, in any process, gives an id or a name to a session. `work` may
  /// call this again. Errors: busy; io; those of `work`.
  virtual Result<void> while_naming(const std::function<Result<void>()>& work) = 0;
  /// The id of a session other than `except_id` that has `word` as its id or its name.
  virtual Result<std::optional<std::string>> holder_of(std::string_view word,
                                                       std::string_view except_id) = 0;
  /// Gives a session that name and those labels, durably. Errors: not_found.
  virtual Result<void> rename(std::string_view id, const std::string& name,
                              const Labels& labels) = 0;

  /// As Store::append.
  virtual Result<std::vector<Receipt>> append(std::string_view id,
                                              std::span<const log::CheckedDraft> drafts,
                                              const AppendOptions& options) = 0;
  /// The log of a session, to be read. Errors: not_found.
  virtual Result<std::unique_ptr<log::ByteSource>> log(std::string_view id) = 0;
  /// The events behind the one of that number without their lines, hashes and offsets, where that
  /// is faster than the log; else null. Their views live as long as the reader.
  virtual std::unique_ptr<EventReader> unsealed_events(std::string_view /*id*/,
                                                       std::uint64_t /*behind*/) {
    return nullptr;
  }
  /// The state of the newest snapshot, where it needs no check.
  virtual std::optional<KeptState> kept_state(std::string_view /*id*/,
                                              std::string_view /*projection*/) {
    return std::nullopt;
  }
  /// As Store::import_session.
  virtual Result<ImportReport> import_session(const Session& session,
                                              const LineSource& next_line) = 0;

  /// As Store::keep_source, and what belongs to it.
  virtual Result<KeepReport> keep_source(std::string_view /*id*/, const SourceFile& /*file*/) {
    return no_source_files();
  }
  virtual Result<void> keep_source_elsewhere(std::string_view /*id*/,
                                             const KeptElsewhere& /*file*/) {
    return no_source_files();
  }
  virtual Result<KeptFiles> kept_files(std::string_view /*id*/) { return no_source_files(); }
  virtual Result<void> read_kept_file(std::string_view /*id*/, std::uint64_t /*number*/,
                                      const TakeBytes& /*take*/) {
    return no_source_files();
  }
  /// What is wrong with the source files of a session.
  virtual std::vector<Finding> check_source_files(std::string_view /*id*/) { return {}; }
  /// As Store::sync.
  virtual Result<void> sync() { return {}; }

  virtual Result<Repair> repair(std::string_view id, const RepairOptions& options) = 0;
  /// As Store::redact.
  virtual Result<std::vector<Receipt>> redact(std::string_view id,
                                              std::span<const std::uint64_t> sequence_numbers,
                                              std::string_view reason,
                                              std::string_view requested_by) = 0;

  /// Makes a session's events durable, whoever wrote them; gives how many they are: no writer can
  /// take them back any more. Errors: as Store::append.
  virtual Result<std::uint64_t> make_durable(std::string_view id) = 0;
  /// The checkpoint of the greatest size; nothing where there is none.
  virtual Result<std::optional<std::string>> newest_checkpoint(std::string_view id) = 0;
  virtual Result<void> save_checkpoint(std::string_view id, std::uint64_t size,
                                       std::string_view note) = 0;

  /// The key that snapshots are signed with; null where none is kept, or where the key is missing
  /// and is not to be made. Lives as long as the backend.
  virtual const CacheKey* cache_key(MissingKey missing) = 0;
  /// The events at which snapshots of a projection by this key are kept, ascending.
  virtual Result<std::vector<std::uint64_t>> snapshots(std::string_view id,
                                                       std::string_view projection) = 0;
  /// One of them; nothing where it is gone.
  virtual Result<std::optional<std::string>> snapshot(std::string_view id,
                                                      std::string_view projection,
                                                      std::uint64_t sequence_number) = 0;
  /// The snapshot that the Go library reads, of whatever key or none; nothing where there is none.
  virtual Result<std::optional<std::string>> published_snapshot(std::string_view /*id*/) {
    return std::nullopt;
  }
  /// Not durable, but for that of `session`. False, and nothing is kept, where the log is not the
  /// one any more that `folded` was opened on: a redaction may have removed what the states hold.
  /// It is said once: what was folded until then is not to be saved again.
  virtual Result<bool> save_snapshots(std::string_view id, log::ByteSource& folded,
                                      std::span<const KeptSnapshot> snapshots) = 0;

  /// The same for somebody who only reads, and so makes no lock: not in a folder that is not marked
  /// as ours, nor while a writer is at work. Errors: io.
  virtual Result<void> save_read_snapshot(std::string_view /*id*/, log::ByteSource& /*folded*/,
                                          const KeptSnapshot& /*snapshot*/) {
    return {};
  }

  /// What is wrong with the kept list of sessions: as far as it speaks of this one, and, told once,
  /// with the list as such.
  virtual std::vector<Finding> check_list(std::string_view /*id*/) { return {}; }
  /// Caches of a session that are of other keys, and never used, a line a kind.
  virtual std::vector<std::string> foreign_caches(std::string_view /*id*/) { return {}; }

  /// What is kept of the session's log, or is to be; nothing where none is kept. It may not
  /// outlive the backend.
  virtual std::optional<CachedAggregateEntry> cached_aggregate(std::string_view /*id*/,
                                                               std::string_view /*name*/,
                                                               std::string_view /*version*/) {
    return std::nullopt;
  }
  /// What is kept of the session's log is to be saved, once that is worth it: `log_bytes` were
  /// read to find it out.
  virtual void save_cached_aggregates(std::uint64_t /*log_bytes*/) {}

  virtual Result<void> close() = 0;

 protected:
  static std::unexpected<Error> no_source_files() {
    return fail(Code::unsupported, "this store keeps no source files",
                "a data folder does: copy the session to one, or import into one");
  }
};

/// A list of fewer sessions is read faster than a cache of it is kept.
inline constexpr std::size_t cached_sessions_min = 1000;

/// What is too small to be cached.
struct CacheLimits {
  std::size_t sessions_min = cached_sessions_min;
  /// What logs came to is saved at once when so much was read of them, else when the backend is
  /// closed, if it is a sixteenth of that.
  std::uint64_t read_bytes_min = std::uint64_t{4} << 20;
};

/// Opens a data folder. Errors: as Store::open.
Result<std::unique_ptr<Backend>> open_file_backend(const std::filesystem::path& folder,
                                                   const BackendOptions& options,
                                                   System& system = linux_system(),
                                                   const CacheLimits& limits = {});
std::unique_ptr<Backend> make_memory_backend();
/// Opens an SQLite database. Errors: as Store::open.
Result<std::unique_ptr<Backend>> open_sqlite_backend(const std::filesystem::path& file,
                                                     const BackendOptions& options);
/// Opens a store in PostgreSQL, by its URI. Errors: as Store::open.
Result<std::unique_ptr<Backend>> open_postgres_backend(const std::string& store_name,
                                                       const BackendOptions& options);

}  // namespace agentstore
