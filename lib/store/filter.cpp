#include "agentstore/filter.hpp"

#include <algorithm>

#include "agentstore/point.hpp"

namespace agentstore {
namespace {

bool any_matches(const std::vector<std::string>& patterns, std::string_view type) {
  return std::any_of(patterns.begin(), patterns.end(),
                     [&](const std::string& pattern) { return matches_pattern(pattern, type); });
}

}  // namespace

// Each `*` takes as little as it can; where the rest does not fit, the last one takes a byte more.
bool matches_pattern(std::string_view pattern, std::string_view type) {
  std::size_t at = 0;
  std::size_t in = 0;
  std::size_t star = pattern.npos;
  std::size_t star_took_to = 0;
  while (in < type.size()) {
    if (at < pattern.size() && pattern[at] == '*') {
      star = at++;
      star_took_to = in;
    } else if (at < pattern.size() && pattern[at] == type[in]) {
      ++at;
      ++in;
    } else if (star != pattern.npos) {
      at = star + 1;
      in = ++star_took_to;
    } else {
      return false;
    }
  }
  return pattern.find_first_not_of('*', at) == pattern.npos;
}

bool Filter::in_range(const EventView& event) const {
  if (event.sequence_number < from_seq || event.sequence_number > to_seq) return false;
  if (since && event.timestamp < *since) return false;
  if (until && event.timestamp > *until) return false;
  return !before || event.timestamp < *before;
}

bool Filter::takes_type(std::string_view type) const {
  return (types.empty() || any_matches(types, type)) && !any_matches(not_types, type);
}

bool Filter::takes_all() const {
  return from_seq <= 1 && to_seq == Filter{}.to_seq && !since && !until && !before && newest == 0 &&
         types.empty() && not_types.empty() && !predicate;
}

bool Filter::matches(const EventView& event) const {
  if (!in_range(event) || !takes_type(event.type)) return false;
  return !predicate || predicate(event);
}

Filter filter_of(const Point& point) {
  Filter filter{.until = point.at, .before = point.before};
  filter.to_seq = point.sequence_number.value_or(filter.to_seq);
  return filter;
}

}  // namespace agentstore
