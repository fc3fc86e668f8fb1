// What tells one content of a file from another, without reading it.

#pragma once

#include <sys/stat.h>

#include <cstdint>

namespace agentstore {

/// Two stamps of a path are equal only where its content is, unless it was changed twice within
/// one tick of the file system's clock: before a stamp is kept, it has to be `settled`. What is
/// left is a clock that was set back to the very tick.
struct Stamp {
  std::uint64_t inode = 0;  ///< 0: of no file, and equal to that of none
  std::uint64_t size_bytes = 0;
  std::int64_t modified_ns = 0;
  std::int64_t changed_ns = 0;

  bool known() const { return inode != 0; }
  friend bool operator==(const Stamp&, const Stamp&) = default;

  /// Whether nothing that happened after `at_ns` of the file system's clock can have left this
  /// stamp. A file system that keeps no times settles nothing, nor does one whose times are whole
  /// seconds or hundredths: a clock that is set back soon falls on such a tick again, and FAT and
  /// exFAT, which have them, let anyone set the time of change.
  bool settled(std::int64_t at_ns) const {
    return known() && changed_ns % coarse_ns != 0 && changed_ns < at_ns - tick_ns_max;
  }

 private:
  static constexpr std::int64_t coarse_ns = 10'000'000;
  // Longer than clocks tick.
  static constexpr std::int64_t tick_ns_max = 2'500'000'000;
};

inline std::int64_t nanoseconds_of(const timespec& time) {
  // Only compared; a time beyond the year 2262 may wrap.
  return static_cast<std::int64_t>(static_cast<std::uint64_t>(time.tv_sec) * 1'000'000'000U +
                                   static_cast<std::uint64_t>(time.tv_nsec));
}

inline Stamp stamp_of(const struct stat& from) {
  return {from.st_ino, static_cast<std::uint64_t>(from.st_size), nanoseconds_of(from.st_mtim),
          nanoseconds_of(from.st_ctim)};
}

}  // namespace agentstore
