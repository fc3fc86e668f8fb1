// Texts of JSON string tokens.

#pragma once

#include <algorithm>
#include <forward_list>
#include <initializer_list>
#include <string>
#include <string_view>

#include "agentstore/json.hpp"

namespace agentstore::formats {

/// The text of a string token; empty for any other value.
inline std::string text_or_empty(std::string_view value) {
  return json::kind_of(value) == json::Kind::string ? json::text_of(value) : std::string{};
}

/// The text of a member; empty where it is absent or of another kind.
inline std::string member_text(const json::Value& object, std::string_view key) {
  return json::kind_of(object) == json::Kind::object ? json::find_text(object, key).value_or("")
                                                     : std::string{};
}

bool is_one_of(std::string_view word, const auto& words) {
  return std::ranges::find(words, word) != words.end();
}

inline std::string joined(std::initializer_list<std::string_view> parts) {
  std::size_t size = 0;
  for (const std::string_view part : parts) size += part.size();
  std::string out;
  out.reserve(size);
  for (const std::string_view part : parts) out += part;
  return out;
}

/// Views of the texts of string tokens: of the tokens themselves, and of copies of those that have
/// escapes. The copies live as long as this, and as what it is moved to.
class Texts {
 public:
  Texts() = default;
  Texts(Texts&&) = default;
  Texts& operator=(Texts&&) = default;

  std::string_view view(std::string_view value) {
    if (json::kind_of(value) != json::Kind::string) return {};
    if (value.contains('\\')) return copies_.emplace_front(json::text_of(value));
    return value.substr(1, value.size() - 2);
  }

 private:
  std::forward_list<std::string> copies_;
};

}  // namespace agentstore::formats
