#include "cmd/totals/unread_usage.hpp"

#include <set>

#include "cmd/input/transcript_reader.hpp"

namespace agentstore::cmd {
namespace {

/// The file that a session outside of the store is read from; empty where there is none.
std::string file_of(Selector& selector, const Chosen& session) {
  if (session.path.empty()) return {};
  const auto input = selector.input_of(session);
  return input ? (*input)->path : std::string{};
}

}  // namespace

std::string place_of(const UnreadUsage& unread) {
  return "session " + unread.session_id + ", #" + std::to_string(unread.sequence_number) + ": " +
         unread.why;
}

std::vector<std::string> places_of(Selector& selector, const Chosen& session,
                                   std::span<const UnreadUsage> unread) {
  std::vector<std::string> places;
  if (unread.empty()) return places;
  const std::string path = file_of(selector, session);
  if (path.empty()) {
    for (const UnreadUsage& one : unread) places.push_back(place_of(one));
    return places;
  }
  std::set<std::uint64_t> numbers;
  for (const UnreadUsage& one : unread) numbers.insert(one.sequence_number);
  const auto lines = lines_of_events(path, numbers);
  for (const UnreadUsage& one : unread) {
    const auto line = lines.find(one.sequence_number);
    // A log of ours has a line an event.
    const std::uint64_t number = line == lines.end() ? one.sequence_number : line->second;
    places.push_back(session.path + ":" + std::to_string(number) + ": " + one.why);
  }
  return places;
}

}  // namespace agentstore::cmd
