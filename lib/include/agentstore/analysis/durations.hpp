// Durations of which every one is kept, so that their percentiles are exact.

#pragma once

#include <cstdint>
#include <map>
#include <optional>

namespace agentstore {

/// How often each duration occurred. Memory grows with the different durations, not with their
/// number: durations of up to a minute in milliseconds take 4 MB at most, however many there are.
/// What was added and merged in whatever order gives the same answers.
class Durations {
 public:
  /// Negative ones are no durations, and are passed over.
  void add(std::int64_t duration_ms);
  void merge(const Durations& other);

  bool empty() const { return times_.empty(); }
  std::uint64_t count() const { return count_; }
  /// Nothing where there is none, or the sum overflows.
  std::optional<std::int64_t> sum_ms() const;
  /// By nearest rank: the smallest duration that at least so many percent do not exceed. `percent`
  /// is 1 to 100.
  std::optional<std::int64_t> percentile_ms(unsigned percent) const;
  std::optional<std::int64_t> max_ms() const;

  /// Its fields, for a cache on this machine: see agentstore/internal/bytes.hpp.
  void list(auto& way) { way.fields(times_, count_); }
  void list(auto& way) const { way.fields(times_, count_); }

 private:
  std::map<std::int64_t, std::uint64_t> times_;  // of each duration
  std::uint64_t count_ = 0;
};

}  // namespace agentstore
