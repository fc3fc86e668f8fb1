// A log of any bytes, or a sealed log that was damaged: scanned, verified, appended to, repaired.
// A run does one thing, so that many can be made. The first byte says which, bit by bit:
//   0     the rest is a program that damages a log; else it is the log
//   1, 2  scan, append, repair, salvage
//   3, 4  of a scan: strict, prefix, skip, or only how far the log reaches; of the others: whether
//         the log is verified afterwards, or the same done again

#include <algorithm>
#include <array>
#include <optional>

#include "fuzz/damage.hpp"
#include "fuzz/memory_disk.hpp"
#include "fuzz/require.hpp"
#include "log/log_length.hpp"
#include "log/tail.hpp"
#include "log/text_source.hpp"
#include "log/verify.hpp"
#include "log/writer.hpp"

namespace agentstore::fuzz {
namespace {

constexpr const char* log_path = "e/s";

log::TextSource source_of(std::string_view text) {
  return log::TextSource{text, "a log"};
}

Verification verified(std::string_view text) {
  log::TextSource source = source_of(text);
  auto result = log::verify(source, "s", false);
  require(result.has_value(), "verifying bytes in memory cannot fail");
  require(result->end_offset_bytes <= text.size(), "a log does not end behind its end");
  return std::move(*result);
}

bool fine(const Verification& log) {
  return log.finding_count == 0 &&
         (log.verdict == Verdict::clean || log.verdict == Verdict::unsealed);
}

void check_scan(std::string_view text, OnCorrupt mode) {
  const Verification whole = verified(text);
  log::TextSource source = source_of(text);
  log::Scanner scanner{source, {.session_id = "s", .on_corrupt = mode, .check_hashes = true}};
  std::uint64_t events = 0;
  std::uint64_t offset = 0;
  for (;;) {
    const auto lines = scanner.next();
    if (!lines) {
      require(mode == OnCorrupt::strict, "only a strict scan is stopped by bad bytes");
      require(lines.error().code == Code::corrupt, "and they are corrupt");
      require(whole.verdict == Verdict::damaged, "by damage alone");
      break;
    }
    if (lines->empty()) break;
    for (const log::Line& line : *lines) {
      require(line.event.offset_bytes >= offset, "lines come in their order");
      require(text.substr(line.event.offset_bytes).starts_with(line.event.line),
              "a line is where it says");
      offset = line.event.offset_bytes + line.event.line.size();
      ++events;
    }
  }
  require(scanner.report().verdict == whole.verdict, "all ways of reading come to one verdict");
  require(events <= whole.events, "no event is accepted that verify does not count");
  require(events == whole.events || (whole.verdict == Verdict::damaged && mode != OnCorrupt::skip),
          "only damage keeps events from a reader who does not skip it");
}

void check_length(std::string_view text) {
  log::TextSource source = source_of(text);
  require(log::length_of(source, "s").has_value(), "a log's extent can always be told");
  (void)log::first_event_time(source);
}

/// A log on a disk, and its writer.
class Bench {
 public:
  explicit Bench(std::string_view text) : writer{disk(), options()} {
    disk().clear();
    disk().put(log_path, text);
  }
  const std::string& log() { return disk().at(log_path); }
  /// What a repair put aside; null where there was none.
  const std::string* quarantined() const { return disk().under("q/s/"); }

  log::Writer writer;

