// The end of a log, as its writer knows it: opened, found without reading the whole log, brought up
// to what others wrote, cut where a write was torn, written to, and taken back where a write
// failed.
//
// After a failed fdatasync the kernel may have dropped the pages and report success ever after, so
// going on would lose acknowledged events (Rebello et al., "Can Applications Recover from fsync
// Failures?", USENIX ATC 2020): the end is then poisoned for good.

#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string_view>

#include "agentstore/result.hpp"
#include "base/file.hpp"
#include "log/assemble.hpp"
#include "log/event_ids.hpp"
#include "log/file_source.hpp"
#include "log/quarantine.hpp"
#include "log/scan.hpp"
#include "log/writer_options.hpp"

namespace agentstore::log {

/// For one thread at a time, which has the log's lock. What it is made of outlives it.
class LogEnd {
 public:
  LogEnd(System& system, const WriterOptions& options, Quarantine& quarantine)
      : system_(system), options_(options), quarantine_(quarantine) {}

  struct CatchUp {
    /// Trusts nothing. Off: the last write, whose hashes are checked, and what was read before.
    bool read_all = false;
    /// Goes on from a log that is shorter than what is said beside it.
    bool accept_loss = false;
  };
  /// Brings position() to the end of the log, whoever wrote it, and all before it to the disk; cuts
  /// a torn write off, which goes into quarantine. Says whether there was anything to look at:
  /// false where the log is as this left it. Errors: corrupt (damage, or lost events); io; busy
  /// (written to without the lock).
  Result<bool> catch_up(const CatchUp& how);
  Result<bool> catch_up() { return catch_up(CatchUp{}); }

  /// Opens the log, made where it is missing; nothing is known of its end then. Errors: as above.
  Result<void> open(bool accept_loss = false);

  /// Appends, durably where that is asked for, what was assembled at position(), and moves it.
  /// False: somebody without the lock wrote before, our bytes were taken back, and nothing of it is
  /// in the log: catch up, and assemble it anew.
  /// Errors: io (nothing is stored); corrupt (somebody without the lock wrote after).
  Result<bool> write(const Write& write);

  /// Makes a write durable whose sync was put off. Errors: io; what it wrote is lost then, or may
  /// be.
  Result<void> sync_deferred();
  bool has_deferred() const { return deferred_; }
  /// A sync of the whole file system made it durable; or failed, and nobody knows what it holds.
  void deferred_is_durable();
  void deferred_is_lost() { poisoned_ = true; }

  /// Puts the log that was written to `temp`, and is open as `file`, in place of this one, whose
  /// end is not known then. Nobody with the lock writes meanwhile, but somebody else may. Errors:
  /// busy (so it was); io.
  Result<void> replace(const Path& temp, const Descriptor& file);
  /// The same of a log that is durable, and begins with all of this one.
  Result<void> extend(const Path& temp);

  /// The end is to be looked at again before anything is appended.
  void forget() { known_ = false; }
  bool poisoned() const { return poisoned_; }

  const Position& position() const { return position_; }
  /// As it was when it was opened, or caught up with.
  std::uint64_t size_bytes() const { return status_.size_bytes; }
  const Descriptor& file() const { return file_; }
  /// The log up to position(). Lives as long as the log stays open.
  LockedSource source() const { return source(position_.offset_bytes); }
  /// All of it.
  LockedSource whole(const DueEvents& due = {}) const {
    return {system_, options_.log, file_, status_.size_bytes, due};
  }
  /// To assemble what is to be written at position(), or elsewhere. Refers to this.
  AssembleContext context() { return context(position_); }
  AssembleContext context(const Position& before);
  /// Errors: io; conflict, where two events have that id.
  Result<std::optional<StoredEvent>> find_event(std::string_view event_id);

  /// How many events are known to be on stable storage.
  std::uint64_t synced_events() const { return synced_events_; }
  void set_synced_events(std::uint64_t events) { synced_events_ = events; }
  /// How long the last sync of a write took.
  std::chrono::steady_clock::duration last_sync() const { return last_sync_; }

 private:
  LockedSource source(std::uint64_t size_bytes) const {
    return {system_, options_.log, file_, size_bytes};
  }
  Result<bool> is_as_left(bool accept_loss);
  Result<void> sync_what_is_there();
  bool is_durable() const { return options_.durability != Durability::none; }
  Result<void> find();
  Result<void> scan_new(bool accept_loss);
  Result<void> check_not_lost(bool accept_loss);
  Result<void> cut(const ReadReport& torn);
  Result<bool> written_over(const Write& write, const FileStatus& status);
  std::unexpected<Error> take_back(Error why, std::uint64_t written_bytes, bool poison);
  Result<void> sync_entry();

  System& system_;
  const WriterOptions& options_;
  Quarantine& quarantine_;
  Descriptor file_;
  FileStatus status_;
  bool known_ = false;  // position_ is the end of the log as it was left
  bool poisoned_ = false;
  bool deferred_ = false;  // the last write is not durable yet
  Position position_;
  std::uint64_t synced_events_ = 0;
  std::chrono::steady_clock::duration last_sync_{0};
  std::optional<EventIds> ids_;
};

}  // namespace agentstore::log
