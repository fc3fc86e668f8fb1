// A time after which an answer is not wanted any more.

#pragma once

#include <chrono>

#include "cmd/context.hpp"

namespace agentstore::cmd {

/// While it lives: when the time is over, a thread of its own says so, cleans up as at a signal,
/// and ends the program as incomplete. Whatever the work is, it needs not look at a clock.
class Deadline {
 public:
  Deadline(Context& context, std::chrono::milliseconds after);
  Deadline(const Deadline&) = delete;
  Deadline& operator=(const Deadline&) = delete;
  /// It is met: from here on nothing happens.
  ~Deadline();
};

/// From here on an interrupt cleans up and ends the program at once, with status 130, whatever it
/// is doing. Not where the program was started to ignore it.
void end_at_interrupt();

}  // namespace agentstore::cmd
