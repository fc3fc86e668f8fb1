// Repair: what can be done about a damaged log, and what was done.

#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "agentstore/verification.hpp"

namespace agentstore {

struct RepairOptions {
  /// Damage in the middle: writes a new log of every event that can be read, with new sequence
  /// numbers and seals; the old one is kept whole in quarantine. Off: only a torn end is cut.
  bool salvage = false;
  /// The log is shorter than a checkpoint of the store, or another one: goes on from what is there.
  /// The checkpoints that it no longer fits are put into quarantine.
  bool accept_loss = false;
  /// Changes nothing; says what would be done.
  bool dry_run = false;
};

/// What a repair found, and did (or, in a dry run, would do).
struct Repair {
  Verdict verdict = Verdict::clean;  ///< of the log as it was found
  bool changed = false;              ///< false: there was nothing to do
  std::uint64_t events = 0;          ///< callers' events that were kept
  std::uint64_t bytes_left_out = 0;  ///< that no event could be made of; they lie in quarantine
  std::vector<Finding> left_out;     ///< where they stood: the first thousand
  std::uint64_t left_out_count = 0;
  std::string kept_as;  ///< where the old bytes are; empty in a dry run
};

}  // namespace agentstore
