#include "agentstore/internal/file_stamp.hpp"

#include <sys/stat.h>

#include "base/stamp.hpp"

namespace agentstore {

bool FileStamp::settled(Timestamp at) const {
  const Stamp stamp{inode, size_bytes, modified_ns, changed_ns};
  constexpr std::int64_t second_ns = 1'000'000'000;
  return stamp.settled(at.seconds * second_ns + at.nanoseconds);
}

FileStamp file_stamp_of(const struct stat& found) {
  const Stamp stamp = stamp_of(found);
  return {found.st_dev, stamp.inode, stamp.size_bytes, stamp.modified_ns, stamp.changed_ns};
}

FileStamp stamp_of_file(const std::filesystem::path& path) {
  struct stat status{};
  if (::stat(path.c_str(), &status) != 0 || !S_ISREG(status.st_mode)) return {};
  return file_stamp_of(status);
}

}  // namespace agentstore
