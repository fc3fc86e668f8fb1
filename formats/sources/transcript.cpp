#include "formats/sources/transcript.hpp"

#include <utility>

#include "agentstore/event.hpp"

namespace agentstore::formats {
namespace {

constexpr std::size_t head_bytes = std::size_t{256} << 10;

}  // namespace

Transcript::Transcript(SourceOptions options, const Source* as)
    : events_{std::move(options)},
      splitter_{events_.tally()},
      source_{as},
      look_at_bytes_{head_bytes} {
  take_ = [this](const SourceRecord& record) {
    if (!begun_) events_.first_record(record.json);
    begun_ = true;
    converter_->take(record);
  };
  if (source_ != nullptr) converter_ = source_->make(events_);
}

Result<void> Transcript::detect() {
  auto source = detect_source(head_, false);
  if (!source) return std::unexpected{source.error()};
  source_ = *source;
  if (source_ == nullptr) {
    look_at_bytes_ = 2 * head_.size();
    return {};
  }
  converter_ = source_->make(events_);
  splitter_.feed(std::exchange(head_, {}), take_);
  return {};
}

Result<void> Transcript::feed(std::string_view bytes) {
  if (converter_) {
    splitter_.feed(bytes, take_);
    return {};
  }
  head_ += bytes;
  return head_.size() < look_at_bytes_ ? Result<void>{} : detect();
}

Result<void> Transcript::end() {
  if (!converter_) {
    auto source = detect_source(head_, true);
    if (!source) return std::unexpected{source.error()};
    source_ = *source;
    converter_ = source_->make(events_);
    splitter_.feed(std::exchange(head_, {}), take_);
  }
  splitter_.end(take_);
  converter_->end();
  return {};
}

std::vector<SourceEvent> Transcript::take_events() {
  return std::exchange(events_.events(), {});
}

}  // namespace agentstore::formats
