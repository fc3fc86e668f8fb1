// Goes over text that mostly stands as it was written here: at known places, in a known order.

#pragma once

#include <cstddef>
#include <cstring>
#include <string_view>

#include "base/json_string.hpp"

namespace agentstore {

/// Each step goes on behind what it found, or gives false: what was expected is not there.
class Cursor {
 public:
  Cursor(const char* at, const char* end) : at_(at), end_(end) {}

  const char* at() const { return at_; }
  const char* end() const { return end_; }
  bool at_end() const { return at_ == end_; }
  void go_to(const char* at) { at_ = at; }

  // Inlined, the comparison with a constant takes no call.
  [[gnu::always_inline]] bool skip(std::string_view expected) {
    if (static_cast<std::size_t>(end_ - at_) < expected.size() ||
        std::memcmp(at_, expected.data(), expected.size()) != 0) {
      return false;
    }
    at_ += expected.size();
    return true;
  }
  /// The body of a string without escapes, up to its quote, which is not passed.
  template <json::HighBytes high_bytes = json::HighBytes::let_through>
  bool skip_text(std::string_view& text) {
    const char* const start = at_;
    at_ = json::skip_plain<high_bytes>(at_, end_);
    text = {start, at_};
    return at_ != end_ && *at_ == '"';
  }

 private:
  const char* at_;
  const char* end_;
};

}  // namespace agentstore
