// The receipt of an import: what came in, and what became of every part of it.

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "agentstore/result.hpp"
#include "agentstore/source_file.hpp"
#include "formats/sources/tally.hpp"
#include "formats/text/figures.hpp"
#include "formats/text/sink.hpp"

namespace agentstore::formats {

/// One session of one file.
struct ImportedSession {
  std::string path;
  std::string session_id;  ///< empty: the file names none
  std::uint64_t events = 0;
  std::uint64_t already = 0;
  bool created = false;
  bool outdated = false;  ///< made by an earlier reader: nothing was changed
  std::optional<std::string> error = {};
};

struct ImportedFile {
  std::string path;
  std::string format;  ///< empty: not known
  std::optional<std::string> error;
};

/// A file that is no longer what was kept of it: cut, or changed before where it ended.
struct ChangedSource {
  std::string path;
  std::string session_id;  ///< which it is kept with
  SourceChange change;
};

struct ImportAnswer {
  std::vector<ImportedSession> sessions;
  std::vector<ImportedFile> files;
  std::uint64_t unchanged = 0;    ///< of the files, those that no import had to open again
  std::uint64_t passed_over = 0;  ///< files found in folders that are named like logs and are none
  Counts not_read = {};           ///< all files found in folders that are no logs, by what they are
  bool dry_run = false;
  std::uint64_t source_bytes = 0;  ///< of transcripts, that are kept for `restore` since
  std::vector<ChangedSource> changed = {};
  std::vector<std::string> busy = {};  ///< transcripts that another process is keeping right now
  Tally tally;                         ///< of transcripts
};

/// {"path","session_id","file","kept","found"}
std::string changed_source_json(const ChangedSource& changed);
/// "shorter" or "changed", and the file, for people.
void add_changed_source(Figures& figures, const ChangedSource& changed);

/// agentstore/import/1, on one line.
void write_import_json(Sink& sink, const ImportAnswer& answer);
/// A line a figure.
void write_import_text(Sink& sink, const ImportAnswer& answer, const Screen& screen);

}  // namespace agentstore::formats
