// The calls that we make of the platform, all of them: Linux, behind one class, so that a test can
// put a disk underneath that fails, tears and forgets. One method a system call, with its meaning;
// what is retried and what an error means is decided in base/file.

#pragma once

#include <sys/stat.h>
#include <sys/types.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "agentstore/timestamp.hpp"

namespace agentstore {

/// Each returns what the system call returns, or -errno. Thread-safe. `folder` is a descriptor that
/// `name` starts from, or AT_FDCWD; the calls without one take a path.
class System {
 public:
  virtual ~System() = default;

  virtual int open_at(int folder, const char* name, int flags, mode_t mode);
  virtual int close(int descriptor);
  virtual ssize_t pread(int descriptor, void* into, std::size_t size, off_t offset);
  virtual ssize_t write(int descriptor, const void* from, std::size_t size);
  virtual int fdatasync(int descriptor);
  virtual int fsync(int descriptor);
  /// Of everything that was written to the file system of an open folder. A write-back that failed
  /// since the folder was opened is an error (Linux 5.8).
  virtual int syncfs(int descriptor);
  virtual int ftruncate(int descriptor, off_t size);
  virtual int fstat(int descriptor, struct stat& into);
  virtual int lstat_at(int folder, const char* name, struct stat& into);
  virtual int rename_at(int from_folder, const char* from, int to_folder, const char* to);
  virtual int unlink_at(int folder, const char* name);
  virtual int mkdir_at(int folder, const char* name, mode_t mode);
  virtual int flock(int descriptor, int operation);
  /// The names in an open folder, without "." and "..".
  virtual int list_open(int folder, std::vector<std::string>& names);
  /// Drops what the page cache holds of a file from `offset` on (after a failed write-back).
  virtual int forget_cached(int descriptor, off_t offset);
  virtual Timestamp clock();
  virtual void sleep_us(unsigned microseconds);

  int open(const char* path, int flags, mode_t mode);
  int lstat(const char* path, struct stat& into);
  int rename(const char* from, const char* to);
  int unlink(const char* path);
  int mkdir(const char* path, mode_t mode);
  int list(const char* path, std::vector<std::string>& names);
  /// A second name for a file; -EEXIST where that name is taken. Not for what lies in a data
  /// folder.
  int link(const char* from, const char* to);
};

/// The real one.
System& linux_system();

/// Fills `into` with random bytes from the kernel.
void random_bytes(void* into, std::size_t size);

/// Random bytes from the kernel, drawn in larger pieces and given out once. Belongs to one thread,
/// and to one process: a fork would give the same bytes to both.
class RandomPool {
 public:
  /// As random_bytes; at most `bytes_max` of them.
  void take(void* into, std::size_t size);
  static constexpr std::size_t bytes_max = 2048;

 private:
  std::array<unsigned char, bytes_max> bytes_;
  std::size_t left_ = 0;
  std::size_t next_bytes_ = 128;  // grows: who takes little draws little
};

/// A number of this process: another one in the child of every fork. Costs no system call.
std::uint64_t process_epoch();

}  // namespace agentstore
