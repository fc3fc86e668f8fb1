#include "cmd/read_whole.hpp"

#include <fmt/format.h>

#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "agentstore/event.hpp"
#include "cmd/quoting.hpp"

namespace agentstore::cmd {
namespace {

constexpr std::size_t chunk_bytes = std::size_t{256} << 10;

Result<std::string> read_path(const std::string& path, std::size_t bytes_max, bool regular) {
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | (regular ? O_NONBLOCK : 0));
  if (descriptor < 0)
    return fail(errno == ENOENT ? Code::not_found : Code::io,
                "cannot read " + in_quotes(path) + ": " + std::strerror(errno));
  struct stat status{};
  const bool refused = regular && (::fstat(descriptor, &status) != 0 || !S_ISREG(status.st_mode));
  auto whole = refused ? fail(Code::invalid, in_quotes(path) + " is not a regular file")
                       : read_whole(descriptor, bytes_max, path);
  ::close(descriptor);
  return whole;
}

}  // namespace

ssize_t read_some(int descriptor, char* into, std::size_t size) {
  while (true) {
    const ssize_t got = ::read(descriptor, into, size);
    if (got >= 0) return got;
    if (errno == EAGAIN || errno == EWOULDBLOCK) {
      pollfd input{descriptor, POLLIN, 0};
      ::poll(&input, 1, -1);
    } else if (errno != EINTR) {
      return got;
    }
  }
}

Result<std::string> read_whole(int descriptor, std::size_t bytes_max, std::string_view name) {
  std::string text;
  while (true) {
    const std::size_t size = text.size();
    text.resize(size + std::min(chunk_bytes, bytes_max + 1 - size));
    const ssize_t got = read_some(descriptor, text.data() + size, text.size() - size);
    if (got < 0)
      return fail(Code::io, "cannot read " + std::string{name} + ": " + std::strerror(errno));
    text.resize(size + static_cast<std::size_t>(got));
    if (got == 0) return text;
    if (text.size() > bytes_max)
      return fail(Code::invalid, fmt::format("{} is longer than {} MiB", name, bytes_max >> 20));
  }
}

Result<std::string> read_whole_file(const std::string& path, std::size_t bytes_max) {
  return path == "-" ? read_whole(0, bytes_max, "-") : read_path(path, bytes_max, false);
}

Result<std::string> read_regular_file(const std::string& path, std::size_t bytes_max) {
  return read_path(path, bytes_max, true);
}

Result<std::string> read_payload(const std::string& text) {
  if (!text.starts_with('@')) return text;
  return read_whole_file(text.substr(1), line_bytes_max);
}

}  // namespace agentstore::cmd
