#include "cmd/store_name.hpp"

#include <map>

#include "agentstore/internal/store_name.hpp"
#include "cmd/home_folder.hpp"

namespace agentstore::cmd {
namespace {

// By the names without them. One thread parses and opens.
std::map<std::string, std::string>& typed_names() {
  static std::map<std::string, std::string> names;
  return names;
}

}  // namespace

std::string store_name_of(std::string_view typed) {
  const std::string full = expand_home_of_store(typed);
  std::string name = without_password(full);
  if (name != full) typed_names()[name] = full;
  return name;
}

std::string with_password(const std::string& store_name) {
  const auto found = typed_names().find(store_name);
  return found == typed_names().end() ? store_name : found->second;
}

std::string store_of_keep() {
  if (const auto data = folder_in_environment("XDG_DATA_HOME"); !data.empty())
    return data + "/agentstore";
  const std::string home = folder_in_environment("HOME");
  return home.empty() ? home : home + "/.local/share/agentstore";
}

}  // namespace agentstore::cmd
