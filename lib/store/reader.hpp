// The reader of one session: the scan of its log, filtered.

#pragma once

#include <memory>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "agentstore/reader.hpp"
#include "log/redaction.hpp"
#include "log/scan.hpp"
#include "log/source.hpp"

namespace agentstore {

/// Whether a reader of the log computes hashes.
inline bool checks_seals(Seals seals, const log::ByteSource& source) {
  return seals == Seals::all || source.size_bytes() <= short_log_bytes_max;
}

/// What of a filter can be asked of events as they are stored: upcasts change types.
Filter filter_of_stored(const Filter& filter, const Upcasts* upcasts);

/// The refusal of a reader that a callback's exception left in the middle of a batch.
std::unexpected<Error> left_by_exception();

class LogReader : public EventReader {
 public:
  /// Reads `source`, which it owns, from `scan.start` on, or from shortly before the first event
  /// that the filter wants: of damage before that nothing is said.
  /// Errors: io.
  static Result<std::unique_ptr<LogReader>> open(std::unique_ptr<log::ByteSource> source,
                                                 log::ScanOptions scan, Filter filter,
                                                 const Upcasts* upcasts = nullptr);

  Result<std::span<const EventView>> next() override;
  Result<bool> poll() override;
  /// Holds what it reads by, as long as it lives.
  void keep_alive(std::shared_ptr<const void> held) { held_ = std::move(held); }
  const ReadReport& report() const override {
    return selection_ ? selection_->report() : scanner_->report();
  }
  /// Behind the events read so far.
  const log::Position& position() const {
    return selection_ ? selection_->position() : scanner_->position();
  }

 private:
  LogReader(std::unique_ptr<log::ByteSource> source, log::ScanOptions scan, Filter filter,
            const Upcasts* upcasts);
  Result<void> begin();
  Result<void> select();
  Result<bool> start_over();

  Result<void> take(std::span<const log::Line> lines);

  std::shared_ptr<const void> held_;  // goes last
  std::unique_ptr<log::ByteSource> source_;
  log::ScanOptions options_;
  std::optional<log::Scanner> scanner_;
  std::unique_ptr<log::Selection> selection_;  // instead of it
  Filter filter_;
  const Upcasts* upcasts_ = nullptr;
  std::optional<Error> misfit_;  // of an upcast, to be told after the events before it
  bool taking_ = false;          // inside a batch: a predicate that threw left it
  bool done_ = false;            // no later event can pass the filter
  log::Redactions hidden_;       // those that their writer may not have finished
  log::Arena arena_;             // lines that hide a payload, and what upcasts made
  std::vector<EventView> events_;
};

}  // namespace agentstore
