#include "cmd/input/transcript_figures.hpp"

#include <utility>

#include "cmd/words/drafts.hpp"

namespace agentstore::cmd {
namespace {

constexpr std::size_t batch_events = 1024;
constexpr std::size_t findings_max = 1000;

}  // namespace

void add_skipped(ReadReport& report, const formats::Tally& tally, const std::string& before) {
  for (const formats::SkippedPart& part : tally.skipped_parts)
    if (report.findings.size() < findings_max)
      report.findings.push_back(
          {FindingKind::skipped, part.line, part.offset_bytes, 0, before + part.why});
  report.finding_count += tally.skipped;
  report.end_offset_bytes = tally.bytes;
}

std::string question_of(const CachedAggregate& aggregate) {
  return aggregate.name.empty() ? "" : aggregate.name + " " + aggregate.version;
}

FiguresReader::FiguresReader(const TranscriptFigures& figures, std::string file_name)
    : figures_{figures} {
  report_.verdict = Verdict::unsealed;
  report_.log_name = std::move(file_name);
}

Result<std::span<const EventView>> FiguresReader::next() {
  events_.clear();
  const std::vector<formats::SourceEvent>& made = figures_.events;
  while (next_ < made.size() && events_.size() < batch_events) {
    EventView event = view_of(made[next_].draft);
    event.session_id = figures_.session_id;
    event.sequence_number = figures_.events_before + ++next_;
    events_.push_back(event);
  }
  if (next_ == made.size() && !std::exchange(ended_, true)) add_skipped(report_, figures_.tally);
  report_.events = report_.unsealed = report_.last_sequence_number = figures_.events_before + next_;
  return events_;
}

}  // namespace agentstore::cmd
