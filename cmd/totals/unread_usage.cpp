#include "cmd/totals/unread_usage.hpp"

#include <fmt/format.h>

#include <set>

namespace agentstore::cmd {

std::string place_of(const UnreadUsage& unread) {
  return fmt::format("session {}, #{}: {}", unread.session_id, unread.sequence_number, unread.why);
}

std::vector<std::string> places_of(const Input& input, std::span<const UnreadUsage> unread) {
  std::vector<std::string> places;
  if (unread.empty()) return places;
  std::set<std::uint64_t> numbers;
  for (const UnreadUsage& one : unread) numbers.insert(one.sequence_number);
  const auto known = input.places_of(numbers);
  for (const UnreadUsage& one : unread)
    places.push_back(known ? known->at(one.sequence_number) + ": " + one.why : place_of(one));
  return places;
}

}  // namespace agentstore::cmd
