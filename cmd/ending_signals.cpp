#include "cmd/ending_signals.hpp"

#include <csignal>
#include <initializer_list>

namespace agentstore::cmd {
namespace {

void (*clean_up_now)() = nullptr;

void clean_up_and_end(int signal) {
  clean_up_now();
  ::raise(signal);  // Once more, to no handler: the parent sees what ended the program.
}

}  // namespace

void clean_up_at_signals(void (*clean_up)()) {
  if (clean_up != nullptr) clean_up_now = clean_up;
  struct sigaction action{};
  action.sa_handler = clean_up == nullptr ? SIG_DFL : clean_up_and_end;
  action.sa_flags = static_cast<int>(SA_RESETHAND);
  for (const int signal : {SIGHUP, SIGINT, SIGQUIT, SIGTERM}) {
    struct sigaction now{};
    ::sigaction(signal, nullptr, &now);
    if (now.sa_handler != SIG_IGN) ::sigaction(signal, &action, nullptr);
  }
}

}  // namespace agentstore::cmd
