#include "cmd/replay/step.hpp"

#include <fmt/format.h>
#include <re2/re2.h>

#include <algorithm>
#include <charconv>
#include <memory>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "agentstore/analysis/event_parts.hpp"
#include "agentstore/analysis/kinds.hpp"
#include "agentstore/json.hpp"
#include "cmd/input/selector.hpp"
#include "cmd/replay/changed_fields.hpp"
#include "cmd/replay/stepper.hpp"
#include "cmd/terminal.hpp"
#include "cmd/words/pattern.hpp"
#include "formats/answers/changes.hpp"
#include "formats/answers/facts.hpp"
#include "formats/answers/show.hpp"
#include "formats/events/timeline.hpp"
#include "formats/text/escape.hpp"
#include "formats/text/paint.hpp"

namespace agentstore::cmd {
namespace {

constexpr std::size_t typed_bytes_max = 200;

constexpr const char* help_lines[] = {
    "  → l ⏎       the next event",
    "  ← h b       the one before",
    "  g  G        the first, the last",
    "  N⏎          event N: digits, then ⏎",
    "  j k ↓ ↑     a line down, up",
    "  space PgUp  a page down, up",
    "  /           search in events",
    "  n  N        the next match, the one before",
    "  e           the next error or failure",
    "  t           only events of some types: a,tool_*",
    "  q           quit",
    "",
    "  any key goes back",
};

std::string event_line(const Frame& frame, std::optional<Timestamp> start,
                       const formats::Screen& screen) {
  formats::StringSink sink;
  formats::Timeline timeline{
      sink, {.screen = screen, .box = false, .time = formats::TimeStyle::elapsed, .start = start}};
  timeline.event(frame.event.view());
  return sink.text.substr(0, sink.text.find('\n'));
}

std::string gaps_text(std::span<const std::uint64_t> incomplete) {
  std::string text;
  for (const std::uint64_t number : incomplete)
    text += (text.empty() ? ", incomplete: redacted was #" : ", #") + std::to_string(number);
  return text;
}

void add_lines(std::vector<std::string>& lines, std::string_view text) {
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    lines.emplace_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
}

/// What is to be seen of a frame: the event whole, what it changed, the state.
std::vector<std::string> lines_of(const Stepper& stepper, const formats::Screen& screen) {
  const Frame& frame = *stepper.frame();
  formats::StringSink event;
  formats::ShownEvent shown;
  shown.event = frame.event.view();
  formats::write_event_body(event, shown, screen);
  std::vector<std::string> lines;
  add_lines(lines, event.text);
  lines.emplace_back();
  bool any = false;
  for_each_changed_state_field(frame.before, frame.after, [&](const FieldPair& change) {
    any = true;
    lines.push_back("  " +
                    formats::change_text(change, std::max<std::size_t>(screen.columns, 4) - 2));
    return true;
  });
  if (!any) lines.emplace_back("  changes nothing of the state");
  lines.emplace_back();
  lines.push_back("  state so far" + gaps_text(stepper.incomplete()));
  formats::Facts facts;
  for (const Field& field : fields_of(frame.after))
    facts.add(formats::printable(field.name), field.value);
  formats::StringSink state;
  facts.write(state, screen);
  add_lines(lines, state.text);
  return lines;
}

/// Whether it holds the words; small letters match both cases.
class Words {
 public:
  explicit Words(std::string words)
      : words_{std::move(words)},
        pattern_{read_pattern(re2::RE2::QuoteMeta(words_)).value_or(nullptr)} {}

  bool empty() const { return words_.empty(); }
  const std::string& text() const { return words_; }

  bool in(std::string_view text) const {
    if (pattern_ == nullptr) return text.contains(words_);  // They are not UTF-8.
    return re2::RE2::PartialMatch({text.data(), text.size()}, *pattern_);
  }
  bool in(const EventView& event) const {
    if (in(event.type) || in(std::string_view{event.payload}) ||
        in(std::string_view{event.metadata}))
      return true;
    const auto words = event_part(event, "text");
    return words && in(json::text_of(*words));
  }

 private:
  std::string words_;
  std::shared_ptr<const re2::RE2> pattern_;
};

/// What is on the screen, and what a key does to it.
class StepScreen {
 public:
  StepScreen(Context& context, Stepper& stepper, std::string label)
      : context_{context}, stepper_{stepper}, label_{std::move(label)} {}

  std::string draw() {
    size_ = Terminal::size();
    formats::Screen screen = context_.screen();
    screen.columns = size_.columns;
    rows_.clear();
    rows_.push_back(formats::cut("session " + formats::printable(label_), size_.columns));
    if (help_) {
      for (const char* const line : help_lines) add_row(line);
      return text("help");
    }
    if (!stepper_.frame()) {
      add_row("no events");
      return text("q quits");
    }
    add_row(event_line(*stepper_.frame(), stepper_.start(), screen));
    add_row("");
    lay_out(screen);
    add_window();
    return text(bottom());
  }

