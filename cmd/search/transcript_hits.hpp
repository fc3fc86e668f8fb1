// Hits in one file of another tool's. Where records stand alone, only those are parsed whose raw
// lines may hold what is looked for, and those that say what the session is.

#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "agentstore/filter.hpp"
#include "agentstore/result.hpp"
#include "agentstore/session.hpp"
#include "agentstore/upcast.hpp"
#include "cmd/input/byte_input.hpp"
#include "cmd/search/hit_counter.hpp"
#include "cmd/words/search_terms.hpp"
#include "formats/sources/source.hpp"

namespace agentstore::cmd {

/// What is looked for, and in which events. All of it outlives the search; may be used by several
/// threads.
struct Search {
  const EventQuestions& questions;
  const Filter& filter;
  const Upcasts* upcasts = nullptr;
  Labels labels = {};         ///< of the sessions
  bool every_record = false;  ///< an event depends on records before its own, as its time may
  bool numbered = false;      ///< the sequence numbers of the hits are wanted
};

/// What a file holds of a session.
struct HitsInFile {
  HitCounter hits;
  Labels labels;
  std::uint64_t events = 0;  ///< where every record was read
  Timestamp first_at;        ///< likewise
};

/// Of every record. Errors: as ByteInput::read; as formats::Transcript.
Result<std::vector<HitsInFile>> hits_in_all_records(ByteInput input, const formats::Source& source,
                                                    const Search& search);

/// Of the records that matter alone. Nothing: the file has to be read whole, and is not read on.
/// Errors: as ByteInput::read.
Result<std::optional<std::vector<HitsInFile>>> hits_in_some_records(ByteInput input,
                                                                    const Search& search);

}  // namespace agentstore::cmd
