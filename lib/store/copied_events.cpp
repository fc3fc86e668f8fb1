#include "store/copied_events.hpp"

namespace agentstore {
namespace {

std::uintptr_t address_of(std::string_view text) {
  return reinterpret_cast<std::uintptr_t>(text.data());
}

}  // namespace

void CopiedEvents::restart() {
  lines_.clear();
  texts_.clear();
  events_.clear();
}

Result<void> CopiedEvents::take(std::span<const EventView> events) {
  std::size_t size = 0;
  for (const EventView& event : events) size += event.line.size();
  std::string& lines = lines_.emplace_back();
  lines.reserve(size);  // So that no line moves.
  for (const EventView& event : events) {
    const std::size_t at = lines.size();
    lines += event.line;
    events_.push_back(moved(event, std::string_view{lines}.substr(at)));
  }
  return {};
}

EventView CopiedEvents::moved(const EventView& event, std::string_view line) {
  EventView copy = event;
  const auto move = [&](std::string_view text) -> std::string_view {
    if (text.empty()) return {};
    const std::uintptr_t from = address_of(text);
    const std::uintptr_t begin = address_of(event.line);
    if (from >= begin && from + text.size() <= begin + event.line.size())
      return line.substr(from - begin, text.size());
    return texts_.emplace_back(text);
  };
  copy.session_id = session_id_;
  copy.type = move(event.type);
  copy.metadata = move(event.metadata);
  copy.payload = move(event.payload);
  copy.event_id = move(event.event_id);
  copy.hash = move(event.hash);
  copy.line = line;
  return copy;
}

}  // namespace agentstore
