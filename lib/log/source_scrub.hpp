// Which lines of a transcript hold what a redaction removes.
//
//   1. The records that the events were made of: an event's id is its record's "uuid", or a digest
//   of
//      the record; what follows a "." or "~" in it tells events of one record apart.
//   2. Lines that hold a text of a payload that goes, or the beginning of a long one: transcripts
//   say
//      things twice, and not all that they say becomes an event. A text that an event which stays
//      holds, too, or that is a label of the session, gives nothing away that the log does not.
//   3. Lines that an earlier redaction removed because of such a text, by their digests.
//
// Such a line is replaced by a blank record of the same length, so that offsets and the numbers of
// lines stay.

#pragma once

#include <cstdint>
#include <functional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "agentstore/json.hpp"
#include "agentstore/result.hpp"
#include "agentstore/session.hpp"
#include "base/text_finder.hpp"
#include "log/kept_sources.hpp"
#include "log/redaction.hpp"
#include "log/source.hpp"

namespace agentstore::log {

/// Records, by the ids of events that were made of them.
class NamedRecords {
 public:
  void add(std::string_view event_id);
  void add(const NamedRecords& others);
  bool empty() const { return ids_.empty() && digests_.empty(); }
  /// Whether a line is one of them.
  bool has(std::string_view line) const;

 private:
  std::set<std::string, std::less<>> ids_;
  std::vector<std::string> digests_;  // or their beginnings
};

/// Texts of payloads that go, or are gone.
class GoneTexts {
 public:
  explicit GoneTexts(const Labels& labels);

  void add(const json::Value& payload);
  bool empty() const { return texts_.empty(); }
  /// A text in a line of the log stays, unless it is one of these events. Errors: io.
  Result<void> leave_those_in(ByteSource& log, const std::set<std::uint64_t>& except);
  /// What is left, and the beginnings of long texts.
  TextFinder finder() const;

 private:
  std::set<std::string, std::less<>> known_;
  std::vector<std::vector<std::string>> texts_;  // each in several forms
  std::vector<char> stays_;
  TextFinder all_;
};

class SourceScrubber {
 public:
  /// For what was redacted before: lines of these records, lines that were removed, and lines with
  /// texts that are gone.
  SourceScrubber(NamedRecords records, std::vector<RemovedLine> removed, TextFinder texts)
      : records_{std::move(records)}, removed_{std::move(removed)}, texts_{std::move(texts)} {}
  /// For payloads that are to go; `log` still has them. `keeper`, unless null: the log of another
  /// session, which keeps the file. Errors: io.
  static Result<SourceScrubber> of(const KeptLines& lines, ByteSource& log, ByteSource* keeper,
                                   const Labels& labels);

  bool empty() const { return records_.empty() && removed_.empty() && texts_.empty(); }
  /// Replaces in `lines`, which begin with line `first_line`, those that go, and adds them to
  /// `gone`. Blank records are left as they are. Says how many lines there are.
  std::uint64_t scrub(std::string& lines, std::uint64_t first_line, GoneLines& gone) const;

 private:
  /// Whether it is known to go by what the log says from now on.
  bool is_known(std::string_view line) const;
  bool has_text(std::string_view line) const;

  NamedRecords records_;
  std::vector<RemovedLine> removed_;
  TextFinder texts_;
};

/// The ids of the events of a log whose payloads were redacted. Errors: io.
Result<NamedRecords> redacted_records(ByteSource& log);

}  // namespace agentstore::log
