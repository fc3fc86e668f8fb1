// A transcript: bytes of another tool's file in, sessions and drafts out. Opens nothing; holds the
// beginning of the file until its format is known, then a record at a time.

#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "agentstore/result.hpp"
#include "formats/sources/event_maker.hpp"
#include "formats/sources/source.hpp"

namespace agentstore::formats {

class Transcript {
 public:
  /// `as`: the format; null: whatever the content says.
  Transcript(SourceOptions options, const Source* as);

  /// Errors: invalid (the format is none that is known, or could be more than one):
  /// nothing was made of the bytes then.
  Result<void> feed(std::string_view bytes);
  /// Errors: as feed.
  Result<void> end();

  /// What it knows, to go on later with the bytes that follow; nothing where the bytes so far end
  /// within a line, or what follows depends on more. Before `end`, once the events were taken.
  std::optional<std::string> state();
  /// Of a new one: goes on from a state. False: it is of no use, nor is this then.
  bool resume(std::string_view state);

  /// What was made since these were last taken.
  std::vector<SourceEvent> take_events();
  const std::vector<SourceSession>& sessions() { return events_.sessions(); }
  const Tally& tally() { return events_.tally(); }
  /// Null: not known yet.
  const Source* format() const { return source_; }

 private:
  Result<void> detect();

  EventMaker events_;
  RecordSplitter splitter_;
  RecordSplitter::Take take_;
  const Source* source_;
  std::unique_ptr<Converter> converter_;
  bool begun_ = false;
  std::string head_;
  std::size_t look_at_bytes_;  // of the head
};

/// The format of a file that begins with `head`; `whole`: with nothing behind it. Null: more of it
/// is needed. Errors: as Transcript::feed, naming what was seen.
Result<const Source*> detect_source(std::string_view head, bool whole);

}  // namespace agentstore::formats
