// What every campaign has: how much to do, where chance comes from, and what came out.

#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <random>
#include <stdexcept>
#include <string>

#include "reliability/sim_system.hpp"

namespace agentstore::reliability {

struct Settings {
  std::uint64_t states = 0;
  std::uint64_t seed = 1;
  std::string only = {};  ///< of the scenarios or shapes, the ones with this in their name
  /// The end of the run, whatever number of states it has come to.
  std::chrono::steady_clock::time_point until = std::chrono::steady_clock::time_point::max();

  bool go_on(std::uint64_t checked) const {
    return checked < states && std::chrono::steady_clock::now() < until;
  }
};

using Random = std::mt19937_64;

inline std::uint64_t below(Random& random, std::uint64_t bound) {
  return random() % bound;
}

/// An invariant does not hold. What it says leads to the state.
class Violation : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

inline void require(bool holds, const std::string& what) {
  if (!holds) throw Violation{what};
}

/// Begins the random bytes of the library (salts, temporary names, generated ids) anew: a state
/// is the same in every run.
void seed_random_bytes(std::uint64_t seed);

using LeaveOut =
    std::function<bool(const std::string& call, const std::string& path, bool written)>;

// Each gives the number of states that it checked, or throws a Violation.
std::uint64_t torn_campaign(const Settings& settings);
std::uint64_t bits_campaign(const Settings& settings);
std::uint64_t crash_campaign(const Settings& settings, const LeaveOut& leave_out = nullptr);
std::uint64_t faults_campaign(const Settings& settings, const LeaveOut& leave_out = nullptr);
std::uint64_t mutants_campaign(const Settings& settings);

}  // namespace agentstore::reliability
