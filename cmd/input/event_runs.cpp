#include "cmd/input/event_runs.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <tuple>

namespace agentstore::cmd {
namespace {

constexpr std::size_t runs_bytes_max = std::size_t{32} << 20;
constexpr std::size_t buffer_bytes = std::size_t{32} << 10;
constexpr std::size_t batch_events = 256;
constexpr std::size_t batch_bytes = std::size_t{1} << 20;

std::unexpected<Error> temporary_failed() {
  return fail(Code::io,
              std::string{"cannot keep events in a temporary file: "} + std::strerror(errno));
}

}  // namespace

EventRuns::EventRuns(std::size_t count) : run_bytes_max_{runs_bytes_max / count} {
  for (std::size_t i = 0; i < count; ++i) runs_.emplace_back(*this);
}

// A run holds records, each followed by the bytes of its event.
Result<void> EventRuns::Run::add(Timestamp at, const EventView& event) {
  const OwnedEvent owned{event};
  const std::size_t bytes = sizeof owned.record_ + owned.bytes_.size();
  if (!places_.empty() && bytes_.size() + bytes > runs_.run_bytes_max_)
    if (auto spilled = runs_.spill(*this); !spilled) return spilled;
  // At once: growth would have room for twice as much. What is not written to costs nothing.
  if (bytes_.empty()) bytes_.reserve(std::max(runs_.run_bytes_max_, bytes));
  places_.push_back({at, bytes_.size()});
  bytes_.append(reinterpret_cast<const char*>(&owned.record_), sizeof owned.record_);
  bytes_ += owned.bytes_;
  return {};
}

void EventRuns::Run::sort() {
  // Those of a session stand in their order already.
  const auto id_of = [&](const Place& place) {
    OwnedEvent::Record record;
    std::memcpy(&record, bytes_.data() + place.begin, sizeof record);
    return std::string_view{bytes_}.substr(place.begin + sizeof record + record.texts[1].start,
                                           record.texts[1].size);
  };
  std::ranges::stable_sort(places_, [&](const Place& left, const Place& right) {
    return left.at != right.at ? left.at < right.at : id_of(left) < id_of(right);
  });
}

Result<void> EventRuns::spill(Run& run) {
  run.sort();
  const std::lock_guard guard{lock_};
  if (!file_) file_ = make_temporary_file();
  if (!file_) return temporary_failed();
  const auto write = [&](const char* bytes, std::size_t size) {
    file_bytes_ += size;
    return std::fwrite(bytes, 1, size, file_.get()) == size;
  };
  for (const Run::Place& place : run.places_) {
    OwnedEvent::Record record;
    std::memcpy(&record, run.bytes_.data() + place.begin, sizeof record);
    if (!write(reinterpret_cast<const char*>(&place.at), sizeof place.at) ||
        !write(run.bytes_.data() + place.begin, sizeof record + record.bytes))
      return temporary_failed();
  }
  run_ends_.push_back(file_bytes_);
  run.bytes_.clear();
  run.places_.clear();
  return {};
}

Result<void> EventRuns::start() {
  started_ = true;
  if (file_ && std::fflush(file_.get()) != 0) return temporary_failed();
  std::uint64_t begin = 0;
  for (const std::uint64_t end : run_ends_) {
    sources_.push_back({.offset = begin, .end = end});
    begin = end;
  }
  for (Run& run : runs_) {
    run.sort();
    sources_.push_back({.run = &run});
  }
  for (Source& source : sources_) {
    source.number = static_cast<std::uint64_t>(&source - &sources_.front());
    const auto more = step(source);
    if (!more) return std::unexpected{more.error()};
    if (*more) next_.push(&source);
  }
  return {};
}

// So that the buffer has as many bytes from `at` on.
Result<void> EventRuns::fill(Source& source, std::size_t bytes) {
  const std::size_t left = source.buffer.size() - source.at;
  if (left >= bytes) return {};
  source.buffer.erase(0, source.at);
  source.at = 0;
  const std::size_t wanted =
      std::min<std::uint64_t>(std::max(bytes - left, buffer_bytes), source.end - source.offset);
  source.buffer.resize(left + wanted);
  if (std::fseek(file_.get(), static_cast<long>(source.offset), SEEK_SET) != 0 ||
      std::fread(source.buffer.data() + left, 1, wanted, file_.get()) != wanted)
    return temporary_failed();
  source.offset += wanted;
  return {};
}

Result<bool> EventRuns::step(Source& source) {
  if (source.run != nullptr) {
    const Run& run = *source.run;
    if (source.place == run.places_.size()) return false;
    const Run::Place& place = run.places_[source.place++];
    source.time = place.at;
    std::memcpy(&source.record, run.bytes_.data() + place.begin, sizeof source.record);
    source.bytes = std::string_view{run.bytes_}.substr(place.begin + sizeof source.record,
                                                       source.record.bytes);
    return true;
  }
  if (source.offset == source.end && source.at == source.buffer.size()) return false;
  constexpr std::size_t head = sizeof source.time + sizeof source.record;
  if (auto filled = fill(source, head); !filled) return std::unexpected{filled.error()};
  std::memcpy(&source.time, source.buffer.data() + source.at, sizeof source.time);
  std::memcpy(&source.record, source.buffer.data() + source.at + sizeof source.time,
              sizeof source.record);
  if (auto filled = fill(source, head + source.record.bytes); !filled)
    return std::unexpected{filled.error()};
  source.bytes = std::string_view{source.buffer}.substr(source.at + head, source.record.bytes);
  source.at += head + source.record.bytes;
  return true;
}

bool EventRuns::Later::operator()(const Source* left, const Source* right) const {
  const auto key = [](const Source& source) {
    const auto& id = source.record.texts[1];
    return std::tuple{source.time, source.bytes.substr(id.start, id.size),
                      source.record.plain.sequence_number, source.number};
  };
  return key(*left) > key(*right);
}

Result<std::span<const EventView>> EventRuns::next() {
  if (!started_)
    if (auto begun = start(); !begun) return std::unexpected{begun.error()};
  given_.clear();
  views_.clear();
  std::size_t bytes = 0;
  while (!next_.empty() && given_.size() < batch_events && bytes < batch_bytes) {
    Source* const first = next_.top();
    next_.pop();
    given_.push_back(OwnedEvent{first->record, std::string{first->bytes}});
    bytes += first->bytes.size();
    const auto more = step(*first);
    if (!more) return std::unexpected{more.error()};
    if (*more) next_.push(first);
  }
  for (const OwnedEvent& event : given_) views_.push_back(event.view());
  return std::span<const EventView>{views_};
}

}  // namespace agentstore::cmd
