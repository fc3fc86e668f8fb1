#include "replay/align.hpp"

#include <algorithm>
#include <optional>

namespace agentstore {
namespace {

using Places = std::span<const Fingerprint>;

// A stretch of both sequences; `matches` says that they are equal, and nothing is left to do.
struct Stretch {
  std::size_t from_a, to_a, from_b, to_b;
  bool matches;
};

// How far the best path with d edits has come on each diagonal (k = x - y), from one end.
class Frontier {
 public:
  explicit Frontier(std::size_t cost_max) : x_(2 * cost_max + 3), middle_(cost_max + 1) {}
  std::ptrdiff_t& operator[](std::ptrdiff_t k) {
    return x_[static_cast<std::size_t>(k + static_cast<std::ptrdiff_t>(middle_))];
  }

 private:
  std::vector<std::ptrdiff_t> x_;
  std::size_t middle_;
};

class Aligner {
 public:
  Aligner(Places a, Places b, std::size_t cost_max)
      : a_{a},
        b_{b},
        cost_max_{std::min(cost_max, (a.size() + b.size() + 1) / 2 + 1)},
        forth_{cost_max_},
        back_{cost_max_} {}

  Alignment run() {
    // A stack, as the depth of the recursion would be that of what was cut off.
    stack_.push_back({0, a_.size(), 0, b_.size(), false});
    while (!stack_.empty()) {
      const Stretch stretch = stack_.back();
      stack_.pop_back();
      if (stretch.matches) add(stretch);
      else divide(stretch);
    }
    return std::move(alignment_);
  }

 private:
  void add(const Stretch& stretch) {
    const std::size_t size = stretch.to_a - stretch.from_a;
    if (size == 0) return;
    auto& matches = alignment_.matches;
    if (!matches.empty() && matches.back().at_a + matches.back().size == stretch.from_a &&
        matches.back().at_b + matches.back().size == stretch.from_b) {
      matches.back().size += size;
    } else {
      matches.push_back({stretch.from_a, stretch.from_b, size});
    }
  }

  void divide(Stretch rest) {
    std::size_t same = 0;
    while (rest.from_a + same < rest.to_a && rest.from_b + same < rest.to_b &&
           a_[rest.from_a + same] == b_[rest.from_b + same]) {
      ++same;
    }
    add({rest.from_a, rest.from_a + same, rest.from_b, rest.from_b + same, true});
    rest.from_a += same;
    rest.from_b += same;
    same = 0;
    while (rest.from_a < rest.to_a - same && rest.from_b < rest.to_b - same &&
           a_[rest.to_a - same - 1] == b_[rest.to_b - same - 1]) {
      ++same;
    }
    stack_.push_back({rest.to_a - same, rest.to_a, rest.to_b - same, rest.to_b, true});
    rest.to_a -= same;
    rest.to_b -= same;
    if (rest.from_a == rest.to_a || rest.from_b == rest.to_b) return;
    const auto [x, y] = split(rest);
    stack_.push_back({rest.from_a + x, rest.to_a, rest.from_b + y, rest.to_b, false});
    stack_.push_back({rest.from_a, rest.from_a + x, rest.from_b, rest.from_b + y, false});
  }

  struct Point {
    std::size_t x, y;
  };

  // A point that a shortest path goes through: where paths from both ends meet.
  Point split(const Stretch& rest) {
    const auto n = static_cast<std::ptrdiff_t>(rest.to_a - rest.from_a);
    const auto m = static_cast<std::ptrdiff_t>(rest.to_b - rest.from_b);
    const std::ptrdiff_t delta = n - m;
    const bool odd = delta % 2 != 0;
    forth_[1] = back_[1] = 0;
    for (std::ptrdiff_t d = 0; d <= static_cast<std::ptrdiff_t>(cost_max_); ++d) {
      if (const auto met = advance(rest, d, n, m, forth_, back_, odd, false)) return *met;
      if (const auto met = advance(rest, d, n, m, back_, forth_, !odd, true)) return *met;
    }
    alignment_.shortest = false;
    return furthest(n, m);
  }

  // One more edit on every diagonal of one side. `may_meet`: the other side may be met now.
  std::optional<Point> advance(const Stretch& rest, std::ptrdiff_t d, std::ptrdiff_t n,
                               std::ptrdiff_t m, Frontier& own, Frontier& other, bool may_meet,
                               bool backwards) {
    const std::ptrdiff_t delta = n - m;
    const std::ptrdiff_t other_d = backwards ? d : d - 1;
    const std::ptrdiff_t low = -(d - 2 * std::max<std::ptrdiff_t>(0, d - m));
    const std::ptrdiff_t high = d - 2 * std::max<std::ptrdiff_t>(0, d - n);
    for (std::ptrdiff_t k = low; k <= high; k += 2) {
      std::ptrdiff_t x =
          k == -d || (k != d && own[k - 1] < own[k + 1]) ? own[k + 1] : own[k - 1] + 1;
      std::ptrdiff_t y = x - k;
      while (x < n && y < m && equal(rest, x, y, backwards)) ++x, ++y;
      own[k] = x;
      const std::ptrdiff_t across = delta - k;
      if (!may_meet || across < -other_d || across > other_d || x + other[across] < n) continue;
      if (backwards) x = n - x, y = m - y;
      return Point{static_cast<std::size_t>(x), static_cast<std::size_t>(y)};
    }
    return std::nullopt;
  }

  bool equal(const Stretch& rest, std::ptrdiff_t x, std::ptrdiff_t y, bool backwards) const {
    const auto at = static_cast<std::size_t>(x);
    const auto to = static_cast<std::size_t>(y);
    return backwards ? a_[rest.to_a - at - 1] == b_[rest.to_b - to - 1]
                     : a_[rest.from_a + at] == b_[rest.from_b + to];
  }

  Point furthest(std::ptrdiff_t n, std::ptrdiff_t m) {
    const auto d = static_cast<std::ptrdiff_t>(cost_max_);
    const std::ptrdiff_t low = -(d - 2 * std::max<std::ptrdiff_t>(0, d - m));
    const std::ptrdiff_t high = d - 2 * std::max<std::ptrdiff_t>(0, d - n);
    Point best{0, 0};
    for (std::ptrdiff_t k = low; k <= high; k += 2) {
      const std::ptrdiff_t x = forth_[k];
      const std::ptrdiff_t y = x - k;
      if (x > n || y > m || x + y <= static_cast<std::ptrdiff_t>(best.x + best.y)) continue;
      best = {static_cast<std::size_t>(x), static_cast<std::size_t>(y)};
    }
    return best;
  }

  Places a_;
  Places b_;
  std::size_t cost_max_;
  Frontier forth_;
  Frontier back_;
  std::vector<Stretch> stack_;
  Alignment alignment_;
};

}  // namespace

Alignment align(Places a, Places b, std::size_t cost_max) {
  return Aligner{a, b, cost_max}.run();
}

}  // namespace agentstore
