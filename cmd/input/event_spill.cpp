#include "cmd/input/event_spill.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <functional>
#include <numeric>
#include <string_view>

namespace agentstore::cmd {
namespace {

constexpr std::size_t top_bytes_max = std::size_t{16} << 20;

using Texts = std::array<std::string_view, 7>;

Texts texts_of(const EventView& event) {
  return {event.line,    event.session_id, event.type, event.metadata,
          event.payload, event.event_id,   event.hash};
}

void set_texts(EventView& event, const Texts& texts) {
  event.line = texts[0];
  event.session_id = texts[1];
  event.type = texts[2];
  event.metadata = texts[3];
  event.payload = texts[4];
  event.event_id = texts[5];
  event.hash = texts[6];
}

bool lies_in(std::string_view part, std::string_view whole) {
  const std::less_equal<const char*> before;
  return before(whole.data(), part.data()) &&
         before(part.data() + part.size(), whole.data() + whole.size());
}

std::unexpected<Error> temporary_failed() {
  return fail(Code::io,
              std::string{"cannot keep events in a temporary file: "} + std::strerror(errno));
}

}  // namespace

OwnedEvent::OwnedEvent(const EventView& event) : record_{event, {}, 0} {
  const Texts texts = texts_of(event);
  std::size_t bytes = event.line.size();
  for (const std::string_view text : texts) bytes += lies_in(text, event.line) ? 0 : text.size();
  bytes_.reserve(bytes);  // At once: growth would have room for a long line twice.
  bytes_ = event.line;
  for (std::size_t i = 0; i < texts.size(); ++i) {
    const std::string_view text = texts[i];
    if (!text.empty() && lies_in(text, event.line)) {
      record_.texts[i] = {static_cast<std::uint64_t>(text.data() - event.line.data()), text.size()};
    } else {
      record_.texts[i] = {bytes_.size(), text.size()};
      bytes_ += text;
    }
  }
  record_.bytes = bytes_.size();
}

EventView OwnedEvent::view() const {
  EventView event = record_.plain;
  Texts texts;
  for (std::size_t i = 0; i < texts.size(); ++i)
    texts[i] = std::string_view{bytes_}.substr(record_.texts[i].start, record_.texts[i].size);
  set_texts(event, texts);
  return event;
}

Result<void> EventStack::push(const EventView& event) {
  const OwnedEvent kept{event};
  top_ += kept.bytes_;
  top_.append(reinterpret_cast<const char*>(&kept.record_), sizeof kept.record_);
  return top_.size() < top_bytes_max ? Result<void>{} : spill();
}

Result<void> EventStack::spill() {
  if (!file_) file_ = make_temporary_file();
  if (!file_ || std::fwrite(top_.data(), 1, top_.size(), file_.get()) != top_.size())
    return temporary_failed();
  spilled_bytes_.push_back(top_.size());
  top_.clear();
  return {};
}

Result<void> EventStack::load() {
  top_.resize(spilled_bytes_.back());
  spilled_bytes_.pop_back();
  const auto start =
      std::accumulate(spilled_bytes_.begin(), spilled_bytes_.end(), std::uint64_t{0});
  if (std::fseek(file_.get(), static_cast<long>(start), SEEK_SET) != 0 ||
      std::fread(top_.data(), 1, top_.size(), file_.get()) != top_.size())
    return temporary_failed();
  return {};
}

Result<void> EventStack::drain(const std::function<bool(const EventView&)>& take) {
  while (!top_.empty() || !spilled_bytes_.empty()) {
    if (top_.empty())
      if (auto loaded = load(); !loaded) return loaded;
    OwnedEvent::Record record;
    top_.copy(reinterpret_cast<char*>(&record), sizeof record, top_.size() - sizeof record);
    top_.resize(top_.size() - sizeof record);
    const OwnedEvent kept{record, top_.substr(top_.size() - record.bytes)};
    top_.resize(top_.size() - record.bytes);
    if (!take(kept.view())) return {};
  }
  return {};
}

}  // namespace agentstore::cmd
