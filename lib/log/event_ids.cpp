#include "log/event_ids.hpp"

#include <algorithm>
#include <functional>

#include "log/split.hpp"

namespace agentstore::log {

Result<void> EventIds::build(ByteSource& source, const std::string& session_id,
                             std::uint64_t end_bytes) {
  LineSplitter lines{source, 0, end_bytes};
  for (;;) {
    Arena arena;
    while (const auto raw = lines.take()) {
      Line line;
      if (parse_line(raw->text, arena, line) || line.event.session_id != session_id) continue;
      if (!line.event.event_id.empty()) add(line.event.event_id, raw->offset_bytes);
    }
    const auto more = lines.refill(lines.offset());
    if (!more) return std::unexpected(more.error());
    if (!*more) return {};
  }
}

void EventIds::add(std::string_view event_id, std::uint64_t offset_bytes) {
  offsets_.emplace(std::hash<std::string_view>{}(event_id), offset_bytes);
}

Result<std::optional<StoredEvent>> EventIds::find(ByteSource& source,
                                                  std::string_view event_id) const {
  auto [at, end] = offsets_.equal_range(std::hash<std::string_view>{}(event_id));
  for (; at != end; ++at) {
    LineSplitter lines{source, at->second, source.size_bytes()};
    auto raw = lines.take();
    while (!raw) {
      const auto more = lines.refill(at->second);
      if (!more) return std::unexpected(more.error());
      raw = lines.take();
      if (!*more) break;
    }
    Arena arena;
    Line line;
    if (!raw || parse_line(raw->text, arena, line) || line.event.event_id != event_id) continue;
    const EventView& event = line.event;
    return StoredEvent{event.sequence_number,       std::string{event.type},
                       std::string{event.metadata}, std::string{event.payload},
                       std::string{event.hash},     line.seal == Seal::redacted};
  }
  return std::nullopt;
}

}  // namespace agentstore::log
