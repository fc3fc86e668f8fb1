#include "log/salvage.hpp"

#include <utility>

#include "agentstore/json.hpp"
#include "base/ids.hpp"
#include "base/system.hpp"
#include "log/encode.hpp"
#include "log/foreign_bytes.hpp"
#include "log/merkle.hpp"
#include "log/salvaged_event.hpp"

namespace agentstore::log {
namespace {

constexpr std::string_view event_start = "{\"session_id\"";
constexpr std::size_t pieces_max = 64;  // events looked for in one line

// The line without what an editor adds to it.
RawLine unconverted(RawLine raw) {
  if (raw.offset_bytes == 0 && raw.text.starts_with(byte_order_mark)) {
    raw.text.remove_prefix(byte_order_mark.size());
    raw.offset_bytes += byte_order_mark.size();
  }
  if (raw.text.ends_with('\r')) raw.text.remove_suffix(1);
  return raw;
}

}  // namespace

Result<void> Salvager::run(const UseEvent& use, const LeaveOut& leave_out) {
  LineSplitter lines{source_, 0, source_.size_bytes()};
  std::uint64_t number = 0;
  for (;;) {
    while (const auto raw = lines.take()) {
      if (auto done = take(*raw, ++number, use, leave_out); !done) return done;
    }
    if (lines.unfinished_bytes() > line_bytes_max + 1) {
      leave_out({FindingKind::syntax, number + 1, lines.offset(), 0, "a line longer than 64 MiB"},
                lines.unfinished_bytes());
      lines.drop_unfinished();
    }
    const auto more = lines.refill(lines.offset());
    if (!more) return std::unexpected(more.error());
    if (!*more) break;
  }
  const auto raw = lines.remainder();
  return raw ? take(*raw, ++number, use, leave_out) : Result<void>{};
}

Result<void> Salvager::take(const RawLine& found, std::uint64_t number, const UseEvent& use,
                            const LeaveOut& leave_out) {
  const RawLine raw = unconverted(found);
  std::vector<std::size_t> starts;
  for (std::size_t at = 0; at != raw.text.npos && starts.size() < pieces_max;
       at = raw.text.find(event_start, at + 1)) {
    starts.push_back(at);
  }
  starts.push_back(raw.text.size());
  std::size_t left = 0;  // from here on nothing was read yet
  for (std::size_t i = 0; i + 1 < starts.size(); ++i) {
    if (starts[i] < left) continue;
    const auto end = event_from(raw, starts, i, use);
    if (!end) return std::unexpected(end.error());
    if (*end == 0) continue;
    report_gap(raw, number, left, starts[i], leave_out);
    left = *end;
  }
  report_gap(raw, number, left, raw.text.size(), leave_out);
  return {};
}

// The event that begins at one of the starts, up to the furthest end that makes one; 0: none
// does. One whose seal fits comes before any that is merely whole.
Result<std::size_t> Salvager::event_from(const RawLine& raw, const std::vector<std::size_t>& starts,
                                         std::size_t from, const UseEvent& use) {
  for (const bool fits : {true, false}) {
    for (std::size_t to = starts.size() - 1; to > from; --to) {
      const std::string_view text = raw.text.substr(starts[from], starts[to] - starts[from]);
      Arena arena;
      Line line;
      const bool sound = !parse_line(text, arena, line) && !check_hashes(line);
      if (sound != fits || (!fits && parse_unsealable(text, arena, line))) continue;
      if (line.event.session_id != session_id_) continue;
      line.event.offset_bytes = raw.offset_bytes + starts[from];
      if (!is_new(line)) continue;
      if (auto used = use(line, fits); !used) return std::unexpected(used.error());
      return starts[to];
    }
  }
  return 0;
}

// A line that is there twice is one event; of those without a seal that fits, only where nothing
// of them differs.
bool Salvager::is_new(const Line& line) {
  if (line.seal == Seal::unsealed && line.event.event_id.empty()) return true;
  const Hash hash = line.seal == Seal::unsealed ? leaf_of(line) : line.hash;
  return hashes_.insert(std::string{agentstore::bytes_of(hash)}).second;
}

void Salvager::report_gap(const RawLine& raw, std::uint64_t number, std::size_t from,
                          std::size_t to, const LeaveOut& leave_out) const {
  if (from == to && !raw.text.empty()) return;
  Arena arena;
  Line line;
  auto error = parse_line(raw.text.substr(from, to - from), arena, line);
  if (!error) error = check_hashes(line);
  const std::string why =
      !error ? (line.event.session_id == session_id_ ? "it stands here a second time"
                                                     : "it belongs to another session")
             : error->message;
  leave_out({error ? error->kind : FindingKind::session, number, raw.offset_bytes + from,
             line.event.sequence_number, why},
            to - from);
}

void SalvagedLog::number(const Line& line, bool fits) {
  ++count_;
  if (!fits) {
    ++unfit_;
    return;
  }
  if (line.seal == Seal::redacted || line.event.type == redacted_type ||
      unfinished_.of(line) != nullptr) {
    new_numbers_[line.event.sequence_number] = count_ + 1;  // after log_salvaged
  }
}

void SalvagedLog::write(const Line& line, bool fits, std::string& out, Timestamp now) {
  const EventView& event = line.event;
  const std::string id = id_of(event, now);
  SalvagedEvent made = salvaged_event(line, fits);
  renumber(line, made.payload);
  NumberedEvent next{.session_id = session_id_,
                     .sequence_number = at_.sequence_number + 1,
                     .type = made.type,
                     .timestamp = event.timestamp,
                     .recorded_at = line.recorded_at,
                     .metadata = made.metadata,
                     .event_id = id,
                     .batch = {},
                     .payload = made.payload};
  random_bytes(next.salt.data(), next.salt.size());
  const Redaction* const unfinished = unfinished_.of(line);
  const std::uint64_t by = unfinished != nullptr ? unfinished->by : event.redacted_by;
  const bool redacted = unfinished != nullptr || line.seal == Seal::redacted;
  const std::string payload_hash =
      unfinished != nullptr ? unfinished->payload_hash : std::string{line.payload_hash};
  at_.head = redacted && new_numbers_.contains(by)
                 ? encode_redacted_line(out, next, payload_hash, new_numbers_[by], at_.head)
                 : encode_line(out, next, at_.head);
  ++at_.sequence_number;
}

// Of two events of one id, an edited one and what it was, say, the later one gets another.
std::string SalvagedLog::id_of(const EventView& event, Timestamp now) {
  const bool usable =
      check_event_id(event.event_id).has_value() && ids_.insert(std::string{event.event_id}).second;
  return usable ? std::string{event.event_id} : uuid7(now);
}

// A redaction names its event by the new number; 0 where that event was lost.
void SalvagedLog::renumber(const Line& line, std::string& payload) const {
  const auto redaction = redaction_of(line);
  if (!redaction) return;
  const auto renumbered = new_numbers_.find(redaction->sequence_number);
  const std::uint64_t number = renumbered == new_numbers_.end() ? 0 : renumbered->second;
  std::string out;
  for (json::Walk walk{line.event.payload}; walk.next();) {
    out += out.empty() ? '{' : ',';
    out += walk.key();
    out += ':';
    if (walk.key_is("sequence_number")) out += std::to_string(number);
    else out += walk.value();
  }
  payload = json::compact(out + '}');
}

}  // namespace agentstore::log
