// The versions of source files in sources/ID: one is read, or a file is kept in the right one.

#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <string_view>
#include <vector>

#include "agentstore/source_file.hpp"
#include "backends/data_folder.hpp"
#include "log/draft.hpp"
#include "log/kept_sources.hpp"
#include "log/source_scrub.hpp"

namespace agentstore {

/// What is kept of a session's files in this process, and is not told to its log yet.
struct SourceWork {
  std::mutex mutex;
  Descriptor lock;  ///< of the session's folder
  log::Sources sources;
  log::NamedRecords redacted;                 ///< that the log tells of
  std::map<std::uint64_t, Descriptor> files;  ///< that were written to
  std::vector<log::CheckedDraft> drafts;
};

/// sources/ID/NUMBER.zst
Path source_path(const DataFolder& folder, std::string_view id, std::uint64_t number);

/// Writes what is new of a file, and adds to `work` what the log is to be told; nothing is durable
/// yet; lines that `scrubber` knows are not kept. On an error, what was kept before is as it was.
/// Errors: as SourceFiles::keep.
Result<KeepReport> keep_source_file(const DataFolder& folder, std::string_view id, SourceWork& work,
                                    const SourceFile& file, const log::SourceScrubber& scrubber);

/// Gives a version to `take`. Errors: as SourceFiles::read.
Result<void> read_source_version(const DataFolder& folder, std::string_view id,
                                 const log::SourceVersion& version, const TakeBytes& take);

}  // namespace agentstore
