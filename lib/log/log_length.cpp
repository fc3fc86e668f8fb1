#include "log/log_length.hpp"

#include <algorithm>
#include <optional>

#include "log/fast_parse.hpp"
#include "log/in_order.hpp"
#include "log/line.hpp"
#include "log/scan.hpp"
#include "log/tail.hpp"

namespace agentstore::log {
namespace {

// Lines that begin in a chunk, up to the first that is not as usual: unsealed, of the session,
// and numbered one behind the other.
struct Counted {
  std::uint64_t first = 0;  // sequence number; 0: no line
  std::uint64_t last = 0;
  std::uint64_t last_offset_bytes = 0;
  bool usual = true;
};

class Counter {
 public:
  Counter(ByteSource& source, std::string_view session_id, const Cuts& cuts, std::uint64_t end)
      : session_id_(session_id), parser_(session_id), lines_(source, 0, end, cuts) {}

  Result<Counted> operator()(std::uint64_t index) {
    Counted counted;
    const auto usual =
        lines_.each(index, [&](const RawLine& raw) { return take(raw, counted); }, [] {});
    if (!usual) return std::unexpected(usual.error());
    counted.usual = *usual;
    return counted;
  }

 private:
  bool take(const RawLine& raw, Counted& into) {
    Ends ends;
    if (!parser_.ends(raw.text, ends) && !parse(raw.text, ends)) return false;
    const bool follows = into.first == 0 || ends.sequence_number == into.last + 1;
    if (!ends.hash.empty() || !follows) return false;
    if (into.first == 0) into.first = ends.sequence_number;
    into.last = ends.sequence_number;
    into.last_offset_bytes = raw.offset_bytes;
    return true;
  }

  // A line of another form; false where it is bad, or sealed.
  bool parse(std::string_view text, Ends& ends) {
    Line line;
    arena_.clear();
    if (parse_line(text, arena_, line) || line.seal != Seal::unsealed ||
        line.event.session_id != session_id_) {
      return false;
    }
    ends = {.sequence_number = line.event.sequence_number,
            .type = {},
            .prev = {},
            .hash = {},
            .batch = {},
            .recorded_at = {}};
    return true;
  }

  const std::string_view session_id_;
  FastParser parser_;
  ChunkLines lines_;
  Arena arena_;
};

// The place before the last of the lines from the first one on that are as usual. Errors: io.
Result<Position> end_of_usual_lines(ByteSource& source, const std::string& session_id,
                                    const Cuts& cuts) {
  Position place;
  const std::uint64_t size_bytes = source.size_bytes();
  if (size_bytes < cuts.parallel_bytes_min || size_bytes <= cuts.tail_bytes) return place;
  const std::uint64_t end = size_bytes - cuts.tail_bytes;
  const std::uint64_t chunks = ChunkLines::count(0, end, cuts);
  InOrder<Result<Counted>> counts{chunks, [&] { return Counter{source, session_id, cuts, end}; }};
  std::uint64_t last = 0;
  for (std::uint64_t i = 0; i < chunks; ++i) {
    const auto counted = counts.next();
    if (!counted) return std::unexpected(counted.error());
    if (counted->first != 0) {
      if (counted->first != last + 1) break;
      last = counted->last;
      place = {last - 1, counted->last_offset_bytes, last - 1, {}, last == 1, false};
    }
    if (!counted->usual) break;
  }
  return place;
}

// `start` stands behind lines that are counted by its number.
Result<LogLength> count_in_order(ByteSource& source, const std::string& session_id,
                                 const Position& start) {
  Scanner scanner{source,
                  {.session_id = session_id, .on_corrupt = OnCorrupt::skip, .start = start}};
  LogLength length{start.sequence_number, {}};
  for (;;) {
    const auto lines = scanner.next();
    if (!lines) return std::unexpected(lines.error());
    if (lines->empty()) return length;
    length.events += lines->size();
    length.last_at = lines->back().event.timestamp;
  }
}

}  // namespace

Result<LogLength> length_of(ByteSource& source, const std::string& session_id, const Cuts& cuts) {
  if (source.size_bytes() == 0) return LogLength{};
  std::string buffer;
  Arena arena;
  Line line;
  const auto last = line_ending_at(source, source.size_bytes(), buffer);
  if (!last) return std::unexpected(last.error());
  // In a log of ours the last number is the count. Writers without a lock may give one twice.
  if (*last && !parse_line(**last, arena, line) && line.seal != Seal::unsealed &&
      line.event.session_id == session_id &&
      (line.batch.last == 0 || line.batch.last == line.event.sequence_number)) {
    return LogLength{line.event.sequence_number, line.event.timestamp};
  }
  const auto start = end_of_usual_lines(source, session_id, cuts);
  if (!start) return std::unexpected(start.error());
  auto length = count_in_order(source, session_id, *start);
  const bool none_behind = length && length->events == start->sequence_number;
  return none_behind ? count_in_order(source, session_id, {}) : length;
}

}  // namespace agentstore::log
