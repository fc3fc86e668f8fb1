#include "base/json_members.hpp"

#include <algorithm>
#include <string>

namespace agentstore::json {
namespace {

bool is_escaped(std::string_view key) {
  return key.find('\\') != key.npos;
}

// Orders keys by the names that they stand for.
int compare_keys(std::string_view left, std::string_view right) {
  if (!is_escaped(left) && !is_escaped(right))
    return left.substr(1, left.size() - 2).compare(right.substr(1, right.size() - 2));
  return text_of(left).compare(text_of(right));
}

}  // namespace

// Between key and value stand a colon and white space.
std::string_view Members::Member::value() const {
  const char* at = key_begin + key_bytes;
  while (*at == ':' || is_space(*at)) ++at;
  return {at, value_bytes};
}

Members::Members(std::string_view object) {
  std::size_t count = 0;  // A vector that grows holds its members twice.
  for (Walk walk{object}; walk.next();) ++count;
  members_.reserve(count);
  bool ordered = true;
  for (Walk walk{object}; walk.next();) {
    const std::string_view key = walk.key();
    ordered = ordered && (members_.empty() || compare_keys(members_.back().key(), key) < 0);
    members_.push_back({key.data(), static_cast<std::uint32_t>(key.size()),
                        static_cast<std::uint32_t>(walk.value().size())});
  }
  if (ordered) return;
  // Of one name, the last in the text first: that one is kept.
  std::ranges::sort(members_, [](const Member& left, const Member& right) {
    const int order = compare_keys(left.key(), right.key());
    return order != 0 ? order < 0 : left.key_begin > right.key_begin;
  });
  const auto same = std::ranges::unique(members_, [](const Member& left, const Member& right) {
    return compare_keys(left.key(), right.key()) == 0;
  });
  members_.erase(same.begin(), same.end());
}

std::optional<std::string_view> Members::find(std::string_view key) const {
  const auto found = std::ranges::lower_bound(
      members_, key,
      [](std::string_view left, std::string_view right) { return compare_keys(left, right) < 0; },
      &Member::key);
  if (found == members_.end() || compare_keys(found->key(), key) != 0) return std::nullopt;
  return found->value();
}

std::optional<std::string_view> MemberLookup::find(std::string_view key) {
  if (!members_) {
    if (walk_.next() && walk_.key() == key) return walk_.value();
    members_.emplace(object_);
  }
  return members_->find(key);
}

}  // namespace agentstore::json
