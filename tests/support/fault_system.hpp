// A disk that fails on purpose: the k-th call that changes or secures something fails, writes go
// short, calls are interrupted. Underneath it is the real one.

#pragma once

#include <fcntl.h>
#include <sys/file.h>

#include <algorithm>
#include <cerrno>
#include <mutex>
#include <string>

#include "base/system.hpp"

namespace agentstore::test {

class FaultSystem : public System {
 public:
  /// Fails the k-th call from now on, counted from 1, with `error`. A write that is to fail first
  /// writes `partial_bytes` of what it was given.
  void fail_at(int k, int error, std::size_t partial_bytes = 0) {
    left_ = k;
    error_ = error;
    partial_bytes_ = partial_bytes;
    fired_ = false;
  }
  /// Counts, and fails, calls of this name alone; empty: all of them.
  std::string only;
  /// From the failing call on, every call of the same kind fails.
  bool forever = false;

  bool fired() const { return fired_; }
  const std::string& fired_call() const { return fired_call_; }
  /// How many calls of any kind were counted.
  int calls = 0;

  int interrupt_every = 0;    ///< every n-th pread and write is interrupted; 0: none
  std::size_t bytes_max = 0;  ///< the most that a pread or write handles; 0: all

  // The way to a name is opened for its call: that call fails.
  int open_at(int folder, const char* name, int flags, mode_t mode) override {
    const bool on_the_way = (flags & O_PATH) != 0;
    if (!on_the_way && fails((flags & O_CREAT) != 0 ? "create" : "open")) return -error_;
    return System::open_at(folder, name, flags, mode);
  }
  ssize_t pread(int descriptor, void* into, std::size_t size, off_t offset) override {
    if (interrupted()) return -EINTR;
    if (fails("read")) return -error_;
    return System::pread(descriptor, into, shortened(size), offset);
  }
  ssize_t write(int descriptor, const void* from, std::size_t size) override {
    if (interrupted()) return -EINTR;
    if (pending_failure_) {
      pending_failure_ = false;
      return -error_;
    }
    if (fails("write")) {
      if (partial_bytes_ == 0) return -error_;
      pending_failure_ = true;  // A short write, and then the failure.
      return System::write(descriptor, from, std::min(size, partial_bytes_));
    }
    return System::write(descriptor, from, shortened(size));
  }
  int fdatasync(int descriptor) override {
    if (fails("sync")) return -error_;
    return System::fdatasync(descriptor);
  }
  int fsync(int descriptor) override {
    struct stat status{};
    System::fstat(descriptor, status);
    if (fails(S_ISDIR(status.st_mode) ? "folder sync" : "file sync")) return -error_;
    return System::fsync(descriptor);
  }
  int syncfs(int descriptor) override {
    if (fails("sync")) return -error_;
    return System::syncfs(descriptor);
  }
  int ftruncate(int descriptor, off_t size) override {
    if (fails("truncate")) return -error_;
    return System::ftruncate(descriptor, size);
  }
  int fstat(int descriptor, struct stat& into) override {
    if (fails("fstat")) return -error_;
    return System::fstat(descriptor, into);
  }
  int lstat_at(int folder, const char* name, struct stat& into) override {
    if (fails("lstat")) return -error_;
    return System::lstat_at(folder, name, into);
  }
  int rename_at(int from_folder, const char* from, int to_folder, const char* to) override {
    if (fails("rename")) return -error_;
    return System::rename_at(from_folder, from, to_folder, to);
  }
  int unlink_at(int folder, const char* name) override {
    if (fails("unlink")) return -error_;
    return System::unlink_at(folder, name);
  }
  int mkdir_at(int folder, const char* name, mode_t mode) override {
    if (fails("mkdir")) return -error_;
    return System::mkdir_at(folder, name, mode);
  }
  int flock(int descriptor, int operation) override {
    // Nobody checks whether unlocking failed, and it never does.
    if (operation != LOCK_UN && fails("flock")) return -error_;
    return System::flock(descriptor, operation);
  }

 private:
  bool fails(const char* call) {
    const std::lock_guard guard{mutex_};  // Lists are read by several threads.
    if (!only.empty() && only != call) return false;
    ++calls;
    if (fired_ && forever && fired_call_ == call) return true;
    if (left_ == 0 || --left_ > 0) return false;
    fired_ = true;
    fired_call_ = call;
    return true;
  }
  bool interrupted() { return interrupt_every > 0 && ++transfers_ % interrupt_every == 0; }
  std::size_t shortened(std::size_t size) const {
    return bytes_max > 0 ? std::min(size, bytes_max) : size;
  }

  std::mutex mutex_;
  int left_ = 0;
  int error_ = 0;
  int transfers_ = 0;
  std::size_t partial_bytes_ = 0;
  bool pending_failure_ = false;
  bool fired_ = false;
  std::string fired_call_;
};

}  // namespace agentstore::test
