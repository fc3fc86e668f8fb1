// What tells whether a file is as it was, without opening it.

#pragma once

#include <cstdint>
#include <filesystem>

#include "agentstore/timestamp.hpp"

struct stat;

namespace agentstore {

/// Two stamps of a path are equal only where its content is, if the first was settled. Caches keep
/// it as it is in memory.
struct FileStamp {
  std::uint64_t device = 0;
  std::uint64_t inode = 0;  ///< 0: of no file
  std::uint64_t size_bytes = 0;
  std::int64_t modified_ns = 0;
  std::int64_t changed_ns = 0;

  bool known() const { return inode != 0; }
  friend bool operator==(const FileStamp&, const FileStamp&) = default;
  /// Whether nothing that happened after `at` can have left this stamp.
  bool settled(Timestamp at) const;
};

/// Of what was found at a path.
FileStamp file_stamp_of(const struct stat& found);

/// Of a regular file, links followed; not known() where there is none, or it cannot be looked at.
FileStamp stamp_of_file(const std::filesystem::path& path);

}  // namespace agentstore
