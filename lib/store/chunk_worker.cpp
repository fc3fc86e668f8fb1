#include "store/chunk_worker.hpp"

#include <utility>

namespace agentstore {
namespace {

constexpr std::size_t types_max = 64;

bool has_times(const Filter& filter) {
  return filter.since || filter.until || filter.before;
}

}  // namespace

std::unique_ptr<Part> PartPool::get() {
  std::unique_ptr<Part> part;
  {
    const std::lock_guard guard{mutex_};
    if (!spare_.empty()) {
      part = std::move(spare_.back());
      spare_.pop_back();
    }
  }
  if (!part) part = parts_.make();
  part->restart();
  return part;
}

void PartPool::put(std::unique_ptr<Part> part) {
  const std::lock_guard guard{mutex_};
  spare_.push_back(std::move(part));
}

ChunkWorker::ChunkWorker(log::ByteSource& source, std::string_view session_id, const Filter& filter,
                         Depth depth, bool check_seals, PartPool& pool, const log::Cuts& cuts,
                         std::uint64_t from, std::uint64_t end)
    : session_id_(session_id),
      filter_(filter),
      // Times stand in the envelope.
      depth_(depth == Depth::ends && has_times(filter) ? Depth::envelope : depth),
      check_seals_(check_seals),
      pool_(pool),
      parser_(session_id),
      lines_(source, from, end, cuts),
      by_type_(!filter.types.empty() || !filter.not_types.empty()) {}

ChunkPart ChunkWorker::operator()(std::uint64_t index) {
  done_ = {};
  done_.part = pool_.get();
  events_.clear();
  arena_.clear();
  parser_.forget();
  const auto usual = lines_.each(
      index, [&](const log::RawLine& raw) { return take(raw); },
      [&] {
        give();
        keep_last();
      });
  if (usual) done_.usual = *usual;
  else done_.error = usual.error();
  return std::move(done_);
}

// False: the line is not as usual.
bool ChunkWorker::take(const log::RawLine& raw) {
  if (check_seals_) return take_checked(raw);
  log::Ends ends;
  const bool usual = parser_.ends(raw.text, ends);
  if (usual && !is_wanted(ends.type)) return follows(ends, raw.end_bytes);
  EventView& event = events_.emplace_back();
  if (usual ? !see(raw, ends, event) : !parse(raw, ends, event)) return false;
  if (!follows(ends, raw.end_bytes)) return false;
  event.offset_bytes = raw.offset_bytes;
  if (!filter_.in_range(event) || (!usual && !is_wanted(ends.type))) events_.pop_back();
  return true;
}

// A line whose hashes are computed is parsed whole, however deep it was to be looked at.
bool ChunkWorker::take_checked(const log::RawLine& raw) {
  log::Line line;
  log::Ends ends;
  EventView event;
  if (log::take_apart(raw.text, parser_, arena_, line) || log::check_hashes(line) ||
      !is_event(line, raw.text, ends, event) || !follows(ends, raw.end_bytes))
    return false;
  event.offset_bytes = raw.offset_bytes;
  if (is_wanted(ends.type) && filter_.in_range(event)) events_.push_back(event);
  return true;
}

bool ChunkWorker::follows(const log::Ends& ends, std::uint64_t end_bytes) {
  const log::Boundary before = log::boundary_before(ends);
  if (done_.events == 0) done_.begin = log::KeptBoundary{before};
  else if (!last_.fits(before)) return false;
  // An unsealed line behind a sealed one may stand inside a write, of which nothing was seen.
  if (ends.hash.empty() && !last_.head.empty()) return false;
  last_ = log::boundary_after(ends);
  ++done_.events;
  done_.end_bytes = end_bytes;
  if (ends.hash.empty()) ++done_.unsealed;
  return true;
}

// The lines go: what the next one is held to has to stay.
void ChunkWorker::keep_last() {
  done_.end = log::KeptBoundary{last_};
  last_ = done_.end.view();
}

bool ChunkWorker::is_wanted(std::string_view type) {
  if (!by_type_) return true;
  if (const bool* const known = types_.find(type)) return *known;
  const bool wanted = filter_.takes_type(type);
  if (types_.size() < types_max) types_.add(type, wanted);
  return wanted;
}

// Looks as deep at a line as was asked; its ends were seen.
bool ChunkWorker::see(const log::RawLine& raw, log::Ends& ends, EventView& event) {
  if (depth_ != Depth::ends)
    return parser_.event(raw.text, depth_ == Depth::whole, ends, event) || parse(raw, ends, event);
  event.session_id = session_id_;
  event.sequence_number = ends.sequence_number;
  event.type = ends.type;
  event.hash = ends.hash;
  event.line = raw.text;
  return true;
}

bool ChunkWorker::parse(const log::RawLine& raw, log::Ends& ends, EventView& event) {
  log::Line line;
  return !log::parse_line(raw.text, arena_, line) && is_event(line, raw.text, ends, event);
}

bool ChunkWorker::is_event(const log::Line& line, std::string_view text, log::Ends& ends,
                           EventView& event) {
  if (line.double_keys || line.event.session_id != session_id_) return false;
  event = line.event;
  ends = {.sequence_number = event.sequence_number,
          .type = event.type,
          .prev = {},
          .hash = {},
          .batch = line.batch,
          .recorded_at = {}};
  if (line.seal != log::Seal::unsealed) log::read_links(text, ends);
  return true;
}

void ChunkWorker::give() {
  if (!events_.empty() && !done_.error) {
    if (auto taken = done_.part->take(events_); !taken) done_.error = std::move(taken.error());
  }
  events_.clear();
  arena_.clear();
  parser_.forget();
}

}  // namespace agentstore
