#include "cmd/kept_input.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>

#include "cmd/output.hpp"

namespace agentstore::cmd {
namespace {

constexpr std::size_t chunk_bytes = std::size_t{256} << 10;

Result<void> copy_input(Output& into) {
  std::string buffer(chunk_bytes, '\0');
  for (;;) {
    const ssize_t got = ::read(0, buffer.data(), buffer.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0)
      return fail(Code::io, std::string{"cannot read standard input: "} + std::strerror(errno));
    if (got == 0) return into.commit();
    into.write({buffer.data(), static_cast<std::size_t>(got)});
  }
}

}  // namespace

KeptInput::~KeptInput() {
  if (!path_.empty()) ::unlink(path_.c_str());
}

Result<std::string> KeptInput::path() {
  if (!path_.empty()) return path_;
  const char* const folder = std::getenv("TMPDIR");
  std::string path = std::string{folder == nullptr ? "/tmp" : folder} + "/agentstore-XXXXXX";
  const int file = ::mkostemp(path.data(), O_CLOEXEC);
  if (file < 0)
    return fail(Code::io, "cannot keep standard input at " + path + ": " + std::strerror(errno));
  path_ = path;
  Output copy{file, path};
  const auto copied = copy_input(copy);
  ::close(file);
  if (!copied) return std::unexpected{copied.error()};
  return path_;
}

}  // namespace agentstore::cmd
