#include "agentstore/analysis/durations.hpp"

namespace agentstore {

void Durations::add(std::int64_t duration_ms) {
  if (duration_ms < 0) return;
  ++times_[duration_ms];
  ++count_;
}

void Durations::merge(const Durations& other) {
  for (const auto& [duration_ms, times] : other.times_) times_[duration_ms] += times;
  count_ += other.count_;
}

std::optional<std::int64_t> Durations::sum_ms() const {
  if (empty()) return std::nullopt;
  std::int64_t sum = 0;
  for (const auto& [duration_ms, times] : times_) {
    std::int64_t part = 0;
    if (__builtin_mul_overflow(duration_ms, times, &part) ||
        __builtin_add_overflow(sum, part, &sum))
      return std::nullopt;
  }
  return sum;
}

std::optional<std::int64_t> Durations::percentile_ms(unsigned percent) const {
  // The whole number that is not below count * percent / 100, without an overflow.
  const std::uint64_t rank = count_ / 100 * percent + (count_ % 100 * percent + 99) / 100;
  std::uint64_t seen = 0;
  for (const auto& [duration_ms, times] : times_) {
    seen += times;
    if (seen >= rank) return duration_ms;
  }
  return std::nullopt;
}

std::optional<std::int64_t> Durations::max_ms() const {
  if (empty()) return std::nullopt;
  return times_.rbegin()->first;
}

}  // namespace agentstore
