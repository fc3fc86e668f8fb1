// What a fuzz target says about its input, and how it dies when that is not so.

#pragma once

#include <cstdio>
#include <cstdlib>
#include <string_view>

namespace agentstore::fuzz {

/// Traps, naming the sentence that is not true.
inline void require(bool holds, const char* sentence) {
  if (holds) return;
  std::fprintf(stderr, "not so: %s\n", sentence);
  std::abort();
}

inline std::string_view text_of(const unsigned char* data, std::size_t size) {
  return {reinterpret_cast<const char*>(data), size};
}

}  // namespace agentstore::fuzz
