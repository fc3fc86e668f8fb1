// Times as logs hold them: most lie in the same minute as the one before.

#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "agentstore/timestamp.hpp"

namespace agentstore {

class RecentTime {
 public:
  /// As parse_rfc3339; false where that would be an error.
  bool read(std::string_view text, Timestamp& into);

 private:
  static constexpr std::size_t minute_bytes = 17;  // "2026-03-07T12:00:"

  bool read_in_minute(std::string_view text, Timestamp& into) const;

  std::array<char, minute_bytes> minute_{};  // as it is written, in UTC
  std::int64_t minute_seconds_ = 0;          // where it begins
};

}  // namespace agentstore
