#include "formats/sources/transcript.hpp"

#include <utility>

#include "agentstore/event.hpp"
#include "formats/sources/resumable.hpp"
#include "formats/sources/source_bytes.hpp"

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

std::optional<std::string> Transcript::state() {
  auto* const converter = dynamic_cast<ResumableConverter*>(converter_.get());
  if (converter == nullptr || !begun_ || !splitter_.at_beginning_of_line()) return std::nullopt;
  if (events_.used_time_of_file()) return std::nullopt;
  std::string state;
  ByteWriter writer{state};
  writer.put(source_->name);
  events_.list_state(writer);
  return converter->save(writer) ? std::optional{std::move(state)} : std::nullopt;
}

bool Transcript::resume(std::string_view state) {
  std::string name;
  ByteReader reader{state};
  reader.take(name);
  const Source* const source = find_source(name);
  if (source == nullptr || (source_ != nullptr && source_ != source)) return false;
  source_ = source;
  converter_ = source->make(events_);
  auto* const converter = dynamic_cast<ResumableConverter*>(converter_.get());
  if (converter == nullptr) return false;
  events_.list_state(reader);
  converter->restore(reader);
  splitter_.resume();
  begun_ = true;
  return reader.at_end();
}

std::vector<SourceEvent> Transcript::take_events() {
  return std::exchange(events_.events(), {});
}

}  // namespace agentstore::formats
