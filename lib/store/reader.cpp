#include "store/reader.hpp"

#include <algorithm>
#include <thread>
#include <utility>

#include "log/tail.hpp"

namespace agentstore {
namespace {

constexpr std::uint64_t newest_sought_max = 4096;
constexpr std::chrono::milliseconds wait_pause_min{1};
constexpr std::chrono::milliseconds wait_pause_max{100};

// The number of the first of the newest `count` events; 0: not known. Of an extract, whose events
// are fewer than its last number says, they are counted from its end.
Result<std::uint64_t> first_of_newest(log::ByteSource& source, const std::string& session_id,
                                      std::uint64_t count, bool extract) {
  if (!extract) {
    const auto last = log::last_number(source, session_id);
    if (!last) return last;
    return *last > count ? *last - count + 1 : 0;
  }
  std::string buffer;
  std::uint64_t number = 0;
  std::uint64_t end_bytes = source.size_bytes();
  if (count > newest_sought_max) return number;
  for (; count > 0 && end_bytes > 0; --count) {
    const auto text = log::line_ending_at(source, end_bytes, buffer);
    if (!text) return std::unexpected(text.error());
    log::Arena arena;
    log::Line line;
    if (!*text || log::parse_line(**text, arena, line)) return 0;
    number = line.event.sequence_number;
    end_bytes -= (*text)->size() + 1;
  }
  return number;
}

// Makes the newest events a range of numbers. Nothing is known of the session's id, or of its
// numbers, where a first line cannot tell.
Result<std::optional<std::string>> bound_newest(log::ByteSource& source,
                                                const log::ScanOptions& scan, Filter& filter) {
  std::string session_id = scan.session_id;
  if (session_id.empty()) {
    log::Scanner first{source, scan};
    const auto lines = first.next();
    if (!lines) return std::nullopt;  // The reader itself will say why.
    // Of what is known to be an extract all is read, to say which events are absent.
    if (scan.extract && !lines->empty() && lines->front().event.sequence_number != 1)
      return std::nullopt;
    session_id = first.session_id();
  }
  if (filter.newest > 0) {
    const auto first = first_of_newest(source, session_id, filter.newest, scan.extract);
    if (!first) return std::unexpected(first.error());
    filter.from_seq = std::max(filter.from_seq, *first);
  }
  return session_id;
}

}  // namespace

std::unexpected<Error> left_by_exception() {
  return fail(Code::closed, "the reader was left by an exception, and events may be lost to it",
              "open another reader");
}

Result<bool> EventReader::wait_for(std::chrono::milliseconds duration) {
  const auto end = std::chrono::steady_clock::now() + duration;
  for (auto pause = wait_pause_min;; pause = std::min(2 * pause, wait_pause_max)) {
    const auto grown = poll();
    if (!grown || *grown) return grown;
    const auto left = end - std::chrono::steady_clock::now();
    if (left <= left.zero()) return false;
    std::this_thread::sleep_for(std::min<std::chrono::steady_clock::duration>(pause, left));
  }
}

Filter filter_of_stored(const Filter& filter, const Upcasts* upcasts) {
  Filter stored = filter;
  stored.predicate = nullptr;
  if (upcasts != nullptr && !upcasts->empty()) stored.types = stored.not_types = {};
  return stored;
}

LogReader::LogReader(std::unique_ptr<log::ByteSource> source, log::ScanOptions scan, Filter filter,
                     const Upcasts* upcasts)
    : source_(std::move(source)),
      options_(std::move(scan)),
      filter_(std::move(filter)),
      upcasts_(upcasts) {}

Result<std::unique_ptr<LogReader>> LogReader::open(std::unique_ptr<log::ByteSource> source,
                                                   log::ScanOptions scan, Filter filter,
                                                   const Upcasts* upcasts) {
  std::unique_ptr<LogReader> reader{
      new LogReader{std::move(source), std::move(scan), std::move(filter), upcasts}};
  if (auto begun = reader->begin(); !begun) return std::unexpected(begun.error());
  return reader;
}

// The events that pass are picked where the source can do that; else starts near the first one that
// is wanted. Skip mode looks at everything: numbers of a damaged log need not ascend.
Result<void> LogReader::begin() {
  auto last = log::last_redactions(*source_);
  if (!last) return std::unexpected(last.error());
  hidden_ = std::move(*last);
  const bool late = filter_.from_seq > options_.start.sequence_number + 1 || filter_.newest > 0;
  std::optional<std::string> session_id;
  if (late && options_.on_corrupt != OnCorrupt::skip) {
    auto bound = bound_newest(*source_, options_, filter_);
    if (!bound) return std::unexpected(bound.error());
    session_id = std::move(*bound);
  }
  if (auto selected = select(); !selected || selection_) return selected;
  if (session_id) {
    const auto place = log::seek(*source_, filter_.from_seq, *session_id);
    if (!place) return std::unexpected(place.error());
    if (place->offset_bytes > options_.start.offset_bytes) options_.start = *place;
  }
  scanner_.emplace(*source_, options_);
  return {};
}

Result<void> LogReader::select() {
  Filter filter = filter_of_stored(filter_, upcasts_);
  if (filter.takes_all() || options_.on_corrupt != OnCorrupt::strict || options_.extract) return {};
  log::Wanted wanted{.first = std::max(filter.from_seq, options_.start.sequence_number + 1),
                     .last = filter.to_seq,
                     .since = filter.since,
                     .until = filter.until,
                     .types = std::move(filter.types),
                     .not_types = std::move(filter.not_types)};
  if (filter.before) wanted.until = std::min(wanted.until.value_or(*filter.before), *filter.before);
  auto selection = source_->select(wanted, options_.check_hashes);
  if (!selection) return std::unexpected(selection.error());
  selection_ = std::move(*selection);
  return {};
}

Result<std::span<const EventView>> LogReader::next() {
  if (taking_) return left_by_exception();
  events_.clear();
  arena_.clear();
  while (events_.empty()) {
    if (misfit_) return std::unexpected(*misfit_);
    if (done_) break;
    const auto lines = selection_ ? selection_->next() : scanner_->next();
    if (!lines) return std::unexpected(lines.error());
    if (lines->empty()) break;
    done_ = options_.on_corrupt != OnCorrupt::skip &&
            lines->back().event.sequence_number >= filter_.to_seq;
    taking_ = true;
    if (auto taken = take(*lines); !taken) misfit_ = std::move(taken.error());
    taking_ = false;
  }
  return events_;
}

// The events of the lines that pass, up to one that an upcast does not fit.
Result<void> LogReader::take(std::span<const log::Line> lines) {
  for (log::Line line : lines) {
    if (!hidden_.empty()) log::hide(line, hidden_, arena_);
    if (upcasts_ != nullptr && filter_.in_range(line.event)) {
      if (auto done = upcasts_->apply(line.event, arena_); !done) return done;
    }
    if (filter_.matches(line.event)) events_.push_back(line.event);
  }
  return {};
}

Result<bool> LogReader::poll() {
  if (taking_) return left_by_exception();
  if (done_) return false;
  const auto change = source_->refresh();
  if (!change) return std::unexpected(change.error());
  if (*change == log::ByteSource::Change::replaced) return start_over();
  if (*change == log::ByteSource::Change::none) return false;
  if (*change == log::ByteSource::Change::gone)
    return fail(Code::corrupt, source_->name() + " is gone; " +
                                   std::to_string(position().sequence_number) +
                                   " events had been read");
  auto last = log::last_redactions(*source_);
  if (!last) return std::unexpected(last.error());
  hidden_ = std::move(*last);
  if (!selection_) {
    scanner_->resume();
    return true;
  }
  // That of a selection of which nothing was read yet is not known.
  if (position().sequence_number > options_.start.sequence_number) options_.start = position();
  if (auto selected = select(); !selected) return std::unexpected(selected.error());
  if (!selection_) scanner_.emplace(*source_, options_);
  return true;
}

// Another file lies under the log's name, or it was cut: its events up to the last one given have
// to be those that were given.
Result<bool> LogReader::start_over() {
  const log::Position given = position();
  selection_.reset();
  options_.start = {};
  log::Scanner again{*source_, options_};
  for (bool found = given.sequence_number == 0; !found;) {
    const auto lines = again.next();
    const bool cut_back = !lines && again.report().verdict == Verdict::lost;
    if (!lines && !cut_back) return std::unexpected(lines.error());
    if (cut_back || lines->empty()) {
      return fail(Code::corrupt, source_->name() + " was cut back to event " +
                                     std::to_string(again.position().sequence_number) + "; " +
                                     std::to_string(given.sequence_number) + " had been read");
    }
    for (const log::Line& line : *lines) {
      if (line.event.sequence_number < given.sequence_number) continue;
      found = true;
      if (given.head_known && line.seal != log::Seal::unsealed && line.hash != given.head) {
        return fail(Code::corrupt, source_->name() + " was replaced: event " +
                                       std::to_string(given.sequence_number) + " is another one");
      }
      break;
    }
  }
  auto last = log::last_redactions(*source_);
  if (!last) return std::unexpected(last.error());
  hidden_ = std::move(*last);
  filter_.from_seq = std::max(filter_.from_seq, given.sequence_number + 1);
  scanner_.emplace(*source_, options_);
  return true;
}

}  // namespace agentstore
