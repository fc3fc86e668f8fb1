#include "base/file.hpp"

#include <fcntl.h>
#include <sys/file.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

#include "base/ids.hpp"

namespace agentstore {
namespace {

constexpr std::size_t temp_name_bytes_max = 150;  // of the file's own name
constexpr std::size_t temp_random_bytes = 8;
constexpr std::string_view temp_ending = ".tmp";

constexpr unsigned lock_wait_us_min = 200;
constexpr unsigned lock_wait_us_max = 5'000;

FileStatus status_from(const struct stat& from) {
  return {static_cast<std::uint64_t>(from.st_size), from.st_ino, from.st_dev, from.st_mode};
}

std::string temp_start(std::string_view name) {
  return "." + std::string{name.substr(0, temp_name_bytes_max)} + ".";
}

// The link on the way to `path` that was refused: what is outside of the folder, and so further up,
// may be one.
Path link_on(const Path& path) {
  std::error_code ignored;
  for (Path part = path; part.has_relative_path(); part = part.parent_path()) {
    if (std::filesystem::is_symlink(part, ignored)) return part;
  }
  return path;
}

}  // namespace

std::unexpected<Error> system_error(std::string_view attempt, const Path& path, int error) {
  if (error == ELOOP) {
    const Path link = link_on(path);
    const std::string which = link == path ? "it" : link.string();
    return fail(Code::io, "cannot " + std::string{attempt} + " " + path.string() + ": " + which +
                              " is a symbolic link");
  }
  const Code code = error == ENOENT || error == ENOTDIR ? Code::not_found : Code::io;
  return fail(code,
              "cannot " + std::string{attempt} + " " + path.string() + ": " + std::strerror(error));
}

Result<Descriptor> open_file(System& system, const Path& path, int flags, mode_t mode) {
  // O_NONBLOCK: opening a FIFO must not wait for its other end. It means nothing to regular files.
  const int number = system.open(path.c_str(), flags | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK, mode);
  if (number < 0) return system_error("open", path, -number);
  Descriptor file{system, number};
  const auto status = status_of(system, file, path);
  if (!status) return std::unexpected(status.error());
  if (!S_ISREG(status->mode)) {
    return fail(Code::io, "cannot open " + path.string() + ": it is not a regular file");
  }
  return file;
}

Result<FileStatus> status_of(System& system, const Descriptor& file, const Path& path) {
  struct stat from{};
  if (const int error = system.fstat(file.get(), from); error < 0) {
    return system_error("stat", path, -error);
  }
  return status_from(from);
}

Result<std::optional<FileStatus>> status_of(System& system, const Path& path) {
  struct stat from{};
  const int error = system.lstat(path.c_str(), from);
  if (error == -ENOENT || error == -ENOTDIR) return std::nullopt;
  if (error < 0) return system_error("stat", path, -error);
  return status_from(from);
}

Result<std::size_t> read_at(System& system, const Descriptor& file, const Path& path,
                            std::uint64_t offset, char* into, std::size_t size) {
  std::size_t got = 0;
  while (got < size) {
    const ssize_t count =
        system.pread(file.get(), into + got, size - got, static_cast<off_t>(offset + got));
    if (count == -EINTR) continue;
    if (count < 0) return system_error("read", path, static_cast<int>(-count));
    if (count == 0) break;
    got += static_cast<std::size_t>(count);
  }
  return got;
}

Result<std::string> read_file(System& system, const Path& path, std::size_t bytes_max) {
  auto file = open_file(system, path, O_RDONLY);
  if (!file) return std::unexpected(file.error());
  const auto status = status_of(system, *file, path);
  if (!status) return std::unexpected(status.error());
  if (status->size_bytes > bytes_max) {
    return fail(Code::invalid,
                path.string() + " is larger than " + std::to_string(bytes_max) + " bytes");
  }
  std::string content;
  Result<std::size_t> got = 0;
  content.resize_and_overwrite(status->size_bytes, [&](char* bytes, std::size_t size) {
    got = read_at(system, *file, path, 0, bytes, size);
    return got.value_or(0);
  });
  if (!got) return std::unexpected(got.error());
  return content;
}

Result<void> write_all(System& system, const Descriptor& file, const Path& path,
                       std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t count = system.write(file.get(), bytes.data(), bytes.size());
    if (count == -EINTR) continue;
    if (count < 0) return system_error("write to", path, static_cast<int>(-count));
    if (count == 0) return system_error("write to", path, ENOSPC);
    bytes.remove_prefix(static_cast<std::size_t>(count));
  }
  return {};
}

