// Faults: the k-th call fails, for every k and every kind of failure. The same process goes on and
// another opens the store after it, or the power goes: what an error was returned for is absent,
// what was acknowledged is there, and a poisoned writer refuses.

#include <cerrno>
#include <cstring>

#include "reliability/scenarios.hpp"

namespace agentstore::reliability {
namespace {

struct Kind {
  int error;
  std::size_t partial;
  bool forever;
};

constexpr Kind kinds[] = {
    {EIO, 0, false},      {EIO, 100, false},    {EIO, 0, true},    {ENOSPC, 0, false},
    {ENOSPC, 1, false},   {ENOSPC, 700, false}, {ENOSPC, 0, true}, {EDQUOT, 0, false},
    {EDQUOT, 300, false}, {EROFS, 0, false},    {EROFS, 0, true},  {EINTR, 0, false},
    {EINTR, 50, false},
};

bool is_retried(const std::string& call) {
  return call == "write" || call == "pread" || call == "flock";
}

class Campaign {
 public:
  Campaign(const Settings& settings, const LeaveOut& leave_out)
      : settings_(settings), leave_out_(leave_out), random_(settings.seed) {}

  std::uint64_t run() {
    do {
      for (const Scenario& scenario : scenarios()) {
        if (scenario.name.find(settings_.only) == std::string::npos) continue;
        for (const Kind& kind : kinds) {
          for (int k = 1; fails(scenario, kind, k); ++k) {
          }
        }
      }
      ++round_;
    } while (settings_.go_on(states_));
    return states_;
  }

 private:
  // False: there is no k-th call.
  bool fails(const Scenario& scenario, const Kind& kind, int k) {
    Promise promise = scenario.promise;
    SimSystem system{scenario.start};
    system.leave_out = leave_out_;
    // A partial write of another length in every round.
    const std::size_t partial =
        kind.partial == 0 || round_ == 0 ? kind.partial : 1 + below(random_, 1000);
    system.fault = {k, kind.error, partial, kind.forever};
    try {
      seed_random_bytes(settings_.seed);
      World world{system, promise};
      scenario.run(world);
      if (system.fired.empty()) return false;
      go_on(scenario, kind, system, promise, world);
    } catch (const Violation& violation) {
      throw Violation{std::string{violation.what()} + "\n  scenario: " + scenario.name + ", call " +
                      std::to_string(k) + " (" + system.fired + ") fails with " +
                      std::strerror(kind.error) + (kind.forever ? " for good" : "") + " after " +
                      std::to_string(partial) + " bytes"};
    }
    return true;
  }

  void go_on(const Scenario& scenario, const Kind& kind, SimSystem& system, Promise& promise,
             World& world) {
    const std::string call = system.fired.substr(0, system.fired.find(' '));
    if (kind.error == EINTR && !kind.forever && is_retried(call)) {
      require(promise.refused == 0, "an interrupted call was not made again");
    }
    // The same process goes on, on a disk that has recovered.
    if (!kind.forever) system.fault = {};
    if (world.is_open()) {
      const bool poisoned = promise.refused != 0 && call == "fdatasync" &&
                            system.fired.ends_with(".jsonl") && system.synced_after_write;
      const bool must_refuse = poisoned || world.is_stuck();
      const bool done = scenario.waits_for_import(promise) ? world.import_session(scenario.imports)
                                                           : world.append(1);
      require(!must_refuse || !done, "a poisoned writer went on");
    }
    ++states_;
    system.fault = {};
    check_other(scenario, system.disk, promise, false);
    // And the power may go, now.
    const auto choices = system.disk.choices();
    for (int i = 0; i < 3; ++i) {
      std::vector<std::uint32_t> outcome;
      for (const Choice& choice : choices) {
        const auto any = static_cast<std::uint32_t>(below(random_, choice.ways));
        outcome.push_back(i == 0 ? 0 : any);
      }
      ++states_;
      check_other(scenario, system.disk.cut(choices, outcome), promise, true);
    }
  }

  // Another process opens the store.
  void check_other(const Scenario& scenario, const Disk& disk, Promise promise, bool cut) {
    if (cut) promise.refused = 0;
    const View found = check_as_found(scenario, disk, false, promise);
    SimSystem system{disk};
    system.disk.journal = true;
    system.leave_out = leave_out_;
    seed_random_bytes(settings_.seed + 1);
    recover(scenario, found, system, promise);
  }

  const Settings settings_;
  const LeaveOut leave_out_;
  Random random_;
  std::uint64_t states_ = 0;
  int round_ = 0;
};

}  // namespace

std::uint64_t faults_campaign(const Settings& settings, const LeaveOut& leave_out) {
  return Campaign{settings, leave_out}.run();
}

}  // namespace agentstore::reliability
