#include "log/last_write.hpp"

#include <algorithm>
#include <string_view>

#include "log/foreign_bytes.hpp"

namespace agentstore::log {
namespace {

constexpr std::size_t tail_bytes_min = std::size_t{64} << 10;
constexpr std::size_t tail_bytes_max = std::size_t{128} << 20;

// The last write in `tail`, which ends the log at `end`. Nothing where it is not as it should be,
// or where `needs_more` says that it begins before the tail.
std::optional<Position> last_write(std::string_view tail, const std::string& session_id,
                                   std::uint64_t end, bool& needs_more) {
  needs_more = false;
  std::optional<Position> found;
  Line newer;
  Arena arena;
  std::string_view rest = tail;
  for (;;) {
    if (rest.empty() || rest.back() != '\n') {
      needs_more = rest.empty();
      return std::nullopt;
    }
    rest.remove_suffix(1);
    const std::size_t newline = rest.rfind('\n');
    if (newline == rest.npos && end > tail.size()) {
      needs_more = true;  // The line may begin before the tail.
      return std::nullopt;
    }
    const std::size_t start = newline == rest.npos ? 0 : newline + 1;
    Line line;
    if (parse_line(rest.substr(start), arena, line) || check_hashes(line) ||
        line.seal == Seal::unsealed || line.event.session_id != session_id) {
      return std::nullopt;
    }
    const std::uint64_t number = line.event.sequence_number;
    if (!found) {
      if (line.batch.last != 0 && line.batch.last != number) return std::nullopt;
      found = Position{number, end, number, line.hash, true, true};
    } else if (line.hash != newer.prev || line.batch != newer.batch ||
               number + 1 != newer.event.sequence_number) {
      return std::nullopt;
    }
    if (line.batch == Batch{} || line.batch.first == number) return found;
    newer = line;
    rest = rest.substr(0, start);
  }
}

}  // namespace

Result<std::optional<Position>> find_last_write(ByteSource& source, const std::string& session_id) {
  // A last write that is whole says nothing of what an editor or a compressor did to the rest.
  char start[foreign_start_bytes] = {};
  const auto begun = source.read_at(0, start, sizeof start);
  if (!begun) return std::unexpected(begun.error());
  if (foreign_start({start, *begun}) != nullptr) return std::nullopt;
  const std::uint64_t end = source.size_bytes();
  std::string tail;
  for (std::size_t size = tail_bytes_min; end > 0 && size <= tail_bytes_max; size *= 4) {
    tail.resize(std::min<std::uint64_t>(size, end));
    const auto got = source.read_at(end - tail.size(), tail.data(), tail.size());
    if (!got) return std::unexpected(got.error());
    if (*got < tail.size()) return std::nullopt;
    bool needs_more = false;
    const auto found = last_write(tail, session_id, end, needs_more);
    if (found || !needs_more || tail.size() == end) return found;
  }
  return std::nullopt;
}

}  // namespace agentstore::log
