// The system calls over a Disk in memory: descriptors, locks, a clock that ticks by itself; calls
// that fail as ordered, calls that are left out, and somebody who watches before each.

#pragma once

#include <functional>
#include <map>
#include <string>

#include "base/system.hpp"
#include "reliability/disk.hpp"

namespace agentstore::reliability {

/// A call that fails: the `at`-th from 1 of all that are counted. Of a write that fails, `partial`
/// bytes are written all the same: a short write, and the failure next.
struct Fault {
  int at = 0;
  int error = 0;
  std::size_t partial = 0;
  bool forever = false;  ///< and every call of that name from there on
};

class SimSystem : public System {
 public:
  SimSystem() = default;
  explicit SimSystem(Disk start) : disk(std::move(start)) {}

  Disk disk;
  Fault fault;
  int calls = 0;
  std::string fired;  ///< the call that failed, with the name of its file; empty: none did
  bool synced_after_write = false;  ///< the call that failed was the sync of bytes just written
  /// Told of each call that changes or secures something, before it is made, and of the halves of
  /// a write, with the disk as a program killed there leaves it.
  std::function<void(const std::string& call, const Disk& disk)> watch;
  /// Calls that are reported as done, and not made: how a mutant of the protocol is built.
  std::function<bool(const std::string& call, const std::string& path, bool written)> leave_out;

  int open_at(int folder, const char* name, int flags, mode_t mode) override;
  int close(int descriptor) override;
  ssize_t pread(int descriptor, void* into, std::size_t size, off_t offset) override;
  ssize_t write(int descriptor, const void* from, std::size_t size) override;
  int fdatasync(int descriptor) override { return sync("fdatasync", descriptor); }
  int fsync(int descriptor) override { return sync("fsync", descriptor); }
  int syncfs(int descriptor) override;
  int ftruncate(int descriptor, off_t size) override;
  int fstat(int descriptor, struct stat& into) override;
  int lstat_at(int folder, const char* name, struct stat& into) override;
  int rename_at(int from_folder, const char* from, int to_folder, const char* to) override;
  int unlink_at(int folder, const char* name) override;
  int mkdir_at(int folder, const char* name, mode_t mode) override;
  int flock(int descriptor, int operation) override;
  int list_open(int folder, std::vector<std::string>& names) override;
  int forget_cached(int, off_t) override { return 0; }
  Timestamp clock() override;
  void sleep_us(unsigned microseconds) override { clock_us_ += microseconds; }

 private:
  struct Open {
    int node = -1;
    int flags = 0;
    std::size_t at = 0;
    bool written = false;
    std::string path;
  };

  std::string path_of(int folder, const char* name) const;
  int failure(const char* call, const std::string& path, bool changes);
  bool left_out(const char* call, const Open& open);
  int sync(const char* call, int descriptor);
  void stat_of(int node, struct stat& into) const;

  std::map<int, Open> open_;
  std::map<int, int> locks_;  // node -> descriptor
  int next_descriptor_ = 100;
  bool failing_write_ = false;
  std::int64_t clock_us_ = 0;
};

}  // namespace agentstore::reliability