  /// False: the end.
  Result<bool> press(const KeyPress& press) {
    if (press.key == Key::resize) return true;
    if (press.key == Key::end_of_input) return false;
    message_.clear();
    if (std::exchange(help_, false)) return press.key != Key::interrupt;
    if (mode_ != Mode::moving) return type(press);
    return move(press);
  }

 private:
  enum class Mode { moving, number, words, types };

  void add_row(std::string row) { rows_.push_back(std::move(row)); }

  std::size_t window() const {
    return size_.lines > rows_before + 1 ? size_.lines - rows_before - 1 : 1;
  }

  /// Anew where the event or the width changed.
  void lay_out(const formats::Screen& screen) {
    const std::pair now{stepper_.here(), size_.columns};
    if (laid_out_ != now) {
      const bool other_event = laid_out_.first != now.first;
      lines_ = lines_of(stepper_, screen);
      laid_out_ = now;
      if (other_event) scroll_ = 0;
      if (other_event && !words_.empty()) scroll_to_words();
    }
    const std::size_t room = window();
    scroll_ = std::min(scroll_, lines_.size() > room ? lines_.size() - room + 1 : 0);
  }

  void scroll_to_words() {
    const auto found = std::ranges::find_if(
        lines_, [&](const std::string& line) { return words_.in(std::string_view{line}); });
    const auto at = static_cast<std::size_t>(found - lines_.begin());
    if (found != lines_.end() && at >= window()) scroll_ = at;
  }

  // The last line of the window says what does not fit.
  void add_window() {
    const std::size_t room = window();
    const bool fits = lines_.size() - scroll_ <= room;
    const std::size_t shown = fits ? lines_.size() - scroll_ : room - 1;
    for (std::size_t i = 0; i < shown; ++i) add_row(lines_[scroll_ + i]);
    if (fits) return;
    const std::size_t more = lines_.size() - scroll_ - shown;
    add_row(formats::painted(
        formats::cut(fmt::format("  … {} more line{}, j scrolls", more, more == 1 ? "" : "s"),
                     size_.columns),
        formats::Paint::dim, context_.color));
  }

  /// As many keys as there is room for.
  std::string_view keys_text() const {
    if (size_.columns < 44) return "? help  q quit";
    if (size_.columns < 72) return "⏎ next  b back  j k scroll  ? help  q quit";
    return "⏎ next  b back  j k scroll  / search  e error  t types  ? help  q quit";
  }

  std::string bottom() const {
    switch (mode_) {
      case Mode::number: return "event " + typed_ + "⏎";
      case Mode::words: return "/" + formats::printable(typed_);
      case Mode::types: return "types (a,tool_*; none: all): " + formats::printable(typed_);
      case Mode::moving: break;
    }
    if (!message_.empty()) return message_;
    std::string types;
    for (const std::string& type : stepper_.types()) types += (types.empty() ? "" : ",") + type;
    return (stepper_.at_end() ? "(the last event)  " : "") +
           (types.empty() ? "" : "only " + formats::printable(types) + "  ") +
           std::string{keys_text()};
  }

  std::string text(std::string_view bottom) const {
    std::string out = "\x1b[H";
    const std::size_t rows = std::min(rows_.size(), size_.lines > 1 ? size_.lines - 1 : 1);
    for (std::size_t i = 0; i < rows; ++i) out += rows_[i] + "\x1b[K\r\n";
    return out + fmt::format("\x1b[J\x1b[{};1H{}\x1b[K", size_.lines,
                             formats::cut(bottom, size_.columns));
  }

  Result<bool> going_on(Result<void> moved) {
    if (!moved) return std::unexpected{moved.error()};
    return true;
  }

  Result<bool> move(const KeyPress& press) {
    switch (press.key) {
      case Key::interrupt:
      case Key::escape: return false;
      case Key::right:
      case Key::enter: return going_on(stepper_.forward());
      case Key::left:
      case Key::erase: return going_on(stepper_.back());
      case Key::first: return going_on(stepper_.go_to(0));
      case Key::last: return going_on(stepper_.last());
      case Key::down: return scroll(1);
      case Key::up: return scroll(-1);
      case Key::page_down: return scroll(page());
      case Key::page_up: return scroll(-page());
      case Key::text: return letter(press.text);
      default: return true;
    }
  }

