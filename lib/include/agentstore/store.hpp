// The store: the front door of the library. Append events durably; read, replay and fold them.
//
//   auto store = agentstore::Store::open("agent-data").value();
//   auto session = store.create_session({.name = "flight-search"}).value();
//   store.append(session.id, {.type = "user_message", .payload = R"({"content":"hi"})"}).value();
//   std::puts(store.state(session.id).value().json.c_str());

#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "agentstore/append.hpp"
#include "agentstore/checkpoint.hpp"
#include "agentstore/event.hpp"
#include "agentstore/filter.hpp"
#include "agentstore/ledger.hpp"
#include "agentstore/parts.hpp"
#include "agentstore/point.hpp"
#include "agentstore/projection.hpp"
#include "agentstore/reader.hpp"
#include "agentstore/repair.hpp"
#include "agentstore/result.hpp"
#include "agentstore/session.hpp"
#include "agentstore/source_file.hpp"
#include "agentstore/upcast.hpp"
#include "agentstore/verification.hpp"

namespace agentstore {

struct StoreOptions {
  /// Makes the folder if it is missing. Off: a missing store is Code::not_found.
  bool create = true;
  Durability durability = Durability::fsync;
  std::chrono::milliseconds lock_timeout{10'000};
  /// Events between automatic snapshots of the default projection; 0: none.
  std::uint64_t snapshot_interval = 1000;
  /// The default projection; wrap make_session_projection to add to it.
  ProjectionFactory projection = make_session_projection;
  /// Absent: those of `upcasts.json` in the folder, where it is there. With upcasts in force no
  /// snapshot is used or made.
  std::optional<Upcasts> upcasts = std::nullopt;
  /// Absent: that of `ledger.json` in the folder, where it is there, else `default_ledger`.
  std::optional<Ledger> ledger = std::nullopt;
  /// By default one that counts nothing.
  Ledger default_ledger = {};
  /// Told, in the thread that called the store, of what was noticed and mended or left: a torn tail
  /// that was cut off, a snapshot that could not be written. May quote log content. A call that
  /// writes tells it last, when it has no lock any more; what is thrown then is dropped, unless
  /// nothing was stored. Null: nobody is told.
  std::function<void(const std::string&)> on_notice = nullptr;
  /// Told at once, by the thread that waits, that a server cannot be reached and is asked again,
  /// for up to a minute. The store's locks are held: it must not call the store, and what it throws
  /// is dropped. Null: nobody is told.
  std::function<void(const std::string&)> on_wait = nullptr;
  /// Told what Store::open made on a server: a schema, or a newer version of ours. Null: nobody.
  std::function<void(const std::string&)> on_made = nullptr;
  /// Told of what changes no answer, only how fast it comes: why there are no caches. Null: nobody.
  std::function<void(const std::string&)> on_detail = nullptr;
  /// The key of caches: snapshots, cached sums, lists. Only those with a MAC by it are used.
  /// Absent: user_cache_key(), asked for when a cache is wanted. Empty: no cache is used or made.
  std::optional<std::string> cache_key = std::nullopt;
};

/// A state, and how far it reaches.
struct State {
  std::string session_id;
  std::string projection;
  std::uint64_t last_sequence_number = 0;  ///< of the last event that counted; 0: none did
  std::string json;
  ReadReport report;
  /// What the fold noticed; with one that is incomplete, so is the state.
  std::vector<FoldNote> notes = {};
};

/// A projection folded up to a point; fold on from there, with the events behind it.
struct Folded {
  std::string session_id;
  std::unique_ptr<Projection> projection;
  std::uint64_t last_sequence_number = 0;  ///< of the last event that counted; 0: none did
  ReadReport report;
  std::string head = {};  ///< hash of the last event looked at, 64 hex digits; empty: not known

  State state() const;
};

/// Events that were read, as one value: it owns what they show, and may outlive its store. Copies
/// share that.
///   const Events events = store.events(id).value();
///   for (const EventView& event : events) use(event.type, event.payload);
class Events {
 public:
  std::size_t size() const { return events_.size(); }
  bool empty() const { return events_.empty(); }
  const EventView& operator[](std::size_t index) const { return events_[index]; }
  std::vector<EventView>::const_iterator begin() const { return events_.begin(); }
  std::vector<EventView>::const_iterator end() const { return events_.end(); }
  const ReadReport& report() const { return report_; }

