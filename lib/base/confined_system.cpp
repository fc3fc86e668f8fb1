#include "base/confined_system.hpp"

#include <fcntl.h>

#include <cerrno>

namespace agentstore {
namespace {

std::string with_one_slash(std::string_view root) {
  while (root.ends_with('/')) root.remove_suffix(1);
  return std::string{root} + '/';
}

// The part up to the next slash, which goes from `rest` with all slashes behind it.
std::string next_part(std::string_view& rest) {
  const std::string part{rest.substr(0, rest.find('/'))};
  rest.remove_prefix(part.size());
  while (rest.starts_with('/')) rest.remove_prefix(1);
  return part;
}

}  // namespace

// Where a path leads: an open folder, and a name in it.
class ConfinedSystem::Place {
 public:
  Place(ConfinedSystem& system, int folder, const char* name)
      : system_{system}, folder_{folder}, name_{name} {
    std::string_view rest = system.below(folder, name);
    inside_ = !rest.empty();
    if (!inside_) return;
    for (std::string path = system.prefix_;; path.clear()) {
      part_ = next_part(rest);
      const bool last = rest.empty();
      if (part_ == "..") error_ = -ELOOP;
      part_ = path + part_;
      name_ = part_.c_str();
      if (last || error_ < 0) return;
      const int next = system_.open_folder(folder_, name_);
      close();
      if (next < 0) error_ = next;
      if (next < 0) return;
      owned_ = folder_ = next;
    }
  }
  Place(const Place&) = delete;
  Place& operator=(const Place&) = delete;
  ~Place() { close(); }

  int error() const { return error_; }
  bool inside() const { return inside_; }
  int folder() const { return folder_; }
  const char* name() const { return name_; }
  bool is_link() const { return inside_ && system_.is_link(folder_, name_); }

 private:
  void close() {
    if (owned_ >= 0) system_.close(owned_);
    owned_ = -1;
  }

  ConfinedSystem& system_;
  int folder_;
  const char* name_;
  std::string part_;
  int owned_ = -1;
  int error_ = 0;
  bool inside_ = false;
};

ConfinedSystem::ConfinedSystem(System& system, std::string_view root)
    : system_{system}, prefix_{with_one_slash(root)} {}

std::string_view ConfinedSystem::below(int folder, const char* name) const {
  std::string_view rest = name;
  if (folder != AT_FDCWD || !rest.starts_with(prefix_)) return {};
  rest.remove_prefix(prefix_.size());
  while (rest.starts_with('/')) rest.remove_prefix(1);
  return rest;
}

bool ConfinedSystem::is_link(int folder, const char* name) {
  struct stat status{};
  return system_.lstat_at(folder, name, status) == 0 && S_ISLNK(status.st_mode);
}

// For what lies in it: the right to go through it is enough.
int ConfinedSystem::open_folder(int folder, const char* name) {
  constexpr int flags = O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
  const int opened = system_.open_at(folder, name, flags, 0);
  return opened == -ENOTDIR && is_link(folder, name) ? -ELOOP : opened;
}

int ConfinedSystem::open_at(int folder, const char* name, int flags, mode_t mode) {
  const Place place{*this, folder, name};
  if (place.error() < 0) return place.error();
  if (place.inside()) flags |= O_NOFOLLOW;
  const int opened = system_.open_at(place.folder(), place.name(), flags, mode);
  return opened == -ENOTDIR && place.is_link() ? -ELOOP : opened;
}

int ConfinedSystem::lstat_at(int folder, const char* name, struct stat& into) {
  const Place place{*this, folder, name};
  if (place.error() < 0) return place.error();
  return system_.lstat_at(place.folder(), place.name(), into);
}

int ConfinedSystem::rename_at(int from_folder, const char* from, int to_folder, const char* to) {
  const Place source{*this, from_folder, from};
  if (source.error() < 0) return source.error();
  const Place target{*this, to_folder, to};
  if (target.error() < 0) return target.error();
  if (source.is_link()) return -ELOOP;
  return system_.rename_at(source.folder(), source.name(), target.folder(), target.name());
}

int ConfinedSystem::unlink_at(int folder, const char* name) {
  const Place place{*this, folder, name};
  if (place.error() < 0) return place.error();
  if (place.is_link()) return -ELOOP;
  return system_.unlink_at(place.folder(), place.name());
}

int ConfinedSystem::mkdir_at(int folder, const char* name, mode_t mode) {
  const Place place{*this, folder, name};
  if (place.error() < 0) return place.error();
  const int made = system_.mkdir_at(place.folder(), place.name(), mode);
  return made == -EEXIST && place.is_link() ? -ELOOP : made;
}

}  // namespace agentstore
