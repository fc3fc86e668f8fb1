#include "base/cache_file.hpp"

#include <fcntl.h>
#include <sys/file.h>

#include <algorithm>

#include "base/stamp.hpp"

namespace agentstore {

bool make_cache_folder(System& system, const Path& folder, mode_t mode) {
  system.mkdir(folder.c_str(), mode);
  const auto status = status_of(system, folder);
  return status && *status && S_ISDIR((*status)->mode);
}

bool is_long_unused(System& system, const Path& path) {
  constexpr std::int64_t month_s = std::int64_t{30} * 24 * 3600;
  struct stat status{};
  if (system.lstat(path.c_str(), status) < 0 || !S_ISREG(status.st_mode)) return false;
  return status.st_mtim.tv_sec < system.clock().seconds - month_s;
}

Result<void> save_cache_file(System& system, const Path& path, mode_t mode, Timestamp begun,
                             const CacheContent& content) {
  const Path temp = sibling_temp(path);
  bool renamed = false;
  auto written = [&]() -> Result<void> {
    const auto file = open_file(system, temp, O_WRONLY | O_CREAT | O_EXCL, mode);
    if (!file) return std::unexpected(file.error());
    // Says to whoever sweeps that its writer lives. Without it the file may be lost, and no more.
    system.flock(file->get(), LOCK_EX | LOCK_NB);
    // By the clock of the file system, which may be another machine's.
    struct stat made{};
    if (const int error = system.fstat(file->get(), made); error < 0)
      return system_error("stat", temp, -error);
    const std::int64_t taken_ms =
        std::max<std::int64_t>(milliseconds_between(begun, system.clock()), 0);
    const auto parts = content(stamp_of(made).changed_ns - taken_ms * 1'000'000);
    if (parts.empty()) return {};
    for (const std::string_view part : parts)
      if (auto done = write_all(system, *file, temp, part); !done) return done;
    if (const int error = system.rename(temp.c_str(), path.c_str()); error < 0)
      return system_error("rename to", path, -error);
    renamed = true;
    return {};
  }();
  if (!renamed) system.unlink(temp.c_str());
  return written;
}

void sweep_cache_temp(System& system, const Path& temp) {
  const auto file = open_file(system, temp, O_RDONLY);
  if (file && system.flock(file->get(), LOCK_EX | LOCK_NB) == 0) system.unlink(temp.c_str());
}

}  // namespace agentstore
