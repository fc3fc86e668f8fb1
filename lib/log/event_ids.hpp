// Which event ids a log holds, so that appending twice stores once: fingerprints of the ids and
// where their lines stand. Built by one scan when a caller first gives an id; generated ids are
// never looked up.

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "agentstore/result.hpp"
#include "log/line.hpp"
#include "log/source.hpp"

namespace agentstore::log {

/// What is stored under an event id.
struct StoredEvent {
  std::uint64_t sequence_number = 0;
  std::string type;
  std::string metadata;
  std::string payload;
  std::string hash;  ///< hex
  bool redacted = false;
};

class EventIds {
 public:
  /// Reads the ids of the log's first `end_bytes`.
  Result<void> build(ByteSource& source, const std::string& session_id, std::uint64_t end_bytes);
  void add(std::string_view event_id, std::uint64_t offset_bytes);
  /// The same by the id's fingerprint.
  void add(std::size_t fingerprint, std::uint64_t offset_bytes);
  static std::size_t fingerprint_of(std::string_view event_id);
  /// Errors: io; conflict, where two events have that id.
  Result<std::optional<StoredEvent>> find(ByteSource& source, std::string_view event_id) const;

 private:
  std::unordered_multimap<std::size_t, std::uint64_t> offsets_;  // by fingerprint
};

}  // namespace agentstore::log
