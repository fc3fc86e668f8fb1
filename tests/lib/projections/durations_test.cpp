#include "agentstore/analysis/durations.hpp"

#include <doctest/doctest.h>

#include <limits>

using agentstore::Durations;

TEST_SUITE_BEGIN("durations");

TEST_CASE("percentiles are by nearest rank") {
  Durations durations;
  CHECK_FALSE(durations.percentile_ms(50));
  CHECK_FALSE(durations.sum_ms());
  CHECK_FALSE(durations.max_ms());
  for (const std::int64_t ms : {50, 15, 40, 20, 35, -1}) durations.add(ms);
  CHECK(durations.count() == 5);
  CHECK(durations.percentile_ms(1) == 15);
  CHECK(durations.percentile_ms(30) == 20);
  CHECK(durations.percentile_ms(40) == 20);
  CHECK(durations.percentile_ms(50) == 35);
  CHECK(durations.percentile_ms(95) == 50);
  CHECK(durations.percentile_ms(100) == 50);
  CHECK(durations.sum_ms() == 160);
  CHECK(durations.max_ms() == 50);
}

TEST_CASE("parts merged in any order come to what all of them come to") {
  Durations whole;
  Durations even;
  Durations odd;
  for (std::int64_t i = 0; i < 1000; ++i) {
    whole.add(i * i % 997);
    (i % 2 == 0 ? even : odd).add(i * i % 997);
  }
  Durations one = even;
  one.merge(odd);
  Durations other = odd;
  other.merge(even);
  for (unsigned percent = 1; percent <= 100; ++percent) {
    CHECK(one.percentile_ms(percent) == whole.percentile_ms(percent));
    CHECK(other.percentile_ms(percent) == whole.percentile_ms(percent));
  }
  CHECK(one.sum_ms() == whole.sum_ms());
}

TEST_CASE("a sum that no number holds is absent") {
  Durations durations;
  durations.add(std::numeric_limits<std::int64_t>::max());
  durations.add(1);
  CHECK_FALSE(durations.sum_ms());
  CHECK(durations.percentile_ms(50) == 1);
}

TEST_SUITE_END();
