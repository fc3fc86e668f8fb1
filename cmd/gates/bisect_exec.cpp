#include "cmd/gates/bisect_exec.hpp"

#include <fmt/format.h>

#include <sys/wait.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>

#include "agentstore/internal/temporary_file.hpp"
#include "cmd/shell_command.hpp"

namespace agentstore::cmd {
namespace {

Result<Trial> judge(int status) {
  if (WIFSIGNALED(status))
    return fail(Code::invalid, fmt::format("the command was ended by signal {}", WTERMSIG(status)));
  switch (WEXITSTATUS(status)) {
    case 0: return Trial::good;
    case 1: return Trial::bad;
    case 125: return Trial::skip;
    default:
      return fail(Code::invalid,
                  fmt::format("the command ended with exit status {}", WEXITSTATUS(status)),
                  "0 is good, 1 bad, 125 skip");
  }
}

}  // namespace

Result<Trial> run_trial(const std::string& command, const formats::EventName& event,
                        const std::string& state) {
  // A file, not a pipe: the command need not read it.
  const TemporaryFile file = make_temporary_file();
  const bool written = file &&
                       std::fwrite(state.data(), 1, state.size(), file.get()) == state.size() &&
                       std::fputc('\n', file.get()) != EOF && std::fflush(file.get()) == 0;
  if (!written) return fail(Code::io, "cannot keep the state for the command in a temporary file");
  std::rewind(file.get());
  ::setenv("AGENTSTORE_SESSION_ID", event.session_id.c_str(), 1);
  ::setenv("AGENTSTORE_SEQUENCE_NUMBER", std::to_string(event.sequence_number).c_str(), 1);
  const auto child = start_shell(command, {.input = ::fileno(file.get()), .output = 2});
  if (!child) return std::unexpected{child.error()};
  int status = 0;
  while (::waitpid(*child, &status, 0) < 0)
    if (errno != EINTR) return fail(Code::io, "cannot wait for the command");
  return judge(status);
}

}  // namespace agentstore::cmd
