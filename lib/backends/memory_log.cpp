#include "backends/memory_log.hpp"

#include <algorithm>
#include <mutex>
#include <utility>

#include "log/encode.hpp"
#include "log/text_source.hpp"

namespace agentstore {
namespace {

constexpr std::size_t block_bytes_max = std::size_t{64} << 10;
constexpr std::size_t events_at_a_time = 64;

class MemoryLines : public log::ByteSource {
 public:
  explicit MemoryLines(std::shared_ptr<MemoryLog> memory) : memory_(std::move(memory)) {
    take_size();
  }
  std::uint64_t size_bytes() const override { return size_bytes_; }
  Result<std::size_t> read_at(std::uint64_t offset, char* into, std::size_t size) override {
    const std::shared_lock guard{memory_->mutex};
    const std::string_view lines = memory_->lines();
    return lines.substr(std::min<std::size_t>(offset, lines.size())).copy(into, size);
  }
  Result<Tail> settle() override { return Tail::settled; }
  Result<Change> refresh() override {
    const std::uint64_t before = size_bytes_;
    const std::uint64_t rewrites = rewrites_;
    take_size();
    if (rewrites_ != rewrites) return Change::replaced;
    return size_bytes_ > before ? Change::grown : Change::none;
  }
  std::string name() const override { return memory_->name(); }

 private:
  void take_size() {
    const std::unique_lock guard{memory_->mutex};
    memory_->seal();
    size_bytes_ = memory_->lines().size();
    rewrites_ = memory_->rewrites;
  }
  std::shared_ptr<MemoryLog> memory_;
  std::uint64_t size_bytes_ = 0;
  std::uint64_t rewrites_ = 0;
};

class MemoryReader : public EventReader {
 public:
  MemoryReader(std::shared_ptr<MemoryLog> memory, std::uint64_t behind)
      : memory_(std::move(memory)), next_(behind) {
    const std::shared_lock guard{memory_->mutex};
    end_ = memory_->events.size();
    next_ = std::min(next_, end_);
    report_.log_name = memory_->name();
    report_.last_sequence_number = next_;
  }

  Result<std::span<const EventView>> next() override {
    const std::shared_lock guard{memory_->mutex};
    if (texts_.empty() || texts_.back() != memory_->texts) texts_.push_back(memory_->texts);
    const std::uint64_t count = std::min<std::uint64_t>(end_ - next_, events_at_a_time);
    events_.resize(count);
    for (EventView& view : events_) {
      const MemoryEvent& event = memory_->events[next_++];
      view.session_id = memory_->session.id;
      view.sequence_number = next_;
      view.type = event.type();
      view.timestamp = event.timestamp;
      view.metadata = event.metadata();
      view.payload = event.payload();
      view.event_id = event.event_id();
      view.redacted_by = event.redacted_by;
    }
    report_.events += count;
    report_.last_sequence_number = next_;
    return events_;
  }

  Result<bool> poll() override { return false; }
  const ReadReport& report() const override { return report_; }

