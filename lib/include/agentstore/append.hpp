// Appending: what a caller may ask, and what it is told.

#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>

namespace agentstore {

/// How far an acknowledged append has got.
enum class Durability {
  fsync,  ///< on stable storage, file and folder
  none,   ///< with the kernel: lost in a power cut, not in a crash of this process
  /// With the kernel, until Store::sync makes it durable, all at once. A power cut before that
  /// leaves of each log whole writes and a torn end, which is repaired as ever. Data folders alone
  /// put it off; databases take it for `fsync`.
  deferred,
};

struct AppendOptions {
  /// The last sequence number that the caller saw; 0: the session must be empty; absent: any.
  std::optional<std::uint64_t> expected_version = std::nullopt;
  /// The hash of the last event that the caller saw, 64 hex digits; empty: any.
  std::string expected_head = {};
};

/// The hash of a stored event. A store in memory seals its events when one is first asked for.
class EventHash {
 public:
  /// Who can tell the hashes of a session's events. Thread-safe.
  class Source {
   public:
    virtual ~Source() = default;
    virtual std::string hash_of(std::uint64_t sequence_number) = 0;
  };

  EventHash() = default;
  EventHash(std::string hex) : hex_(std::move(hex)) {}
  EventHash(std::shared_ptr<Source> source, std::uint64_t sequence_number)
      : source_(std::move(source)), sequence_number_(sequence_number) {}

  /// 64 hex digits; empty where the event lies in an unsealed line.
  std::string hex() const { return source_ ? source_->hash_of(sequence_number_) : hex_; }
  friend bool operator==(const EventHash& left, const EventHash& right) {
    return left.hex() == right.hex();
  }

 private:
  std::string hex_;
  std::shared_ptr<Source> source_;
  std::uint64_t sequence_number_ = 0;
};

/// The acknowledgement of one durable event.
struct Receipt {
  std::uint64_t sequence_number = 0;
  std::string event_id;
  EventHash hash;
  bool duplicate = false;  ///< it was there already; nothing was stored
};

}  // namespace agentstore