namespace {

enum class Sync { no, yes };

Result<void> replace(System& system, const Path& path, std::string_view content, mode_t mode,
                     Sync sync) {
  const Path temp = sibling_temp(path);
  auto written = [&]() -> Result<void> {
    auto file = open_file(system, temp, O_WRONLY | O_CREAT | O_EXCL, mode);
    if (!file) return std::unexpected(file.error());
    if (auto done = write_all(system, *file, temp, content); !done) return done;
    // A failed sync is final: the kernel may have dropped the pages, so trying again proves
    // nothing.
    const int error = sync == Sync::yes ? system.fsync(file->get()) : 0;
    if (error < 0) return system_error("sync", temp, -error);
    if (const int failed = system.rename(temp.c_str(), path.c_str()); failed < 0) {
      return system_error("rename to", path, -failed);
    }
    return {};
  }();
  if (!written) system.unlink(temp.c_str());
  return written;
}

}  // namespace

Result<void> write_new_file(System& system, const Path& path, std::string_view content,
                            mode_t mode) {
  auto file = open_file(system, path, O_WRONLY | O_CREAT | O_EXCL, mode);
  if (!file) return std::unexpected(file.error());
  auto written = write_all(system, *file, path, content);
  if (!written) system.unlink(path.c_str());
  return written;
}

Result<void> replace_file(System& system, const Path& path, std::string_view content, mode_t mode) {
  if (auto done = replace(system, path, content, mode, Sync::yes); !done) return done;
  return sync_folder(system, path.parent_path());
}

Result<void> replace_cache_file(System& system, const Path& path, std::string_view content,
                                mode_t mode) {
  return replace(system, path, content, mode, Sync::no);
}

Result<void> sync_folder(System& system, const Path& folder) {
  const Path name = folder.empty() ? Path{"."} : folder;
  const int number = system.open(name.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0);
  if (number < 0) return system_error("open", name, -number);
  const Descriptor descriptor{system, number};
  const int error = system.fsync(number);
  // Some file systems have nothing to sync in a folder, and say so.
  if (error < 0 && error != -EINVAL) return system_error("sync", name, -error);
  return {};
}

Result<void> make_folder(System& system, const Path& folder, mode_t mode) {
  const int error = system.mkdir(folder.c_str(), mode);
  if (error == -EEXIST) {
    const auto status = status_of(system, folder);
    if (!status) return std::unexpected(status.error());
    if (*status && S_ISDIR((*status)->mode)) return {};
    return system_error("make", folder, ENOTDIR);
  }
  if (error < 0) return system_error("make", folder, -error);
  return sync_folder(system, folder.parent_path());
}

Path sibling_temp(const Path& path) {
  return path.parent_path() / (temp_start(path.filename().native()) +
                               random_hex(temp_random_bytes) + std::string{temp_ending});
}

bool is_temp_of(std::string_view name, std::string_view file) {
  const std::string start = temp_start(file);
  if (name.size() != start.size() + 2 * temp_random_bytes + temp_ending.size()) return false;
  const std::string_view random = name.substr(start.size(), 2 * temp_random_bytes);
  return name.starts_with(start) && name.ends_with(temp_ending) &&
         random.find_first_not_of("0123456789abcdef") == random.npos;
}

Result<std::vector<std::string>> list_folder(System& system, const Path& folder) {
  std::vector<std::string> names;
  if (const int error = system.list(folder.c_str(), names); error < 0) {
    return system_error("list", folder, -error);
  }
  std::sort(names.begin(), names.end());
  return names;
}

Result<bool> lock_file(System& system, const Descriptor& file, const Path& path, int operation,
                       std::int64_t timeout_ms) {
  const Timestamp start = system.clock();
  unsigned wait_us = lock_wait_us_min;
  for (;;) {
    const int error = system.flock(file.get(), operation | LOCK_NB);
    if (error == 0) return true;
    if (error != -EWOULDBLOCK && error != -EINTR) return system_error("lock", path, -error);
    if (milliseconds_between(start, system.clock()) >= timeout_ms) return false;
    // Not in step with the others who wait.
    unsigned char jitter = 0;
    random_bytes(&jitter, 1);
    system.sleep_us(wait_us + wait_us * jitter / 256);
    wait_us = std::min(wait_us * 2, lock_wait_us_max);
  }
}

}  // namespace agentstore
