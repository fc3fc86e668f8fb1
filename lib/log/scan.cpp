#include "log/scan.hpp"

#include <algorithm>
#include <utility>

#include "log/foreign_bytes.hpp"
#include "log/torn_end.hpp"

namespace agentstore::log {
namespace {

constexpr std::size_t absent_ranges_max = 100;
constexpr std::size_t batch_events_max = 4096;  // lines given at a time
constexpr std::uint64_t write_bytes_max = std::uint64_t{256} << 20;

constexpr int looks_max = 4;  // times that a bad tail is read again
// How much of what follows a bad line is looked at first: most of what is no torn end shows soon.
constexpr std::uint64_t end_bytes_min = std::uint64_t{64} << 10;

// Says what was done to a bad line, where that shows.
LineError name_foreign(const RawLine& raw, LineError error) {
  if (raw.text.ends_with('\r')) return {error.kind, raw.text.size() - 1, converted_line_ends};
  const char* const words = raw.offset_bytes == 0 ? foreign_start(raw.text) : nullptr;
  return words != nullptr ? LineError{error.kind, 0, words} : error;
}

}  // namespace

Scanner::Scanner(ByteSource& source, ScanOptions options)
    : source_(source),
      options_(std::move(options)),
      parser_(options_.session_id),
      splitter_(source, options_.start.offset_bytes, source.size_bytes()),
      given_(options_.start),
      whole_(given_),
      cursor_(given_),
      looks_left_(looks_max) {
  report_.log_name = source.name();
  report_.seals_checked = options_.check_hashes;
  report_.last_sequence_number = given_.sequence_number;
  report_.end_offset_bytes = given_.offset_bytes;
}

void Scanner::add_finding(Finding finding) {
  ++report_.finding_count;
  if (report_.findings.size() < findings_max) report_.findings.push_back(std::move(finding));
}

Result<std::span<const Line>> Scanner::next() {
  lines_.clear();
  arena_.clear();
  whole_lines_ = 0;
  while (!ended_ && whole_lines_ == 0) {
    take_writes();
    if (whole_lines_ > 0) break;
    if (issue_) {
      if (auto done = at_issue(); !done) return std::unexpected(done.error());
    } else {
      const auto more = read_on();
      if (!more) return std::unexpected(more.error());
      if (*more || take_remainder() || issue_) continue;
      if (auto done = at_end(); !done) return std::unexpected(done.error());
    }
  }
  const std::uint64_t before = given_.sequence_number;
  given_ = whole_;
  report_.last_sequence_number = given_.sequence_number;
  report_.end_offset_bytes = given_.offset_bytes;
  const std::span<const Line> given{lines_.data(), whole_lines_};
  report_.events += given.size();
  if (is_extract_) {
    std::uint64_t last = before;
    for (const Line& line : given) {
      note_absent(last + 1, line.event.sequence_number - 1);
      last = line.event.sequence_number;
    }
  }
  for (const Line& line : given) {
    report_.unsealed += line.seal == Seal::unsealed ? 1 : 0;
    if (line.double_keys) {
      add_finding({FindingKind::metadata, line.number, line.event.offset_bytes,
                   line.event.sequence_number,
                   "two keys in its metadata are equal, and readers may take either; here the last "
                   "one counts"});
    }
  }
  return given;
}

// Looks at the lines that lie in the buffer, up to an issue; what belongs to a write that is not
// complete yet is looked at again.
void Scanner::take_writes() {
  lines_.clear();
  cursor_ = whole_;
  if (!loose_ && !is_extract_) open_write_ = {};
  if (issue_) return;
  splitter_.rewind(whole_.offset_bytes);
  while (!issue_ && whole_lines_ < batch_events_max) {
    const auto raw = splitter_.take();
    if (!raw || !take_line(*raw)) break;
  }
}

bool Scanner::take_line(const RawLine& raw) {
  Line& line = lines_.emplace_back();
  const auto issue = inspect(raw, line);
  if (issue && !loose_) {
    lines_.pop_back();
    issue_ =
        Finding{issue->error.kind, cursor_.line + 1, raw.offset_bytes + issue->error.offset_bytes,
                line.event.sequence_number, issue->error.message};
    whole_line_is_bad_ = raw.terminated && raw.text.find('\0') == raw.text.npos;
    return false;
  }
  if (issue) note_issue(*issue, line, raw);
  if (!issue && !gap_ && line.event.sequence_number > cursor_.sequence_number + 1 &&
      begin_extract()) {
    // What is held back of a write that is not whole counts.
    whole_ = cursor_;
    whole_lines_ = lines_.size() - 1;
    cursor_.head_known = false;
  }
  line.number = cursor_.line + 1;
  const bool event = !issue || issue->readable;
  if (event || issue->numbered) {
    step_over(line, raw);
  } else {
    ++cursor_.line;
    cursor_.offset_bytes = raw.end_bytes;
    cursor_.head_known = false;
    gap_ = true;
  }
  if (!event) lines_.pop_back();
  if (loose_ || is_extract_ || open_write_ == Batch{}) {
    whole_ = cursor_;
    whole_lines_ = lines_.size();
  }
  return true;
}

std::optional<Scanner::Issue> Scanner::inspect(const RawLine& raw, Line& line) {
  if (raw.too_long) return Issue{{FindingKind::syntax, 0, "it is longer than 64 MiB"}};
  const bool first = options_.session_id.empty();
  auto bad =
      first ? parse_line(raw.text, arena_, line) : take_apart(raw.text, parser_, arena_, line);
  if (bad) return Issue{name_foreign(raw, std::move(*bad))};
  line.event.offset_bytes = raw.offset_bytes;
  if (first) {
    options_.session_id = line.event.session_id;
    parser_ = FastParser{options_.session_id};
  }
  if (line.event.session_id != options_.session_id) {
    return Issue{{FindingKind::session, 0, "it belongs to another session"}};
  }
  if (options_.check_hashes) {
    if (auto error = check_hashes(line)) {
      const bool next = line.event.sequence_number == cursor_.sequence_number + 1;
      return Issue{std::move(*error), false, next};
    }
  }
  return out_of_place(line);
}

std::optional<Scanner::Issue> Scanner::out_of_place(const Line& line) {
  const std::uint64_t number = line.event.sequence_number;
  const std::uint64_t expected = cursor_.sequence_number + 1;
  if (options_.extract && number > expected) return out_of_place_in_extract(line);
  const bool behind_gap = gap_ && number >= expected;
  if (number != expected && !behind_gap) {
    return Issue{{FindingKind::sequence, 0,
                  "its sequence number is " + std::to_string(number) + " where " +
                      std::to_string(expected) + " is due"},
                 true,
                 true};
  }
  if (line.seal != Seal::unsealed && cursor_.head_known && line.prev != cursor_.head) {
    return Issue{
        {FindingKind::chain, 0, "its \"prev\" is not the hash of the event before it"}, true, true};
  }
  const bool inside = open_write_ != Batch{};
  if ((inside && line.batch != open_write_) ||
      (!inside && line.batch != Batch{} && line.batch.first != number && !behind_gap)) {
    return Issue{
        {FindingKind::batch, 0, "the write that it belongs to, or the one before it, is not whole"},
        true,
        true};
  }
  return std::nullopt;
}

// Behind events that are absent nothing is known of the chain. A write that reaches over them has
// to be the same one on both sides.
std::optional<Scanner::Issue> Scanner::out_of_place_in_extract(const Line& line) {
  const bool inside = line.event.sequence_number <= open_write_.last;
  const bool begun = line.batch != Batch{} && line.batch.first <= cursor_.sequence_number;
  if ((!inside && !begun) || gap_ || line.batch == open_write_) return std::nullopt;
  return Issue{{FindingKind::batch, 0, "it belongs to another write than the events round it say"},
               true,
               true};
}

// Takes what is there for an extract from here on; false where it may not be one.
bool Scanner::begin_extract() {
  if (!options_.extract) return false;
  is_extract_ = true;
  return true;
}

void Scanner::note_absent(std::uint64_t first, std::uint64_t last) {
  if (last < first) return;
  report_.absent.events += last - first + 1;
  if (report_.absent.ranges.size() < absent_ranges_max)
    report_.absent.ranges.push_back({first, last});
}

// Goes on behind a line that is an event.
void Scanner::step_over(const Line& line, const RawLine& raw) {
  gap_ = false;
  cursor_.sequence_number = line.event.sequence_number;
  cursor_.offset_bytes = raw.end_bytes;
  ++cursor_.line;
  cursor_.after_unsealed = line.seal == Seal::unsealed;
  if (line.seal != Seal::unsealed) {
    cursor_.head = line.hash;
    cursor_.head_known = cursor_.sealed = true;
  } else if (options_.check_hashes && cursor_.head_known) {
    cursor_.head = head_after(line, cursor_.head);
  } else {
    cursor_.head_known = false;
  }
  open_write_ = line.batch.last == line.event.sequence_number ? Batch{} : line.batch;
}

void Scanner::note_issue(const Issue& issue, const Line& line, const RawLine& raw) {
  report_.verdict = Verdict::damaged;
  damage_.reset();  // This is it, or it follows from it.
  add_finding({issue.error.kind, cursor_.line + 1, raw.offset_bytes + issue.error.offset_bytes,
               line.event.sequence_number, issue.error.message});
}

// Reads more bytes behind those of the open write; false at the end of what can be read.
Result<bool> Scanner::read_on() {
  if (splitter_.limit() > whole_.offset_bytes + write_bytes_max &&
      cursor_.offset_bytes > whole_.offset_bytes + write_bytes_max) {
    issue_ = Finding{FindingKind::batch, whole_.line + 1, whole_.offset_bytes,
                     whole_.sequence_number + 1, "its write is larger than 256 MiB"};
    return true;
  }
  if (splitter_.unfinished_bytes() > line_bytes_max + 1) {
    const Finding endless{FindingKind::syntax, cursor_.line + 1, cursor_.offset_bytes, 0,
                          "it is longer than 64 MiB"};
    if (loose_) return skip_endless_line(endless);
    issue_ = endless;
    return true;
  }
  return splitter_.refill(whole_.offset_bytes);
}

// Goes on behind a line that is too long to be one, without keeping it.
Result<bool> Scanner::skip_endless_line(const Finding& finding) {
  add_finding(finding);
  damage_.reset();
  ++whole_.line;
  whole_.head_known = false;
  gap_ = true;
  for (;;) {
    splitter_.drop_unfinished();
    const auto more = splitter_.refill(splitter_.offset());
    if (!more) return more;
    const auto rest = splitter_.take();
    whole_.offset_bytes = rest ? rest->end_bytes : splitter_.limit();
    if (rest || !*more) return true;
  }
}

// At the end: a last line without a newline, or a write that misses its end.
bool Scanner::take_remainder() {
  splitter_.rewind(cursor_.offset_bytes);
  const auto raw = splitter_.remainder();
  if (raw && options_.accept_unterminated && !cursor_.sealed) {
    Line line;
    Arena arena;
    if (!parse_line(raw->text, arena, line) && line.seal == Seal::unsealed && take_line(*raw)) {
      unterminated_ = true;
      return true;
    }
  }
  if (!raw && open_write_ == Batch{}) return false;
  // Whole lines that end inside a write: some more were left out of the log behind them.
  if (!raw && lines_.size() > 0 && cursor_.offset_bytes > whole_.offset_bytes && begin_extract()) {
    whole_ = cursor_;
    whole_lines_ = lines_.size();
    return true;
  }
  if (!raw && is_extract_) return false;
  issue_ = Finding{FindingKind::torn, cursor_.line + (raw ? 1 : 0), cursor_.offset_bytes,
                   cursor_.sequence_number + 1,
                   raw ? "the last line was cut off" : "the last write was cut off"};
  return true;
}

// A bad line, or a bad end: read it again if a writer was at work, else decide what it is.
Result<void> Scanner::at_issue() {
  if (loose_) {
    at_end_of_damaged();
    return {};
  }
  const auto tail = source_.settle();
  if (!tail) return std::unexpected(tail.error());
  if (*tail == ByteSource::Tail::moved && looks_left_-- > 0) {
    issue_.reset();
    whole_line_is_bad_ = false;
    splitter_.restart(whole_.offset_bytes, source_.size_bytes());
    return {};
  }
  auto why = why_no_torn_end();
  if (!why) return std::unexpected(why.error());
  if (*why) return at_damage(std::move(**why));
  return end_torn(*tail == ByteSource::Tail::writing);
}

// The log is known to be damaged; only its end can be an issue by itself.
void Scanner::at_end_of_damaged() {
  if (!damage_) damage_ = std::move(issue_);
  end();
}

// Why what follows the last whole write is not what one interrupted write leaves.
Result<std::optional<LineError>> Scanner::why_no_torn_end() {
  if (std::exchange(whole_line_is_bad_, false)) return LineError{};
  const EndPlace place{
      .session_id = options_.session_id,
      .offset_bytes = whole_.offset_bytes,
      .sequence_number = whole_.sequence_number,
      .head = whole_.head_known ? std::optional{whole_.head} : std::nullopt,
      .after_unsealed = whole_.after_unsealed || !whole_.sealed,
  };
  const std::uint64_t size = splitter_.limit() - whole_.offset_bytes;
  std::string end;
  for (std::uint64_t part = end_bytes_min;; part *= 16) {
    end.resize(std::min(part, size));
    const auto got = source_.read_at(whole_.offset_bytes, end.data(), end.size());
    if (!got) return std::unexpected(got.error());
    end.resize(*got);  // It was cut meanwhile.
    auto why = why_not_torn(end, place);
    if (why || end.size() < part || end.size() == size) return why;
    if (end.size() >= write_bytes_max)
      return LineError{FindingKind::batch, 0, "it is followed by more than one write holds"};
  }
}

Result<void> Scanner::end_torn(bool writing) {
  if (!writing && has_lost_events()) return at_loss();
  report_.verdict = writing ? Verdict::in_flight : Verdict::torn;
  const std::uint64_t bytes = splitter_.limit() - whole_.offset_bytes;
  if (!writing) {
    issue_->message += "; the last " + std::to_string(bytes) + " bytes are no whole write";
    add_finding(std::move(*issue_));
  }
  end();
  return {};
}

// The last write is whole: have there been more?
Result<void> Scanner::at_end() {
  if (!loose_ && has_lost_events()) {
    const auto tail = source_.settle();
    if (!tail) return std::unexpected(tail.error());
    if (*tail == ByteSource::Tail::moved && looks_left_-- > 0) {
      splitter_.restart(whole_.offset_bytes, source_.size_bytes());
      return {};
    }
    if (has_lost_events()) return at_loss();
  }
  end();
  return {};
}

Result<void> Scanner::at_loss() {
  const DueEvents due = source_.due();
  std::string message = whole_.sequence_number == 0
                            ? "the log is gone, or holds no event"
                            : "the log ends at #" + std::to_string(whole_.sequence_number);
  message += due.checkpoint >= due.synced
                 ? ", and the store's checkpoint was made at #" + std::to_string(due.checkpoint)
             : due.by_row
                 ? ", and #" + std::to_string(due.synced) + " had been stored"
                 : ", and its session's file counts " + std::to_string(due.synced) +
                       " events as synced; a copy that took events/ before sessions/ is like that: "
                       "copy sessions/ first";
  report_.verdict = Verdict::lost;
  add_finding({FindingKind::lost, 0, 0, due.count(), message});
  end();
  if (options_.on_corrupt != OnCorrupt::strict) return {};
  return fail(Code::corrupt, report_.log_name + " has lost events: " + message);
}

Result<void> Scanner::at_damage(LineError why) {
  report_.verdict = Verdict::damaged;
  Finding issue = *std::exchange(issue_, std::nullopt);
  // What makes the end no torn one says more than that it was cut off.
  if (issue.kind == FindingKind::torn && !why.message.empty()) {
    const std::uint64_t offset = whole_.offset_bytes + why.offset_bytes;
    const Position& near = offset < cursor_.offset_bytes ? whole_ : cursor_;
    issue = {why.kind, near.line + 1, offset, near.sequence_number + 1, std::move(why.message)};
  }
  if (options_.on_corrupt == OnCorrupt::skip) {
    loose_ = true;
    damage_ = std::move(issue);
    open_write_ = {};
    splitter_.restart(whole_.offset_bytes, splitter_.limit());
    return {};
  }
  add_finding(issue);
  end();
  if (options_.on_corrupt == OnCorrupt::prefix) return {};
  return fail(Code::corrupt, report_.log_name + " is damaged at line " +
                                 std::to_string(issue.line) + ", byte " +
                                 std::to_string(issue.offset_bytes) + ": " + issue.message);
}

void Scanner::resume() {
  ended_ = false;
  looks_left_ = looks_max;
  report_.verdict = Verdict::clean;
  if (is_extract_) report_.absent = absent_within_;
  if (unterminated_) {  // The newline of the line that counted without it.
    char next = 0;
    const auto got = source_.read_at(whole_.offset_bytes, &next, 1);
    if (got && *got == 1 && next == '\n') {
      ++whole_.offset_bytes;
      unterminated_ = false;
    }
  }
  splitter_.restart(whole_.offset_bytes, source_.size_bytes());
}

void Scanner::end() {
  ended_ = true;
  issue_.reset();
  if (damage_) add_finding(*std::exchange(damage_, std::nullopt));
  const bool ends_early = report_.verdict == Verdict::clean &&
                          whole_.sequence_number < options_.events_due && begin_extract();
  if (is_extract_) {
    absent_within_ = report_.absent;
    note_absent(whole_.sequence_number + 1, ends_early ? options_.events_due : open_write_.last);
    if (report_.verdict == Verdict::clean && report_.absent.events > 0)
      report_.verdict = Verdict::extract;
  }
  if (report_.verdict == Verdict::clean && report_.events > 0 &&
      report_.unsealed == report_.events && !options_.start.sealed) {
    report_.verdict = Verdict::unsealed;
  }
}

}  // namespace agentstore::log
