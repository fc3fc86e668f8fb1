#include "store/reader.hpp"

#include <algorithm>
#include <utility>

namespace agentstore {

std::string_view to_string(Verdict verdict) {
  switch (verdict) {
    case Verdict::clean: return "clean";
    case Verdict::unsealed: return "unsealed";
    case Verdict::in_flight: return "in_flight";
    case Verdict::torn: return "torn";
    case Verdict::damaged: return "damaged";
    case Verdict::lost: return "lost";
  }
  return "unknown";
}

LogReader::LogReader(std::unique_ptr<log::ByteSource> source, log::ScanOptions scan, Filter filter)
    : source_(std::move(source)),
      options_(scan),
      scanner_(std::in_place, *source_, std::move(scan)),
      filter_(std::move(filter)) {}

Result<std::unique_ptr<LogReader>> LogReader::open(std::unique_ptr<log::ByteSource> source,
                                                   log::ScanOptions scan, Filter filter,
                                                   const Upcasts* upcasts) {
  const auto last = log::last_redaction(*source);
  if (!last) return std::unexpected(last.error());
  std::unique_ptr<LogReader> reader{
      new LogReader{std::move(source), std::move(scan), std::move(filter)}};
  reader->hidden_ = *last;
  reader->upcasts_ = upcasts;
  return reader;
}

Result<std::span<const EventView>> LogReader::next() {
  events_.clear();
  arena_.clear();
  while (events_.empty()) {
    if (misfit_) return std::unexpected(*misfit_);
    const auto lines = scanner_->next();
    if (!lines) return std::unexpected(lines.error());
    if (lines->empty()) break;
    for (log::Line line : *lines) {
      if (hidden_) log::hide(line, *hidden_, arena_);
      if (upcasts_ != nullptr && filter_.in_range(line.event)) {
        if (auto done = upcasts_->apply(line.event, arena_); !done) {
          misfit_ = std::move(done.error());
          break;
        }
      }
      if (filter_.matches(line.event)) events_.push_back(line.event);
    }
  }
  return events_;
}

Result<bool> LogReader::look_again() {
  const auto change = source_->refresh();
  if (!change) return std::unexpected(change.error());
  if (*change == log::ByteSource::Change::replaced) return start_over();
  if (*change == log::ByteSource::Change::none) return false;
  const auto last = log::last_redaction(*source_);
  if (!last) return std::unexpected(last.error());
  hidden_ = *last;
  scanner_->resume();
  return true;
}

// Another file lies under the log's name, or it was cut: its events up to the last one given have
// to be those that were given.
Result<bool> LogReader::start_over() {
  const log::Position given = scanner_->position();
  log::Scanner again{*source_, options_};
  for (bool found = given.sequence_number == 0; !found;) {
    const auto lines = again.next();
    if (!lines) return std::unexpected(lines.error());
    if (lines->empty()) {
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
  const auto last = log::last_redaction(*source_);
  if (!last) return std::unexpected(last.error());
  hidden_ = *last;
  filter_.from_seq = std::max(filter_.from_seq, given.sequence_number + 1);
  scanner_.emplace(*source_, options_);
  return true;
}

}  // namespace agentstore
