#include "cmd/words/file_names.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace agentstore::cmd {

std::string file_name_of(const std::string& id, std::string_view ending,
                         std::set<std::string>& taken) {
  constexpr std::size_t bytes_max = 120;
  std::string name = id.substr(0, bytes_max);
  const auto is_safe = [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' ||
           c == '_' || c == '.';
  };
  std::ranges::replace_if(name, [&](char c) { return !is_safe(c); }, '_');
  if (name.empty() || name.front() == '.' || name.front() == '-') name.insert(0, "_");
  std::string whole = name + std::string{ending};
  for (int number = 2; !taken.insert(whole).second; ++number)
    whole = fmt::format("{}-{}{}", name, number, ending);
  return whole;
}

}  // namespace agentstore::cmd
