// A log of any bytes, or a sealed log that was damaged: scanned, verified, appended to, repaired.
// The first byte says which, and what is done: bit 0 damage, bits 1 and 2 append, repair, salvage.

#include <algorithm>
#include <optional>

#include "fuzz/damage.hpp"
#include "fuzz/memory_disk.hpp"
#include "fuzz/require.hpp"
#include "log/tail.hpp"
#include "log/verify.hpp"
#include "log/writer.hpp"

namespace agentstore::fuzz {
namespace {

constexpr const char* log_path = "d/events/s.jsonl";

/// A log in memory that belongs to somebody else.
class ViewSource : public log::ByteSource {
 public:
  explicit ViewSource(std::string_view text) : text_(text) {}
  std::uint64_t size_bytes() const override { return text_.size(); }
  Result<std::size_t> read_at(std::uint64_t offset, char* into, std::size_t size) override {
    return text_.substr(std::min<std::size_t>(offset, text_.size())).copy(into, size);
  }
  Result<Tail> settle() override { return Tail::settled; }
  Result<Change> refresh() override { return Change::none; }
  std::string name() const override { return "a log"; }

 private:
  std::string_view text_;
};

Verification verified(std::string_view text) {
  ViewSource source{text};
  auto result = log::verify(source, "s", false);
  require(result.has_value(), "verifying bytes in memory cannot fail");
  require(result->end_offset_bytes <= text.size(), "a log does not end behind its end");
  return std::move(*result);
}

bool fine(const Verification& log) {
  return log.finding_count == 0 &&
         (log.verdict == Verdict::clean || log.verdict == Verdict::unsealed);
}

void check_scans(std::string_view text, const Verification& whole) {
  for (const OnCorrupt mode : {OnCorrupt::strict, OnCorrupt::prefix, OnCorrupt::skip}) {
    ViewSource source{text};
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
    require(mode == OnCorrupt::strict || scanner.report().verdict == whole.verdict,
            "all ways of reading come to one verdict");
    require(whole.verdict == Verdict::damaged || events == whole.events,
            "where nothing is damaged, all ways of reading give the same events");
  }
  ViewSource source{text};
  require(log::extent_of(source, "s").has_value(), "a log's extent can always be told");
  (void)log::first_event_time(source);
}

log::WriterOptions options() {
  return {.log = log_path,
          .lock = "d/locks/s.lock",
          .quarantine = "d/quarantine/s",
          .checkpoints = "d/checkpoints/s",
          .session_id = "s"};
}

std::string quarantined(MemoryDisk& disk) {
  const auto kept = disk.under("d/quarantine/");
  return kept.empty() ? std::string{} : disk.at(kept.front());
}

void check_append(const std::string& text, const Verification& before) {
  MemoryDisk disk;
  disk.put(log_path, text);
  log::Writer writer{disk, options()};
  const log::CheckedDraft draft{"user_message", "{}", "{}", "", std::nullopt};
  const auto appended = writer.append({&draft, 1}, {});
  const std::string after = disk.at(log_path);
  if (!appended) {
    require(appended.error().code == Code::corrupt, "an append is refused for damage alone");
    require(!fine(before) && before.verdict != Verdict::torn, "and where there is some");
    require(after == text, "then nothing was changed");
    return;
  }
  const bool cut = !disk.under("d/quarantine/").empty();
  const Verification now = verified(after);
  if (cut) {
    require(before.verdict == Verdict::torn, "what is cut off was torn");
    require(after.starts_with(text.substr(0, before.end_offset_bytes)), "whole writes stay");
    require(text.substr(before.end_offset_bytes) == quarantined(disk), "what was cut is kept");
  } else {
    require(after.starts_with(text), "what is not cut stays");
  }
  if (fine(before) || cut) {
    require(now.verdict == Verdict::clean, "an append leaves a clean log");
    require(now.events == before.events + (cut ? 2 : 1), "and exactly the new event in it");
  } else {
    require(!fine(now), "an append does not hide what is wrong");
  }
  const auto again = writer.append({&draft, 1}, {});
  require(again && again->front().sequence_number == appended->front().sequence_number + 1,
          "the next append goes on");
}

void check_repair(const std::string& text, const Verification& before, bool salvage) {
  MemoryDisk disk;
  disk.put(log_path, text);
  log::Writer writer{disk, options()};
  const auto repaired = writer.repair({.salvage = salvage});
  const std::string after = disk.at(log_path);
  if (!repaired) {
    require(repaired.error().code == Code::corrupt, "a repair is refused for damage alone");
    require(after == text, "then nothing was changed");
    return;
  }
  if (!repaired->changed) {
    require(after == text, "no change is no change");
    require(before.verdict != Verdict::torn, "a torn log is repaired");
    return;
  }
  require(
      quarantined(disk).size() ==
          (before.verdict == Verdict::torn ? text.size() - before.end_offset_bytes : text.size()),
      "what was left out is kept");
  const Verification now = verified(after);
  require(now.verdict == Verdict::clean, "a repaired log is clean");
  require(now.events >= before.events || before.verdict == Verdict::damaged,
          "no whole event is lost");
  const auto again = writer.repair({.salvage = salvage});
  require(again && !again->changed, "a repair is done once");
}

}  // namespace
}  // namespace agentstore::fuzz

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  using namespace agentstore::fuzz;
  if (size == 0) return 0;
  const std::string_view rest = text_of(data, size).substr(1);
  const std::string text = (data[0] & 1) != 0 ? damaged_log(rest) : std::string{rest};
  const auto whole = verified(text);
  switch (data[0] >> 1 & 3) {
    case 0: check_scans(text, whole); break;
    case 1: check_append(text, whole); break;
    case 2: check_repair(text, whole, false); break;
    default: check_repair(text, whole, true); break;
  }
  return 0;
}
