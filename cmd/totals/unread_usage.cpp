#include "cmd/totals/unread_usage.hpp"

#include <set>

namespace agentstore::cmd {

std::string place_of(const UnreadUsage& unread) {
  return "session " + unread.session_id + ", #" + std::to_string(unread.sequence_number) + ": " +
         unread.why;
}

std::vector<std::string> places_of(const Input& input, std::span<const UnreadUsage> unread) {
  std::vector<std::string> places;
  if (unread.empty()) return places;
  std::set<std::uint64_t> numbers;
  for (const UnreadUsage& one : unread) numbers.insert(one.sequence_number);
  const auto lines = input.lines_of(numbers);
  for (const UnreadUsage& one : unread)
    places.push_back(lines ? input.path() + ":" + std::to_string(lines->at(one.sequence_number)) +
                                 ": " + one.why
                           : place_of(one));
  return places;
}

}  // namespace agentstore::cmd
