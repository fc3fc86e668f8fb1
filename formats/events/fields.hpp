// A payload's members, found in one walk.

#pragma once

#include <cstddef>
#include <initializer_list>
#include <optional>
#include <string_view>
#include <vector>

#include "agentstore/json.hpp"

namespace agentstore::formats {

/// Views into the JSON text that it was made from.
class Fields {
 public:
  explicit Fields(const json::Value& object);

  /// The value of the first of `names` that is there and not null.
  std::optional<json::Value> find(std::initializer_list<std::string_view> names) const;

 private:
  struct Member {
    const char* name;  // as it is written, without its quotes
    std::size_t name_bytes;
    const char* value;
    std::size_t value_bytes;
    const json::Note* note;
  };
  const Member& member(std::size_t at) const {
    return at < few_max ? few_[at] : more_[at - few_max];
  }

  static constexpr std::size_t few_max = 16;
  std::size_t count_ = 0;
  Member few_[few_max];  // spares most objects an allocation
  std::vector<Member> more_;
};

/// The elements of an array.
std::size_t count_of(const json::Value& array);

}  // namespace agentstore::formats
