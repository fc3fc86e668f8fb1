#include "cmd/rerun/running_groups.hpp"

#include <csignal>

#include "cmd/ending_signals.hpp"

namespace agentstore::cmd {
namespace {

constinit RunningGroups groups;

void kill_running() {
  groups.kill_all();
}

}  // namespace

void RunningGroups::add(pid_t group) {
  for (auto& slot : groups_) {
    pid_t free = 0;
    if (slot.compare_exchange_strong(free, group)) return;
  }
}

void RunningGroups::remove(pid_t group) {
  for (auto& slot : groups_) {
    pid_t taken = group;
    if (slot.compare_exchange_strong(taken, 0)) return;
  }
}

void RunningGroups::kill_all() {
  for (auto& slot : groups_)
    if (const pid_t group = slot; group > 0) ::kill(-group, SIGKILL);
}

RunningGroups& running_groups() {
  return groups;
}

EndsGroups::EndsGroups() {
  clean_up_at_signals(kill_running);
}

EndsGroups::~EndsGroups() {
  nothing_to_clean_up(kill_running);
}

}  // namespace agentstore::cmd
