// The scan: a log's bytes in, whole writes of checked lines out, in memory that does not grow.
//
// A writer goes on only after its last sync succeeded, so only the last write of a log can be torn.
// At the first bad line the scan therefore asks whether the rest of the log is what one interrupted
// write leaves (torn_end.hpp): then it was cut off, or is still under way. Anything else is damage.

#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "agentstore/verification.hpp"
#include "log/fast_parse.hpp"
#include "log/line.hpp"
#include "log/position.hpp"
#include "log/source.hpp"
#include "log/split.hpp"

namespace agentstore::log {

/// Findings that a report keeps; more are counted.
inline constexpr std::size_t findings_max = 1000;

struct ScanOptions {
  std::string session_id = {};  ///< empty: that of the first line
  OnCorrupt on_corrupt = OnCorrupt::strict;
  bool check_hashes = false;
  /// A last line without a newline counts if it is whole and no line is sealed (a log given by
  /// path, which somebody may have edited).
  bool accept_unterminated = false;
  /// Lines may be missing: what is there may be an extract (a log outside of a store). Numbers have
  /// to rise; neighbors are held to the chain; of a write, what is there.
  bool extract = false;
  /// How many events there should be: it is an extract, too, if it ends before.
  std::uint64_t events_due = 0;
  Position start = {};
};

class Scanner {
 public:
  Scanner(ByteSource& source, ScanOptions options);

  /// The lines of the next whole writes; empty at the end. Views live until the next call.
  /// Errors: io; corrupt (strict mode), after the lines before the damage were given.
  Result<std::span<const Line>> next();

  /// After the end, once the source has grown: goes on behind the last write that was given.
  void resume();

  /// Behind the last write that was given.
  const Position& position() const { return given_; }
  const std::string& session_id() const { return options_.session_id; }
  /// Complete at the end. After a torn end, `end_offset_bytes` is where it has to be cut.
  const ReadReport& report() const { return report_; }
  void add_finding(Finding finding);

 private:
  /// What is wrong with a line.
  struct Issue {
    LineError error;
    bool readable = false;  // it is an event all the same, only out of place
    bool numbered = false;  // its number and its hash can be used to go on behind it
  };

  void take_writes();
  bool take_line(const RawLine& raw);
  std::optional<Issue> inspect(const RawLine& raw, Line& line);
  std::optional<Issue> out_of_place(const Line& line);
  std::optional<Issue> out_of_place_in_extract(const Line& line);
  bool begin_extract();
  void note_absent(std::uint64_t first, std::uint64_t last);
  void step_over(const Line& line, const RawLine& raw);
  void keep(const Line& line);
  void note_issue(const Issue& issue, const Line& line, const RawLine& raw);
  Result<bool> read_on();
  Result<bool> skip_endless_line(const Finding& finding);
  bool take_remainder();
  Result<void> at_issue();
  Result<std::optional<LineError>> why_no_torn_end();
  Result<void> end_torn(bool writing);
  Result<void> at_damage(LineError why);
  void at_end_of_damaged();
  Result<void> at_end();
  bool has_lost_events() const { return whole_.sequence_number < source_.due().count(); }
  Result<void> at_loss();
  void end();

  ByteSource& source_;
  ScanOptions options_;
  FastParser parser_;
  LineSplitter splitter_;
  ReadReport report_;
  Position given_;    // behind the writes given to the caller
  Position whole_;    // behind the last whole write in lines_
  Position cursor_;   // behind the last line looked at
  Batch open_write_;  // begun, not complete
  std::vector<Line> lines_;
  std::size_t whole_lines_ = 0;  // of lines_, those of whole writes
  Arena arena_;
  std::optional<Finding> issue_;    // what stopped the scan
  bool whole_line_is_bad_ = false;  // it is a line that no crash leaves: whole, without zeros
  std::optional<Finding> damage_;   // behind which the scan goes on, in skip mode
  int looks_left_;
  bool loose_ = false;       // behind damage, in skip mode: every event counts by itself
  bool gap_ = false;         // the line before was unreadable
  bool is_extract_ = false;  // lines are missing: every event counts by itself
  Absent absent_within_;     // before the last event
  bool ended_ = false;
  bool unterminated_ = false;  // the last line given had no newline
};

}  // namespace agentstore::log
