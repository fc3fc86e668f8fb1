#include "cmd/replay/stepper.hpp"

#include <algorithm>
#include <utility>

namespace agentstore::cmd {
namespace {

constexpr std::size_t kept_max = 256;

}  // namespace

std::span<const std::uint64_t> Stepper::incomplete() const {
  const auto end = std::ranges::upper_bound(incomplete_, here());
  return {incomplete_.begin(), end};
}

Result<void> Stepper::forward(std::uint64_t sequence_number) {
  for (;;) {
    const auto event = next();
    if (!event) return std::unexpected{event.error()};
    if (*event == nullptr) {
      at_end_ = true;
      return {};
    }
    const bool matches = source_.shown.matches(**event);
    if (matches) note_passed(**event);
    const bool show = matches && (*event)->sequence_number >= sequence_number;
    std::string before = show ? fold_.state() : std::string{};
    if (auto applied = fold_.apply(**event); !applied) return applied;
    if (!show) continue;
    frame_.emplace(OwnedEvent{**event}, std::move(before), fold_.state());
    note_incomplete();
    return {};
  }
}

Result<void> Stepper::last() {
  while (!at_end_)
    if (auto moved = forward(); !moved) return moved;
  return {};
}

Result<void> Stepper::go_to(std::uint64_t sequence_number) {
  if (frame_ && sequence_number <= here())
    if (auto rewound = rewind(sequence_number); !rewound) return rewound;
  return forward(sequence_number);
}

Result<void> Stepper::back() {
  const auto at = std::ranges::lower_bound(passed_, here());
  if (!frame_ || at == passed_.begin()) return {};
  return go_to(*(at - 1));
}

Result<bool> Stepper::find(const Predicate& wanted, bool forwards) {
  ReadOptions options = source_.read;
  const std::uint64_t from = here();
  if (forwards) options.filter.from_seq = from + 1;
  else if (from > 1) options.filter.to_seq = from - 1;
  else return false;
  const auto reader = source_.history.read(std::move(options));
  if (!reader) return std::unexpected{reader.error()};
  std::uint64_t found = 0;
  while (found == 0 || !forwards) {
    const auto batch = (*reader)->next();
    if (!batch) return std::unexpected{batch.error()};
    if (batch->empty()) break;
    for (const EventView& event : *batch) {
      if (!source_.shown.matches(event) || !wanted(event)) continue;
      found = event.sequence_number;
      if (forwards) break;
    }
  }
  if (found == 0) return false;
  if (auto moved = go_to(found); !moved) return std::unexpected{moved.error()};
  return true;
}

Result<bool> Stepper::show_types(std::vector<std::string> types) {
  const std::uint64_t from = here();
  auto before = std::exchange(source_.shown.types, std::move(types));
  std::vector<std::uint64_t> shown;
  ReadOptions options = source_.read;
  const auto seen =
      for_each_event(source_.history.read, std::move(options), [&](const EventView& event) {
        if (source_.shown.matches(event)) shown.push_back(event.sequence_number);
      });
  if (!seen || shown.empty()) {
    source_.shown.types = std::move(before);
    if (!seen) return std::unexpected{seen.error()};
    return false;
  }
  passed_ = std::move(shown);
  const auto at = std::ranges::lower_bound(passed_, from);
  if (auto moved = go_to(at == passed_.end() ? passed_.back() : *at); !moved)
    return std::unexpected{moved.error()};
  return true;
}

// A fold that is put to a state that was kept forgets what it noticed before.
void Stepper::note_incomplete() {
  for (const FoldNote& note : fold_.notes())
    if (note.kind == FoldNote::Kind::incomplete) incomplete_.push_back(note.sequence_number);
  std::ranges::sort(incomplete_);
  const auto again = std::ranges::unique(incomplete_);
  incomplete_.erase(again.begin(), again.end());
}

void Stepper::note_passed(const EventView& event) {
  if (!start_) start_ = event.timestamp;
  if (passed_.empty() || passed_.back() < event.sequence_number)
    passed_.push_back(event.sequence_number);
}

// Null at the end.
Result<const EventView*> Stepper::next() {
  if (!reader_) {
    ReadOptions options = source_.read;
    options.filter.from_seq = folded_ + 1;
    auto opened = source_.history.read(std::move(options));
    if (!opened) return std::unexpected{opened.error()};
    reader_ = std::move(*opened);
    batch_ = {};
    at_ = 0;
  }
  if (at_ == batch_.size()) {
    const auto batch = reader_->next();
    if (!batch) return std::unexpected{batch.error()};
    batch_ = *batch;
    at_ = 0;
    if (batch_.empty()) return nullptr;
  }
  keep();
  folded_ = batch_[at_].sequence_number;
  return &batch_[at_++];
}

void Stepper::keep() {
  if (folded_ == 0 || folded_ % kept_every_ != 0) return;
  kept_.emplace(folded_, fold_.states());
  if (kept_.size() <= kept_max) return;
  kept_every_ *= 2;
  std::erase_if(kept_, [&](const auto& one) { return one.first % kept_every_ != 0; });
}

// To the newest kept state before the event.
Result<void> Stepper::rewind(std::uint64_t sequence_number) {
  note_incomplete();
  auto kept = kept_.lower_bound(std::max<std::uint64_t>(sequence_number, 1));
  const bool any = kept != kept_.begin();
  if (any) --kept;
  if (auto loaded = fold_.restore(any ? kept->second : std::vector<std::string>{}); !loaded)
    return loaded;
  folded_ = any ? kept->first : 0;
  reader_.reset();
  at_end_ = false;
  return {};
}

}  // namespace agentstore::cmd
