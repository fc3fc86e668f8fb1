// The writer of one log: what many threads want to append, in as few durable writes as can be.
//
//   CommitQueue   queue; the first caller leads, for all who came meanwhile
//   LogLock       lock the session between processes: flock
//   LogEnd        look at what others wrote since; one write to an O_APPEND descriptor; fdatasync;
//                 what fails is taken back
//   Redactor      removes payloads for good
//   Repairer      mends what a crash, an editor or a lost disk left
//
// Each works by itself; the writer takes the lock, and calls them in this order.

#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <span>
#include <string_view>
#include <vector>

#include "agentstore/append.hpp"
#include "agentstore/repair.hpp"
#include "agentstore/result.hpp"
#include "base/file.hpp"
#include "log/commit_queue.hpp"
#include "log/log_end.hpp"
#include "log/log_lock.hpp"
#include "log/quarantine.hpp"
#include "log/redactor.hpp"
#include "log/repairer.hpp"
#include "log/writer_options.hpp"

namespace agentstore::log {

/// Thread-safe. `system` outlives it.
class Writer {
 public:
  Writer(System& system, WriterOptions options);
  Writer(const Writer&) = delete;
  Writer& operator=(const Writer&) = delete;

  /// Durable on return; all of the drafts, or none. Concurrent callers share writes.
  /// Errors: as Store::append.
  Result<std::vector<Receipt>> append(std::span<const CheckedDraft> drafts,
                                      const AppendOptions& options);

  /// Puts a whole log, which lies durable at `temp` and verifies, in place of this one, if this
  /// one is the beginning of it; where it is the beginning of this one, nothing changes. Gives how
  /// many events were here before; `events`: how many it has. Errors: conflict, where neither is
  /// so; as append.
  Result<std::uint64_t> replace_with(const Path& temp, std::uint64_t events);

  /// Cuts a torn end off, or (`salvage`) writes a new log of what can be read of a damaged one.
  /// Crash-safe and idempotent. Errors: corrupt, where there is damage and no `salvage`; as append.
  Result<Repair> repair(const RepairOptions& options);

  /// Removes the payloads of events for good, all or none. Gives the receipts of the events that
  /// say so, in the order of the log. Errors: not_found; invalid (unsealed, or ours); conflict (its
  /// payload is gone already); as append.
  Result<std::vector<Receipt>> redact(std::span<const std::uint64_t> sequence_numbers,
                                      std::string_view reason, std::string_view requested_by);

  /// Makes the events of the log durable, whoever wrote them; gives how many they are. Errors: as
  /// append.
  Result<std::uint64_t> make_durable();

  /// Makes a write durable whose sync was put off. Errors: io; the writer is poisoned then.
  Result<void> sync_deferred();
  /// Whether there is one.
  bool has_deferred();
  /// What became of it in a sync of the whole file system. Errors: io, where it was lost before.
  Result<void> deferred_is_durable(bool durable);

  /// Runs `work` while no other writer of the session, in any process, is at work.
  Result<void> exclusively(const std::function<Result<void>()>& work);

  /// Whether a failed write left this writer unusable for good.
  bool poisoned();

  /// How many events this writer knows to be on stable storage. To be called by `exclusively`.
  std::uint64_t synced_events() const { return end_.synced_events(); }

  /// Whether it has appended to its log: that its session exists is then known.
  bool has_appended() const { return has_appended_.load(); }

 private:
  Result<void> commit(std::span<Request* const> requests);

  System& system_;
  const WriterOptions options_;
  const std::uint64_t process_epoch_;
  CommitQueue queue_;
  LogLock lock_;  // this, and all below, belong to whoever leads the queue
  Quarantine quarantine_;
  LogEnd end_;
  Redactor redactor_;
  Repairer repairer_;
  std::atomic<bool> has_appended_ = false;
};

}  // namespace agentstore::log
