#include "cmd/shell_command.hpp"

#include <sys/prctl.h>
#include <unistd.h>

#include <csignal>

#include "cmd/context.hpp"

namespace agentstore::cmd {
namespace {

/// In the child: never returns. Calls nothing that another thread may have locked.
[[noreturn]] void become(const char* command, const ShellStart& start) {
  if (start.own_group) {
    ::setpgid(0, 0);
    ::prctl(PR_SET_PDEATHSIG, SIGTERM);
  }
  ::dup2(start.input, 0);
  const int errors = ::dup(start.errors);  // it may be the descriptor that the next one replaces
  ::dup2(start.output, 1);
  ::dup2(errors, 2);
  if (errors > 2) ::close(errors);
  have_writes_end_it();
  ::execl("/bin/sh", "sh", "-c", command, nullptr);
  ::_exit(127);
}

}  // namespace

Result<pid_t> start_shell(const std::string& command, const ShellStart& start) {
  const pid_t child = ::fork();
  if (child < 0) return fail(Code::io, "cannot start the command");
  if (child == 0) become(command.c_str(), start);
  if (start.own_group) ::setpgid(child, child);  // Whichever of both is first.
  return child;
}

}  // namespace agentstore::cmd
