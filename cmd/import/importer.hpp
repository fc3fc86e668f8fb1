// Files into a store: transcripts, logs, exports, pages, data folders and databases. What one file
// is and what became of it is found out here, for `import` and for whatever else imports.

#pragma once

#include <cstddef>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "agentstore/store.hpp"
#include "cmd/context.hpp"
#include "cmd/import/source_keeping.hpp"
#include "cmd/input/import_transcript.hpp"
#include "cmd/input/imported_files.hpp"
#include "cmd/input/input_files.hpp"
#include "cmd/input/log_files.hpp"
#include "cmd/progress.hpp"
#include "formats/answers/import.hpp"

namespace agentstore::cmd {

/// Whether a file in an agent's folder may be a transcript, by its name. Others there are journals
/// of workflows, histories of prompts, results of tools.
bool is_named_like_transcript(const std::string& path);

/// How a store is opened to import into it: syncs are put off until a group of files was read.
StoreOptions store_to_import_into(bool dry_run);

/// One run over files. One that cannot be imported is told of, and the others are.
class Importer {
 public:
  /// `store` may be null in a dry run: then nothing is there yet. `store_name` is its, as --store
  /// takes it. Of the options, the paths are not looked at. All outlive this object.
  Importer(Context& context, Store* store, const std::string& store_name,
           const ImportCommand& options, const formats::Source* as);

  void import(const std::vector<LogFile>& files);
  /// Tells of what went wrong elsewhere; it decides on the status, too.
  void refuse(const Error& error);
  /// Files of folders that are no logs by their names.
  void pass_over(const std::vector<std::string>& paths);

  /// Closes the store, and keeps what was imported of which file. Call once, at the end.
  const formats::ImportAnswer& finish();
  /// The exit status: of the first thing that went wrong.
  int status() const { return status_; }
  /// Whether any file was another tool's transcript, read now or before.
  bool met_transcripts() const { return transcripts_ + answer_.unchanged > 0; }

 private:
  /// What became of a transcript.
  struct Converted {
    Result<void> done;
    const formats::Source* format = nullptr;
    formats::Tally tally = {};
    std::vector<formats::ImportedSession> sessions = {};
    FileStamp stamp = {};  // not known: the next import is to look at it again
    KeptTranscript kept = {};
  };

  /// What an import left of each file that is as it was; null of others.
  std::vector<const ImportedFiles::File*> known_of(std::span<const LogFile> files) const;
  void take_unchanged(const LogFile& file, const ImportedFiles::File& known);
  void import_file(const LogFile& file);

  void import_transcript(const LogFile& file, ByteInput input, const FileStamp& stamp);
  Converted convert(ByteInput input, const FileStamp& stamp);
  /// Those of Claude Code's transcripts that do not share a session, on all cores.
  std::vector<std::optional<Converted>> import_side_by_side(
      std::span<const LogFile> files, std::span<const ImportedFiles::File* const> known);
  static bool is_to_be_read(const LogFile& file);
  bool is_of_claude_code(const LogFile& file) const;
  void keep(TranscriptImporter& importer, const std::string& path, const FileStamp& stamp,
            Converted& converted);
  /// Makes what was imported since durable; what was said of it from `first_session` on is void
  /// where that fails.
  void sync(std::size_t first_session);
  void answer_for(const LogFile& file, const Converted& converted);
  void remember(const std::string& path, const std::string& format, const FileStamp& stamp,
                const std::vector<formats::ImportedSession>& sessions);
  /// Sessions of which nothing was taken, since it would be mapped otherwise than what is there.
  void tell_outdated();

  // Sessions that are taken over whole; see import_sessions.cpp.

  /// A log by path, or events in an array.
  void import_log(const std::string& path, ByteInput bytes, const InputKind& kind);
  /// A log in a store, by its path.
  void import_stored(const std::string& path, const std::filesystem::path& folder);
  void import_export(ByteInput input);
  void import_page(ByteInput input);
  /// A data folder, or a database.
  void import_store(const std::string& path);
  void import_session(const std::string& path, const Store& from, const Session& session);
  void import_events(const std::string& path, EventReader& reader, const Session& session);
  Result<Store> open_to_read(const std::filesystem::path& folder);
  /// Such sessions are not looked into by a dry run, which says only that they would be tried.
  void pass_by(const std::string& path, const std::string& session_id);
  void tell(const std::string& path, const std::string& session_id, const ImportReport& imported);

  void refuse_file(const std::string& path, const std::string& format, const Error& error);
  void refuse_session(const std::string& path, const std::string& session_id, Error error);
  /// A session is its whole log: in a store, a part of one would be damaged.
  void refuse_extract(const std::string& path, const std::string& session_id, const Absent& absent);
  void note_status(int status);

  Context& context_;
  Store* store_;
  const ImportCommand& options_;
  ImportTargets targets_;
  TranscriptImport wanted_;
  std::optional<ImportedFiles> imported_;
  Progress* progress_ = nullptr;
  formats::ImportAnswer answer_;
  std::size_t transcripts_ = 0;
  bool synced_ = true;             // all that was imported is durable
  bool keeps_no_sources_ = false;  // the store
  int status_ = Status::fine;
};

}  // namespace agentstore::cmd
