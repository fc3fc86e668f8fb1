// Hits in a folder of another tool's transcripts: every file is looked through, few are parsed.

#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "agentstore/reader.hpp"
#include "agentstore/result.hpp"
#include "cmd/context.hpp"
#include "cmd/input/transcript_folder.hpp"
#include "cmd/search/hit_counter.hpp"
#include "cmd/search/transcript_hits.hpp"

namespace agentstore::cmd {

/// What one place holds.
struct PlaceHits {
  std::vector<HitCounter> sessions = {};  ///< in no order
  std::uint64_t looked_at = 0;            ///< files, or sessions of a store
  std::vector<Error> unreadable = {};     ///< what could not be read, or not to its end
  std::vector<ReadReport> reports = {};   ///< of logs with something to tell
};

/// A session that lies in several files has its hits once.
PlaceHits search_transcripts(Context& context, const TranscriptFolder& folder,
                             const Search& search);

}  // namespace agentstore::cmd
