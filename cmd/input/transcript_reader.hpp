// Reading another tool's transcript as if it were a log: converted on the way, nothing is written.

#pragma once

#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "agentstore/reader.hpp"
#include "agentstore/verification.hpp"
#include "cmd/input/byte_input.hpp"
#include "formats/sources/transcript.hpp"

namespace agentstore::cmd {

/// What a file that names no session is called by: its name, without the endings.
std::string stem_of(const std::string& path);

/// The events of all sessions of a file, in its order, numbered from 1. What could not be converted
/// is in the report, and stops nothing.
class TranscriptReader final : public EventReader {
 public:
  /// `name` is for messages; empty: the path. With Made::figures the events have no line and no
  /// event id, and little of their payloads, unless the options ask for more: a predicate or
  /// upcasts may look at anything.
  static Result<std::unique_ptr<TranscriptReader>> open(const std::string& path,
                                                        const formats::Source& source,
                                                        ReadOptions options, std::string name = {},
                                                        formats::Made made = formats::Made::whole);

  Result<std::span<const EventView>> next() override;
  /// Reads the file again, where it has grown, and gives what is new.
  Result<bool> poll() override;
  const ReadReport& report() const override { return report_; }
  /// The session of the file, as far as it was read.
  const std::vector<formats::SourceSession>& sessions() { return transcript_->sessions(); }

 private:
  TranscriptReader(const formats::Source& source, ReadOptions options, std::string name,
                   formats::Made made);
  void start(ByteInput input);
  Result<bool> read_on();
  Result<void> take(std::vector<formats::SourceEvent> events);
  void finish();

  const formats::Source& source_;
  ReadOptions options_;
  const std::string name_;  // for messages
  const formats::Made made_how_;
  std::optional<ByteInput> input_;                 // never empty
  std::optional<formats::Transcript> transcript_;  // never empty
  std::unique_ptr<char[]> chunk_;
  bool ended_ = false;
  std::uint64_t last_ = 0;   // of the events made
  std::uint64_t given_ = 0;  // up to here they were given before the file was read again
  std::vector<formats::SourceEvent> made_;
  std::deque<std::string> lines_;
  std::vector<EventView> events_;
  ReadReport report_;
};

/// The lines of a transcript that those of its events come from, as far as it can be read.
std::map<std::uint64_t, std::uint64_t> lines_of_events(const std::string& path,
                                                       const formats::Source& source,
                                                       const std::set<std::uint64_t>& numbers);

/// What a transcript is held to: every line is a record, and no last one is cut off.
Result<Verification> verify_transcript(const std::string& path, const formats::Source& source,
                                       std::string name = {});

}  // namespace agentstore::cmd
