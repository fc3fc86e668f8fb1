// Crash states: a scenario is stopped before every call that changes or secures something, and
// inside every write; what a power cut may leave there is enumerated, or drawn where that would be
// too many; the store is opened again, stopped again inside that recovery, and so on.

#include <algorithm>

#include "reliability/scenarios.hpp"

namespace agentstore::reliability {
namespace {

constexpr std::uint64_t enumerated_max = 768;  // of the states of one stop; of more, so many
constexpr int depth_max = 4;

/// A moment at which the power may go, or the process die.
struct Stop {
  std::string call;
  Disk disk;
  Promise promise;
};

class Campaign {
 public:
  Campaign(const Settings& settings, const LeaveOut& leave_out)
      : settings_(settings), leave_out_(leave_out), random_(settings.seed) {}

  std::uint64_t run() {
    std::vector<std::pair<const Scenario*, std::vector<Stop>>> all;
    for (const Scenario& scenario : scenarios()) {
      if (scenario.name.find(settings_.only) == std::string::npos) continue;
      scenario_ = &scenario;
      all.emplace_back(&scenario, stops(scenario.start, scenario.promise,
                                        [&](World& world) { scenario.run(world); }));
    }
    require(!all.empty(), "there is no such scenario");
    for (const auto& [scenario, stops] : all) {
      scenario_ = scenario;
      for (const Stop& stop : stops) each_state(stop);
    }
    while (settings_.go_on(states_)) {
      const auto& [scenario, stops] = all[below(random_, all.size())];
      scenario_ = scenario;
      trail_.clear();
      descend(stops[below(random_, stops.size())], 1);
    }
    return states_;
  }

 private:
  std::vector<Stop> stops(const Disk& start, const Promise& promise,
                          const std::function<void(World&)>& work) {
    std::vector<Stop> found;
    Promise told = promise;
    SimSystem system{start};
    system.leave_out = leave_out_;
    system.watch = [&](const std::string& call, const Disk& disk) {
      found.push_back({call, disk, told});
    };
    seed_random_bytes(settings_.seed);
    World world{system, told};
    work(world);
    found.push_back({"the end", system.disk, told});
    return found;
  }

  // Everything that a crash at this stop may leave.
  void each_state(const Stop& stop) {
    const auto choices = stop.disk.choices();
    std::uint64_t count = 1;
    for (const Choice& choice : choices) count = std::min(count * choice.ways, enumerated_max + 1);
    trail_.clear();
    check(stop, killed(stop.disk), "killed", 1, nullptr);
    std::vector<std::uint32_t> outcome(choices.size());
    for (std::uint64_t i = 0; i < std::min(count, enumerated_max); ++i) {
      std::uint64_t rest = i;
      for (std::size_t c = 0; c < choices.size(); ++c) {
        outcome[c] = static_cast<std::uint32_t>(
            count > enumerated_max ? below(random_, choices[c].ways) : rest % choices[c].ways);
        rest /= choices[c].ways;
      }
      trail_.clear();
      check(stop, stop.disk.cut(choices, outcome), text_of(outcome), 1, nullptr);
    }
  }

  // One state that a crash at this stop may leave, recovered from, with crashes in that.
  void descend(const Stop& stop, int depth) {
    const auto choices = stop.disk.choices();
    const std::size_t trail = trail_.size();
    Disk disk = killed(stop.disk);
    std::string text = "killed";
    if (below(random_, 6) > 0) {
      const auto outcome = draw(choices);
      disk = stop.disk.cut(choices, outcome);
      text = text_of(outcome);
    }
    std::vector<Stop> next;
    check(stop, disk, text, depth, &next);
    if (depth < depth_max) {
      const std::size_t most = depth == 1 ? 24 : 3;
      for (std::size_t i = 0; i < std::min(most, next.size()); ++i) {
        descend(next[depth == 1 && next.size() <= most ? i : below(random_, next.size())],
                depth + 1);
      }
    }
    trail_.resize(trail);
  }

  // Often all of it or nothing of it, and all but one.
  std::vector<std::uint32_t> draw(const std::vector<Choice>& choices) {
    std::vector<std::uint32_t> outcome;
    const std::uint64_t kind = below(random_, 8);
    for (const Choice& choice : choices) {
      const auto any = static_cast<std::uint32_t>(below(random_, choice.ways));
      outcome.push_back(kind == 0 ? 0 : kind == 1 ? choice.ways - 1 : any);
    }
    if (kind < 2 && !choices.empty()) {
      const std::size_t odd = below(random_, choices.size());
      outcome[odd] = static_cast<std::uint32_t>(below(random_, choices[odd].ways));
    }
    return outcome;
  }

  void check(const Stop& stop, const Disk& disk, const std::string& outcome, int depth,
             std::vector<Stop>* next) {
    ++states_;
    trail_ += "\n  before " + stop.call + " (" + outcome + ")";
    try {
      Promise promise = stop.promise;
      const View found = check_as_found(*scenario_, disk, outcome != "killed", promise);
      SimSystem system{disk};
      system.leave_out = leave_out_;
      if (next != nullptr) {
        system.watch = [&](const std::string& call, const Disk& at) {
          next->push_back({call, at, promise});
        };
      }
      // Of another depth: no temporary file of a program that died has the next one's name.
      seed_random_bytes(settings_.seed + static_cast<std::uint64_t>(depth));
      recover(*scenario_, found, system, promise);
      if (next != nullptr) next->push_back({"the end", system.disk, promise});
    } catch (const Violation& violation) {
      throw Violation{std::string{violation.what()} + "\n  scenario: " + scenario_->name +
                      ", state " + std::to_string(states_) + trail_};
    }
  }

  static Disk killed(Disk disk) {
    disk.journal = true;
    return disk;
  }

  static std::string text_of(const std::vector<std::uint32_t>& outcome) {
    std::string text = "cut";
    for (const std::uint32_t each : outcome) text += ' ' + std::to_string(each);
    return text;
  }

  const Settings settings_;
  const LeaveOut leave_out_;
  Random random_;
  const Scenario* scenario_ = nullptr;
  std::uint64_t states_ = 0;
  std::string trail_;
};

}  // namespace

std::uint64_t crash_campaign(const Settings& settings, const LeaveOut& leave_out) {
  return Campaign{settings, leave_out}.run();
}

}  // namespace agentstore::reliability
