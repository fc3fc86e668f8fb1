// The platform's calls for a folder that nobody may lead out of by a link. The folder itself may be
// reached through links, as it was named. What lies in it is found folder by folder with
// O_NOFOLLOW, from descriptor to descriptor, so that a link that is put there meanwhile is met as
// well.
//
// A link on the way, or as what is opened, listed, deleted or renamed, is -ELOOP, and nothing has
// been done; one whose name a file is renamed to is replaced itself. Paths outside of the folder
// are left as they are.

#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/system.hpp"

namespace agentstore {

class ConfinedSystem : public System {
 public:
  /// `system` outlives it. `root`: the folder, as the paths that are given begin.
  ConfinedSystem(System& system, std::string_view root);

  int open_at(int folder, const char* name, int flags, mode_t mode) override;
  int lstat_at(int folder, const char* name, struct stat& into) override;
  int rename_at(int from_folder, const char* from, int to_folder, const char* to) override;
  int unlink_at(int folder, const char* name) override;
  int mkdir_at(int folder, const char* name, mode_t mode) override;

  int close(int descriptor) override { return system_.close(descriptor); }
  ssize_t pread(int descriptor, void* into, std::size_t size, off_t offset) override {
    return system_.pread(descriptor, into, size, offset);
  }
  ssize_t write(int descriptor, const void* from, std::size_t size) override {
    return system_.write(descriptor, from, size);
  }
  int fdatasync(int descriptor) override { return system_.fdatasync(descriptor); }
  int fsync(int descriptor) override { return system_.fsync(descriptor); }
  int syncfs(int descriptor) override { return system_.syncfs(descriptor); }
  int ftruncate(int descriptor, off_t size) override { return system_.ftruncate(descriptor, size); }
  int fstat(int descriptor, struct stat& into) override { return system_.fstat(descriptor, into); }
  int flock(int descriptor, int operation) override { return system_.flock(descriptor, operation); }
  int list_open(int folder, std::vector<std::string>& names) override {
    return system_.list_open(folder, names);
  }
  int forget_cached(int descriptor, off_t offset) override {
    return system_.forget_cached(descriptor, offset);
  }
  Timestamp clock() override { return system_.clock(); }
  void sleep_us(unsigned microseconds) override { system_.sleep_us(microseconds); }

 private:
  class Place;

  /// What a path says below the root; empty: it is not inside.
  std::string_view below(int folder, const char* name) const;
  int open_folder(int folder, const char* name);
  bool is_link(int folder, const char* name);

  System& system_;
  const std::string prefix_;  ///< of the paths inside, with the last slash
};

}  // namespace agentstore
