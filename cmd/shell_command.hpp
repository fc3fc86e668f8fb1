// Commands of the user's, run by the shell.

#pragma once

#include <sys/types.h>

#include <string>

#include "agentstore/result.hpp"

namespace agentstore::cmd {

struct ShellStart {
  int input = 0;  ///< descriptors that become its standard ones; they stay the caller's
  int output = 1;
  int errors = 2;
  /// It leads a process group of its own, which a terminal's interrupt does not reach, and ends
  /// with the thread that started it.
  bool own_group = false;
};

/// Starts `sh -c command`, with signals as programs expect them; its process. Other descriptors of
/// ours that are close-on-exec do not reach it. Thread-safe. Errors: io.
Result<pid_t> start_shell(const std::string& command, const ShellStart& start);

}  // namespace agentstore::cmd