  Result<bool> letter(char c) {
    switch (c) {
      case 'q': return false;
      case 'l': return going_on(stepper_.forward());
      case 'h':
      case 'b':
      case 'p': return going_on(stepper_.back());
      case 'g': return going_on(stepper_.go_to(0));
      case 'G': return going_on(stepper_.last());
      case 'j': return scroll(1);
      case 'k': return scroll(-1);
      case ' ': return page_or_next();
      case 'n': return words_.empty() ? going_on(stepper_.forward()) : find_words(true);
      case 'N': return words_.empty() ? going_on(stepper_.back()) : find_words(false);
      case 'e': return find_error();
      case '?': help_ = true; return true;
      case '/': return begin_typing(Mode::words);
      case 't': return begin_typing(Mode::types);
      default: break;
    }
    if (c < '0' || c > '9') return true;
    begin_typing(Mode::number);
    typed_ = c;
    return true;
  }

  bool begin_typing(Mode mode) {
    mode_ = mode;
    typed_.clear();
    return true;
  }

  Result<bool> type(const KeyPress& press) {
    if (press.key == Key::interrupt) return false;
    if (press.key == Key::escape) mode_ = Mode::moving;
    if (press.key == Key::enter) return typed();
    if (press.key == Key::erase) {
      // Of a character all its bytes.
      while (!typed_.empty() && (static_cast<unsigned char>(typed_.back()) & 0xC0U) == 0x80U)
        typed_.pop_back();
      if (!typed_.empty()) typed_.pop_back();
      else mode_ = Mode::moving;
    }
    if (press.key != Key::text || typed_.size() >= typed_bytes_max) return true;
    const bool digit = press.text >= '0' && press.text <= '9';
    if (mode_ == Mode::number && !digit) {
      mode_ = Mode::moving;
      return move(press);
    }
    typed_ += press.text;
    return true;
  }

  Result<bool> typed() {
    const std::string typed = std::exchange(typed_, {});
    switch (std::exchange(mode_, Mode::moving)) {
      case Mode::number: {
        std::uint64_t number = 0;
        const auto read = std::from_chars(typed.data(), typed.data() + typed.size(), number);
        if (read.ec != std::errc{}) return going_on(stepper_.last());
        return going_on(stepper_.go_to(number));
      }
      case Mode::words:
        if (!typed.empty()) words_ = Words{typed};
        return words_.empty() ? Result<bool>{true} : find_words(true);
      case Mode::types: return choose_types(typed);
      case Mode::moving: break;
    }
    return true;
  }

  Result<bool> choose_types(std::string_view typed) {
    std::vector<std::string> types;
    while (!typed.empty()) {
      const std::size_t comma = std::min(typed.find(','), typed.size());
      if (comma > 0) types.emplace_back(typed.substr(0, comma));
      typed.remove_prefix(std::min(comma + 1, typed.size()));
    }
    const auto shown = stepper_.show_types(std::move(types));
    if (!shown) return std::unexpected{shown.error()};
    if (!*shown) message_ = "no event is of these types";
    return true;
  }

  Result<bool> find_words(bool forwards) {
    const auto found =
        stepper_.find([this](const EventView& event) { return words_.in(event); }, forwards);
    if (!found) return std::unexpected{found.error()};
    if (!*found)
      message_ = fmt::format("no event {} this one has \"{}\"", forwards ? "after" : "before",
                             formats::printable_cut(words_.text(), 40));
    return true;
  }

  Result<bool> find_error() {
    const auto found = stepper_.find(
        [](const EventView& event) {
          return kind_of_type(event.type) == EventKind::error || is_tool_error(event);
        },
        true);
    if (!found) return std::unexpected{found.error()};
    if (!*found) message_ = "no error after this one";
    return true;
  }

  int page() const { return static_cast<int>(std::max<std::size_t>(window(), 3)) - 2; }

  bool scroll(int lines) {
    const auto size = static_cast<std::size_t>(lines < 0 ? -lines : lines);
    if (lines < 0) scroll_ -= std::min(scroll_, size);
    else scroll_ += size;  // laying out stops it at the end
    return true;
  }

  Result<bool> page_or_next() {
    if (lines_.size() <= scroll_ + window()) return going_on(stepper_.forward());
    return scroll(page());
  }

  static constexpr std::size_t rows_before = 3;  // the session, the event's line, a blank

  Context& context_;
  Stepper& stepper_;
  const std::string label_;
  ScreenSize size_;
  std::vector<std::string> rows_;
  std::vector<std::string> lines_;  // of the frame
  std::pair<std::uint64_t, std::size_t> laid_out_{0, 0};
  std::size_t scroll_ = 0;
  Mode mode_ = Mode::moving;
  std::string typed_;
  std::string message_;
  Words words_{{}};
  bool help_ = false;
};

Result<void> run_steps(Context& context, Stepper& stepper, const std::string& label) {
  auto terminal = Terminal::open();
  if (!terminal) return std::unexpected{terminal.error()};
  if (auto moved = stepper.forward(); !moved) return moved;
  StepScreen screen{context, stepper, label};
  for (;;) {
    context.out.write(screen.draw());
    if (!context.out.flush()) return {};
    const auto more = screen.press(terminal->read_key());
    if (!more) return std::unexpected{more.error()};
    if (!*more) return {};
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
