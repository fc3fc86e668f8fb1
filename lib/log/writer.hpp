// The writer of one log: what many threads want to append, in as few durable writes as can be.
//
//   queue; the first caller leads, for all who came meanwhile, and hands over to the next in line
//   lock the session between processes: flock
//   look at what others wrote since, and make it durable before anything is judged against it
//   judge the requests, build the lines; one write to an O_APPEND descriptor
//   a failed write is taken back; a failed sync too, and then the writer is poisoned for good
//   fdatasync; acknowledge; unlock
//
// After a failed fdatasync the kernel may have dropped the pages and report success ever after, so
// going on would lose acknowledged events (Rebello et al., "Can Applications Recover from fsync
// Failures?", USENIX ATC 2020).

#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "agentstore/append.hpp"
#include "agentstore/repair.hpp"
#include "agentstore/verification.hpp"
#include "base/file.hpp"
#include "log/assemble.hpp"
#include "log/event_ids.hpp"
#include "log/file_source.hpp"
#include "log/redaction.hpp"
#include "log/scan.hpp"

namespace agentstore::log {

struct WriterOptions {
  Path log;
  Path lock;
  Path quarantine;   ///< the session's folder for bytes that a repair cut off
  Path checkpoints;  ///< the session's folder for notes; may be missing
  mode_t folder_mode = 0700;
  mode_t file_mode = 0600;
  std::string session_id;
  Durability durability = Durability::fsync;
  std::chrono::milliseconds lock_timeout{10'000};
  std::function<void(const std::string&)> on_notice = nullptr;
  /// Deletes, durably, whatever else was derived from the log, or from payloads that go.
  std::function<Result<void>(std::span<const std::string_view> payloads)> forget_derived = nullptr;
  /// How many events the session's file counts as synced; null: it does not say.
  std::function<Result<std::uint64_t>()> synced_events = nullptr;
  /// Sets that, durably.
  std::function<Result<void>(std::uint64_t)> set_synced_events = nullptr;
};

/// The greatest size that a note in the folder is named after; 0 where there is none.
Result<std::uint64_t> newest_checkpoint_size(System& system, const Path& checkpoints);

class Writer {
 public:
  Writer(System& system, WriterOptions options);

  /// Durable on return; all of the drafts, or none. Thread-safe: concurrent callers share writes.
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

  /// Runs `work` while no other writer of the session, in any process, is at work.
  Result<void> exclusively(const std::function<Result<void>()>& work);

  /// Whether a failed write left this writer unusable for good.
  bool poisoned();

  /// How many events this writer knows to be on stable storage. To be called by `exclusively`.
  std::uint64_t synced_events() const { return synced_events_; }

  /// Whether it has appended to its log: that its session exists is then known.
  bool has_appended() const { return has_appended_.load(); }

 private:
  /// The session's flock, for as long as it lives.
  class Lock {
   public:
    Lock(System& system, const Descriptor& file) : system_(&system), file_(&file) {}
    Lock(Lock&& other) noexcept
        : system_(other.system_), file_(std::exchange(other.file_, nullptr)) {}
    Lock& operator=(Lock&&) = delete;
    ~Lock();

   private:
    System* system_;
    const Descriptor* file_;
  };
  /// A caller in the queue. Shared: who wakes a caller may be the last to touch this.
  class Caller : public Request {
   public:
    Caller(std::span<const CheckedDraft> the_drafts, const AppendOptions& the_options)
        : Request{the_drafts, the_options} {
      prepare(*this);
    }
    enum class Turn { none, lead, over };
    /// Waits until it is told.
    Turn turn();
    void tell(Turn turn);

   private:
    std::mutex mutex_;
    std::condition_variable told_;
    Turn turn_ = Turn::none;
  };
  using Group = std::vector<std::shared_ptr<Caller>>;

  /// Leads alone, and gives nobody's write a chance, for as long as it lives.
  class Exclusively {
   public:
    explicit Exclusively(Writer& writer);
    Exclusively(const Exclusively&) = delete;
    Exclusively& operator=(const Exclusively&) = delete;
    ~Exclusively();

   private:
    Writer& writer_;
  };

  void lead();
  void wait_for_company();
  Group take_group();
  void stop_leading(std::unique_lock<std::mutex>& guard);
  Result<void> commit(const Group& group);
  Result<Lock> lock();
  /// An append trusts the last write; to `read_all` is to trust nothing.
  Result<void> catch_up(bool read_all = false);
  Result<void> open_log();
  Result<bool> find_tail();
  Result<void> scan_new();
  Result<void> forget(Result<void> refusal);
  /// What `quarantine` kept.
  struct Kept {
    Path path;
    std::string sha256_hex;
    bool ends_in_newline = false;
  };
  Result<Kept> quarantine(std::uint64_t from, std::uint64_t to);
  Result<Path> cut_torn_end(const ReadReport& torn);
  Result<Repair> salvage(const Repair& found, bool dry_run);
  Result<void> note_salvaged(std::uint64_t events);
  Result<void> check_legible();
  Result<DueEvents> due_events();
  std::unexpected<Error> lost(const DueEvents& due, std::uint64_t events) const;
  Result<void> check_not_lost();
  Result<Repair> repair_found(const Verification& found, const RepairOptions& options);
  Result<void> lower_synced_events(std::uint64_t events);
  Result<void> accept_loss(std::uint64_t events);
  Result<void> set_checkpoints_aside();
  Result<void> make_quarantine();
  Result<void> finish_redaction();
  Result<void> remove_payloads(const KeptLines& lines, const Redactions& redactions);
  Result<void> forget_derived(std::span<const std::string_view> payloads);
  Result<void> scrub_quarantine(const KeptLines& lines);
  /// Takes the descriptor of a log that was written to `temp`, and puts it in place of this one.
  Result<void> replace_log(const Path& temp, const Descriptor& file);
  Result<void> sync_entry();
  /// False: somebody without the lock wrote before us, and our bytes were taken back.
  Result<bool> write_durably(const Write& write);
  std::unexpected<Error> take_back(Error why, std::uint64_t written_bytes, bool poison);
  Result<std::optional<StoredEvent>> find_event(std::string_view event_id);
  LockedSource source(std::uint64_t size_bytes) const;
  AssembleContext context();
  void notice(const std::string& text) const;

  System& system_;
  const WriterOptions options_;
  const std::uint64_t process_epoch_;

  std::mutex mutex_;  // guards these; the rest belongs to whoever leads
  std::deque<std::shared_ptr<Caller>> queue_;
  bool led_ = false;  // nobody leads a queue of callers only while one waits to be exclusive
  int exclusive_waiting_ = 0;
  std::condition_variable free_;

  std::atomic<std::size_t> queued_ = 0;  // the size of queue_
  std::size_t last_group_ = 0;           // callers in the last write
  std::chrono::steady_clock::duration average_sync_{0};

  Descriptor lock_file_;
  Descriptor file_;
  FileStatus status_;
  bool known_ = false;  // position_ is the end of the log as we left it
  bool poisoned_ = false;
  std::atomic<bool> has_appended_ = false;
  bool accepting_loss_ = false;
  Position position_;
  std::uint64_t synced_events_ = 0;
  std::optional<EventIds> ids_;
};

}  // namespace agentstore::log
