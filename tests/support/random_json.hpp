// Random JSON for property tests, and whether two walks of a value tell the same.

#pragma once

#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "agentstore/json.hpp"

namespace agentstore::test {

/// JSON values of up to so many parts, compact, with all that could be mistaken for their end.
class RandomJson {
 public:
  explicit RandomJson(unsigned seed) : random_{seed} {}

  std::string string() {
    std::string token = "\"";
    for (std::size_t left = below(4) == 0 ? below(200) : below(20); left > 0; --left)
      token += pieces_[below(pieces_.size())];
    return token + '"';
  }

  std::string value(int depth) {
    if (depth == 0 || below(2) == 0) return below(4) == 0 ? "-12.5" : string();
    const bool object = below(2) == 0;
    std::string text{object ? "{" : "["};
    for (std::size_t left = below(6); left > 0; --left) {
      if (text.size() > 1) text += ',';
      if (object) text += string() + ":";
      text += value(depth - 1);
    }
    return text + (object ? "}" : "]");
  }

  std::size_t below(std::size_t bound) { return random_() % bound; }

 private:
  std::mt19937 random_;
  const std::vector<std::string> pieces_{"a",     "plain words", "\\\\", R"(\\\\\")", R"(\")",
                                         R"(\n)", R"(\u00e9)",   "{",    "}",         "[",
                                         "]",     ",",           ":",    "u"};
};

/// Whether a walk of a value by its notes gives what a walk without them does, at every depth.
inline bool same_walk(const json::Value& noted, std::string_view plain) {
  if (noted != plain || noted.data() != plain.data() || noted.note() == nullptr) return false;
  json::Walk other{plain};
  for (json::Walk walk{noted}; walk.next();) {
    if (!other.next() || walk.key() != other.key()) return false;
    if (!walk.key().empty()) {
      const std::string key = json::text_of(walk.key());
      if (!walk.key_is(key) || walk.key_is(key + 'x')) return false;
    }
    if (!same_walk(walk.value(), other.value())) return false;
  }
  return !other.next();
}

}  // namespace agentstore::test
