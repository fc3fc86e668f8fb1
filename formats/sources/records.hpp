// Records: the JSON values of a file of lines, whatever happened to the lines. Values that were
// glued together are taken apart; what is no JSON is skipped, and counted with its place.

#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "agentstore/internal/foreign_json.hpp"
#include "formats/sources/tally.hpp"

namespace agentstore::formats {

/// One JSON value. It lives for the call that it is given to.
struct SourceRecord {
  json::Value json;                ///< with notes, as a rule
  std::uint64_t line = 0;          ///< from 1
  std::uint64_t offset_bytes = 0;  ///< of the line
  bool storable = true;  ///< false: valid JSON that no log may hold (a duplicate key, bad UTF-8)
  bool compact = false;  ///< true: without insignificant white space; false: there may be some
};

/// Splits bytes that come in pieces of any size. Keeps a line at the most.
class RecordSplitter {
 public:
  using Take = std::function<void(const SourceRecord&)>;

  /// Counts into `tally`, which outlives it.
  explicit RecordSplitter(Tally& tally) : tally_{tally} {}

  void feed(std::string_view bytes, const Take& take);
  /// The last line counts without a newline, too, if it is whole.
  void end(const Take& take);
  /// Whether what was fed ends where a line begins.
  bool at_beginning_of_line() const { return kept_.empty() && !too_long_; }
  /// Goes on there, where the tally is that of what was fed before.
  void resume() { line_offset_ = tally_.bytes; }

 private:
  /// A line, and up to where bytes may be read.
  struct Line {
    std::string_view text;
    const char* readable_end;
    bool terminated;
  };
  void take_line(Line line, const Take& take);
  bool take_whole(const Line& line, const Take& take);
  void take_values(const Line& line, const Take& take);
  void take_value(const SourceRecord& record, const Take& take);
  void take_kept(bool terminated, const Take& take);
  void skip(std::string why);
  void keep(std::string_view rest);

  Tally& tally_;
  json::ForeignParser parser_;
  std::string kept_;              // the beginning of a line
  bool too_long_ = false;         // that line is too long to keep
  std::uint64_t line_bytes_ = 0;  // of it, so far
  std::uint64_t line_offset_ = 0;
};

}  // namespace agentstore::formats