 private:
  friend class Store;
  std::vector<EventView> events_;
  std::shared_ptr<const void> texts_;
  ReadReport report_;
};

/// A store of sessions.
///   Ownership: movable, not copyable. A store that was moved from refuses every call with
///     Code::closed. Assignment closes the store that is replaced at once; so does the destructor,
///     which drops what close() says. Readers share what they need, and may outlive their store.
///   Threads: any number of threads may share one, and any number of processes one folder; not
///     while it is moved, assigned or destroyed. Callbacks run in the thread that called, but for
///     Parts::make and Part::take.
///   Blocking: every call blocks for its input and output; one that writes, for the locks of other
///     writers, too, as long as `lock_timeout`.
///   Durability: what a call that writes gave is on stable storage, unless `durability` is none.
///   Errors: as each call says. After `close`, or in the child of a fork, calls that write are
///     refused with Code::closed.
///   Exceptions: those of callbacks alone: see result.hpp.
class Store {
 public:
  /// Opens a data folder: one of ours, or of the Go library; or, by the name "sqlite:FILE", an
  /// SQLite database, which other programs may write to, too; or, by "postgresql://…", as libpq has
  /// it, a store in the schema that `schema=` names: while such a server fails over, calls wait for
  /// up to a minute. Nothing is written to a folder or database that exists before the first create
  /// or append. Errors: not_found; invalid (not a folder, or a folder of something else);
  /// unsupported (a newer format); io.
  static Result<Store> open(const std::filesystem::path& folder, StoreOptions options = {});
  /// A store in memory, gone when it is closed.
  static Store in_memory(StoreOptions options = {});

  Store(Store&&) noexcept;
  Store& operator=(Store&&) noexcept;
  ~Store();

  /// Durable on return. Of several callers, in any process, who want one id or name, one gets it.
  /// Errors: invalid (id, name); conflict (the id or the name is another session's id or name);
  /// busy (lock); io; closed.
  Result<Session> create_session(NewSession session = {});
  Result<Session> session(std::string_view id, bool fresh_counts = true) const;
  /// Changes name and labels, and gives the session as it is then. The log says it first, in an
  /// event `agentstore.session_changed` with the old and the new values; where a process dies
  /// between that and the session's file, the next append finishes the file. Nothing is written
  /// where nothing changes. Durable on return.
  /// Errors: not_found; invalid (name, labels); conflict (another session has the name as its name
  /// or id); as append.
  Result<Session> change_session(std::string_view session_id, const SessionChange& change);
  /// Newest creation first, then by id, unless `options` say otherwise. Sessions that cannot be
  /// read are listed as far as they can be, and told to on_notice. A folder of a thousand sessions
  /// or more gets a cache of what their files say, which is never seen in an answer.
  Result<std::vector<Session>> sessions(const ListOptions& options = {}) const;

  /// Appends drafts in order: all of them, or none. Durable on return, in one write.
  /// A draft whose event id is stored already, with the same type, metadata and payload, is a
  /// duplicate: it succeeds whatever the expected version.
  /// Errors: not_found (session); invalid (with draft_index); conflict (expected version, or an
  /// event id with other content); busy (lock); corrupt (damage at the log's end, which is all
  /// that an append reads: nothing is appended);
  /// io (nothing was stored); closed.
  Result<std::vector<Receipt>> append(std::string_view session_id, std::span<const Draft> drafts,
                                      const AppendOptions& options = {});
  Result<Receipt> append(std::string_view session_id, const Draft& draft,
                         const AppendOptions& options = {});

  /// The events of a session that pass the filter, in sequence order.
  Result<std::unique_ptr<EventReader>> read(std::string_view session_id,
                                            ReadOptions options = {}) const;
  /// The same events at once, in memory that grows with the session. Of a store in memory they come
  /// without line, hash and offset, which `read` would have to make. Errors: as EventReader::next.
  Result<Events> events(std::string_view session_id, ReadOptions options = {}) const;
  /// The same events, taken apart by as many threads as there are cores. Filters with a predicate,
  /// a range of sequence numbers or upcasts make it read in order. Without any of these or another
  /// filter, and without OnCorrupt::skip, a log that has nothing wrong gets the cached aggregate
  /// that `parts` ask for. Who does not ask for Seals::all gets it later, and of a log that has
  /// only grown since, what was added is read alone. Errors: as EventReader::next and Part::take.
  Result<ReadReport> read_parts(std::string_view session_id, ReadOptions options,
                                const Parts& parts) const;
  /// The events of every session, in order of time, session id, sequence number.
  Result<std::unique_ptr<EventReader>> read_all(ReadOptions options = {}) const;

