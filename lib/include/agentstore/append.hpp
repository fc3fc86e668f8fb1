// Appending: what a caller may ask, and what it is told.

#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace agentstore {

/// How far an acknowledged append has got.
enum class Durability {
  fsync,  ///< on stable storage, file and folder
  none,   ///< with the kernel: lost in a power cut, not in a crash of this process
};

struct AppendOptions {
  /// The last sequence number that the caller saw; 0: the session must be empty; absent: any.
  std::optional<std::uint64_t> expected_version = std::nullopt;
  /// The hash of the last event that the caller saw, 64 hex digits; empty: any.
  std::string expected_head = {};
};

/// The acknowledgement of one durable event.
struct Receipt {
  std::uint64_t sequence_number = 0;
  std::string event_id;
  std::string hash;        ///< of the event, 64 hex digits; empty where it lies in an unsealed line
  bool duplicate = false;  ///< it was there already; nothing was stored
};

}  // namespace agentstore
