#include "formats/events/fields.hpp"

#include <cstring>

namespace agentstore::formats {
namespace {

// An object of more members than a person would read is looked at as far as this.
constexpr std::size_t members_max = 512;

}  // namespace

// NOLINTNEXTLINE(cppcoreguidelines-pro-type-member-init): only what is counted is read.
Fields::Fields(const json::Value& object) {
  if (object.empty() || json::kind_of(object) != json::Kind::object) return;
  for (json::Walk walk{object}; count_ < members_max && walk.next(); ++count_) {
    const std::string_view key = walk.key();
    const json::Value& value = walk.value();
    const Member member{key.data() + 1, key.size() - 2, value.data(), value.size(), value.note()};
    if (count_ < few_max) few_[count_] = member;
    else more_.push_back(member);
  }
}

std::optional<json::Value> Fields::find(std::initializer_list<std::string_view> names) const {
  for (const std::string_view name : names) {
    // Of members of one name the last counts, as for Go.
    for (std::size_t at = count_; at-- > 0;) {
      const Member& one = member(at);
      if (one.name_bytes != name.size() || std::memcmp(one.name, name.data(), name.size()) != 0)
        continue;
      if (*one.value == 'n') break;  // null
      const std::string_view text{one.value, one.value_bytes};
      return one.note == nullptr ? json::Value{text} : json::Value{text, *one.note};
    }
  }
  return std::nullopt;
}

std::size_t count_of(const json::Value& array) {
  std::size_t count = 0;
  for (json::Walk walk{array}; walk.next();) ++count;
  return count;
}

}  // namespace agentstore::formats
