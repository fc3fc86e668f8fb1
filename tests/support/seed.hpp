// Where random tests begin.

#pragma once

#include <cstdint>
#include <cstdlib>
#include <random>

namespace agentstore::test {

/// That of AGENTSTORE_TEST_SEED, so that a run can be had again; else another one each time.
/// CAPTURE what it gives: doctest then prints it where the test fails.
inline std::uint64_t seed() {
  const char* const given = std::getenv("AGENTSTORE_TEST_SEED");
  return given != nullptr ? std::strtoull(given, nullptr, 10) : std::random_device{}();
}

}  // namespace agentstore::test
