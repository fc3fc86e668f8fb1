#include "cmd/gates/bisect_exec.hpp"

#include <fmt/format.h>

#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <memory>

#include "cmd/context.hpp"

namespace agentstore::cmd {
namespace {

struct CloseFile {
  void operator()(std::FILE* file) const { std::fclose(file); }
};

/// In the child: never returns.
[[noreturn]] void become(const std::string& command, int input) {
  ::dup2(input, 0);
  ::dup2(2, 1);
  have_writes_end_it();
  ::execl("/bin/sh", "sh", "-c", command.c_str(), nullptr);
  ::_exit(127);
}

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
  const std::unique_ptr<std::FILE, CloseFile> file{std::tmpfile()};
  const bool written = file &&
                       std::fwrite(state.data(), 1, state.size(), file.get()) == state.size() &&
                       std::fputc('\n', file.get()) != EOF && std::fflush(file.get()) == 0;
  if (!written) return fail(Code::io, "cannot keep the state for the command in a temporary file");
  std::rewind(file.get());
  ::setenv("AGENTSTORE_SESSION_ID", event.session_id.c_str(), 1);
  ::setenv("AGENTSTORE_SEQUENCE_NUMBER", std::to_string(event.sequence_number).c_str(), 1);
  const pid_t child = ::fork();
  if (child < 0) return fail(Code::io, "cannot start the command");
  if (child == 0) become(command, ::fileno(file.get()));
  int status = 0;
  while (::waitpid(child, &status, 0) < 0)
    if (errno != EINTR) return fail(Code::io, "cannot wait for the command");
  return judge(status);
}

}  // namespace agentstore::cmd
