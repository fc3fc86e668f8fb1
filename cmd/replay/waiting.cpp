#include "cmd/replay/waiting.hpp"

#include <poll.h>

#include <array>
#include <csignal>

namespace agentstore::cmd {
namespace {

constexpr int poll_ms = 100;

volatile std::sig_atomic_t interrupted = 0;

}  // namespace

void stop_at_signals() {
  struct sigaction action{};
  action.sa_handler = [](int) { interrupted = 1; };
  ::sigaction(SIGINT, &action, nullptr);
  ::sigaction(SIGTERM, &action, nullptr);
}

bool is_interrupted() {
  return interrupted != 0;
}

bool wait_a_moment(const Output& out, int input) {
  std::array<pollfd, 2> ends{{{out.descriptor(), 0, 0}, {input, POLLIN, 0}}};
  ::poll(ends.data(), ends.size(), poll_ms);
  return interrupted == 0 && (ends[0].revents & (POLLERR | POLLHUP | POLLNVAL)) == 0;
}

}  // namespace agentstore::cmd
