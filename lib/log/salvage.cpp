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
#include "log/merkle.hpp"
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

using UseEvent = std::function<Result<void>(const Line&)>;
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
  Result<void> take(const RawLine& raw, std::uint64_t number, const UseEvent& use,
                    const LeaveOut& leave_out) {
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
  // does.
  Result<std::size_t> event_from(const RawLine& raw, const std::vector<std::size_t>& starts,
                                 std::size_t from, const UseEvent& use) {
    for (std::size_t to = starts.size() - 1; to > from; --to) {
      const std::string_view text = raw.text.substr(starts[from], starts[to] - starts[from]);
      Arena arena;
      Line line;
      if (parse_line(text, arena, line) || check_hashes(line) ||
          line.event.session_id != session_id_)
        continue;
      line.event.offset_bytes = raw.offset_bytes + starts[from];
      if (!is_new(line)) continue;
      if (auto used = use(line); !used) return std::unexpected(used.error());
      return starts[to];
    }
    return 0;
  }

  // A line that stands twice is one event.
  bool is_new(const Line& line) {
    return line.event.hash.empty() ||
           hashes_.insert(std::string{agentstore::bytes_of(line.hash)}).second;
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
  explicit NewLog(std::string session_id) : session_id_(std::move(session_id)) {}
  void start_at(const Position& position) { at_ = position; }

  // The first look: which numbers the redacted events and their explanations will have.
  void number(const Line& line) {
    ++count_;
    if (line.seal == Seal::redacted || line.event.type == redacted_type) {
      new_numbers_[line.event.sequence_number] = count_ + 1;  // behind log_salvaged
    }
  }
  std::uint64_t count() const { return count_; }

  void write(const Line& line, std::string& out, Timestamp now) {
    const EventView& event = line.event;
    const std::string id = event.event_id.empty() ? uuid7(now) : std::string{event.event_id};
    const std::string metadata = json::compact(event.metadata);
    const std::string payload = payload_of(line);
    NumberedEvent next{.session_id = session_id_,
                       .sequence_number = at_.sequence_number + 1,
                       .type = event.type,
                       .timestamp = event.timestamp,
                       .recorded_at = line.recorded_at,
                       .metadata = metadata,
                       .event_id = id,
                       .batch = {},
                       .payload = payload};
    random_bytes(next.salt.data(), next.salt.size());
    at_.head = line.seal == Seal::redacted && new_numbers_.contains(event.redacted_by)
                   ? encode_redacted_line(out, next, line.payload_hash,
                                          new_numbers_[event.redacted_by], at_.head)
                   : encode_line(out, next, at_.head);
    ++at_.sequence_number;
  }

 private:
  // A redaction names its event by the new number; 0 where that event was lost.
  std::string payload_of(const Line& line) const {
    const auto redaction = redaction_of(line);
    if (!redaction) return json::compact(line.event.payload);
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
    return json::compact(out + '}');
  }

  std::string session_id_;
  Position at_;
  std::uint64_t count_ = 0;
  std::map<std::uint64_t, std::uint64_t> new_numbers_;
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
  if (auto opened = open_log(); !opened) return std::unexpected(opened.error());
  // A log that another repair put here, and died, is not to be called sound before it is durable.
  if (auto synced = sync_folder(system_, options_.log.parent_path()); !synced) {
    return std::unexpected(synced.error());
  }
  LockedSource log = source(status_.size_bytes);
  const auto verified = verify(log, options_.session_id, false);
  if (!verified) return std::unexpected(verified.error());

  Repair repair{
      .verdict = verified->verdict, .events = verified->events, .left_out = {}, .kept_as = {}};
  if (verified->verdict == Verdict::torn) {
    repair.left_out = verified->findings;
    repair.left_out_count = verified->finding_count;
    repair.bytes_left_out = status_.size_bytes - verified->end_offset_bytes;
    repair.changed = true;
    if (options.dry_run) return repair;
    // The last write may look whole, although what stands before it does not.
    auto done = options.accept_loss ? accept_loss() : catch_up(true);
    if (!done) return std::unexpected(done.error());
    repair.kept_as = options_.quarantine.string();
    return repair;
  }
  if (verified->verdict != Verdict::damaged) {
    if (!options.accept_loss) return repair;
    repair.changed = true;
    if (options.dry_run) return repair;
    if (auto done = accept_loss(); !done) return std::unexpected(done.error());
    repair.kept_as = options_.quarantine.string();
    return repair;
  }
  if (!options.salvage) {
    Error error{Code::corrupt, options_.log.string() + " is damaged, not torn",
                "rescue what can be read with: agentstore repair --salvage " + options_.session_id};
    if (!verified->findings.empty()) {
      const Finding& first = verified->findings.front();
      error.message += " (line " + std::to_string(first.line) + ", byte " +
                       std::to_string(first.offset_bytes) + ": " + first.message + ")";
    }
    return std::unexpected(std::move(error));
  }
  return salvage(repair, options.dry_run);
}

Result<Repair> Writer::salvage(const Repair& found, bool dry_run) {
  Repair repair{.verdict = found.verdict, .changed = true, .left_out = {}, .kept_as = {}};
  LockedSource log = source(status_.size_bytes);
  NewLog fresh{options_.session_id};
  Hash old_head{};
  auto counted = Salvager{log, options_.session_id}.run(
      [&](const Line& line) -> Result<void> {
        fresh.number(line);
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
      std::to_string(repair.events) + R"(,"left_out_count":)" +
      std::to_string(repair.left_out_count) + R"(,"left_out_bytes":)" +
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
        [&](const Line& line) -> Result<void> {
          next.write(line, waiting, system_.clock());
          return flush(copy_bytes);
        },
        [](const Finding&, std::uint64_t) {});
    if (!copied) return copied;
    if (auto done = flush(0); !done) return done;
    // Before the new log is there: it would be shorter than they say, and refused as lost.
    if (auto done = set_checkpoints_aside(); !done) return done;
    return replace_log(temp, *file);
  }();
  if (!written) {
    system_.unlink(temp.c_str());
    return std::unexpected(written.error());
  }
  notice("session " + options_.session_id + ": a new log holds the " +
         std::to_string(repair.events) + " events that could be read; the old one is kept as " +
         repair.kept_as);
  return repair;
}

}  // namespace agentstore::log
