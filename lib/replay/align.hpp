// Aligning two sequences: the matches of a shortest edit script.
//
// Myers, "An O(ND) difference algorithm and its variations" (1986), in its linear-space form. Where
// two stretches differ in more than `cost_max` places, the path that has come furthest is taken
// (as GNU diff does): the matches are still matches, but there may be fewer than there could be.

#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace agentstore {

/// What stands for an event when it is compared.
using Fingerprint = std::array<std::uint64_t, 2>;

/// a[at_a + i] equals b[at_b + i], for i below `size`.
struct Match {
  std::size_t at_a = 0;
  std::size_t at_b = 0;
  std::size_t size = 0;
  friend bool operator==(const Match&, const Match&) = default;
};

struct Alignment {
  std::vector<Match> matches;  ///< in order; none empty
  bool shortest = true;        ///< no path was cut off
};

/// Time: O((n + m) · min(differences, cost_max)). Memory beside the answer: O(cost_max).
Alignment align(std::span<const Fingerprint> a, std::span<const Fingerprint> b,
                std::size_t cost_max);

}  // namespace agentstore
