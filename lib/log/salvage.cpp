// Repair of a log: a torn end is cut, and a log that is damaged in the middle is written anew from
// every event that can be read, split where the Go library glued two into a line. The old file is
// kept whole in quarantine before anything else happens.

#include <fcntl.h>

#include <algorithm>
#include <map>
#include <unordered_set>

#include "agentstore/json.hpp"
#include "base/ids.hpp"
#include "log/encode.hpp"
#include "log/foreign_bytes.hpp"
#include "log/merkle.hpp"
#include "log/salvaged_event.hpp"
#include "log/split.hpp"
#include "log/verify.hpp"
#include "log/writer.hpp"

namespace agentstore::log {
namespace {

constexpr std::string_view event_start = "{\"session_id\"";
constexpr std::size_t pieces_max = 64;           // events looked for in one line
constexpr std::size_t left_out_named_max = 100;  // in the log_salvaged event
constexpr std::size_t findings_max = 1000;
constexpr std::size_t copy_bytes = std::size_t{1} << 20;

// `fits`: the line has the seal that it says, or none.
using UseEvent = std::function<Result<void>(const Line&, bool fits)>;
using LeaveOut = std::function<void(Finding, std::uint64_t bytes)>;

// Gives every event that can be read of a log, in its order, and every stretch that none can be
// made of.
class Salvager {
 public:
  Salvager(ByteSource& source, std::string session_id)
      : source_(source), session_id_(std::move(session_id)) {}

  Result<void> run(const UseEvent& use, const LeaveOut& leave_out) {
    LineSplitter lines{source_, 0, source_.size_bytes()};
    std::uint64_t number = 0;
    for (;;) {
      while (const auto raw = lines.take()) {
        if (auto done = take(*raw, ++number, use, leave_out); !done) return done;
      }
      if (lines.unfinished_bytes() > line_bytes_max + 1) {
        leave_out({"syntax", number + 1, lines.offset(), 0, "a line longer than 64 MiB"},
                  lines.unfinished_bytes());
        lines.drop_unfinished();
      }
      const auto more = lines.refill(lines.offset());
      if (!more) return std::unexpected(more.error());
      if (!*more) break;
    }
    const auto raw = lines.remainder();
    return raw ? take(*raw, ++number, use, leave_out) : Result<void>{};
  }

 private:
  // The line without what an editor adds to it.
  static RawLine unconverted(RawLine raw) {
    if (raw.offset_bytes == 0 && raw.text.starts_with(byte_order_mark)) {
      raw.text.remove_prefix(byte_order_mark.size());
      raw.offset_bytes += byte_order_mark.size();
    }
    if (raw.text.ends_with('\r')) raw.text.remove_suffix(1);
    return raw;
  }

  Result<void> take(const RawLine& found, std::uint64_t number, const UseEvent& use,
                    const LeaveOut& leave_out) {
    const RawLine raw = unconverted(found);
    std::vector<std::size_t> starts;
    for (std::size_t at = 0; at != raw.text.npos && starts.size() < pieces_max;
         at = raw.text.find(event_start, at + 1)) {
      starts.push_back(at);
    }
    starts.push_back(raw.text.size());
    std::size_t left = 0;  // from here on nothing was read yet
    for (std::size_t i = 0; i + 1 < starts.size(); ++i) {
      if (starts[i] < left) continue;
      const auto end = event_from(raw, starts, i, use);
      if (!end) return std::unexpected(end.error());
      if (*end == 0) continue;
      report_gap(raw, number, left, starts[i], leave_out);
      left = *end;
    }
    report_gap(raw, number, left, raw.text.size(), leave_out);
    return {};
  }

  // The event that begins at one of the starts, up to the furthest end that makes one; 0: none
  // does. One whose seal fits comes before any that is merely whole.
  Result<std::size_t> event_from(const RawLine& raw, const std::vector<std::size_t>& starts,
                                 std::size_t from, const UseEvent& use) {
    for (const bool fits : {true, false}) {
      for (std::size_t to = starts.size() - 1; to > from; --to) {
        const std::string_view text = raw.text.substr(starts[from], starts[to] - starts[from]);
        Arena arena;
        Line line;
        const bool sound = !parse_line(text, arena, line) && !check_hashes(line);
        if (sound != fits || (!fits && parse_unsealable(text, arena, line))) continue;
        if (line.event.session_id != session_id_) continue;
        line.event.offset_bytes = raw.offset_bytes + starts[from];
        if (!is_new(line)) continue;
        if (auto used = use(line, fits); !used) return std::unexpected(used.error());
        return starts[to];
      }
    }
    return 0;
  }

