// Forward is a fold. Back goes on from the nearest state that was kept on the way: one for every
// 1024 events, of which at most 256 are kept, evenly spaced.

#include <fmt/format.h>

#include "cmd/replay/step.hpp"

#include <algorithm>
#include <charconv>
#include <map>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "cmd/input/event_spill.hpp"
#include "cmd/input/selector.hpp"
#include "cmd/replay/changed_fields.hpp"
#include "cmd/terminal.hpp"
#include "formats/changes.hpp"
#include "formats/escape.hpp"
#include "formats/timeline.hpp"

namespace agentstore::cmd {
namespace {

constexpr std::uint64_t kept_every_default = 1024;
constexpr std::size_t kept_max = 256;

/// An event that is shown, with the states around it.
struct Frame {
  OwnedEvent event;
  std::string before;
  std::string after;
};

class Stepper {
 public:
  Stepper(StepSource source, ProjectionGroup& fold) : source_{std::move(source)}, fold_{fold} {}

  const std::optional<Frame>& frame() const { return frame_; }
  /// When the first event that is shown was.
  std::optional<Timestamp> start() const { return start_; }
  bool at_end() const { return at_end_; }
  /// The events whose redacted payloads the state of the frame lacks.
  std::span<const std::uint64_t> incomplete() const {
    const std::uint64_t here = frame_ ? frame_->event.view().sequence_number : 0;
    const auto end = std::ranges::upper_bound(incomplete_, here);
    return {incomplete_.begin(), end};
  }

