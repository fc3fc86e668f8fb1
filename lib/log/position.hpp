// Where in a log something is: between two writes.

#pragma once

#include <cstdint>

#include "base/sha256.hpp"

namespace agentstore::log {

/// A place between two writes.
struct Position {
  std::uint64_t sequence_number = 0;  ///< of the event before it
  std::uint64_t offset_bytes = 0;
  std::uint64_t line = 0;       ///< how many lines stand before it
  Hash head{};                  ///< h(sequence_number)
  bool head_known = true;       ///< false behind damage, and behind lines that were not hashed
  bool sealed = false;          ///< whether a sealed line stands before it
  bool after_unsealed = false;  ///< whether the line before it is not sealed
};

}  // namespace agentstore::log