 private:
  static MemoryDisk& disk() {
    static MemoryDisk one;
    return one;
  }
  // Short names, which cost no memory of their own.
  static const log::WriterOptions& options() {
    static const log::WriterOptions all{.log = log_path,
                                        .lock = "l/s",
                                        .quarantine = "q/s",
                                        .checkpoints = "c/s",
                                        .session_id = "s"};
    return all;
  }
};

// What a repair put aside stood in the log; gives what it left there.
std::string_view left_of(std::string_view text, const std::string& kept) {
  require(text.ends_with(kept), "what is cut off is kept");
  return text.substr(0, text.size() - kept.size());
}

void check_append(const std::string& text, bool again) {
  Bench bench{text};
  static const log::CheckedDraft draft{"user_message", "{}", "{}", "", std::nullopt};
  const auto appended = bench.writer.append({&draft, 1}, {});
  const std::string& after = bench.log();
  if (!appended) {
    require(appended.error().code == Code::corrupt, "an append is refused for damage alone");
    require(after == text, "then nothing was changed");
    if (!again) require(verified(text).verdict == Verdict::damaged, "and there is some");
    return;
  }
  const std::string* const cut = bench.quarantined();
  const std::string_view left = cut != nullptr ? left_of(text, *cut) : text;
  require(after.starts_with(left), "what is whole stays");
  require(left.empty() || left.back() == '\n', "and an event begins its own line");
  if (again) {
    const auto next = bench.writer.append({&draft, 1}, {});
    require(next && next->front().sequence_number == appended->front().sequence_number + 1,
            "the next append goes on");
    return;
  }
  const Verification now = verified(after);
  if (fine(now)) {
    require(now.verdict == Verdict::clean, "an append seals a log");
    require(now.events == appended->front().sequence_number, "the new event is the last one");
  }
  if (fine(now) && cut == nullptr) return;
  const Verification before = verified(text);
  if (cut == nullptr) {
    require(!fine(before), "an append leaves a clean log clean");
  } else {
    require(before.verdict == Verdict::torn, "what is cut off was torn");
    require(before.end_offset_bytes == left.size(), "and no more than that");
    require(now.verdict == Verdict::clean && now.events == before.events + 2,
            "a cut heals, and is told");
  }
}

void check_repair(const std::string& text, bool salvage, bool again) {
  Bench bench{text};
  const auto repaired = bench.writer.repair({.salvage = salvage});
  const std::string& after = bench.log();
  if (!repaired) {
    require(repaired.error().code == Code::corrupt, "a repair is refused for damage alone");
    require(after == text, "then nothing was changed");
    if (!again) require(verified(text).verdict == Verdict::damaged, "and there is some");
    return;
  }
  if (!repaired->changed) {
    require(after == text, "no change is no change");
    require(repaired->verdict != Verdict::torn, "a torn log is repaired");
    return;
  }
  const std::string* const kept = bench.quarantined();
  const bool torn = repaired->verdict == Verdict::torn;
  require(kept != nullptr && (torn || *kept == text), "what was left out is kept");
  if (torn) require(after.starts_with(left_of(text, *kept)), "whole writes stay");
  if (again) {
    const auto next = bench.writer.repair({.salvage = salvage});
    require(next && !next->changed, "a repair is done once");
    return;
  }
  const Verification now = verified(after);
  require(now.verdict == Verdict::clean, "a repaired log is clean");
  require(now.events == repaired->events + 1, "every event that it counted is there");
}

}  // namespace
}  // namespace agentstore::fuzz

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  using namespace agentstore::fuzz;
  using agentstore::OnCorrupt;
  if (size == 0) return 0;
  const unsigned what = data[0] >> 1 & 3;
  const unsigned way = data[0] >> 3 & 3;
  const std::string_view rest = text_of(data, size).substr(1);
  static std::string raw;
  if ((data[0] & 1) == 0) raw = rest;
  const std::string& text = (data[0] & 1) != 0 ? damaged_log(rest) : raw;
  switch (what) {
    case 0:
      if (way == 3) check_length(text);
      else check_scan(text, std::array{OnCorrupt::strict, OnCorrupt::prefix, OnCorrupt::skip}[way]);
      break;
    case 1: check_append(text, (way & 1) != 0); break;
    case 2: check_repair(text, false, (way & 1) != 0); break;
    default: check_repair(text, true, (way & 1) != 0); break;
  }
  return 0;
}
