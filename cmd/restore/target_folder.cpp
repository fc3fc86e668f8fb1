#include "cmd/restore/target_folder.hpp"

#include <fcntl.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <optional>
#include <system_error>

#include "cmd/quoting.hpp"

namespace agentstore::cmd {
namespace {

// Transcripts are nobody else's.
constexpr mode_t folder_mode = 0700;
constexpr mode_t file_mode = 0600;

std::unexpected<Error> failed(std::string_view attempt, const std::string& what, int error) {
  const std::string why = error == ELOOP ? "a symbolic link is on the way" : std::strerror(error);
  return fail(error == EEXIST   ? Code::conflict
              : error == ENOENT ? Code::not_found
                                : Code::io,
              "cannot " + std::string{attempt} + " " + in_quotes(what) + ": " + why);
}

Result<void> write_all(int file, std::string_view bytes, const std::string& shown) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(file, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return failed("write", shown, written < 0 ? errno : ENOSPC);
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
  return {};
}

std::string temp_name() {
  std::uint64_t number = 0;
  while (::getrandom(&number, sizeof number, 0) < 0 && errno == EINTR) {
  }
  std::array<char, 48> name{};
  std::snprintf(name.data(), name.size(), ".agentstore-restore.%016llx.tmp",
                static_cast<unsigned long long>(number));
  return name.data();
}

/// Renames within a folder, never over what is there; gives errno.
int put_in_place(int folder, const std::string& temp, const std::string& name) {
  if (::renameat2(folder, temp.c_str(), folder, name.c_str(), RENAME_NOREPLACE) == 0) return 0;
  if (errno != EINVAL && errno != ENOSYS) return errno;
  // Not every file system can: a second name cannot replace anything either.
  if (::linkat(folder, temp.c_str(), folder, name.c_str(), 0) != 0) return errno;
  ::unlinkat(folder, temp.c_str(), 0);
  return 0;
}

/// Compares what is given with what a file holds.
class Comparison {
 public:
  explicit Comparison(int file) : file_{file} {}

  Result<void> take(std::string_view bytes) {
    while (same_ && !bytes.empty()) {
      const ssize_t got = ::read(file_, buffer_.data(), std::min(buffer_.size(), bytes.size()));
      if (got < 0 && errno == EINTR) continue;
      const auto size = static_cast<std::size_t>(std::max<ssize_t>(got, 0));
      same_ = size > 0 && std::memcmp(buffer_.data(), bytes.data(), size) == 0;
      if (same_) bytes.remove_prefix(size);
    }
    return {};
  }
  bool at_end() { return same_ && ::read(file_, buffer_.data(), 1) == 0; }

 private:
  int file_;
  bool same_ = true;
  std::array<char, 65536> buffer_{};
};

}  // namespace

/// A folder, and a name in it.
struct TargetFolder::Place {
  OpenFile folder;
  std::string name;
};

std::string TargetFolder::shown(const std::string& name) const {
  return (root_ / name).string();
}

Result<TargetFolder::Place> TargetFolder::find(const std::string& name, bool make) const {
  if (!is_source_name(name))
    return fail(Code::invalid, "the log calls a file " + in_quotes(name) +
                                   ", which may lead out of " + in_quotes(root_.string()));
  std::error_code error;
  if (make) std::filesystem::create_directories(root_, error);
  if (error) return failed("make", root_.string(), error.value());
  // The folder that was named may be a link.
  Place place{OpenFile{::open(root_.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)}, name};
  if (place.folder.number() < 0) return failed("open", root_.string(), errno);
  for (std::size_t slash = place.name.find('/'); slash != place.name.npos;
       slash = place.name.find('/')) {
    const std::string part = place.name.substr(0, slash);
    place.name.erase(0, slash + 1);
    const int above = place.folder.number();
    if (make && ::mkdirat(above, part.c_str(), folder_mode) != 0 && errno != EEXIST)
      return failed("make", shown(name), errno);
    OpenFile next{::openat(above, part.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)};
    struct stat status{};
    const int why = errno;
    const bool link = next.number() < 0 &&
                      ::fstatat(above, part.c_str(), &status, AT_SYMLINK_NOFOLLOW) == 0 &&
                      S_ISLNK(status.st_mode);
    if (next.number() < 0) return failed("open", shown(name), link ? ELOOP : why);
    place.folder = std::move(next);
  }
  return place;
}

Result<TargetFolder::There> TargetFolder::look(const std::string& name,
                                               const WriteBytes& bytes) const {
  const auto place = find(name, false);
  if (!place && place.error().code == Code::not_found) return There::nothing;
  if (!place) return std::unexpected{place.error()};
  const int folder = place->folder.number();
  const OpenFile file{
      ::openat(folder, place->name.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)};
  if (file.number() < 0 && errno == ENOENT) return There::nothing;
  if (file.number() < 0 && errno == ELOOP) return There::another;
  if (file.number() < 0) return failed("open", shown(name), errno);
  struct stat status{};
  if (::fstat(file.number(), &status) != 0 || !S_ISREG(status.st_mode)) return There::another;
  Comparison comparison{file.number()};
  auto compared = bytes([&](std::string_view part) { return comparison.take(part); });
  if (!compared) return std::unexpected{compared.error()};
  return comparison.at_end() ? There::same : There::another;
}

Result<void> TargetFolder::write(const std::string& name, const WriteBytes& bytes) {
  const auto place = find(name, true);
  if (!place) return std::unexpected{place.error()};
  const int folder = place->folder.number();
  const std::string temp = temp_name();
  const OpenFile file{::openat(folder, temp.c_str(),
                               O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, file_mode)};
  if (file.number() < 0) return failed("make a file beside", shown(name), errno);
  auto written =
      bytes([&](std::string_view part) { return write_all(file.number(), part, shown(name)); });
  if (written && ::fsync(file.number()) != 0) written = failed("sync", shown(name), errno);
  if (written)
    if (const int error = put_in_place(folder, temp, place->name); error != 0)
      written = failed("write", shown(name), error);
  if (!written) ::unlinkat(folder, temp.c_str(), 0);
  if (written && ::fsync(folder) != 0) written = failed("sync the folder of", shown(name), errno);
  return written;
}

}  // namespace agentstore::cmd
