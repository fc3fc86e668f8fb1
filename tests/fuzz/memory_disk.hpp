// A disk in memory: as much of a file system as a log's writer needs, at the speed of a fuzzer.
// Nothing on it fails, and nothing is ever lost.

#pragma once

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/system.hpp"

namespace agentstore::fuzz {

class MemoryDisk : public System {
 public:
  /// Empties it; what is open is void.
  void clear() {
    files_.clear();
    open_.clear();
  }
  void put(std::string_view path, std::string_view content) { make(path).bytes = content; }
  const std::string& at(std::string_view path) { return find(path)->bytes; }
  /// The first file whose path begins so, or null.
  const std::string* under(std::string_view prefix) const {
    for (const auto& file : files_)
      if (file->path.starts_with(prefix)) return &file->bytes;
    return nullptr;
  }

  int open_at(int, const char* path, int flags, mode_t) override {
    if ((flags & O_DIRECTORY) != 0) return keep(nullptr);
    File* const file = find(path);
    if (file != nullptr) return (flags & O_EXCL) != 0 ? -EEXIST : keep(file);
    return (flags & O_CREAT) == 0 ? -ENOENT : keep(&make(path));
  }
  int close(int descriptor) override {
    open_[static_cast<std::size_t>(descriptor)] = nullptr;
    return 0;
  }
  ssize_t pread(int descriptor, void* into, std::size_t size, off_t offset) override {
    const std::string& bytes = file(descriptor).bytes;
    const auto start = std::min(static_cast<std::size_t>(offset), bytes.size());
    return static_cast<ssize_t>(bytes.copy(static_cast<char*>(into), size, start));
  }
  ssize_t write(int descriptor, const void* from, std::size_t size) override {
    file(descriptor).bytes.append(static_cast<const char*>(from), size);
    return static_cast<ssize_t>(size);
  }
  int fdatasync(int) override { return 0; }
  int fsync(int) override { return 0; }
  int syncfs(int) override { return 0; }
  int ftruncate(int descriptor, off_t size) override {
    file(descriptor).bytes.resize(static_cast<std::size_t>(size));
    return 0;
  }
  int fstat(int descriptor, struct stat& into) override {
    describe(file(descriptor), into);
    return 0;
  }
  int lstat_at(int, const char* path, struct stat& into) override {
    const File* const found = find(path);
    if (found == nullptr) return -ENOENT;
    describe(*found, into);
    return 0;
  }
  int rename_at(int, const char* from, int, const char* to) override {
    File* const found = find(from);
    if (found == nullptr) return -ENOENT;
    unlink(to);
    found->path = to;
    return 0;
  }
  int unlink_at(int, const char* path) override {
    File* const found = find(path);
    if (found == nullptr) return -ENOENT;
    found->path.clear();  // Who has it open keeps it.
    return 0;
  }
  int mkdir_at(int, const char*, mode_t) override { return 0; }
  int flock(int, int) override { return 0; }
  int list_open(int, std::vector<std::string>&) override { return -ENOENT; }
  int forget_cached(int, off_t) override { return 0; }
  Timestamp clock() override { return {1'772'884'800, 0}; }
  void sleep_us(unsigned) override {}

 private:
  struct File {
    std::string path;
    std::string bytes;
    ino_t inode;
  };

  File* find(std::string_view path) {
    for (const auto& file : files_)
      if (file->path == path) return file.get();
    return nullptr;
  }
  File& make(std::string_view path) {
    files_.push_back(std::make_unique<File>(std::string{path}, std::string{}, ++inodes_));
    return *files_.back();
  }
  int keep(File* file) {
    open_.push_back(file);
    return static_cast<int>(open_.size()) - 1;
  }
  File& file(int descriptor) { return *open_[static_cast<std::size_t>(descriptor)]; }
  static void describe(const File& file, struct stat& into) {
    into = {};
    into.st_mode = S_IFREG | 0600;
    into.st_ino = file.inode;
    into.st_size = static_cast<off_t>(file.bytes.size());
  }

  std::vector<std::unique_ptr<File>> files_;
  std::vector<File*> open_;
  ino_t inodes_ = 0;
};

}  // namespace agentstore::fuzz
