// Importing one transcript: its sessions and events go into a store, what is there already stays.

#pragma once

#include <string>
#include <unordered_set>
#include <vector>

#include "agentstore/store.hpp"
#include "cmd/input/byte_input.hpp"
#include "cmd/input/transcript_reader.hpp"
#include "cmd/progress.hpp"
#include "formats/import.hpp"
#include "formats/sources/transcript.hpp"

namespace agentstore::cmd {

struct TranscriptImport {
  const formats::Source* as = nullptr;  ///< null: what the content says
  bool keep_all = false;
  bool dry_run = false;
};

class TranscriptImporter {
 public:
  /// `store` may be null in a dry run: then nothing is there yet.
  TranscriptImporter(Store* store, ByteInput input, const TranscriptImport& wanted);

  /// Errors: invalid (no format that is known; a bomb), io, corrupt (of the input), and what
  /// Store::append says. Events that were stored before an error stay.
  Result<void> run(Progress& progress);

  const std::vector<formats::ImportedSession>& sessions() const { return imported_; }
  formats::Tally tally();
  const formats::Source* format() const { return transcript_.format(); }

 private:
  Result<void> store_events(std::vector<formats::SourceEvent> events,
                            std::vector<formats::SourceSession> sessions);
  Result<void> flush(std::size_t session);
  Result<void> append(std::size_t session, std::vector<formats::SourceEvent>& events);
  Result<void> make_session(std::size_t session, const std::string& first_event_id);
  /// Errors: conflict, where a session of that id is not an import of such a transcript.
  Result<void> check_origin(const formats::SourceSession& source,
                            const std::string& first_event_id) const;
  Result<void> look_up(std::size_t session, const std::vector<formats::SourceEvent>& events);

  /// A session of the file, and its events that wait to be stored.
  struct Open {
    bool known = false;
    std::vector<formats::SourceEvent> events;
    std::unordered_set<std::size_t> stored_ids;  // in a dry run: hashes
  };

  Store* store_;
  ByteInput input_;
  TranscriptImport wanted_;
  formats::Transcript transcript_;
  std::vector<formats::SourceSession> sessions_;  // as far as events of them are stored
  std::vector<Open> open_;
  std::vector<formats::ImportedSession> imported_;
  formats::Tally refused_;  // events that the store would not take
};

}  // namespace agentstore::cmd
