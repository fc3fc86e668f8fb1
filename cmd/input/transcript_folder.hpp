// A folder of another tool's transcripts, as sessions: `--store claude:DIR`, `--store codex:DIR`.
// It is read only.

#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "agentstore/result.hpp"
#include "agentstore/session.hpp"
#include "cmd/input/transcript_figures.hpp"
#include "formats/sources/source.hpp"

namespace agentstore::cmd {

class ByteInput;
class KnownFiles;
class RawFilter;

/// A session, wherever its records lie in the folder.
struct TranscriptSession {
  Session session;
  std::string title;
  std::vector<std::string> paths;               ///< the file that tells most of its beginning first
  std::vector<const formats::Source*> sources;  ///< of the paths
  bool whole_file = true;                       ///< it is all that its one file holds
  /// Of the one file, where it was read and summed up; may be null.
  std::shared_ptr<const FileSums> sums = nullptr;
};

struct TranscriptFolder {
  const formats::Source* source = nullptr;
  std::string path;
  std::string archive =
      {};  ///< where the tool moves old transcripts to, if its own folder is meant
};

/// What the name of a store says; nothing where it is one of another kind. Without a folder it is
/// the tool's own. Errors: not_found (there is none).
Result<std::optional<TranscriptFolder>> transcript_folder(std::string_view store_name);

/// The tools' own folders that are there, with what to call them as a store.
std::vector<std::string> transcript_folders_here();

/// A tool's own folder, with its settings and indexes beside its transcripts.
struct ToolHome {
  const formats::Source* source = nullptr;
  std::string path;
  std::vector<std::string> transcripts;  ///< folders in it, as far as they are there
  bool chosen = false;                   ///< by a variable, such as CLAUDE_CONFIG_DIR
};
/// Those that are on this machine.
std::vector<ToolHome> tool_homes_here();
/// A folder as one of a tool, if it has such folders of transcripts.
std::optional<ToolHome> tool_home_at(const std::string& folder);

/// "claude:" or "codex:", where there are such transcripts among the first files of a folder; else
/// empty.
std::string scheme_of_transcripts(const std::string& folder);

/// The folder of the tool that writes such files, whether it is there or not; empty: it is not
/// known where, since HOME is not set.
std::string home_of_tool(const formats::Source& source);

/// Its files, as all that reads it takes them; what could not be looked at goes to `unreadable`.
/// `note`, if not null, is told of links that lead out of the folder: they are not followed;
/// `known` what the files are.
std::vector<std::string> files_of(const TranscriptFolder& folder, std::vector<Error>& unreadable,
                                  const std::function<void(const std::string&)>& note,
                                  KnownFiles* known = nullptr);

/// The format of a file, if it is one of the folder's tool; else null. Errors: as kind_of, of a
/// file that may have been a transcript.
Result<const formats::Source*> source_of_file(ByteInput& input, const formats::Source& tool);

/// The sessions of a folder.
struct TranscriptList {
  std::vector<TranscriptSession> sessions;
  std::vector<Error> unreadable;  ///< files, and folders in it, that may hold others
};

/// What is wanted of each session beside where it lies.
struct TranscriptListing {
  bool counted = false;          ///< the events of those that lie in several files
  const SumFile* sum = nullptr;  ///< sums up files that are read; null: no sums are wanted
  /// Set: of sessions without a file that may hold it, nothing is read. Some may be listed.
  const RawFilter* raw = nullptr;
};

/// The sessions, newest first, with the time of their last event. Reads every file that `known`
/// does not know: a session is what its records say, in as many files as they lie in. `note`:
/// see files_of. Errors: io, where there is nothing that could be read.
Result<TranscriptList> list_transcripts(const TranscriptFolder& folder,
                                        const TranscriptListing& listing, KnownFiles& known,
                                        const std::function<void(const std::string&)>& note);

}  // namespace agentstore::cmd
