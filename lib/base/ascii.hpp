// ASCII case folding, as Go's encoding/json matches the keys of an object to fields.

#pragma once

#include <algorithm>
#include <string_view>

namespace agentstore {

/// Whether two names are equal but for the case of ASCII letters.
inline bool same_folded(std::string_view left, std::string_view right) {
  const auto folded = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c; };
  return std::equal(left.begin(), left.end(), right.begin(), right.end(),
                    [&](char a, char b) { return folded(a) == folded(b); });
}

}  // namespace agentstore