  // A line that stands twice is one event; of those without a seal that fits, only where nothing
  // of them differs.
  bool is_new(const Line& line) {
    if (line.seal == Seal::unsealed && line.event.event_id.empty()) return true;
    const Hash hash = line.seal == Seal::unsealed ? leaf_of(line) : line.hash;
    return hashes_.insert(std::string{agentstore::bytes_of(hash)}).second;
  }

  void report_gap(const RawLine& raw, std::uint64_t number, std::size_t from, std::size_t to,
                  const LeaveOut& leave_out) const {
    if (from == to && !raw.text.empty()) return;
    Arena arena;
    Line line;
    auto error = parse_line(raw.text.substr(from, to - from), arena, line);
    if (!error) error = check_hashes(line);
    const std::string why =
        !error ? (line.event.session_id == session_id_ ? "it stands here a second time"
                                                       : "it belongs to another session")
               : error->message;
    leave_out({error ? error->kind : "session", number, raw.offset_bytes + from,
               line.event.sequence_number, why},
              to - from);
  }

  ByteSource& source_;
  std::string session_id_;
  std::unordered_set<std::string> hashes_;
};

// Writes the new log. Redactions name events by number: both ends of each get their new one.
class NewLog {
 public:
  // `unfinished`: redactions whose events still hold their payloads, and lose them here.
  NewLog(std::string session_id, Redactions unfinished)
      : session_id_(std::move(session_id)), unfinished_(std::move(unfinished)) {}
  void start_at(const Position& position) { at_ = position; }

  // The first look: which numbers the redacted events and their explanations will have.
  void number(const Line& line, bool fits) {
    ++count_;
    if (!fits) {
      ++unfit_;
      return;
    }
    if (line.seal == Seal::redacted || line.event.type == redacted_type ||
        unfinished_.of(line) != nullptr) {
      new_numbers_[line.event.sequence_number] = count_ + 1;  // behind log_salvaged
    }
  }
  std::uint64_t count() const { return count_; }
  /// Of them, those whose seal does not fit.
  std::uint64_t unfit() const { return unfit_; }

  void write(const Line& line, bool fits, std::string& out, Timestamp now) {
    const EventView& event = line.event;
    const std::string id = id_of(event, now);
    SalvagedEvent made = salvaged_event(line, fits);
    renumber(line, made.payload);
    NumberedEvent next{.session_id = session_id_,
                       .sequence_number = at_.sequence_number + 1,
                       .type = made.type,
                       .timestamp = event.timestamp,
                       .recorded_at = line.recorded_at,
                       .metadata = made.metadata,
                       .event_id = id,
                       .batch = {},
                       .payload = made.payload};
    random_bytes(next.salt.data(), next.salt.size());
    const Redaction* const unfinished = unfinished_.of(line);
    const std::uint64_t by = unfinished != nullptr ? unfinished->by : event.redacted_by;
    const bool redacted = unfinished != nullptr || line.seal == Seal::redacted;
    const std::string payload_hash =
        unfinished != nullptr ? unfinished->payload_hash : std::string{line.payload_hash};
    at_.head = redacted && new_numbers_.contains(by)
                   ? encode_redacted_line(out, next, payload_hash, new_numbers_[by], at_.head)
                   : encode_line(out, next, at_.head);
    ++at_.sequence_number;
  }

 private:
  // Of two events of one id, an edited one and what it was, say, the later one gets another.
  std::string id_of(const EventView& event, Timestamp now) {
    const bool usable = check_event_id(event.event_id).has_value() &&
                        ids_.insert(std::string{event.event_id}).second;
    return usable ? std::string{event.event_id} : uuid7(now);
  }

