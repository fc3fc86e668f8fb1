// What a log says of the files that its session was imported from: which ranges of them are kept
// beside it, and which lines a redaction removed from those. See agentstore-log(5), "Sources".
//
//   agentstore.source_kept      {"file","offset","bytes","sha256","kept_as":"1.zst"[,"found_at"]}
//                               {"file","kept_with":SESSION}      a file that another session keeps
//   agentstore.source_changed   {"file","kept_as","kept":{"bytes","sha256"},"found":{…}}
//   agentstore.source_redacted  {"kept_as","bytes","sha256","lines":[3,7],   what is kept from now
//                                "removed":[{"bytes","salt","pbkdf2"}]}      on

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "agentstore/result.hpp"
#include "agentstore/source_file.hpp"
#include "log/draft.hpp"
#include "log/source.hpp"

namespace agentstore::log {

inline constexpr std::string_view source_kept = "agentstore.source_kept";
inline constexpr std::string_view source_changed = "agentstore.source_changed";
inline constexpr std::string_view source_redacted = "agentstore.source_redacted";

/// Bytes of a version, from where the range before it ends.
struct SourceRange {
  std::uint64_t bytes = 0;
  std::string sha256;  ///< 64 hex digits
};

/// A version of a file, as the events tell of it.
struct SourceVersion {
  KeptVersion kept;
  std::vector<SourceRange> read;    ///< as the file was read
  std::vector<SourceRange> stored;  ///< as it is kept; another one only after a redaction
};

/// What a file was when it was last seen: the beginning of a version.
struct SeenFile {
  std::string file;
  std::string found_at;  ///< of a copy; see SourceFile
  std::uint64_t number = 0;
  std::uint64_t bytes = 0;
};

/// A line that was removed and that no event's id tells: known again by its length and a digest
/// that takes long to compute, so that guesses of what it said do, too.
struct RemovedLine {
  std::uint64_t bytes = 0;  ///< without the end of the line
  std::string salt;         ///< 32 hex digits
  std::string pbkdf2;       ///< 64 hex digits

  static RemovedLine of(std::string_view line);
  bool is(std::string_view line) const;
};

/// Lines that a redaction removes from a version.
struct GoneLines {
  std::vector<std::uint64_t> numbers;  ///< from 1
  std::vector<RemovedLine> removed;    ///< those of them that the log's ids do not tell

  bool empty() const { return numbers.empty(); }
};

struct Sources {
  std::vector<SourceVersion> versions;  ///< by number
  std::vector<KeptElsewhere> elsewhere;
  std::vector<SeenFile> seen;        ///< one of each file and place, the last seen last
  std::vector<RemovedLine> removed;  ///< from any of the versions

  SourceVersion* find(std::uint64_t number);
  const SeenFile* find_seen(std::string_view file, std::string_view found_at) const;
  /// Marks the version of each name that its file was when it was last seen. The file itself says
  /// it, else the longest copy; one that was renamed since has its new name alone.
  void mark_latest();
  std::uint64_t last_number() const;
  /// Takes an event that was appended, or read. False: it is none of these, or makes no sense after
  /// those before it.
  bool take(std::string_view type, std::string_view payload);
};

/// "12.zst": how the file of a version is called.
std::string file_of_version(std::uint64_t number);
/// The version whose file is called so; nothing where none is.
std::optional<std::uint64_t> version_of_file(std::string_view name);

/// What the sealed events of a log say. Errors: io.
Result<Sources> sources_in(ByteSource& log);

/// The events that say it.
CheckedDraft kept_event(const std::string& file, const std::string& found_at, std::uint64_t number,
                        std::uint64_t offset, const SourceRange& range);
CheckedDraft kept_elsewhere_event(const KeptElsewhere& file);
CheckedDraft changed_event(const SourceChange& change, std::uint64_t number);
CheckedDraft redacted_event(std::uint64_t number, const SourceRange& all, const GoneLines& lines);

}  // namespace agentstore::log