  /// The upcasts in force. Errors: those of reading `upcasts.json`; every read that is not raw has
  /// them, too.
  Result<const Upcasts*> upcasts() const;
  /// The ledger in force. Errors: those of reading `ledger.json`.
  Result<Ledger> ledger() const;

  /// The state of the default projection, from its snapshot where that can be trusted.
  /// Errors: as read; damage in the log is Code::corrupt unless `on_corrupt` says otherwise.
  Result<State> state(std::string_view session_id, OnCorrupt on_corrupt = OnCorrupt::strict) const;
  /// The state of any projection at a point in time.
  /// Errors: as read; overflow, naming the event; corrupt, as above.
  Result<State> state(std::string_view session_id, const ProjectionFactory& make,
                      const Point& point, OnCorrupt on_corrupt = OnCorrupt::strict) const;
  /// The same, to fold on from. Starts at the newest snapshot of ours within the point: damage
  /// before that is not seen. Every other line's seal is checked, as those behind the snapshot
  /// were. A fold of a long log up to now is kept as a snapshot, where the store may be written to.
  Result<Folded> fold(std::string_view session_id, const ProjectionFactory& make,
                      const Point& point = {}, OnCorrupt on_corrupt = OnCorrupt::strict) const;
  /// The state of the whole session, to decide on: as `fold`, and a snapshot of it is kept even if
  /// the projection is not built in. Its name and version have to tell it from every other one.
  Result<Folded> fold_to_decide(std::string_view session_id, const ProjectionFactory& make) const;
  /// Folds every event that passes the filter into `projection`.
  Result<State> state(std::string_view session_id, Projection& projection,
                      ReadOptions options = {}) const;
  /// Folds with a reducer: `reduce(value, event)` for every event that passes the filter.
  template <class T, class Reducer>
  Result<T> reduce(std::string_view session_id, T value, Reducer reduce,
                   ReadOptions options = {}) const {
    auto reader = read(session_id, std::move(options));
    if (!reader) return std::unexpected(reader.error());
    const auto done =
        for_each_event(**reader, [&](const EventView& event) { reduce(value, event); });
    if (!done) return std::unexpected(done.error());
    return value;
  }

  /// Checks everything that agentstore-log(5) holds a log to, the store's own checkpoints of it
  /// included. Reads the log once; writes nothing.
  Result<Verification> verify(std::string_view session_id, const VerifyOptions& options = {}) const;
  /// Every id that there is something of: a session file, a log, a checkpoint, readable or not.
  /// Errors: io.
  Result<std::vector<std::string>> known_ids() const;

  /// Reads a session by `parts`, and compares what they give with the cached aggregate that the
  /// store keeps of it: the findings. Errors: as read_parts.
  Result<std::vector<Finding>> check_cached_aggregate(std::string_view session_id,
                                                      const Parts& parts) const;

  /// Signs how long a session's log is and what it holds, and keeps the note in the store. The
  /// session has to verify, and to have grown from the newest note that the store has.
  /// Errors: corrupt (it does not); as append.
  Result<std::string> checkpoint(std::string_view session_id, const SigningKey& key);

  /// Repairs a log. An append repairs a torn end by itself; damage in the middle it refuses.
  /// Everything that is cut off or left out is kept in quarantine. Crash-safe, and idempotent.
  /// Errors: not_found; corrupt (damage, and no `salvage`); busy; io; closed.
  Result<Repair> repair(std::string_view session_id, const RepairOptions& options = {});

  /// Removes the payload of an event for good; its place in the chain, the root and every
  /// checkpoint stay valid. An event of type `agentstore.redacted` says why. Backups and exports
  /// are out of reach. The receipt is that of this event; its event_id is empty. Of our own events
  /// only `agentstore.session_changed` may be redacted; those whose names are the beginning of the
  /// payload are, too.
  /// Errors: not_found; invalid (no reason; an event that is not sealed, or one of ours); conflict
  /// (redacted before); as append.
  Result<Receipt> redact(std::string_view session_id, std::uint64_t sequence_number,
                         std::string_view reason, std::string_view requested_by = {});
  /// The same of several events, all of them or none, in one write; the log is rewritten once. The
  /// receipts are in the order of the events in the log; an event that is named twice has one.
  Result<std::vector<Receipt>> redact(std::string_view session_id,
                                      std::span<const std::uint64_t> sequence_numbers,
                                      std::string_view reason, std::string_view requested_by = {});

