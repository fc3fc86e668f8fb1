// What the listing of a folder made of a transcript, kept for the sums that are asked for next: so
// its file is read once.

#pragma once

#include <optional>
#include <string>
#include <vector>

#include "agentstore/filter.hpp"
#include "agentstore/reader.hpp"
#include "cmd/input/known_files.hpp"
#include "formats/sources/source.hpp"
#include "formats/sources/tally.hpp"

namespace agentstore::cmd {

/// Of a file that holds one session; or of what was added to it since it was last read.
struct TranscriptFigures {
  std::optional<FileStamp> after;   ///< what it was then
  std::uint64_t events_before = 0;  ///< that it had then
  std::string session_id;
  std::vector<formats::SourceEvent> events;  ///< Made::figures
  formats::Tally tally;
};

/// Tells what of a transcript could not be converted; `before` stands before each reason.
void add_skipped(ReadReport& report, const formats::Tally& tally, const std::string& before = {});

/// Gives what TranscriptReader gives of the file with Made::figures. `figures` outlive it, and are
/// what the views that it gives are of.
class FiguresReader final : public EventReader {
 public:
  FiguresReader(const TranscriptFigures& figures, std::string file_name, Filter filter);

  Result<std::span<const EventView>> next() override;
  Result<bool> poll() override { return false; }
  const ReadReport& report() const override { return report_; }

 private:
  const TranscriptFigures& figures_;
  const Filter filter_;
  std::size_t next_ = 0;
  bool ended_ = false;
  std::vector<EventView> events_;
  ReadReport report_;
};

}  // namespace agentstore::cmd
