// A store on a simulated disk, what it was told to do, and what it promised: judged against what
// the disk holds.

#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "agentstore/reader.hpp"
#include "backends/backend.hpp"
#include "reliability/campaign.hpp"

namespace agentstore::reliability {

inline const std::string root = "/a/d";
inline const std::string log_path = root + "/events/s.jsonl";
inline const std::string secret = "the-secret-that-goes";

/// What a caller has been told. Writes are numbered from 0; write w of n events has the event ids
/// "w<w>-0" to "w<w>-<n-1>".
struct Promise {
  std::vector<std::uint8_t> counts;  ///< of each write that was begun, its events
  std::uint64_t acked = 0;           ///< writes, by bit
  std::uint64_t refused = 0;         ///< writes that an error was returned for
  bool created = false;              ///< the session is there, with its name
  bool redacted = false;             ///< the payload of event "secret" is gone
  bool salvaged = false;             ///< the damaged log was replaced
  std::uint64_t note = 0;            ///< the size of a checkpoint that is kept
  std::string tail = {};             ///< bytes of a torn write: in the log or in quarantine
};

struct Event {
  std::string id;
  std::string type;
  std::string payload;
};

/// A log as a verifier sees it.
struct View {
  Verdict verdict = Verdict::clean;
  std::uint64_t findings = 0;
  std::vector<Event> events;
  std::string log;
  std::string tail;  ///< behind the last whole write
  bool has(std::string_view type) const;
};
/// Lives until the next call.
const View& look(const std::string& log);
View look(const Disk& disk);

/// The payload of a caller's event.
std::string payload_of(const std::string& id);

/// The store, as one process has it open.
class World {
 public:
  World(SimSystem& system, Promise& promise) : system_(system), promise_(promise) {}

  bool open(Durability durability = Durability::fsync);
  /// What was appended, and created, with its sync put off is acknowledged then.
  bool sync();
  bool is_open() const { return backend_ != nullptr; }
  bool create();
  /// Appends a new write, or one that was begun before (a caller that tries again).
  bool append(std::size_t count);
  bool append_again(std::size_t write);
  bool repair(bool salvage, bool accept_loss = false);
  bool redact(std::span<const std::uint64_t> numbers);
  bool save_snapshots();
  bool save_note();
  bool import_session(const std::string& lines);
  /// Nothing is hidden that should be seen, and the other way round.
  void check_readers();
  const std::string& error() const { return error_; }
  /// A write failed, and could not be undone: it may be there or not, and nothing may follow it.
  bool is_stuck() const { return stuck_; }

 private:
  template <class T>
  bool told(const Result<T>& result);

  SimSystem& system_;
  Promise& promise_;
  std::unique_ptr<Backend> backend_;
  std::string error_;
  bool stuck_ = false;
  bool deferred_ = false;
  bool created_ = false;       // and not synced
  std::uint64_t written_ = 0;  // writes that are not synced, by bit
};

/// Holds a disk to the promise. `base`: the events that were there from the start.
void check_promise(const Disk& disk, const View& view, const std::vector<Event>& base,
                   const Promise& promise);

}  // namespace agentstore::reliability
