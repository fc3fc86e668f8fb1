// Keeping a transcript as it was read, with the session that it is, so that `restore` can give it
// back.

#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "agentstore/internal/file_stamp.hpp"
#include "agentstore/store.hpp"
#include "formats/answers/import.hpp"
#include "formats/sources/source.hpp"

namespace agentstore::cmd {

/// What a transcript is called below the folder of its tool: "projects/x/1284.jsonl". One that lies
/// elsewhere is called as if it lay there, as far as its path and its session tell where.
std::string source_name(const std::string& path, const formats::Source& source,
                        const Labels& labels);

/// A transcript that was imported.
struct ReadTranscript {
  std::string path;
  FileStamp stamp;          ///< from before it was opened
  std::uint64_t bytes = 0;  ///< that were read of it, expanded where it was compressed
  const formats::Source* source = nullptr;
  std::span<const formats::SourceSession> sessions;
  std::span<const formats::ImportedSession> imported;  ///< what became of each of them
  std::vector<std::string> replaced = {};              ///< sessions that these replace
  std::vector<std::string> redacted = {};              ///< payloads of it that were redacted
};

/// What keeping it came to.
struct KeptTranscript {
  bool busy = false;         ///< another process is keeping it: nothing is known of it
  bool unsupported = false;  ///< the store keeps no files
  std::uint64_t new_bytes = 0;
  std::vector<formats::ChangedSource> changed;
};

/// Keeps what was read, with the session that the file is; the logs of other sessions in it say
/// where it is. A pipe is not kept. Errors: as Store::keep_source; io, where the file is another
/// one by now.
Result<KeptTranscript> keep_transcript(Store& store, const ReadTranscript& transcript);

}  // namespace agentstore::cmd
