// A disk in memory: as much of a file system as a log's writer needs, at the speed of a fuzzer.
// Nothing on it fails, and nothing is ever lost.

#pragma once

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/system.hpp"

namespace agentstore::fuzz {

class MemoryDisk : public System {
 public:
  void put(const std::string& path, std::string content) {
    files_[path] = make(std::move(content));
  }
  const std::string& at(const std::string& path) { return files_[path]->bytes; }
  /// The files whose path begins so.
  std::vector<std::string> under(const std::string& prefix) const {
    std::vector<std::string> paths;
    for (const auto& [path, file] : files_)
      if (path.starts_with(prefix)) paths.push_back(path);
    return paths;
  }

  int open(const char* path, int flags, mode_t) override {
    if ((flags & O_DIRECTORY) != 0) return keep(nullptr);
    auto& file = files_[path];
    if (file && (flags & O_EXCL) != 0) return -EEXIST;
    if (!file && (flags & O_CREAT) == 0) {
      files_.erase(path);
      return -ENOENT;
    }
    if (!file) file = make({});
    return keep(file);
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
  int ftruncate(int descriptor, off_t size) override {
    file(descriptor).bytes.resize(static_cast<std::size_t>(size));
    return 0;
  }
  int fstat(int descriptor, struct stat& into) override {
    describe(file(descriptor), into);
    return 0;
  }
  int lstat(const char* path, struct stat& into) override {
    const auto found = files_.find(path);
    if (found == files_.end()) return -ENOENT;
    describe(*found->second, into);
    return 0;
  }
  int rename(const char* from, const char* to) override {
    const auto found = files_.find(from);
    if (found == files_.end()) return -ENOENT;
    files_[to] = found->second;
    files_.erase(found);
    return 0;
  }
  int unlink(const char* path) override { return files_.erase(path) == 1 ? 0 : -ENOENT; }
  int mkdir(const char*, mode_t) override { return 0; }
  int flock(int, int) override { return 0; }
  int list(const char*, std::vector<std::string>&) override { return -ENOENT; }
  int forget_cached(int, off_t) override { return 0; }
  Timestamp clock() override { return {1'772'884'800, 0}; }
  void sleep_us(unsigned) override {}

 private:
  struct File {
    std::string bytes;
    ino_t inode;
  };

  std::shared_ptr<File> make(std::string content) {
    return std::make_shared<File>(std::move(content), ++inodes_);
  }
  int keep(std::shared_ptr<File> file) {
    open_.push_back(std::move(file));
    return static_cast<int>(open_.size()) - 1;
  }
  File& file(int descriptor) { return *open_[static_cast<std::size_t>(descriptor)]; }
  static void describe(const File& file, struct stat& into) {
    into = {};
    into.st_mode = S_IFREG | 0600;
    into.st_ino = file.inode;
    into.st_size = static_cast<off_t>(file.bytes.size());
  }

  std::map<std::string, std::shared_ptr<File>> files_;
  std::vector<std::shared_ptr<File>> open_;
  ino_t inodes_ = 0;
};

}  // namespace agentstore::fuzz