  // A redaction names its event by the new number; 0 where that event was lost.
  void renumber(const Line& line, std::string& payload) const {
    const auto redaction = redaction_of(line);
    if (!redaction) return;
    const auto renumbered = new_numbers_.find(redaction->sequence_number);
    const std::uint64_t number = renumbered == new_numbers_.end() ? 0 : renumbered->second;
    std::string out;
    for (json::Walk walk{line.event.payload}; walk.next();) {
      out += out.empty() ? '{' : ',';
      out += walk.key();
      out += ':';
      if (walk.key_is("sequence_number")) out += std::to_string(number);
      else out += walk.value();
    }
    payload = json::compact(out + '}');
  }

  std::string session_id_;
  Redactions unfinished_;
  Position at_;
  std::uint64_t count_ = 0;
  std::uint64_t unfit_ = 0;
  std::map<std::uint64_t, std::uint64_t> new_numbers_;
  std::unordered_set<std::string> ids_;
};

std::string left_out_json(const Repair& repair) {
  std::string out = "[";
  for (const Finding& finding : repair.left_out) {
    if (&finding - repair.left_out.data() >= static_cast<std::ptrdiff_t>(left_out_named_max)) break;
    if (out.size() > 1) out += ',';
    out += R"({"line":)" + std::to_string(finding.line) + R"(,"offset":)" +
           std::to_string(finding.offset_bytes) + R"(,"reason":)" + json::quote(finding.message) +
           '}';
  }
  return out + ']';
}

}  // namespace

Result<Repair> Writer::repair(const RepairOptions& options) {
  const Exclusively alone{*this};
  const auto locked = lock();
  if (!locked) return std::unexpected(locked.error());
  accepting_loss_ = options.accept_loss;
  auto opened = open_log();
  accepting_loss_ = false;
  if (!opened) return std::unexpected(opened.error());
  // A log that another repair put here, and died, is not to be called sound before it is durable.
  if (auto synced = sync_folder(system_, options_.log.parent_path()); !synced) {
    return std::unexpected(synced.error());
  }
  const auto due = due_events();
  if (!due) return std::unexpected(due.error());
  LockedSource log{system_, options_.log, file_, status_.size_bytes, *due};
  const auto verified = verify(log, options_.session_id, false);
  if (!verified) return std::unexpected(verified.error());
  if (verified->verdict == Verdict::lost && !options.accept_loss)
    return lost(*due, verified->events);
  return repair_found(*verified, options);
}

Result<Repair> Writer::repair_found(const Verification& found, const RepairOptions& options) {
  Repair repair{.verdict = found.verdict, .events = found.events, .left_out = {}, .kept_as = {}};
  if (found.verdict == Verdict::damaged) {
    if (options.salvage) return salvage(repair, options.dry_run);
    Error error{Code::corrupt, options_.log.string() + " is damaged, not torn",
                "rescue what can be read with: agentstore repair --salvage " + options_.session_id};
    if (!found.findings.empty()) {
      const Finding& first = found.findings.front();
      error.message += " (line " + std::to_string(first.line) + ", byte " +
                       std::to_string(first.offset_bytes) + ": " + first.message + ")";
    }
    return std::unexpected(std::move(error));
  }
  if (found.verdict == Verdict::torn || found.verdict == Verdict::lost) {
    repair.left_out = found.findings;
    repair.left_out_count = found.finding_count;
    repair.bytes_left_out = status_.size_bytes - found.end_offset_bytes;
  }
  repair.changed = found.verdict == Verdict::torn || options.accept_loss;
  if (options.dry_run || !repair.changed) return repair;
  // The last write may look whole, although what stands before it does not.
  auto done = options.accept_loss ? accept_loss(found.events) : catch_up(true);
  if (!done) return std::unexpected(done.error());
  repair.kept_as = options_.quarantine.string();
  return repair;
}

// Of a log that was compressed, or put into another encoding, nothing can be read until that is
// undone.
Result<void> Writer::check_legible() {
  char start[foreign_start_bytes] = {};
  const auto got = read_at(system_, file_, options_.log, 0, start, sizeof start);
  if (!got) return std::unexpected(got.error());
  const char* const words = foreign_start({start, *got});
  if (words == nullptr || std::string_view{start, *got}.starts_with(byte_order_mark)) return {};
  return fail(Code::corrupt, options_.log.string() + " cannot be read: " + words,
              "undo that outside of the store, and put the log back");
}

// The new log is on the disk with all its events.
Result<void> Writer::note_salvaged(std::uint64_t events) {
  if (options_.durability != Durability::fsync) return {};
  synced_events_ = events;
  return options_.set_synced_events ? options_.set_synced_events(events) : Result<void>{};
}

Result<Repair> Writer::salvage(const Repair& found, bool dry_run) {
  Repair repair{.verdict = found.verdict, .changed = true, .left_out = {}, .kept_as = {}};
  if (auto legible = check_legible(); !legible) return std::unexpected(legible.error());
  LockedSource log = source(status_.size_bytes);
  auto unfinished = last_redactions(log);
  if (!unfinished) return std::unexpected(unfinished.error());
  const auto to_redact = find_targets(log, *unfinished);
  if (!to_redact) return std::unexpected(to_redact.error());
  NewLog fresh{options_.session_id, std::move(*unfinished)};
  Hash old_head{};
  auto counted = Salvager{log, options_.session_id}.run(
      [&](const Line& line, bool fits) -> Result<void> {
        fresh.number(line, fits);
        if (line.seal != Seal::unsealed) old_head = line.hash;
        return {};
      },
      [&](Finding finding, std::uint64_t bytes) {
        ++repair.left_out_count;
        repair.bytes_left_out += bytes;
        if (repair.left_out.size() < findings_max) repair.left_out.push_back(std::move(finding));
      });
  if (!counted) return std::unexpected(counted.error());
  repair.events = fresh.count();
  if (dry_run) return repair;

  const auto kept = quarantine(0, status_.size_bytes);
  if (!kept) return std::unexpected(kept.error());
  repair.kept_as = kept->path.string();
  const std::string payload =
      R"({"old":{"size":)" + std::to_string(status_.size_bytes) + R"(,"head":")" +
      to_hex(agentstore::bytes_of(old_head)) + R"(","root":null,"sha256":")" + kept->sha256_hex +
      R"("},"kept_as":)" + json::quote(kept->path.filename().string()) + R"(,"events":)" +
      std::to_string(repair.events) + R"(,"seal_does_not_fit":)" + std::to_string(fresh.unfit()) +
      R"(,"left_out_count":)" + std::to_string(repair.left_out_count) + R"(,"left_out_bytes":)" +
      std::to_string(repair.bytes_left_out) + R"(,"left_out":)" + left_out_json(repair) + '}';

  const Path temp = sibling_temp(options_.log);
  auto written = [&]() -> Result<void> {
    auto file = open_file(system_, temp, O_WRONLY | O_CREAT | O_EXCL, options_.file_mode);
    if (!file) return std::unexpected(file.error());
    position_ = {};
    const Write first = assemble_own("agentstore.log_salvaged", payload, context());
    std::string waiting = first.lines;
    NewLog next = fresh;
    next.start_at(first.after);
    const auto flush = [&](std::size_t from) -> Result<void> {
      if (waiting.size() < from) return {};
      auto done = write_all(system_, *file, temp, waiting);
      waiting.clear();
      return done;
    };
    auto copied = Salvager{log, options_.session_id}.run(
        [&](const Line& line, bool fits) -> Result<void> {
          next.write(line, fits, waiting, system_.clock());
          return flush(copy_bytes);
        },
        [](const Finding&, std::uint64_t) {});
    if (!copied) return copied;
    if (auto done = flush(0); !done) return done;
    // Before the new log is there: it would be shorter than they say, and refused as lost.
    if (auto done = set_checkpoints_aside(); !done) return done;
    if (!to_redact->empty()) {
      if (auto done = scrub_quarantine(*to_redact); !done) return done;
    }
    if (auto done = lower_synced_events(repair.events + 1); !done) return done;
    if (auto done = replace_log(temp, *file); !done) return done;
    return note_salvaged(repair.events + 1);
  }();
  if (!written) {
    system_.unlink(temp.c_str());
    return std::unexpected(written.error());
  }
  notice("session " + options_.session_id + ": a new log holds the " +
         std::to_string(repair.events) + " events that could be read" +
         (fresh.unfit() == 0 ? ""
                             : ", " + std::to_string(fresh.unfit()) +
                                   " of them marked, since their seal does not fit") +
         "; the old one is kept as " + repair.kept_as);
  return repair;
}

}  // namespace agentstore::log
