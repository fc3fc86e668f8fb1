#include "cmd/totals/sql_file.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <climits>
#include <cstdlib>
#include <cstring>
#include <memory>

#include "cmd/ending_signals.hpp"
#include "cmd/read_whole.hpp"

namespace agentstore::cmd {
namespace {

constexpr std::size_t chunk_bytes = std::size_t{1} << 20;

char database_path[PATH_MAX];  // in an array, for a handler of signals

void remove_database() {
  ::unlink(database_path);
}

std::unexpected<Error> cannot(const char* what) {
  return fail(Code::io,
              std::string{"cannot "} + what + ' ' + database_path + ": " + std::strerror(errno));
}

Result<void> make_database() {
  const char* const parent = std::getenv("TMPDIR");
  const std::string name = std::string{parent == nullptr ? "/tmp" : parent} + "/agentstore-XXXXXX";
  if (name.size() + 1 > sizeof database_path)
    return fail(Code::io, "the path in TMPDIR is too long");
  std::strcpy(database_path, name.c_str());
  const int file = ::mkstemp(database_path);
  if (file < 0) return cannot("make");
  ::close(file);
  clean_up_at_signals(remove_database);
  return {};
}

Result<void> copy_database(Output& out) {
  const int file = ::open(database_path, O_RDONLY | O_CLOEXEC);
  if (file < 0) return cannot("open");
  const auto chunk = std::make_unique_for_overwrite<char[]>(chunk_bytes);
  ssize_t bytes = 0;
  while (!out.done() && (bytes = read_some(file, chunk.get(), chunk_bytes)) > 0)
    out.write({chunk.get(), static_cast<std::size_t>(bytes)});
  const bool failed = bytes < 0;
  ::close(file);
  if (failed) return cannot("read");
  return {};
}

}  // namespace

Result<void> write_database(Context& context,
                            const std::function<Result<void>(const std::string& path)>& fill) {
  if (auto made = make_database(); !made) return made;
  context.out.keep_bytes();
  auto done = fill(database_path);
  if (done) done = copy_database(context.out);
  remove_database();
  nothing_to_clean_up(remove_database);
  return done;
}

}  // namespace agentstore::cmd
