#include "cmd/kept_input.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <climits>
#include <cstdlib>
#include <cstring>

#include "cmd/ending_signals.hpp"
#include "cmd/output.hpp"

namespace agentstore::cmd {
namespace {

constexpr std::size_t chunk_bytes = std::size_t{256} << 10;

Result<void> copy_input(Output& into) {
  std::string buffer(chunk_bytes, '\0');
  for (;;) {
    const ssize_t got = ::read(0, buffer.data(), buffer.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return fail(Code::io, std::string{"cannot read -: "} + std::strerror(errno));
    if (got == 0) return into.commit();
    into.write({buffer.data(), static_cast<std::size_t>(got)});
  }
}

// In arrays, for a handler of signals.
char folder_path[PATH_MAX];
char file_path[PATH_MAX];

void remove_file() {
  ::unlink(file_path);
  ::rmdir(folder_path);
}

}  // namespace

KeptInput::~KeptInput() {
  if (path_.empty()) return;
  remove_file();
  nothing_to_clean_up(remove_file);
}

Result<std::string> KeptInput::path() {
  if (!path_.empty()) return path_;
  const char* const parent = std::getenv("TMPDIR");
  const std::string folder =
      std::string{parent == nullptr ? "/tmp" : parent} + "/agentstore-XXXXXX";
  const auto cannot = [&] {
    return fail(Code::io, "cannot keep - at " + folder + ": " + std::strerror(errno));
  };
  errno = ENAMETOOLONG;
  if (folder.size() + sizeof "/stdin" > sizeof folder_path) return cannot();
  std::strcpy(folder_path, folder.c_str());
  if (::mkdtemp(folder_path) == nullptr) return cannot();
  path_ = std::string{folder_path} + "/stdin";
  std::strcpy(file_path, path_.c_str());
  clean_up_at_signals(remove_file);
  const int file = ::open(file_path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (file < 0) return cannot();
  Output copy{file, path_};
  const auto copied = copy_input(copy);
  ::close(file);
  if (!copied) return std::unexpected{copied.error()};
  return path_;
}

}  // namespace agentstore::cmd
