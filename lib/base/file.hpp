// Files that fail honestly: every error names the path and the system's reason; what is written is
// on the disk, file and folder, before a call returns.

#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "agentstore/result.hpp"
#include "base/system.hpp"

namespace agentstore {

using Path = std::filesystem::path;

/// `io` (or not_found, for ENOENT), with "cannot <attempt> <path>: <reason>".
std::unexpected<Error> system_error(std::string_view attempt, const Path& path, int error);

/// An open file, closed with it.
class Descriptor {
 public:
  Descriptor() = default;
  Descriptor(System& system, int number) : system_(&system), number_(number) {}
  Descriptor(Descriptor&& other) noexcept
      : system_(other.system_), number_(std::exchange(other.number_, -1)) {}
  Descriptor& operator=(Descriptor&& other) noexcept {
    std::swap(system_, other.system_);
    std::swap(number_, other.number_);
    return *this;
  }
  ~Descriptor() {
    if (number_ >= 0) system_->close(number_);
  }
  int get() const { return number_; }
  explicit operator bool() const { return number_ >= 0; }

 private:
  System* system_ = nullptr;
  int number_ = -1;
};

/// Which file a descriptor or a path stands for, and how large it is.
struct FileStatus {
  std::uint64_t size_bytes = 0;
  std::uint64_t inode = 0;
  std::uint64_t device = 0;
  mode_t mode = 0;
  bool same_file(const FileStatus& other) const {
    return inode == other.inode && device == other.device;
  }
};

/// Opens without following a link at the end of the path, and refuses what is no regular file:
/// a FIFO would block, a device would be anything.
Result<Descriptor> open_file(System& system, const Path& path, int flags, mode_t mode = 0600);
Result<FileStatus> status_of(System& system, const Descriptor& file, const Path& path);
/// Of whatever stands at `path`, links not followed; nothing where nothing does.
Result<std::optional<FileStatus>> status_of(System& system, const Path& path);

/// Reads up to `size` bytes; fewer only at the end of the file. EINTR is tried again.
Result<std::size_t> read_at(System& system, const Descriptor& file, const Path& path,
                            std::uint64_t offset, char* into, std::size_t size);
/// A whole small file. Errors: not_found; io; invalid where it is over `bytes_max`.
Result<std::string> read_file(System& system, const Path& path, std::size_t bytes_max);

/// Writes all of it; EINTR and short writes go on.
Result<void> write_all(System& system, const Descriptor& file, const Path& path,
                       std::string_view bytes);

/// Makes a file that must not be there yet; not durable. On an error there is none.
Result<void> write_new_file(System& system, const Path& path, std::string_view content,
                            mode_t mode);
/// Durable. A reader sees the old file or the new one, never a mixture.
Result<void> replace_file(System& system, const Path& path, std::string_view content, mode_t mode);
/// The same for what can be made again: not durable.
Result<void> replace_cache_file(System& system, const Path& path, std::string_view content,
                                mode_t mode);
/// Makes the folder's entries durable.
Result<void> sync_folder(System& system, const Path& folder);
/// Makes the folder, durably, where it is missing. Its parent must be there.
Result<void> make_folder(System& system, const Path& folder, mode_t mode);
/// A name beside `path` that no one else has: ".<name>.<random>.tmp".
Path sibling_temp(const Path& path);
/// Whether `name` is one that sibling_temp gives for a file of the name `file`.
bool is_temp_of(std::string_view name, std::string_view file);
/// The names in a folder, sorted. Errors: not_found; io.
Result<std::vector<std::string>> list_folder(System& system, const Path& folder);

/// Takes an flock, asking again until `timeout_ms` is over. False: somebody else still has it.
Result<bool> lock_file(System& system, const Descriptor& file, const Path& path, int operation,
                       std::int64_t timeout_ms);

}  // namespace agentstore
