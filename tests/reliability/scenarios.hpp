// What the crash and fault campaigns do to a store, call by call.

#pragma once

#include <functional>
#include <string>
#include <vector>

#include "reliability/world.hpp"

namespace agentstore::reliability {

struct Scenario {
  std::string name;
  Disk start;
  std::vector<Event> base;  ///< what the log holds at the start
  std::function<void(World&)> run;
  Promise promise = {};
  bool creates = false;  ///< the session is not there at the start
  bool redacts = false;
  bool notes = false;    ///< checkpoints are saved, also of what a killed writer left
  bool damaged = false;  ///< the log is damaged at the start, and salvaged
  bool lost = false;     ///< the log is shorter than a checkpoint at the start
  std::string imports = {};
  std::string log = {};  ///< at the start

  bool waits_for_import(const Promise& told) const {
    return !imports.empty() && (told.acked & 7U) != 7U;
  }
};

const std::vector<Scenario>& scenarios();

/// A disk that holds a store with one session, and this log.
Disk store_of(const std::string& log);

/// What a caller does after a crash: opens the store again, tries again what was not acknowledged,
/// and appends one event more. All of it has to succeed, and the log has to verify then.
void recover(const Scenario& scenario, const View& found, SimSystem& system, Promise& promise);

/// Holds a disk to the promise, as it lies there: nothing has been opened yet. Notes in the promise
/// what a recovery must not lose: torn bytes, if they are there for good. Gives what the log holds.
View check_as_found(const Scenario& scenario, const Disk& disk, bool durable, Promise& promise);

}  // namespace agentstore::reliability
