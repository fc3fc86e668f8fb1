// Source files: what a session was imported from, kept byte for byte beside its log, so that it can
// be given back. Data folders keep them; databases and stores in memory do not.
//
// A file has versions: as long as it only grows, what is new is added to the newest; when it was
// changed or cut, it is kept anew, as the next version, and the ones before stay.

#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "agentstore/result.hpp"

namespace agentstore {

/// Gives bytes front to back: up to `size` of them, 0 at the end.
using ReadBytes = std::function<Result<std::size_t>(char* into, std::size_t size)>;

/// A file to be kept.
struct SourceFile {
  /// Where it belongs below the folder of the tool that wrote it: "projects/x/1284.jsonl".
  /// Relative, without "..".
  std::string name;
  /// Opens its bytes at their beginning. May be called several times.
  std::function<Result<ReadBytes>()> open;
  /// Where it lies, if that is not the place that the name tells: then it is a copy, and does not
  /// say what became of the file itself. Empty: it is the file itself.
  std::string found_at = {};
  /// Whether there is a file of such a name now. One that is there was not renamed to this one.
  std::function<bool(const std::string& name)> is_there = nullptr;
  /// Other sessions with events that were made of it: what was redacted there is not kept, either.
  std::vector<std::string> sessions = {};
  /// Payloads of it that were redacted in any of the sessions: lines that hold a text of these are
  /// not kept, unless an event that stands holds the text, too.
  std::vector<std::string> redacted = {};
};

/// A file that is no longer what was kept of it.
struct SourceChange {
  std::string file;
  std::uint64_t kept_bytes = 0;
  std::string kept_sha256;
  std::uint64_t found_bytes = 0;
  std::string found_sha256;
};

/// What keeping a file came to.
struct KeepReport {
  std::uint64_t new_bytes = 0;  ///< that were not kept before
  std::optional<SourceChange> changed = std::nullopt;
  /// Another process is keeping it right now: nothing was done, and it is not known to be kept.
  bool busy = false;
};

/// One version of a file, kept as sources/ID/NUMBER.zst.
struct KeptVersion {
  std::uint64_t number = 0;
  std::vector<std::string> names;  ///< as the file was called; the newest last, never empty
  std::uint64_t bytes = 0;
  std::uint64_t stored_bytes = 0;             ///< on the disk, compressed
  std::vector<std::uint64_t> redacted_lines;  ///< that were removed, from 1, ascending
  bool latest = false;                        ///< its file was so when it was last seen

  const std::string& name() const { return names.back(); }
};

/// A file that holds events of this session, and is kept with another one.
struct KeptElsewhere {
  std::string file;
  std::string session_id;
};

/// What is kept of the files that a session was imported from.
struct KeptFiles {
  std::vector<KeptVersion> versions;  ///< by number
  std::vector<KeptElsewhere> elsewhere;
  /// The session was copied here without its files: they are where it came from.
  bool left_behind = false;
};

/// Takes bytes, piece by piece, and may refuse to go on.
using TakeBytes = std::function<Result<void>(std::string_view bytes)>;

/// Whether a name can be one of a kept file: relative, without empty parts, "." or "..".
bool is_source_name(std::string_view name);

}  // namespace agentstore