 private:
  std::shared_ptr<MemoryLog> memory_;
  std::vector<std::shared_ptr<TextArena>> texts_;  // where the views lie
  std::uint64_t next_;                             // how many events stand before the next one
  std::uint64_t end_ = 0;
  std::vector<EventView> events_;
  ReadReport report_;
};

}  // namespace

const char* TextArena::keep(std::initializer_list<std::string_view> texts) {
  std::size_t size = 0;
  for (const std::string_view text : texts) size += text.size();
  if (size > left_) {
    left_ = std::max(size, block_bytes_);
    block_bytes_ = std::min(block_bytes_ * 2, block_bytes_max);
    blocks_.push_back(std::make_unique_for_overwrite<char[]>(left_));
  }
  left_ -= size;  // A block is filled from its end.
  char* const start = blocks_.empty() ? nullptr : blocks_.back().get() + left_;
  char* into = start;
  for (const std::string_view text : texts) into = std::copy(text.begin(), text.end(), into);
  return start;
}

void MemoryLog::seal() {
  while (end_.sequence_number < events.size()) {
    const MemoryEvent& event = events[end_.sequence_number];
    const std::uint64_t number = ++end_.sequence_number;
    log::NumberedEvent numbered{
        .session_id = session.id,
        .sequence_number = number,
        .type = event.type(),
        .timestamp = event.timestamp,
        .recorded_at = event.has_recorded_at ? std::optional{event.recorded_at} : std::nullopt,
        .metadata = event.metadata(),
        .event_id = event.event_id(),
        .batch = log::batch_of(number - event.place_in_batch, event.batch_events),
        .payload = event.payload()};
    random_.take(numbered.salt.data(), numbered.salt.size());
    end_.head = log::encode_line(lines_, numbered, end_.head);
    end_.head_known = end_.sealed = true;
    ++end_.line;
    hashes_.push_back(end_.head);
  }
  end_.offset_bytes = lines_.size();
}

void MemoryLog::store(std::span<const log::AppendValidator::New> news,
                      const std::shared_ptr<MemoryLog>& self) {
  std::uint32_t place = 0;
  for (const auto& [draft, sealing, receipt] : news) {
    const Timestamp at = now();
    receipt->event_id = draft->event_id;
    if (receipt->event_id.empty()) {
      UuidBytes bytes;
      random_.take(bytes.data(), bytes.size());
      receipt->event_id = uuid7(at, bytes);
    }
    receipt->hash = {self, receipt->sequence_number};
    MemoryEvent& event = add({.session_id = {},
                              .type = draft->type,
                              .timestamp = draft->timestamp.value_or(at),
                              .metadata = draft->metadata,
                              .payload = draft->payload,
                              .event_id = receipt->event_id,
                              .hash = {},
                              .line = {}});
    event.has_recorded_at = draft->timestamp.has_value();
    event.recorded_at = at;
    event.place_in_batch = place++;
    event.batch_events = static_cast<std::uint32_t>(news.size());
    if (ids_) ids_->emplace(log::EventIds::fingerprint_of(receipt->event_id), events.size());
  }
  session.event_count = events.size();
  session.updated_at = events.back().timestamp;
}

MemoryEvent& MemoryLog::add(const EventView& event) {
  const auto size_of = [](std::string_view text) {
    return static_cast<std::uint32_t>(text.size());
  };
  return events.emplace_back(
      MemoryEvent{.texts = texts->keep({event.type, event.metadata, event.payload, event.event_id}),
                  .type_bytes = size_of(event.type),
                  .metadata_bytes = size_of(event.metadata),
                  .payload_bytes = size_of(event.payload),
                  .event_id_bytes = size_of(event.event_id),
                  .timestamp = event.timestamp,
                  .recorded_at = {},
                  .redacted_by = event.redacted_by});
}

Result<std::optional<log::StoredEvent>> MemoryLog::find_event(std::string_view event_id) {
  if (!ids_) {
    ids_.emplace();
    for (std::size_t i = 0; i < events.size(); ++i) {
      const std::string_view id = events[i].event_id();
      if (!id.empty()) ids_->emplace(log::EventIds::fingerprint_of(id), i + 1);
    }
  }
  auto [at, last] = ids_->equal_range(log::EventIds::fingerprint_of(event_id));
  for (; at != last; ++at) {
    const MemoryEvent& event = events[at->second - 1];
    if (event.event_id() != event_id) continue;
    seal();
    return log::StoredEvent{at->second,
                            std::string{event.type()},
                            std::string{event.metadata()},
                            std::string{event.payload()},
                            to_hex(bytes_of(hashes_[at->second - 1])),
                            event.redacted_by != 0};
  }
  return std::nullopt;
}

Result<void> MemoryLog::replace(std::string lines) {
  log::TextSource source{lines};
  log::Scanner scanner{source, {.session_id = session.id, .check_hashes = true}};
  events.clear();
  hashes_.clear();
  ids_.reset();
  texts = std::make_shared<TextArena>();  // Readers keep the one that they read.
  ++rewrites;
  for (;;) {
    const auto batch = scanner.next();
    if (!batch) return std::unexpected(batch.error());
    if (batch->empty()) break;
    for (const log::Line& line : *batch) {  // Its line is there: how it was written is not asked.
      add(line.event);
      hashes_.push_back(line.hash);
    }
  }
  end_ = scanner.position();
  lines_ = std::move(lines);
  session.event_count = events.size();
  if (!events.empty()) session.updated_at = events.back().timestamp;
  return {};
}

std::string MemoryLog::hash_of(std::uint64_t sequence_number) {
  const std::unique_lock guard{mutex};
  seal();
  return to_hex(bytes_of(hashes_[sequence_number - 1]));
}

std::unique_ptr<log::ByteSource> lines_of(std::shared_ptr<MemoryLog> memory) {
  return std::make_unique<MemoryLines>(std::move(memory));
}

std::unique_ptr<EventReader> events_of(std::shared_ptr<MemoryLog> memory, std::uint64_t behind) {
  return std::make_unique<MemoryReader>(std::move(memory), behind);
}

}  // namespace agentstore
