#include "formats/fields.hpp"

#include "agentstore/json.hpp"

namespace agentstore::formats {
namespace {

// An object of more members than a person would read is looked at as far as this.
constexpr std::size_t members_max = 512;

}  // namespace

Fields::Fields(std::string_view object) {
  if (object.empty() || json::kind_of(object) != json::Kind::object) return;
  for (json::Walk walk{object}; count_ < members_max && walk.next(); ++count_) {
    const Member member{walk.key().substr(1, walk.key().size() - 2), walk.value()};
    if (count_ < few_.size()) few_[count_] = member;
    else more_.push_back(member);
  }
}

std::optional<std::string_view> Fields::find(std::initializer_list<std::string_view> names) const {
  for (const std::string_view name : names) {
    // Of members of one name the last counts, as for Go.
    for (std::size_t at = count_; at-- > 0;) {
      if (member(at).name != name) continue;
      if (json::kind_of(member(at).value) == json::Kind::null) break;
      return member(at).value;
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
