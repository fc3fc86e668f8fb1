#include "reliability/sim_system.hpp"

#include <fcntl.h>
#include <sys/file.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

namespace agentstore::reliability {

int SimSystem::failure(const char* call, const std::string& path, bool changes) {
  ++calls;
  if (changes && watch) watch(std::string{call} + " " + path, disk);
  const std::string name = std::string{call} + " ";
  const bool again = fault.forever && !fired.empty() && fired.starts_with(name);
  if (!again && calls != fault.at) return 0;
  fired = name + path;
  return fault.error;
}

bool SimSystem::left_out(const char* call, const Open& open) {
  return leave_out && leave_out(call, open.path, open.written);
}

std::string SimSystem::path_of(int folder, const char* name) const {
  return folder == AT_FDCWD ? std::string{name} : open_.at(folder).path + "/" + name;
}

int SimSystem::open_at(int folder, const char* name_in_folder, int flags, mode_t) {
  const std::string path = path_of(folder, name_in_folder);
  int parent = -1;
  std::string name;
  int node = disk.find(path, &parent, &name);
  const bool create = node < 0 && (flags & O_CREAT) != 0;
  // The way to a name is opened for its call: that call fails.
  const bool on_the_way = (flags & O_PATH) != 0;
  const int error = on_the_way ? 0 : failure(create ? "create" : "open", path, create);
  if (error != 0) return -error;
  if (node < 0 && (parent < 0 || !create)) return -ENOENT;
  if (node >= 0 && (flags & O_CREAT) != 0 && (flags & O_EXCL) != 0) return -EEXIST;
  if (create) node = disk.create(parent, name, false);
  if ((flags & O_DIRECTORY) != 0 && !disk.node(node).folder) return -ENOTDIR;
  const int descriptor = next_descriptor_++;
  open_[descriptor] = {node, flags, 0, false, path};
  return descriptor;
}

int SimSystem::close(int descriptor) {
  const auto found = open_.find(descriptor);
  if (found == open_.end()) return -EBADF;
  std::erase_if(locks_, [&](const auto& lock) { return lock.second == descriptor; });
  open_.erase(found);
  return 0;
}

ssize_t SimSystem::pread(int descriptor, void* into, std::size_t size, off_t offset) {
  const Open& open = open_.at(descriptor);
  if (const int error = failure("pread", open.path, false)) return -error;
  const std::string& content = disk.node(open.node).content;
  const auto from = std::min(static_cast<std::size_t>(offset), content.size());
  return static_cast<ssize_t>(content.copy(static_cast<char*>(into), size, from));
}

ssize_t SimSystem::write(int descriptor, const void* from, std::size_t size) {
  Open& open = open_.at(descriptor);
  std::string_view bytes{static_cast<const char*>(from), size};
  const int error = failing_write_ ? fault.error : failure("write", open.path, true);
  failing_write_ = false;
  if (error != 0 && fault.partial == 0) return -error;
  if (error != 0) {
    bytes = bytes.substr(0, fault.partial);
    failing_write_ = bytes.size() < size;
  }
  const bool append = (open.flags & O_APPEND) != 0;
  const std::size_t at = append ? disk.node(open.node).content.size() : open.at;
  if (watch && bytes.size() > 1) {
    const std::size_t line = bytes.substr(0, bytes.size() - 1).rfind('\n');
    for (const std::size_t part : {bytes.size() / 2, bytes.size() - 1, line + 1}) {
      if (part == 0 || part >= bytes.size()) continue;
      Disk killed = disk;
      killed.write(open.node, at, bytes.substr(0, part));
      watch("inside write " + open.path, killed);
    }
  }
  disk.write(open.node, at, bytes);
  open.at = at + bytes.size();
  open.written = true;
  return static_cast<ssize_t>(bytes.size());
}

int SimSystem::sync(const char* call, int descriptor) {
  Open& open = open_.at(descriptor);
  if (const int error = failure(call, open.path, true)) {
    synced_after_write = open.written;
    if (!disk.node(open.node).folder) disk.lose(open.node);
    return -error;
  }
  if (!left_out(call, open)) disk.sync(open.node);
  open.written = false;
  return 0;
}

int SimSystem::syncfs(int descriptor) {
  const Open& root = open_.at(descriptor);
  if (const int error = failure("syncfs", root.path, true)) {
    synced_after_write = false;
    for (const auto& [number, open] : open_) {
      if (!open.written || disk.node(open.node).folder) continue;
      synced_after_write = true;
      disk.lose(open.node);
    }
    return -error;
  }
  if (!left_out("syncfs", root)) disk.sync_all();
  for (auto& [number, open] : open_) open.written = false;
  return 0;
}

int SimSystem::ftruncate(int descriptor, off_t size) {
  Open& open = open_.at(descriptor);
  if (const int error = failure("ftruncate", open.path, true)) return -error;
  open.written = true;
  if (!left_out("ftruncate", open)) disk.truncate(open.node, static_cast<std::size_t>(size));
  return 0;
}

void SimSystem::stat_of(int node, struct stat& into) const {
  into = {};
  into.st_ino = static_cast<ino_t>(node) + 1;
  into.st_dev = 1;
  into.st_size = static_cast<off_t>(disk.node(node).content.size());
  into.st_mode = disk.node(node).folder ? S_IFDIR | 0700U : S_IFREG | 0600U;
}

int SimSystem::fstat(int descriptor, struct stat& into) {
  const Open& open = open_.at(descriptor);
  if (const int error = failure("fstat", open.path, false)) return -error;
  stat_of(open.node, into);
  return 0;
}

int SimSystem::lstat_at(int folder, const char* name, struct stat& into) {
  const std::string path = path_of(folder, name);
  if (const int error = failure("lstat", path, false)) return -error;
  const int node = disk.find(path);
  if (node < 0) return -ENOENT;
  stat_of(node, into);
  return 0;
}

int SimSystem::rename_at(int from_folder, const char* from_name, int to_folder,
                         const char* to_name) {
  const std::string from = path_of(from_folder, from_name);
  const std::string to = path_of(to_folder, to_name);
  if (const int error = failure("rename", to, true)) return -error;
  std::array<int, 2> parents{};
  std::array<std::string, 2> names;
  if (disk.find(from, &parents[0], &names[0]) < 0) return -ENOENT;
  disk.find(to, &parents[1], &names[1]);
  if (parents[1] < 0) return -ENOENT;
  disk.rename(parents[0], names[0], parents[1], names[1]);
  return 0;
}

int SimSystem::unlink_at(int folder, const char* name_in_folder) {
  const std::string path = path_of(folder, name_in_folder);
  if (const int error = failure("unlink", path, true)) return -error;
  int parent = -1;
  std::string name;
  const int node = disk.find(path, &parent, &name);
  if (node < 0) return -ENOENT;
  if (disk.node(node).folder) return -EISDIR;
  disk.remove(parent, name);
  return 0;
}

int SimSystem::mkdir_at(int folder, const char* name_in_folder, mode_t) {
  const std::string path = path_of(folder, name_in_folder);
  int parent = -1;
  std::string name;
  const int node = disk.find(path, &parent, &name);
  if (const int error = failure("mkdir", path, node < 0)) return -error;
  if (node >= 0) return -EEXIST;
  if (parent < 0) return -ENOENT;
  disk.create(parent, name, true);
  return 0;
}

int SimSystem::flock(int descriptor, int operation) {
  const Open& open = open_.at(descriptor);
  if ((operation & LOCK_UN) != 0) {
    locks_.erase(open.node);
    return 0;
  }
  if (const int error = failure("flock", open.path, false)) return -error;
  const auto held = locks_.find(open.node);
  if (held != locks_.end() && held->second != descriptor) return -EWOULDBLOCK;
  if ((operation & LOCK_EX) != 0) locks_[open.node] = descriptor;
  return 0;
}

int SimSystem::list_open(int folder, std::vector<std::string>& names) {
  const Open& open = open_.at(folder);
  if (const int error = failure("list", open.path, false)) return -error;
  const int node = open.node;
  if (!disk.node(node).folder) return -ENOTDIR;
  for (const auto& [name, number] : disk.node(node).entries) names.push_back(name);
  return 0;
}

Timestamp SimSystem::clock() {
  clock_us_ += 1000;
  return {1'772'884'800 + clock_us_ / 1'000'000,
          static_cast<decltype(Timestamp::nanoseconds)>(clock_us_ % 1'000'000 * 1000)};
}

}  // namespace agentstore::reliability
