// A session in memory: its events as they were given, and its lines, which are made when somebody
// asks for bytes or for a hash.

#pragma once

#include <deque>
#include <initializer_list>
#include <map>
#include <memory>
#include <optional>
#include <shared_mutex>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "agentstore/append.hpp"
#include "agentstore/reader.hpp"
#include "agentstore/session.hpp"
#include "backends/backend.hpp"
#include "base/system.hpp"
#include "log/append_validator.hpp"
#include "log/scan.hpp"
#include "log/source.hpp"

namespace agentstore {

/// Texts that stay where they are as long as it lives.
class TextArena {
 public:
  /// Keeps them one behind the other; gives where.
  const char* keep(std::initializer_list<std::string_view> texts);

 private:
  std::vector<std::unique_ptr<char[]>> blocks_;
  std::size_t block_bytes_ = 512;  // grows
  std::size_t left_ = 0;           // of the last block
};

/// An event, small: its texts lie in the arena, one behind the other.
struct MemoryEvent {
  const char* texts = nullptr;
  std::uint32_t type_bytes = 0;
  std::uint32_t metadata_bytes = 0;
  std::uint32_t payload_bytes = 0;
  std::uint32_t event_id_bytes = 0;
  Timestamp timestamp;
  Timestamp recorded_at;
  bool has_recorded_at = false;
  std::uint32_t place_in_batch = 0;
  std::uint32_t batch_events = 1;
  std::uint64_t redacted_by = 0;

  std::string_view type() const { return {texts, type_bytes}; }
  std::string_view metadata() const { return {type().end(), metadata_bytes}; }
  std::string_view payload() const { return {metadata().end(), payload_bytes}; }
  std::string_view event_id() const { return {payload().end(), event_id_bytes}; }
};

/// What does not lock `mutex` itself is called by who holds it: to change or seal, alone.
struct MemoryLog : EventHash::Source {
  std::shared_mutex mutex;  // guards what follows
  Session session;
  std::deque<MemoryEvent> events;
  std::shared_ptr<TextArena> texts = std::make_shared<TextArena>();
  std::uint64_t rewrites = 0;  // times that other events took the place of these
  std::map<std::string, std::map<std::uint64_t, std::string>, std::less<>> snapshots;
  std::map<std::string, KeptState, std::less<>> states;  // of the newest snapshots
  std::optional<std::string> checkpoint;

  std::string name() const { return "session " + session.id + " (in memory)"; }

  /// Makes the lines of the events that have none yet.
  void seal();
  /// Of the events that are sealed.
  const std::string& lines() const { return lines_; }
  const log::Position& end() const { return end_; }

  /// Stores what a judge let through, and completes its receipts, which may ask `self` for hashes.
  void store(std::span<const log::AppendValidator::New> news,
             const std::shared_ptr<MemoryLog>& self);
  Result<std::optional<log::StoredEvent>> find_event(std::string_view event_id);
  /// Puts other lines in place of these, which may be those that it has. Errors: as Scanner::next.
  Result<void> replace(std::string lines);

  /// These two lock.
  std::uint64_t rewrites_so_far() {
    const std::shared_lock guard{mutex};
    return rewrites;
  }
  std::string hash_of(std::uint64_t sequence_number) override;

 private:
  /// Adds an event; what its views show is copied.
  MemoryEvent& add(const EventView& event);

  std::string lines_;
  log::Position end_;         // of the lines
  std::vector<Hash> hashes_;  // of the lines
  /// The numbers of events by the fingerprint of their id, once somebody gave one.
  std::optional<std::unordered_multimap<std::size_t, std::uint64_t>> ids_;
  RandomPool random_;
};

/// Reads the lines of a log up to where it reached when it was last asked.
std::unique_ptr<log::ByteSource> lines_of(std::shared_ptr<MemoryLog> memory);

/// Reads the events of a log without their lines, hashes and offsets. Their views live as long as
/// the reader.
std::unique_ptr<EventReader> events_of(std::shared_ptr<MemoryLog> memory, std::uint64_t behind);

}  // namespace agentstore
