// A payload's members, found in one walk.

#pragma once

#include <array>
#include <cstddef>
#include <initializer_list>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

namespace agentstore::formats {

/// Views into the JSON text that it was made from.
class Fields {
 public:
  explicit Fields(std::string_view object);

  /// The value of the first of `names` that is there and not null.
  std::optional<std::string_view> find(std::initializer_list<std::string_view> names) const;

 private:
  struct Member {
    std::string_view name;  // as it is written, without its quotes
    std::string_view value;
  };
  const Member& member(std::size_t at) const {
    return at < few_.size() ? few_[at] : more_[at - few_.size()];
  }

  std::size_t count_ = 0;
  std::array<Member, 16> few_;  // spares most objects an allocation
  std::vector<Member> more_;
};

/// The elements of an array.
std::size_t count_of(std::string_view array);

}  // namespace agentstore::formats