  /// To the next event that is shown, from `sequence_number` on; stays where there is none.
  Result<void> forward(std::uint64_t sequence_number = 0) {
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

  /// To the last one.
  Result<void> last() {
    while (!at_end_)
      if (auto moved = forward(); !moved) return moved;
    return {};
  }

  /// To the first one at or after `sequence_number`.
  Result<void> go_to(std::uint64_t sequence_number) {
    if (frame_ && sequence_number <= frame_->event.view().sequence_number)
      if (auto rewound = rewind(sequence_number); !rewound) return rewound;
    return forward(sequence_number);
  }

  Result<void> back() {
    if (!frame_) return {};
    const std::uint64_t here = frame_->event.view().sequence_number;
    const auto at = std::ranges::lower_bound(passed_, here);
    if (at == passed_.begin()) return {};
    return go_to(*(at - 1));
  }

 private:
  /// A fold that is put to a state that was kept forgets what it noticed before.
  void note_incomplete() {
    for (const FoldNote& note : fold_.notes())
      if (note.kind == FoldNote::Kind::incomplete) incomplete_.push_back(note.sequence_number);
    std::ranges::sort(incomplete_);
    const auto again = std::ranges::unique(incomplete_);
    incomplete_.erase(again.begin(), again.end());
  }

  void note_passed(const EventView& event) {
    if (!start_) start_ = event.timestamp;
    if (passed_.empty() || passed_.back() < event.sequence_number)
      passed_.push_back(event.sequence_number);
  }

  /// Null at the end.
  Result<const EventView*> next() {
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

  void keep() {
    if (folded_ == 0 || folded_ % kept_every_ != 0) return;
    kept_.emplace(folded_, fold_.states());
    if (kept_.size() <= kept_max) return;
    kept_every_ *= 2;
    std::erase_if(kept_, [&](const auto& one) { return one.first % kept_every_ != 0; });
  }

  /// To the newest kept state before the event.
  Result<void> rewind(std::uint64_t sequence_number) {
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

  StepSource source_;
  ProjectionGroup& fold_;
  std::unique_ptr<EventReader> reader_;
  std::span<const EventView> batch_;
  std::size_t at_ = 0;
  std::uint64_t folded_ = 0;  // the last event that is in the fold
  std::optional<Frame> frame_;
  std::vector<std::uint64_t> passed_;      // the events to show, as far as was read
  std::vector<std::uint64_t> incomplete_;  // ascending
  std::optional<Timestamp> start_;
  std::map<std::uint64_t, std::vector<std::string>> kept_;
  std::uint64_t kept_every_ = kept_every_default;
  bool at_end_ = false;
};

/// Lines of a screen, cut to it.
class Page {
 public:
  explicit Page(ScreenSize size) : size_{size} {}

  bool full(std::size_t lines_below) const { return lines_ + lines_below >= size_.lines; }
  void add(std::string_view printable_line) {
    text_ += formats::cut(printable_line, size_.columns) + "\x1b[K\r\n";
    ++lines_;
  }
  std::string text(std::string_view bottom) const {
    return fmt::format("\x1b[H{}\x1b[J\x1b[{};1H{}\x1b[K", text_, size_.lines,
                       formats::cut(bottom, size_.columns));
  }

 private:
  ScreenSize size_;
  std::string text_;
  std::size_t lines_ = 0;
};

std::string event_line(const Frame& frame, std::optional<Timestamp> start, std::size_t columns) {
  formats::StringSink sink;
  formats::Timeline timeline{sink,
                             {.screen = {.columns = columns},
                              .box = false,
                              .time = formats::TimeStyle::elapsed,
                              .start = start}};
  timeline.event(frame.event.view());
  return sink.text.substr(0, sink.text.find('\n'));
}

std::string gaps_text(std::span<const std::uint64_t> incomplete) {
  if (incomplete.empty()) return {};
  std::string text;
  for (const std::uint64_t number : incomplete)
    text += (text.empty() ? "#" : ", #") + std::to_string(number);
  return ", incomplete: redacted was " + text;
}

std::string draw(const Stepper& stepper, const std::string& label, const std::string& typed) {
  const ScreenSize size = Terminal::size();
  Page page{size};
  page.add("session " + formats::printable(label));
  if (!stepper.frame()) {
    page.add("no events");
    return page.text("q quits");
  }
  const Frame& frame = *stepper.frame();
  page.add(event_line(frame, stepper.start(), size.columns));
  page.add("");
  bool any = false;
  for_each_changed_state_field(frame.before, frame.after, [&](const FieldPair& change) {
    any = true;
    const bool full = page.full(size.lines / 2);
    page.add("  " + (full ? "…" : formats::change_text(change, size.columns - 2)));
    return !full;
  });
  if (!any) page.add("  changes nothing of the state");
  page.add("");
  page.add("  state so far" + gaps_text(stepper.incomplete()));
  for (const Field& field : fields_of(frame.after)) {
    if (page.full(2)) break;
    page.add("  " + formats::printable_cut(field.name, 40) + "  " +
             formats::printable_value(field.value, size.columns));
  }
  const std::string place = stepper.at_end() ? "  (the last event)" : "";
  return page.text(typed.empty() ? "→ next  ← back  g first  G last  N⏎ event N  q quit" + place
                                 : "event " + typed + "⏎");
}

std::uint64_t number_of(const std::string& digits) {
  std::uint64_t number = 0;
  std::from_chars(digits.data(), digits.data() + digits.size(), number);
  return number;
}

Result<void> move(Stepper& stepper, Key key, std::string& typed) {
  const std::string digits = std::exchange(typed, {});
  switch (key) {
    case Key::back: return stepper.back();
    case Key::first: return stepper.go_to(0);
    case Key::last: return stepper.last();
    case Key::enter: return digits.empty() ? stepper.forward() : stepper.go_to(number_of(digits));
    case Key::forward: return stepper.forward();
    default: return {};
  }
}

Result<void> run_steps(Context& context, Stepper& stepper, const std::string& label) {
  auto terminal = Terminal::open();
  if (!terminal) return std::unexpected{terminal.error()};
  if (auto moved = stepper.forward(); !moved) return moved;
  std::string typed;
  for (;;) {
    context.out.write(draw(stepper, label, typed));
    if (!context.out.flush()) return {};
    const KeyPress press = terminal->read_key();
    if (press.key == Key::quit) return {};
    if (press.key == Key::digit && typed.size() < 18) typed += press.text;
    else if (auto moved = move(stepper, press.key, typed); !moved) return moved;
  }
}

}  // namespace

int step(Context& context, StepSource source, ProjectionGroup& fold) {
  const std::string label = source.label;
  Stepper stepper{std::move(source), fold};
  if (auto done = run_steps(context, stepper, label); !done) return context.refuse(done.error());
  return context.finish(Status::fine);
}

}  // namespace agentstore::cmd
