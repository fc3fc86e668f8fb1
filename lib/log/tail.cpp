#include "log/tail.hpp"

#include <algorithm>

#include "log/split.hpp"

namespace agentstore::log {
namespace {

constexpr std::uint64_t tail_bytes_min = std::uint64_t{4} << 10;
constexpr std::uint64_t seek_bytes_min = std::uint64_t{32} << 10;  // less is read as fast as halved
constexpr int seek_lines_max = 1024;  // lines tried for one that ends a write

// What a line says of the places around it.
struct Place {
  std::optional<Position> behind;  // where the line ends its write
  // Of its write, as far as is known:
  std::uint64_t lines_left = 0;
  std::uint64_t lines_before = 0;
};

Place place_of(std::string_view text, std::uint64_t end_bytes, const std::string& session_id) {
  Arena arena;
  Line line;
  Place place;
  if (parse_line(text, arena, line) || line.event.session_id != session_id) return place;
  const std::uint64_t number = line.event.sequence_number;
  const Batch write = line.batch == Batch{} ? Batch{number, number} : line.batch;
  place.lines_before = number - write.first;
  place.lines_left = write.last - number;
  const bool sealed = line.seal != Seal::unsealed;
  if (place.lines_left == 0) place.behind = {number, end_bytes, number, line.hash, sealed, sealed};
  return place;
}

// Of the line that ends at `end_bytes`.
Result<Place> place_at(ByteSource& source, std::uint64_t end_bytes, const std::string& session_id) {
  std::string buffer;
  const auto text = line_ending_at(source, end_bytes, buffer);
  if (!text) return std::unexpected(text.error());
  return *text ? place_of(**text, end_bytes, session_id) : Place{};
}

// The first place between two writes behind `from`, and before `limit`; none behind what is no
// line, however long.
Result<std::optional<Position>> position_behind(ByteSource& source, std::uint64_t from,
                                                std::uint64_t limit,
                                                const std::string& session_id) {
  LineSplitter splitter{source, from, limit};
  std::uint64_t lines_left = 0;
  for (int tried = 0; tried < seek_lines_max;) {
    if (const auto raw = splitter.take()) {
      ++tried;
      // Of a long write only the last line is worth reading.
      if (lines_left > 1) {
        --lines_left;
        continue;
      }
      // The first one may be the end of a line, which is no line of its own.
      const Place place = raw->too_long ? Place{} : place_of(raw->text, raw->end_bytes, session_id);
      if (place.behind) return place.behind;
      lines_left = place.lines_left;
    } else {
      if (splitter.unfinished_bytes() > line_bytes_max) break;
      const auto more = splitter.refill(splitter.offset());
      if (!more) return std::unexpected(more.error());
      if (!*more) break;
    }
  }
  return std::nullopt;
}

// A line, and the first event of the write that it belongs to; 0: it is not whole.
struct LineOfWrite {
  std::uint64_t offset_bytes = 0;
  std::uint64_t first = 0;
};

Result<LineOfWrite> line_of_write(ByteSource& source, std::uint64_t end_bytes,
                                  const std::string& session_id) {
  if (end_bytes == 0) return LineOfWrite{};
  std::string buffer;
  Arena arena;
  Line line;
  const auto text = line_ending_at(source, end_bytes, buffer);
  if (!text) return std::unexpected(text.error());
  if (!*text || parse_line(**text, arena, line) || line.event.session_id != session_id)
    return LineOfWrite{};
  return LineOfWrite{end_bytes - (*text)->size() - 1,
                     line.batch == Batch{} ? line.event.sequence_number : line.batch.first};
}

// A place before the write of a line.
Result<Position> place_before(ByteSource& source, const LineOfWrite& line,
                              const std::string& session_id) {
  const auto near = place_up_to(source, line.offset_bytes, session_id, line.first);
  return near && near->offset_bytes == 0 ? seek(source, line.first, session_id) : near;
}

}  // namespace

Result<std::optional<std::string_view>> line_ending_at(ByteSource& source, std::uint64_t end_bytes,
                                                       std::string& buffer) {
  for (std::uint64_t size = tail_bytes_min;; size *= 8) {
    buffer.resize(std::min({size, end_bytes, std::uint64_t{line_bytes_max} + 1}));
    const auto got = source.read_at(end_bytes - buffer.size(), buffer.data(), buffer.size());
    if (!got) return std::unexpected(got.error());
    std::string_view text = buffer;
    if (*got < text.size() || text.empty() || text.back() != '\n') return std::nullopt;
    text.remove_suffix(1);
    const std::size_t newline = text.rfind('\n');
    if (newline != text.npos) return text.substr(newline + 1);
    if (buffer.size() == end_bytes) return text;
    if (buffer.size() > line_bytes_max) return std::nullopt;
  }
}

Result<std::optional<std::string>> last_payload_of(ByteSource& source, std::string_view type) {
  std::string buffer;
  const auto last = line_ending_at(source, source.size_bytes(), buffer);
  if (!last) return std::unexpected(last.error());
  // Most lines are told by a look: the type stands near their beginning.
  if (!*last || (*last)->find(type) == std::string_view::npos) return std::nullopt;
  Arena arena;
  Line line;
  if (parse_line(**last, arena, line) || line.seal != Seal::sealed || line.event.type != type)
    return std::nullopt;
  return std::string{line.event.payload};
}

std::optional<Timestamp> first_event_time(ByteSource& source) {
  Scanner scanner{source, {.on_corrupt = OnCorrupt::skip}};
  const auto lines = scanner.next();
  if (!lines || lines->empty()) return std::nullopt;
  return lines->front().event.timestamp;
}

Result<std::optional<Position>> position_at(ByteSource& source, std::uint64_t end_bytes,
                                            const std::string& session_id) {
  if (end_bytes == 0 || end_bytes > source.size_bytes()) return std::nullopt;
  const auto place = place_at(source, end_bytes, session_id);
  if (!place) return std::unexpected(place.error());
  return place->behind && place->behind->sealed ? place->behind : std::nullopt;
}

Result<std::optional<std::string>> first_session(ByteSource& source) {
  LineSplitter lines{source, 0, source.size_bytes()};
  const auto more = lines.refill(0);
  if (!more) return std::unexpected(more.error());
  const auto raw = lines.take();
  Arena arena;
  Line line;
  if (!raw || parse_line(raw->text, arena, line)) return std::nullopt;
  return std::string{line.event.session_id};
}

Result<std::uint64_t> last_number(ByteSource& source, const std::string& session_id) {
  if (source.size_bytes() == 0) return 0;
  const auto place = place_at(source, source.size_bytes(), session_id);
  if (!place) return std::unexpected(place.error());
  return place->behind ? place->behind->sequence_number : 0;
}

Result<Position> seek(ByteSource& source, std::uint64_t sequence_number,
                      const std::string& session_id) {
  Position before;
  std::uint64_t limit = source.size_bytes();
  while (limit > before.offset_bytes + seek_bytes_min) {
    const std::uint64_t middle = before.offset_bytes + (limit - before.offset_bytes) / 2;
    const auto place = position_behind(source, middle, limit, session_id);
    if (!place) return std::unexpected(place.error());
    const bool early = *place && (*place)->sequence_number < sequence_number &&
                       (*place)->sequence_number > before.sequence_number;
    if (early) before = **place;
    else limit = middle;
  }
  return before;
}

Result<Position> place_up_to(ByteSource& source, std::uint64_t end_bytes,
                             const std::string& session_id, std::uint64_t before_seq) {
  std::string buffer;
  std::uint64_t lines_before = 0;
  for (int tried = 0; tried < seek_lines_max && end_bytes > 0; ++tried) {
    const auto text = line_ending_at(source, end_bytes, buffer);
    if (!text) return std::unexpected(text.error());
    if (!*text) break;
    if (lines_before > 0) {  // Inside a write no place is worth a look.
      --lines_before;
    } else {
      const Place place = place_of(**text, end_bytes, session_id);
      if (place.behind && place.behind->sequence_number < before_seq) return *place.behind;
      lines_before = place.lines_before;
    }
    end_bytes -= (*text)->size() + 1;
  }
  return Position{};
}

Result<Position> place_before_last_write(ByteSource& source, const std::string& session_id,
                                         std::uint64_t tail_bytes) {
  const std::uint64_t size_bytes = source.size_bytes();
  const auto last = line_of_write(source, size_bytes, session_id);
  if (!last) return std::unexpected(last.error());
  if (last->first > 0) return place_before(source, *last, session_id);
  // What was cut off has no line that ends its write; the write before it may have lost lines.
  const auto place = position_behind(source, size_bytes - std::min(size_bytes, tail_bytes),
                                     size_bytes, session_id);
  if (!place) return std::unexpected(place.error());
  if (!*place) return Position{};
  const auto whole = line_of_write(source, (*place)->offset_bytes, session_id);
  if (!whole) return std::unexpected(whole.error());
  return place_before(source, *whole, session_id);
}

}  // namespace agentstore::log
