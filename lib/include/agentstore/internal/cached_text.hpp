// Texts that a program caches in a data folder.

#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

namespace agentstore {

/// The text of that name ([a-z]+) in the cache of a data folder, saved by this user: its MAC is by
/// user_cache_key(). Nothing where there is none that counts, and of a folder that is not ours.
std::optional<std::string> load_cached_text(const std::filesystem::path& folder,
                                            std::string_view name);
/// Takes the place of the one that is there. Not durable; what goes wrong costs time later, and
/// nothing else.
void save_cached_text(const std::filesystem::path& folder, std::string_view name,
                      std::string_view text);

}  // namespace agentstore
