// Texts that a program caches in a data folder, and what tells whether a file is as it was.

#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include "agentstore/timestamp.hpp"

namespace agentstore {

/// The text of that name ([a-z]+) in the cache of a data folder, saved by this user: its MAC is by
/// user_cache_key(). Nothing where there is none that counts, and of a folder that is not ours.
std::optional<std::string> load_cached_text(const std::filesystem::path& folder,
                                            std::string_view name);
/// Takes the place of the one that is there. Not durable; what goes wrong costs time later, and
/// nothing else.
void save_cached_text(const std::filesystem::path& folder, std::string_view name,
                      std::string_view text);

/// Two marks of a path are equal only where its content is, if the first was settled.
struct FileMark {
  std::uint64_t device = 0;
  std::uint64_t inode = 0;
  std::uint64_t size_bytes = 0;
  std::int64_t modified_ns = 0;
  std::int64_t changed_ns = 0;

  friend bool operator==(const FileMark&, const FileMark&) = default;
  /// Whether nothing that happened after `at` can have left this mark.
  bool settled(Timestamp at) const;
};

/// Of a regular file, links followed; nothing where there is none.
std::optional<FileMark> mark_of(const std::filesystem::path& path);

}  // namespace agentstore
