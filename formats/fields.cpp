#include "formats/fields.hpp"

#include <cstring>

#include "agentstore/json.hpp"

namespace agentstore::formats {
namespace {

// An object of more members than a person would read is looked at as far as this.
constexpr std::size_t members_max = 512;

}  // namespace

// NOLINTNEXTLINE(cppcoreguidelines-pro-type-member-init): only what is counted is read.
Fields::Fields(std::string_view object) {
  if (object.empty() || json::kind_of(object) != json::Kind::object) return;
  for (json::Walk walk{object}; count_ < members_max && walk.next(); ++count_) {
    const std::string_view key = walk.key();
    const std::string_view value = walk.value();
    const Member member{key.data() + 1, key.size() - 2, value.data(), value.size()};
    if (count_ < few_max) few_[count_] = member;
    else more_.push_back(member);
  }
}

std::optional<std::string_view> Fields::find(std::initializer_list<std::string_view> names) const {
  for (const std::string_view name : names) {
    // Of members of one name the last counts, as for Go.
    for (std::size_t at = count_; at-- > 0;) {
      const Member& one = member(at);
      if (one.name_bytes != name.size() || std::memcmp(one.name, name.data(), name.size()) != 0)
        continue;
      if (*one.value == 'n') break;  // null
      return std::string_view{one.value, one.value_bytes};
    }
  }
  return std::nullopt;
}

std::size_t count_of(std::string_view array) {
  std::size_t count = 0;
  for (json::Walk walk{array}; walk.next();) ++count;
  return count;
}

}  // namespace agentstore::formats
