#include "store/parts.hpp"

#include <algorithm>
#include <limits>
#include <utility>

#include "base/sha256.hpp"
#include "log/in_order.hpp"
#include "log/redaction.hpp"
#include "log/scan.hpp"
#include "log/tail.hpp"
#include "store/chunk_worker.hpp"
#include "store/reader.hpp"

namespace agentstore {
namespace {

constexpr std::uint64_t to_the_end = std::numeric_limits<std::uint64_t>::max();

// Whether events can be told apart by the ends of their lines, by several threads.
bool can_be_cut(const Filter& filter, OnCorrupt on_corrupt, const Upcasts* upcasts) {
  return on_corrupt == OnCorrupt::strict && !filter.predicate && filter.from_seq <= 1 &&
         filter.newest == 0 && filter.to_seq == Filter{}.to_seq &&
         (upcasts == nullptr || upcasts->empty());
}

/// Gives a batch to a part, and joins it; false: no more is wanted.
Result<bool> give_part(std::span<const EventView> batch, const Parts& parts, PartPool& pool) {
  auto part = pool.get();
  if (auto taken = part->take(batch); !taken) return std::unexpected(taken.error());
  const bool more = parts.join(*part) != Joined::enough;
  pool.put(std::move(part));
  return more;
}

/// Gives the events behind number `given` that the reader has left, up to a whole write that
/// reaches `until`; false: no more is wanted, or there.
Result<bool> give_parts(LogReader& reader, const Parts& parts, PartPool& pool, std::uint64_t given,
                        std::uint64_t until) {
  while (reader.position().offset_bytes < until) {
    const auto batch = reader.next();
    if (!batch) return std::unexpected(batch.error());
    if (batch->empty()) return false;
    const auto begin = std::ranges::upper_bound(*batch, given, {}, &EventView::sequence_number);
    if (begin == batch->end()) continue;
    if (const auto more = give_part({begin, batch->end()}, parts, pool); !more || !*more)
      return more;
  }
  return true;
}

// A place between writes.
log::KeptBoundary boundary_at(const log::Position& position) {
  const HexText head = hex_of(position.head);
  return log::KeptBoundary{
      {position.sequence_number, position.head_known ? view_of(head) : "", log::Batch{}}};
}

class PartsReading {
 public:
  PartsReading(log::ByteSource& source, log::ScanOptions scan, Filter filter,
               const Upcasts* upcasts, const Parts& parts, const log::Cuts& cuts)
      : source_(source),
        scan_(std::move(scan)),
        filter_(std::move(filter)),
        upcasts_(upcasts),
        parts_(parts),
        pool_(parts),
        cuts_(cuts) {
    boundary_ = boundary_at(scan_.start);
    offset_bytes_ = boundary_end_bytes_ = scan_.start.offset_bytes;
  }

  /// Behind what was read, to the end of the log.
  const log::Position& position() const { return scan_.start; }

  Result<ReadReport> run() {
    const auto tail = place_of_tail();
    if (!tail) return std::unexpected(tail.error());
    // A log that is unusual everywhere is soon read in order only.
    for (std::uint64_t chunks = 1; !ended_; chunks *= 2) {
      if (auto read = read_chunks(tail->offset_bytes); !read) return std::unexpected(read.error());
      if (ended_) break;
      const bool at_tail = offset_bytes_ >= tail->offset_bytes;
      if (at_tail && boundary_.sequence_number() == tail->sequence_number) scan_.start = *tail;
      const std::uint64_t until =
          std::max(offset_bytes_, boundary_end_bytes_) + chunks * cuts_.chunk_bytes;
      if (auto read = read_in_order(at_tail ? to_the_end : until); !read)
        return std::unexpected(read.error());
    }
    return std::move(report_);
  }

 private:
  // Where the part begins that may be torn; the log's beginning where all of it has to be read in
  // order.
  Result<log::Position> place_of_tail() {
    if (source_.size_bytes() < cuts_.parallel_bytes_min ||
        !can_be_cut(filter_, scan_.on_corrupt, upcasts_) ||
        (source_.can_select() && !filter_.takes_all())) {
      return log::Position{};
    }
    const auto redaction = log::last_redactions(source_);
    if (!redaction) return std::unexpected(redaction.error());
    if (!redaction->empty()) return log::Position{};
    if (scan_.session_id.empty()) {
      const auto first = log::first_session(source_);
      if (!first) return std::unexpected(first.error());
      if (!*first) return log::Position{};
      scan_.session_id = **first;
    }
    return log::place_before_last_write(source_, scan_.session_id, cuts_.tail_bytes);
  }

