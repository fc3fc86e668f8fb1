// Runs a program once and says what it took. A small launcher, since the peak memory of a process
// counts from its parent's: under an interpreter everything would seem to need 12 MiB.
//
//   perf_launch pipe|FILE PROGRAM [ARGUMENT...]
//
// Its output goes into a pipe that is read to its end, or into a new file. One line of JSON:
// {"wall_s":…,"cpu_s":…,"memory_kib":…,"bytes":…,"status":…}

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string_view>

namespace {

constexpr std::size_t block_bytes = 256 << 10;
char block[block_bytes];

[[noreturn]] void fail(const char* what) {
  std::perror(what);
  std::exit(125);
}

[[noreturn]] void become(char** words, int output) {
  const int nothing = ::open("/dev/null", O_RDONLY);
  ::dup2(nothing, STDIN_FILENO);
  ::dup2(output, STDOUT_FILENO);
  ::execvp(words[0], words);
  fail(words[0]);
}

double seconds_of(const timeval& time) {
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
}

}  // namespace

int main(int count, char** words) {
  if (count < 3) return std::fputs("usage: perf_launch pipe|FILE PROGRAM...\n", stderr), 2;
  const bool piped = words[1] == std::string_view("pipe");
  int ends[2] = {-1, -1};
  if (piped ? ::pipe2(ends, O_CLOEXEC) != 0
            : (ends[1] = ::open(words[1], O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600)) < 0) {
    fail(words[1]);
  }

  const auto start = std::chrono::steady_clock::now();
  const pid_t child = ::fork();
  if (child < 0) fail("fork");
  if (child == 0) become(words + 2, ends[1]);

  long long bytes = 0;
  if (piped) {
    ::close(ends[1]);
    for (ssize_t size; (size = ::read(ends[0], block, block_bytes)) > 0;) bytes += size;
  }
  int status = 0;
  rusage usage{};
  if (::wait4(child, &status, 0, &usage) != child) fail("wait");
  const std::chrono::duration<double> wall = std::chrono::steady_clock::now() - start;

  struct stat file{};
  if (!piped && ::fstat(ends[1], &file) == 0) bytes = file.st_size;
  std::printf(R"({"wall_s":%.6f,"cpu_s":%.6f,"memory_kib":%ld,"bytes":%lld,"status":%d})"
              "\n",
              wall.count(), seconds_of(usage.ru_utime) + seconds_of(usage.ru_stime),
              usage.ru_maxrss, bytes, WIFEXITED(status) ? WEXITSTATUS(status) : 128);
}
