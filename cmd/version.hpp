#pragma once

#include <string>

namespace agentstore::cmd {

/// "agentstore 1.0.0".
inline std::string program_version() {
  return "agentstore " AGENTSTORE_VERSION;
}

/// The same as a line.
inline std::string version_text() {
  return program_version() + '\n';
}

}  // namespace agentstore::cmd
