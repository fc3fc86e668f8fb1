// Usage that is told more than once: what each telling adds to what was known. The sum over a
// response's records is then the largest value of each field, as it should be, and stays right
// where a file is read before its last record was written.

#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>

#include "formats/sources/event_maker.hpp"

namespace agentstore::formats {

/// Counts of tokens; `in` is without the cache's.
struct Usage {
  std::int64_t in = 0;
  std::int64_t cache_write = 0;
  std::int64_t cache_read = 0;
  std::int64_t out = 0;
  std::int64_t cache_write_1h = 0;  ///< of the cache's writes, those that are kept for an hour

  bool is_zero() const { return in == 0 && cache_write == 0 && cache_read == 0 && out == 0; }
  std::int64_t all_in() const;
};

class UsageOnce {
 public:
  /// What `told` adds for the response of that id; the rest of it is counted as a duplicate.
  Usage added(std::string_view response_id, const Usage& told, Tally& tally);
  /// Whether something of that response was told before.
  bool knows(std::string_view response_id) const;

 private:
  std::unordered_map<std::uint64_t, Usage> largest_;
};

}  // namespace agentstore::formats
