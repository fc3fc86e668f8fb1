// Process groups that run for us: a signal that ends the program ends them, too.

#pragma once

#include <sys/types.h>

#include <array>
#include <atomic>
#include <cstddef>

namespace agentstore::cmd {

/// Thread-safe. There is one.
class RunningGroups {
 public:
  static constexpr std::size_t groups_max = 64;

  void add(pid_t group);
  void remove(pid_t group);
  /// Safe in a signal handler.
  void kill_all();

 private:
  std::array<std::atomic<pid_t>, groups_max> groups_{};
};

RunningGroups& running_groups();

/// While it lives, signals that end the program end what runs, too.
class EndsGroups {
 public:
  EndsGroups();
  EndsGroups(const EndsGroups&) = delete;
  EndsGroups& operator=(const EndsGroups&) = delete;
  ~EndsGroups();
};

}  // namespace agentstore::cmd
