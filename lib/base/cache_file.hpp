// Files of <data>/cache: each may be deleted at any time, is never synced, and is used only where
// its MAC by our key is right.

#pragma once

#include <functional>
#include <string_view>
#include <type_traits>
#include <vector>

#include "base/file.hpp"

namespace agentstore {

/// The memory of `count` values, in this machine's order of bytes: a checksum among them tells it
/// from another's.
template <class T>
std::string_view bytes_of(const T* first, std::size_t count = 1) {
  static_assert(std::has_unique_object_representations_v<T>);
  return {reinterpret_cast<const char*>(first), count * sizeof(T)};
}

/// Makes the folder where it is missing, not durably; false: it is not there, or a link to one,
/// which is not followed.
bool make_cache_folder(System& system, const Path& folder, mode_t mode);

/// Whether a cache of another key was not written for so long that its owner will not miss it: a
/// month, by this machine's clock. False where that is not known.
bool is_long_unused(System& system, const Path& path);

/// Makes what is to be written, told when the writing was prepared, by the clock of the file
/// system: a stamp that is not settled then may not be kept. Nothing: the file is not written.
using CacheContent = std::function<std::vector<std::string_view>(std::int64_t begun_ns)>;

/// Puts a file in the place of the one at `path`. `begun`: when the first of its stamps was taken.
/// Errors: io: the old one, if any, stands.
Result<void> save_cache_file(System& system, const Path& path, mode_t mode, Timestamp begun,
                             const CacheContent& content);

/// Deletes a file that a writer left half-written, unless that writer is still at work on it.
void sweep_cache_temp(System& system, const Path& temp);

}  // namespace agentstore
