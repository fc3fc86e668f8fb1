#include "cmd/inside_store.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <string_view>

namespace agentstore::cmd {
namespace {

using Path = std::filesystem::path;

constexpr std::string_view parts[] = {"sessions", "events",     "snapshots",   "folds",  "cache",
                                      "locks",    "quarantine", "checkpoints", "sources"};

bool is_part(const Path& name) {
  return std::ranges::find(parts, std::string_view{name.native()}) != std::end(parts);
}

bool begins_like_a_log(const Path& path) {
  constexpr std::string_view start = "{\"session_id\"";
  char head[start.size()] = {};
  std::ifstream file{path, std::ios::binary};
  return file.read(head, sizeof head) && std::string_view{head, sizeof head} == start;
}

// A folder without our marker is the Go library's where it has both of its parts; other programs
// have one of them, too.
bool is_go_folder(const Path& folder) {
  std::error_code ignored;
  return std::filesystem::is_directory(folder / "sessions", ignored) &&
         std::filesystem::is_directory(folder / "events", ignored);
}

}  // namespace

std::optional<std::string> store_holding(const std::string& path) {
  std::error_code error;
  const Path file = std::filesystem::weakly_canonical(std::filesystem::absolute(path), error);
  if (error) return std::nullopt;
  Path below = file;
  for (Path folder = file.parent_path(); below != folder;
       below = folder, folder = folder.parent_path()) {
    std::error_code ignored;
    if (std::filesystem::exists(folder / "agentstore.json", ignored)) return folder.string();
    if (below == file || !is_part(below.filename())) continue;
    const bool is_log = below.filename() == "events" && below == file.parent_path() &&
                        file.extension() == ".jsonl" && begins_like_a_log(file);
    if (is_log || is_go_folder(folder)) return folder.string();
  }
  return std::nullopt;
}

}  // namespace agentstore::cmd