  /// Takes over a session with its lines as they are, seals and all: a new session, or the events
  /// that a session of this id lacks. `next_line` gives one line without its newline at a time,
  /// nullopt at the end. All or nothing, and idempotent. `updated_at` and `event_count` of
  /// `session` are not used: they come from the lines. A name that another session has, or that may
  /// not be given, is left out, and told to on_notice.
  /// Errors: invalid (a line that a log may not hold, naming it); conflict (the session's history
  /// differs; its id is another session's name); what next_line gave; as append.
  Result<ImportReport> import_session(
      const Session& session,
      const std::function<Result<std::optional<std::string_view>>()>& next_line);

  /// Keeps what is new of a file that the session was imported from. The file goes on from one that
  /// is kept where it begins with it; else it is kept anew, as another version. Durable on return:
  /// the bytes, then an event `agentstore.source_kept` that names them; with Durability::deferred
  /// both are with sync. Memory does not grow with the file. Errors: not_found; invalid (the name);
  /// unsupported (only data folders keep files); those of the file; io (what was kept before
  /// stands); as append.
  Result<KeepReport> keep_source(std::string_view session_id, const SourceFile& file);
  /// Says in the session's log, once, that another session keeps a file which holds events of it.
  /// Errors: as keep_source.
  Result<void> keep_source_elsewhere(std::string_view session_id, const KeptElsewhere& file);
  /// What is kept of a session's files. Errors: not_found; unsupported; io.
  Result<KeptFiles> kept_files(std::string_view session_id) const;
  /// Gives the bytes of one version to `take`. They are what was read only once this has returned
  /// without an error. Errors: not_found; corrupt; io; those of `take`.
  Result<void> read_kept_file(std::string_view session_id, std::uint64_t number,
                              const TakeBytes& take) const;

  /// With Durability::deferred: makes everything that was written since the last one durable, with
  /// few syncs however many sessions it is in. Not to be called while others write to this store.
  /// Errors: io: what was acknowledged since may be lost, and its sessions take no more from this
  /// store.
  Result<void> sync();

  /// Refreshes the session files of the sessions written to, and lets go of every file.
  Result<void> close();

 private:
  struct Impl;
  explicit Store(std::shared_ptr<Impl> impl);
  Result<Impl*> held() const;
  Result<Impl*> writable() const;
  void let_go() noexcept;

  std::shared_ptr<Impl> impl_;  // shared with readers; null: moved from
};

/// Where the lines of a log outside a store come from, if they were copied to be read.
struct LogOrigin {
  std::string name = {};           ///< for messages; empty: the path
  std::uint64_t lines_before = 0;  ///< lines there before the first event; findings count them
  /// How many events it is said to hold: one that ends before is an extract. 0: nobody says.
  std::uint64_t events_due = 0;
};

/// Verifies one log outside a store: any file of ours or of the Go library. The session is the one
/// that its first line names. Where events are missing the verdict is `extract`: neither root nor
/// marks are known then. Errors: as reading a file.
Result<Verification> verify_log(const std::filesystem::path& path,
                                const VerifyOptions& options = {}, const LogOrigin& origin = {});

/// Reads one log outside a store, or an extract of one. A last line without a newline that is
/// whole counts, unless the log is sealed.
Result<std::unique_ptr<EventReader>> read_log(const std::filesystem::path& path,
                                              ReadOptions options = {},
                                              const LogOrigin& origin = {});

/// The same, by parts: see Store::read_parts.
Result<ReadReport> read_log_parts(const std::filesystem::path& path, ReadOptions options,
                                  const Parts& parts, const LogOrigin& origin = {});

/// Folds what a reader gives from here to its end, into a projection made for the session of its
/// first event (`session_id` empty), or for the one named. Errors: as EventReader::next; overflow.
Result<Folded> fold_events(EventReader& reader, const ProjectionFactory& make,
                           std::string session_id = {});

}  // namespace agentstore
