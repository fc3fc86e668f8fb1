#include "formats/sources/usage.hpp"

#include <functional>
#include <limits>

namespace agentstore::formats {
namespace {

std::int64_t grow(std::int64_t& largest, std::int64_t told) {
  const std::int64_t before = largest;
  largest = std::max(largest, told);
  return largest - before;
}

}  // namespace

std::int64_t Usage::all_in() const {
  std::int64_t sum = 0;
  for (const std::int64_t part : {in, cache_write, cache_read})
    if (__builtin_add_overflow(sum, part, &sum)) return std::numeric_limits<std::int64_t>::max();
  return sum;
}

Usage UsageOnce::added(std::string_view response_id, const Usage& told, Tally& tally) {
  const auto [at, first] = largest_.try_emplace(std::hash<std::string_view>{}(response_id));
  Usage& largest = at->second;
  const Usage added{grow(largest.in, told.in), grow(largest.cache_write, told.cache_write),
                    grow(largest.cache_read, told.cache_read), grow(largest.out, told.out),
                    grow(largest.cache_write_1h, told.cache_write_1h)};
  if (first) return added;
  ++tally.repeated_usage;
  tally.add_repeated(told.all_in() - added.all_in(), told.out - added.out);
  return added;
}

bool UsageOnce::knows(std::string_view response_id) const {
  return largest_.contains(std::hash<std::string_view>{}(response_id));
}

}  // namespace agentstore::formats
