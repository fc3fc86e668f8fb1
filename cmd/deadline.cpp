#include "cmd/deadline.hpp"

#include <fmt/format.h>

#include <unistd.h>

#include <atomic>
#include <csignal>
#include <system_error>
#include <thread>

#include "cmd/ending_signals.hpp"

namespace agentstore::cmd {
namespace {

constexpr int interrupted_status = 130;

std::atomic<bool> is_over = false;

void end_late(Context& context, std::chrono::milliseconds after) {
  std::this_thread::sleep_for(after);
  if (is_over.exchange(true)) return;
  const int status = context.cannot_judge(fmt::format("there is no answer after {} s (--timeout)",
                                                      static_cast<double>(after.count()) / 1000));
  clean_up_now();
  ::_exit(status);
}

void end_now(int) {
  clean_up_now();
  ::_exit(interrupted_status);
}

}  // namespace

Deadline::Deadline(Context& context, std::chrono::milliseconds after) {
  is_over = false;
  std::thread{[&context, after] { end_late(context, after); }}.detach();
}

// The thread may be telling that it is late: then it ends the program.
Deadline::~Deadline() {
  if (is_over.exchange(true))
    for (;;) ::pause();
}

void end_at_interrupt() {
  struct sigaction now{};
  ::sigaction(SIGINT, nullptr, &now);
  if (now.sa_handler == SIG_IGN) return;
  struct sigaction action{};
  action.sa_handler = end_now;
  ::sigaction(SIGINT, &action, nullptr);
}

}  // namespace agentstore::cmd
