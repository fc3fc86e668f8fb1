#include "log/event_ids.hpp"

#include <algorithm>
#include <functional>

#include "log/split.hpp"

namespace agentstore::log {
namespace {

constexpr std::size_t line_bytes_first = 4096;

// The line that starts at `offset`, in `buffer`; empty where it has no end.
Result<std::string_view> line_starting_at(ByteSource& source, std::uint64_t offset,
                                          std::string& buffer) {
  for (std::size_t size = line_bytes_first; size <= 2 * line_bytes_max; size *= 8) {
    buffer.resize(size);
    const auto got = source.read_at(offset, buffer.data(), buffer.size());
    if (!got) return std::unexpected(got.error());
    const std::string_view text{buffer.data(), *got};
    const std::size_t newline = text.find('\n');
    if (newline != text.npos) return text.substr(0, newline);
    if (*got < size) break;
  }
  return std::string_view{};
}

// Nothing of ours stores two such events, and which one was meant nobody can say.
std::unexpected<Error> equal_ids(std::string_view event_id, std::uint64_t one,
                                 std::uint64_t other) {
  const auto numbers = std::minmax(one, other);
  return fail(Code::conflict, "event id \"" + std::string{event_id} + "\" is that of #" +
                                  std::to_string(numbers.first) + " and of #" +
                                  std::to_string(numbers.second));
}

}  // namespace

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
  add(fingerprint_of(event_id), offset_bytes);
}

void EventIds::add(std::size_t fingerprint, std::uint64_t offset_bytes) {
  offsets_.emplace(fingerprint, offset_bytes);
}

std::size_t EventIds::fingerprint_of(std::string_view event_id) {
  return std::hash<std::string_view>{}(event_id);
}

Result<std::optional<StoredEvent>> EventIds::find(ByteSource& source,
                                                  std::string_view event_id) const {
  std::optional<StoredEvent> found;
  auto [at, end] = offsets_.equal_range(fingerprint_of(event_id));
  for (; at != end; ++at) {
    std::string buffer;
    const auto text = line_starting_at(source, at->second, buffer);
    if (!text) return std::unexpected(text.error());
    Arena arena;
    Line line;
    if (parse_line(*text, arena, line) || line.event.event_id != event_id) continue;
    const EventView& event = line.event;
    if (found) return equal_ids(event_id, found->sequence_number, event.sequence_number);
    found = StoredEvent{event.sequence_number,       std::string{event.type},
                        std::string{event.metadata}, std::string{event.payload},
                        std::string{event.hash},     line.seal == Seal::redacted};
  }
  return found;
}

}  // namespace agentstore::log
