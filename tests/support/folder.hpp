// Folders and files for tests: fresh, copied, listed, removed with their owner.

#pragma once

#include <doctest/doctest.h>
#include <stdlib.h>
#include <sys/stat.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <string>
#include <string_view>

namespace agentstore::test {

using Path = std::filesystem::path;

/// A new folder, gone with this object. In memory where TMPDIR does not say otherwise: a sync
/// costs nothing there.
class TempFolder {
 public:
  TempFolder() {
    const Path shared_memory = "/dev/shm";
    const bool in_memory =
        std::getenv("TMPDIR") == nullptr && std::filesystem::is_directory(shared_memory);
    const Path parent = in_memory ? shared_memory : std::filesystem::temp_directory_path();
    std::string name = parent / "agentstore-test-XXXXXX";
    REQUIRE(::mkdtemp(name.data()) != nullptr);
    path_ = name;
  }
  TempFolder(const TempFolder&) = delete;
  TempFolder& operator=(const TempFolder&) = delete;
  ~TempFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  const Path& path() const { return path_; }
  Path operator/(const Path& name) const { return path_ / name; }

 private:
  Path path_;
};

inline std::string read_text(const Path& path) {
  std::ifstream file{path, std::ios::binary};
  REQUIRE_MESSAGE(file, path.string());
  return {std::istreambuf_iterator<char>{file}, std::istreambuf_iterator<char>{}};
}

inline void write_text(const Path& path, std::string_view text) {
  std::ofstream file{path, std::ios::binary | std::ios::trunc};
  file.write(text.data(), static_cast<std::streamsize>(text.size()));
  file.flush();
  REQUIRE_MESSAGE(file, path.string());
}

inline void append_text(const Path& path, std::string_view text) {
  std::ofstream file{path, std::ios::binary | std::ios::app};
  file.write(text.data(), static_cast<std::streamsize>(text.size()));
  file.flush();
  REQUIRE_MESSAGE(file, path.string());
}

/// A copy that may be written to, whatever the original's modes are.
inline void copy_folder(const Path& from, const Path& to) {
  namespace fs = std::filesystem;
  fs::create_directories(to);
  for (const auto& entry : fs::recursive_directory_iterator{from}) {
    const Path target = to / fs::relative(entry.path(), from);
    if (entry.is_directory()) fs::create_directories(target);
    else write_text(target, read_text(entry.path()));
  }
}

/// Every entry of a folder with its size and the time of its last change.
inline std::map<std::string, std::string> listing(const Path& folder) {
  std::map<std::string, std::string> entries;
  const auto add = [&](const Path& path) {
    struct stat status{};
    REQUIRE(::lstat(path.c_str(), &status) == 0);
    entries[path.string()] = std::to_string(status.st_size) + " " +
                             std::to_string(status.st_mtim.tv_sec) + "." +
                             std::to_string(status.st_mtim.tv_nsec);
  };
  add(folder);
  for (const auto& entry : std::filesystem::recursive_directory_iterator{folder}) add(entry.path());
  return entries;
}

/// The cache that is at `path` but for the id of a key in its name, before ".json" or at its end;
/// `path` itself where there is none.
inline Path keyed(const Path& path) {
  constexpr std::size_t key_size = 16;
  const std::string stem = path.filename().string();
  const std::string ending = stem.ends_with(".json") ? ".json" : "";
  const std::string begin = stem.substr(0, stem.size() - ending.size()) + '.';
  if (!std::filesystem::is_directory(path.parent_path())) return path;
  for (const auto& entry : std::filesystem::directory_iterator{path.parent_path()}) {
    const std::string name = entry.path().filename().string();
    if (name.starts_with(begin) && name.ends_with(ending) &&
        name.size() == begin.size() + key_size + ending.size())
      return entry.path();
  }
  return path;
}

/// The folder of data that nobody on this project wrote; empty where there is none.
inline Path corpus() {
  const char* const folder = std::getenv("AGENTSTORE_CORPUS");
  return folder == nullptr ? Path{} : Path{folder};
}

}  // namespace agentstore::test
