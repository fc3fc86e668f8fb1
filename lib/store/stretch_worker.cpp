#include "store/stretch_worker.hpp"

#include <algorithm>
#include <utility>

namespace agentstore {
namespace {

constexpr std::size_t types_max = 64;

using Open = std::optional<log::Batch>;

// The write that is not complete behind a line.
Open open_behind(const log::Ends& ends) {
  const bool complete = ends.batch && ends.batch->last == ends.sequence_number;
  return complete ? log::Batch{} : ends.batch;
}

// The write that is not complete before a line, which says so.
Open open_before(const log::Ends& ends) {
  const bool first = ends.batch && ends.batch->first == ends.sequence_number;
  return first ? log::Batch{} : ends.batch;
}

// Whether the line behind a place says the same of it, as far as both know.
bool fits(const Joint& before, std::uint64_t number, std::string_view prev, const Open& open) {
  return before.sequence_number == number &&
         (before.hash.empty() || prev.empty() || before.hash == prev) &&
         (!before.open || !open || *before.open == *open);
}

bool has_times(const Filter& filter) {
  return filter.since || filter.until || filter.before;
}

}  // namespace

bool StretchPart::follows(const Joint& before) const {
  return events == 0 || fits(before, begin.sequence_number, begin.hash, begin.open);
}

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

StretchWorker::StretchWorker(log::ByteSource& source, std::string_view session_id,
                             const Filter& filter, Depth depth, PartPool& pool, const Cuts& cuts,
                             std::uint64_t from, std::uint64_t end)
    : session_id_(session_id),
      filter_(filter),
      // Times stand in the envelope.
      depth_(depth == Depth::ends && has_times(filter) ? Depth::envelope : depth),
      pool_(pool),
      cuts_(cuts),
      from_(from),
      end_(end),
      glance_(session_id),
      lines_(source) {}

StretchPart StretchWorker::operator()(std::uint64_t index) {
  done_ = {};
  done_.part = pool_.get();
  const std::uint64_t from = from_ + index * cuts_.stretch_bytes;
  lines_.begin(from, std::min(from + cuts_.stretch_bytes, end_), end_);
  for (bool more = true; more && done_.usual && !done_.error;) {
    while (const auto raw = lines_.take()) {
      if (!take(*raw)) {
        done_.usual = false;
        return std::move(done_);
      }
    }
    give();
    const auto read = lines_.read_on();
    if (!read) done_.error = read.error();
    more = read && *read;
    done_.usual = lines_.unfinished_bytes() <= cuts_.line_bytes_max;
  }
  if (lines_.cut()) done_.usual = false;
  return std::move(done_);
}

// False: the line is not as usual.
bool StretchWorker::take(const log::RawLine& raw) {
  log::Ends ends;
  const bool usual = glance_.ends(raw.text, ends);
  if (!usual && !parse(raw, ends)) return false;
  const bool wanted = is_wanted(ends.type);
  if (usual && wanted && !see(raw, ends)) return false;
  if (!follows(ends, raw.end_bytes)) return false;
  if (wanted && filter_.in_range(event_)) {
    event_.offset_bytes = raw.offset_bytes;
    events_.push_back(event_);
  }
  return true;
}

bool StretchWorker::follows(const log::Ends& ends, std::uint64_t end_bytes) {
  Joint& end = done_.end;
  const std::uint64_t before = ends.sequence_number - 1;
  if (done_.events == 0) done_.begin = {before, std::string{ends.prev}, open_before(ends)};
  else if (!fits(end, before, ends.prev, open_before(ends))) return false;
  end.sequence_number = ends.sequence_number;
  end.hash = ends.hash;
  end.open = open_behind(ends);
  ++done_.events;
  done_.end_bytes = end_bytes;
  if (ends.hash.empty()) ++done_.unsealed;
  return true;
}

bool StretchWorker::is_wanted(std::string_view type) {
  if (filter_.types.empty() && filter_.not_types.empty()) return true;
  const auto known = std::ranges::find(types_, type, &std::pair<std::string, bool>::first);
  if (known != types_.end()) return known->second;
  const bool wanted = filter_.takes_type(type);
  if (types_.size() < types_max) types_.emplace_back(type, wanted);
  return wanted;
}

// Looks as deep at a line as was asked; its ends were seen.
bool StretchWorker::see(const log::RawLine& raw, log::Ends& ends) {
  if (depth_ != Depth::ends)
    return glance_.event(raw.text, depth_ == Depth::whole, ends, event_) || parse(raw, ends);
  event_ = {.session_id = session_id_,
            .sequence_number = ends.sequence_number,
            .type = ends.type,
            .timestamp = {},
            .metadata = {},
            .payload = {},
            .event_id = {},
            .hash = ends.hash,
            .line = raw.text};
  return true;
}

bool StretchWorker::parse(const log::RawLine& raw, log::Ends& ends) {
  log::Line line;
  if (raw.too_long || log::parse_line(raw.text, arena_, line) ||
      line.event.session_id != session_id_) {
    return false;
  }
  event_ = line.event;
  ends = {.sequence_number = event_.sequence_number,
          .type = event_.type,
          .prev = {},
          .hash = {},
          .batch = line.batch};
  if (line.seal != log::Seal::unsealed) log::read_links(raw.text, ends);
  return true;
}

void StretchWorker::give() {
  if (!events_.empty() && !done_.error) {
    if (auto taken = done_.part->take(events_); !taken) done_.error = std::move(taken.error());
  }
  events_.clear();
  arena_.clear();
}

}  // namespace agentstore
