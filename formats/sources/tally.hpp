// The tally of an import: what a file of another tool's held, and what became of each part of it.

#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace agentstore::formats {

/// A part of a file that became no event, and why.
struct SkippedPart {
  std::string path;  ///< empty: standard input
  std::uint64_t line = 0;
  std::uint64_t offset_bytes = 0;  ///< of the line
  std::string why;
};

using Counts = std::map<std::string, std::uint64_t, std::less<>>;

/// Names come from the file: long ones are cut, and there are at most so many of them.
void count(Counts& counts, std::string_view name);

struct Tally {
  std::uint64_t bytes = 0;
  std::uint64_t lines = 0;
  std::uint64_t blank_lines = 0;
  std::uint64_t records = 0;      ///< JSON values
  std::uint64_t glued_lines = 0;  ///< lines with more than one of them
  std::uint64_t non_objects = 0;  ///< of the records, those that are no objects
  std::uint64_t events = 0;
  std::uint64_t kept_bytes = 0;          ///< of the events' payloads and metadata
  Counts by_type;                        ///< events
  Counts unknown;                        ///< records of no known kind: kept as `custom`, verbatim
  Counts left_out;                       ///< records that repeat others or only drew a screen
  std::uint64_t duplicates = 0;          ///< records that the file holds twice
  std::uint64_t repeated_usage = 0;      ///< records that repeat a response's usage
  std::int64_t duplicate_tokens_in = 0;  ///< what both would have added
  std::int64_t duplicate_tokens_out = 0;
  std::uint64_t skipped = 0;
  std::vector<SkippedPart> skipped_parts;  ///< the first hundred
  bool torn = false;                       ///< the last line was cut off

  void skip(SkippedPart part);
  /// Adds to the duplicate tokens, as far as a number holds their sum.
  void add_repeated(std::int64_t tokens_in, std::int64_t tokens_out);
  void merge(const Tally& other);
};

}  // namespace agentstore::formats
