// What the listing of a folder makes of a transcript is summed up there, for whoever asks for these
// sums next: so its file is read once.

#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "agentstore/parts.hpp"
#include "agentstore/reader.hpp"
#include "agentstore/session.hpp"
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

/// What the events of a file came to, which holds one session.
struct FileSums {
  std::string question;  ///< see question_of
  bool all_read = true;  ///< none of it was known from before
  ReadReport report = {};
  std::string text = {};  ///< for CachedAggregate::take
};

/// Empty: what is asked for has no sums that may be kept.
std::string question_of(const CachedAggregate& aggregate);

/// Sums up a file that was read; nothing where that cannot be. Called by several threads.
using SumFile = std::function<std::optional<FileSums>(const std::string& path, const Labels& labels,
                                                      const TranscriptFigures& figures)>;

/// Tells what of a transcript could not be converted; `before` stands before each reason.
void add_skipped(ReadReport& report, const formats::Tally& tally, const std::string& before = {});

/// Gives what TranscriptReader gives of the file with Made::figures. `figures` outlive it, and are
/// what the views that it gives are of.
class FiguresReader final : public EventReader {
 public:
  FiguresReader(const TranscriptFigures& figures, std::string file_name);

  Result<std::span<const EventView>> next() override;
  Result<bool> poll() override { return false; }
  const ReadReport& report() const override { return report_; }

 private:
  const TranscriptFigures& figures_;
  std::size_t next_ = 0;
  bool ended_ = false;
  std::vector<EventView> events_;
  ReadReport report_;
};

}  // namespace agentstore::cmd
