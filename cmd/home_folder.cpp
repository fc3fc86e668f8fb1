#include "cmd/home_folder.hpp"

#include <cstdlib>

namespace agentstore::cmd {

std::string folder_in_environment(const char* variable) {
  const char* const value = std::getenv(variable);
  return value != nullptr && *value == '/' ? value : "";
}

std::string expand_home(std::string_view path) {
  const char* const home = std::getenv("HOME");
  if (home == nullptr || *home == '\0') return std::string{path};
  if (path != "~" && !path.starts_with("~/")) return std::string{path};
  return home + std::string{path.substr(1)};
}

std::string expand_home_of_store(std::string_view name) {
  const std::size_t colon = name.find(':');
  if (colon == name.npos || name.find('/') < colon) return expand_home(name);
  return std::string{name.substr(0, colon + 1)} + expand_home(name.substr(colon + 1));
}

}  // namespace agentstore::cmd