  // Joins chunks up to `end`, or to the first one that is not as usual.
  Result<void> read_chunks(std::uint64_t end) {
    const std::uint64_t from = offset_bytes_;
    if (from >= end) return {};
    const std::uint64_t count = log::ChunkLines::count(from, end, cuts_);
    log::InOrder<ChunkPart> chunks{count, [&] {
                                     return ChunkWorker{source_,
                                                        scan_.session_id,
                                                        filter_,
                                                        parts_.depth,
                                                        scan_.check_hashes,
                                                        pool_,
                                                        cuts_,
                                                        from,
                                                        end};
                                   }};
    for (std::uint64_t i = 0; i < count; ++i) {
      ChunkPart chunk = chunks.next();
      if (!chunk.usual || !chunk.follows(boundary_)) return {};
      if (chunk.error) return std::unexpected(std::move(*chunk.error));
      const Joined joined = parts_.join(*chunk.part);
      pool_.put(std::move(chunk.part));
      if (joined == Joined::again) return {};
      events_ += chunk.events;
      unsealed_ += chunk.unsealed;
      if (chunk.events > 0) {
        boundary_ = std::move(chunk.end);
        boundary_end_bytes_ = chunk.end_bytes;
      }
      offset_bytes_ = std::min(end, from + (i + 1) * cuts_.chunk_bytes);
      if (joined == Joined::enough) {
        report_.last_sequence_number = boundary_.sequence_number();
        report_.log_name = source_.name();
        report_.seals_checked = scan_.check_hashes;
        conclude();
        return {};
      }
    }
    return {};
  }

  // From behind the events that were joined, up to the end of a write that reaches `until`.
  Result<void> read_in_order(std::uint64_t until) {
    if (boundary_.sequence_number() > scan_.start.sequence_number) {
      const auto place = log::place_up_to(source_, boundary_end_bytes_, scan_.session_id,
                                          boundary_.sequence_number() + 1);
      if (!place) return std::unexpected(place.error());
      scan_.start = *place;
    }
    const std::uint64_t begun_at = scan_.start.sequence_number;
    const auto reader =
        LogReader::open(std::make_unique<log::BorrowedSource>(source_), scan_, filter_, upcasts_);
    if (!reader) return std::unexpected(reader.error());
    auto more = give_parts(**reader, parts_, pool_, boundary_.sequence_number(), until);
    // Of an extract nothing is as usual: the reader that found it out says which events are absent.
    if (more && *more && (*reader)->report().absent.events > 0)
      more = give_parts(**reader, parts_, pool_, boundary_.sequence_number(), to_the_end);
    if (!more) return std::unexpected(more.error());
    take_report((*reader)->report());
    const std::uint64_t again = boundary_.sequence_number() - begun_at;  // Read, and joined before.
    events_ += report_.events - std::min(again, report_.events);
    unsealed_ += report_.unsealed - std::min(again, report_.unsealed);
    const log::Position& position = (*reader)->position();
    boundary_ = boundary_at(position);
    offset_bytes_ = boundary_end_bytes_ = position.offset_bytes;
    scan_.start = position;
    if (!*more) conclude();
    return {};
  }

  // What was found before, by a reader of another piece, stays.
  void take_report(const ReadReport& report) {
    const ReadReport before = std::exchange(report_, report);
    report_.finding_count += before.finding_count;
    report_.findings.insert(report_.findings.begin(), before.findings.begin(),
                            before.findings.end());
    if (report_.findings.size() > log::findings_max) report_.findings.resize(log::findings_max);
  }

  void conclude() {
    ended_ = true;
    report_.events = events_;
    report_.unsealed = unsealed_;
    const bool plain = report_.verdict == Verdict::clean || report_.verdict == Verdict::unsealed;
    if (plain)
      report_.verdict = events_ > 0 && unsealed_ == events_ ? Verdict::unsealed : Verdict::clean;
  }

  log::ByteSource& source_;
  log::ScanOptions scan_;  // its start is a place between writes, behind which nothing is joined
  const Filter filter_;
  const Upcasts* const upcasts_;
  const Parts& parts_;
  PartPool pool_;
  const log::Cuts cuts_;
  log::KeptBoundary boundary_;  // behind what was joined
  std::uint64_t boundary_end_bytes_ = 0;
  std::uint64_t offset_bytes_ = 0;  // up to which lines have begun that were joined
  std::uint64_t events_ = 0;
  std::uint64_t unsealed_ = 0;
  ReadReport report_;
  bool ended_ = false;
};

}  // namespace

Result<ReadReport> read_parts(EventReader& reader, const Parts& parts) {
  PartPool pool{parts};
  for (;;) {
    const auto batch = reader.next();
    if (!batch) return std::unexpected(batch.error());
    if (batch->empty()) return reader.report();
    const auto more = give_part(*batch, parts, pool);
    if (!more) return std::unexpected(more.error());
    if (!*more) return reader.report();
  }
}

Result<ReadReport> read_log_in_parts(log::ByteSource& source, log::ScanOptions scan, Filter filter,
                                     const Upcasts* upcasts, const Parts& parts,
                                     const log::Cuts& cuts, log::Position* end) {
  PartsReading reading{source, std::move(scan), std::move(filter), upcasts, parts, cuts};
  auto report = reading.run();
  if (end != nullptr) *end = reading.position();
  return report;
}

}  // namespace agentstore
