// The only file of the library that reads the environment.

#include <fcntl.h>

#include <cerrno>
#include <cstdlib>
#include <optional>

#include "agentstore/cache_key.hpp"
#include "base/file.hpp"

namespace agentstore {
namespace {

constexpr std::size_t key_bytes = 32;

/// Where the key is, and the folder below which missing folders may be made.
struct KeyPlace {
  Path file;
  Path base;
};

std::optional<Path> absolute_path_in(const char* variable) {
  const char* const value = std::getenv(variable);
  if (value == nullptr || *value != '/') return std::nullopt;
  return Path{value};
}

std::optional<KeyPlace> key_place() {
  if (const char* const named = std::getenv("AGENTSTORE_CACHE_KEY"); named && *named != '\0') {
    const Path file{named};
    return KeyPlace{file, file.parent_path()};
  }
  const auto home = absolute_path_in("HOME");
  if (const auto state = absolute_path_in("XDG_STATE_HOME"))
    return KeyPlace{*state / "agentstore/cache.key", home.value_or(*state)};
  if (home) return KeyPlace{*home / ".local/state/agentstore/cache.key", *home};
  return std::nullopt;
}

// A link is followed: the key is the user's own file, outside of every store.
Result<std::string> read_key(System& system, const Path& path) {
  constexpr int flags = O_RDONLY | O_CLOEXEC | O_NONBLOCK;
  const int number = system.open(path.c_str(), flags, 0);
  if (number < 0) return system_error("open", path, -number);
  const Descriptor file{system, number};
  const auto status = status_of(system, file, path);
  if (!status) return std::unexpected(status.error());
  if (!S_ISREG(status->mode)) return fail(Code::invalid, path.string() + " is not a regular file");
  if ((status->mode & 077U) != 0)
    return fail(Code::invalid, path.string() + " can be read or written by others");
  if (status->size_bytes != key_bytes)
    return fail(Code::invalid, path.string() + " does not hold 32 bytes");
  std::string key(key_bytes, '\0');
  const auto got = read_at(system, file, path, 0, key.data(), key.size());
  if (!got) return std::unexpected(got.error());
  if (*got != key_bytes) return fail(Code::invalid, path.string() + " was cut short");
  return key;
}

Result<void> make_folders_to(System& system, const Path& folder, const Path& base) {
  if (const auto there = status_of(system, folder); there && *there) return {};
  if (folder == base || folder == folder.parent_path())
    return fail(Code::not_found, folder.string() + " does not exist");
  if (auto made = make_folders_to(system, folder.parent_path(), base); !made) return made;
  return make_folder(system, folder, 0700);
}

// The file appears whole, under a name that was free: who comes second takes the first one's key.
Result<void> make_key(System& system, const KeyPlace& place) {
  const Path folder = place.file.parent_path().empty() ? Path{"."} : place.file.parent_path();
  if (auto made = make_folders_to(system, folder, place.base); !made) return made;
  std::string key(key_bytes, '\0');
  random_bytes(key.data(), key.size());
  const Path temp = sibling_temp(place.file);
  auto written = [&]() -> Result<void> {
    const auto file = open_file(system, temp, O_WRONLY | O_CREAT | O_EXCL, 0600);
    if (!file) return std::unexpected(file.error());
    if (auto done = write_all(system, *file, temp, key); !done) return done;
    if (const int error = system.fsync(file->get()); error < 0)
      return system_error("sync", temp, -error);
    const int error = system.link(temp.c_str(), place.file.c_str());
    if (error < 0 && error != -EEXIST) return system_error("make", place.file, -error);
    return {};
  }();
  system.unlink(temp.c_str());
  return written;
}

}  // namespace

Result<std::string> user_cache_key(MissingKey missing) {
  const auto place = key_place();
  if (!place)
    return fail(Code::not_found, "there is no place for a key of caches: HOME is not set");
  System& system = linux_system();
  auto key = read_key(system, place->file);
  if (key || key.error().code != Code::not_found || missing == MissingKey::refuse) return key;
  if (auto made = make_key(system, *place); !made) return std::unexpected(made.error());
  return read_key(system, place->file);
}

}  // namespace agentstore
