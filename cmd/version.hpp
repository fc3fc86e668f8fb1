#pragma once

#include <string>

namespace agentstore::cmd {

inline std::string version_text() {
  return "agentstore " AGENTSTORE_VERSION "\n";
}

}  // namespace agentstore::cmd
