// A file system whose times come from a clock that ticks, that the test turns, and that may be
// behind this machine's.

#pragma once

#include <fcntl.h>
#include <sys/stat.h>

#include <cstdint>
#include <filesystem>
#include <map>
#include <utility>

#include "base/system.hpp"

namespace agentstore::test {

inline constexpr std::int64_t ms = 1'000'000;
inline constexpr std::int64_t second = 1000 * ms;

class TickingSystem : public System {
 public:
  std::int64_t now_ns = 1'772'884'800 * second;
  std::int64_t tick_ns = 4 * ms;
  std::int64_t phase_ns = 123;
  std::int64_t behind_ns = 0;

  // A file system that rounds times to two seconds.
  void be_coarse() {
    tick_ns = 2 * second;
    phase_ns = 0;
  }
  // The ticks of a clock that is set back do not fall on those of before, unless they are rounded.
  void set_back(std::int64_t by_ns, std::int64_t by_phase_ns) {
    now_ns -= by_ns;
    if (phase_ns != 0) phase_ns = 1 + (phase_ns + by_phase_ns) % (tick_ns - 1);
  }
  // A change to what stands at `path`; its own time of modification can be set to any.
  void touched(const std::filesystem::path& path, std::int64_t modified_ns = 0) {
    struct stat real{};
    if (System::lstat_at(AT_FDCWD, path.c_str(), real) == 0) touch(real.st_ino, modified_ns);
  }
  int open_at(int folder, const char* name, int flags, mode_t mode) override {
    const int number = System::open_at(folder, name, flags, mode);
    if (number >= 0 && (flags & O_CREAT) != 0) touch_open(number);
    return number;
  }
  ssize_t write(int descriptor, const void* from, std::size_t size) override {
    touch_open(descriptor);
    return System::write(descriptor, from, size);
  }
  int ftruncate(int descriptor, off_t size) override {
    touch_open(descriptor);
    return System::ftruncate(descriptor, size);
  }
  int rename_at(int from_folder, const char* from, int to_folder, const char* to) override {
    struct stat real{};
    if (System::lstat_at(from_folder, from, real) == 0) touch(real.st_ino, 0);
    return System::rename_at(from_folder, from, to_folder, to);
  }
  int fstat(int descriptor, struct stat& into) override {
    return dated(System::fstat(descriptor, into), into);
  }
  int lstat_at(int folder, const char* name, struct stat& into) override {
    return dated(System::lstat_at(folder, name, into), into);
  }
  Timestamp clock() override {
    now_ns += 1000;
    return {now_ns / second, static_cast<std::int32_t>(now_ns % second)};
  }

 private:
  void touch_open(int descriptor) {
    struct stat real{};
    if (System::fstat(descriptor, real) == 0) touch(real.st_ino, 0);
  }
  void touch(ino_t inode, std::int64_t modified_ns) {
    const std::int64_t there_ns = now_ns - behind_ns;
    const std::int64_t tick = there_ns - (there_ns - phase_ns) % tick_ns;
    times_[inode] = {modified_ns != 0 ? modified_ns : tick, tick};
  }
  int dated(int result, struct stat& into) {
    const auto found = result == 0 ? times_.find(into.st_ino) : times_.end();
    if (found == times_.end()) return result;
    const auto [modified, changed] = found->second;
    into.st_mtim = {modified / second, modified % second};
    into.st_ctim = {changed / second, changed % second};
    return result;
  }
  std::map<ino_t, std::pair<std::int64_t, std::int64_t>> times_;
};

}  // namespace agentstore::test
