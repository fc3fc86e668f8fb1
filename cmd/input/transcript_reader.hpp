// Reading another tool's transcript as if it were a log: converted on the way, nothing is written.

#pragma once

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "agentstore/reader.hpp"
#include "agentstore/verification.hpp"
#include "cmd/input/byte_input.hpp"
#include "cmd/input/input.hpp"
#include "cmd/input/seen_events.hpp"
#include "formats/sources/transcript.hpp"

namespace agentstore::cmd {

/// What a file that names no session is called by: its name, without the endings.
std::string stem_of(const std::string& path);

/// What to read.
struct TranscriptFiles {
  std::vector<std::string> paths;
  const formats::Source* source = nullptr;  ///< null: what each file's content says
  std::string session_id;                   ///< the only one that is wanted; empty: all sessions
  std::string name;                         ///< of the one file, for messages; empty: its path
};

/// The events of all sessions of a file, in its order, or those of one session in several files,
/// each once; numbered from 1. What could not be converted is in the report, and stops nothing.
class TranscriptReader final : public EventReader {
 public:
  /// Told of each event, and where it comes from; then also of those that the files repeat.
  using OnEvent = Input::Trace;

  /// With Made::figures the events have no line and no event id, and little of their payloads,
  /// unless the options ask for more: a predicate or upcasts may look at anything, and what is the
  /// same in several files shows only in the whole.
  static Result<std::unique_ptr<TranscriptReader>> open(TranscriptFiles files, ReadOptions options,
                                                        formats::Made made = formats::Made::whole,
                                                        OnEvent on_event = {});

  Result<std::span<const EventView>> next() override;
  /// Reads the file again, where it has grown, and gives what is new.
  Result<bool> poll() override;
  const ReadReport& report() const override { return report_; }
  /// What the records that were read told of the first session.
  Labels labels();

 private:
  TranscriptReader(TranscriptFiles files, ReadOptions options, formats::Made made,
                   OnEvent on_event);
  void start();
  Result<void> open_file();
  Result<bool> read_on();
  Result<bool> has_grown() const;
  bool is_of_session(const formats::SourceEvent& made);
  Result<void> take(std::vector<formats::SourceEvent> events);
  void finish();

  const TranscriptFiles files_;
  ReadOptions options_;
  const formats::Made made_how_;
  const OnEvent on_event_;
  std::size_t file_ = 0;                           // that is read
  std::vector<std::uint64_t> bytes_read_;          // of each file
  std::optional<ByteInput> input_;                 // never empty
  std::optional<formats::Transcript> transcript_;  // never empty
  SeenEvents seen_;                                // where there are several files
  std::unique_ptr<char[]> chunk_;
  bool ended_ = false;
  bool next_file_ = false;   // is to be opened
  std::uint64_t last_ = 0;   // of the events made
  std::uint64_t given_ = 0;  // up to here they were given before the file was read again
  std::vector<formats::SourceEvent> made_;
  std::deque<std::string> lines_;
  std::set<std::string, std::less<>> session_ids_;
  std::vector<EventView> events_;
  ReadReport report_;
};

/// What its first records tell of its first session; none where it cannot be read.
Labels labels_of_transcript(TranscriptFiles files);

/// Where those of the events come from, "FILE:LINE", as far as the files can be read.
std::map<std::uint64_t, std::string> places_of_events(TranscriptFiles files,
                                                      const std::set<std::uint64_t>& numbers);

/// What a transcript is held to: every line is a record, and no last one is cut off.
Result<Verification> verify_transcript(TranscriptFiles files);

}  // namespace agentstore::cmd
