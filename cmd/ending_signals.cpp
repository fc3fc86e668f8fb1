#include "cmd/ending_signals.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <cassert>
#include <csignal>

namespace agentstore::cmd {
namespace {

using Slot = std::atomic<CleanUp>;
static_assert(Slot::is_always_lock_free);  // so a handler may read it

constinit std::array<Slot, 3> clean_ups;

}  // namespace

void clean_up_now() {
  for (const Slot& clean_up : clean_ups)
    if (const CleanUp run = clean_up) run();
}

namespace {

void clean_up_and_end(int signal) {
  clean_up_now();
  ::raise(signal);  // Once more, to no handler: the parent sees what ended the program.
}

void handle_by(void (*handler)(int)) {
  struct sigaction action{};
  action.sa_handler = handler;
  action.sa_flags = static_cast<int>(SA_RESETHAND);
  for (const int signal : {SIGHUP, SIGINT, SIGQUIT, SIGTERM}) {
    struct sigaction now{};
    ::sigaction(signal, nullptr, &now);
    if (now.sa_handler != SIG_IGN) ::sigaction(signal, &action, nullptr);
  }
}

bool any_left() {
  return std::ranges::any_of(clean_ups, [](const Slot& slot) { return slot != nullptr; });
}

}  // namespace

void clean_up_at_signals(CleanUp clean_up) {
  const auto free = std::ranges::find_if(clean_ups, [](const Slot& slot) { return !slot; });
  assert(free != clean_ups.end());
  *free = clean_up;
  handle_by(clean_up_and_end);
}

void nothing_to_clean_up(CleanUp clean_up) {
  const auto taken =
      std::ranges::find_if(clean_ups, [&](const Slot& slot) { return slot == clean_up; });
  if (taken == clean_ups.end()) return;
  *taken = nullptr;
  if (!any_left()) handle_by(SIG_DFL);
}

}  // namespace agentstore::cmd
