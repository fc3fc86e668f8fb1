// The members of an object by name, in 16 bytes each, wherever they are nested in.

#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "agentstore/json.hpp"

namespace agentstore::json {

/// An object's members, ordered by their names (bytes, escapes resolved); of several of one name
/// the last in the text. Views into `object`, which has to outlive this.
class Members {
 public:
  explicit Members(std::string_view object);

  /// By a key's token, with its quotes.
  std::optional<std::string_view> find(std::string_view key) const;

  struct Member {
    const char* key_begin;
    std::uint32_t key_bytes;
    std::uint32_t value_bytes;

    std::string_view key() const { return {key_begin, key_bytes}; }
    std::string_view value() const;
  };
  std::vector<Member>::const_iterator begin() const { return members_.begin(); }
  std::vector<Member>::const_iterator end() const { return members_.end(); }

 private:
  std::vector<Member> members_;
};

/// Finds the members of an object for keys that come in nearly its own order: without an index as
/// long as they do.
class MemberLookup {
 public:
  explicit MemberLookup(std::string_view object) : object_{object}, walk_{object} {}

  /// By a key's token, with its quotes.
  std::optional<std::string_view> find(std::string_view key);

 private:
  std::string_view object_;
  Walk walk_;
  std::optional<Members> members_;
};

}  // namespace agentstore::json
