// Importing one transcript: its sessions and events go into a store, what is there already stays.

#pragma once

#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "agentstore/store.hpp"
#include "cmd/input/byte_input.hpp"
#include "cmd/input/seen_events.hpp"
#include "cmd/input/transcript_reader.hpp"
#include "cmd/progress.hpp"
#include "formats/answers/import.hpp"
#include "formats/sources/transcript.hpp"

namespace agentstore::cmd {

/// Where the records of sessions go that were imported before: into the same session; or, with
/// `again`, into a new one, which is said of the old one when the new one is there. May be asked by
/// several threads.
class ImportTargets {
 public:
  ImportTargets(Store* store, bool again) : store_{store}, again_{again} {}

  /// The session of the store for one of a file's.
  std::string of(const std::string& id);
  /// The sessions that `of` passes over for newer ones, oldest first.
  std::vector<std::string> replaced(const std::string& id);
  /// Marks what is replaced by sessions that were made since. Errors: as Store::change_session.
  Result<void> mark_replaced();

 private:
  /// The session, the one that supersedes it, and so on.
  std::vector<std::string> line_of(std::string id) const;

  Store* store_;  // may be null
  const bool again_;
  std::mutex lock_;
  std::map<std::string, std::string> targets_;   // by the file's
  std::map<std::string, std::string> replaced_;  // old -> new
};

struct TranscriptImport {
  const formats::Source* as = nullptr;  ///< null: what the content says
  bool keep_all = false;
  bool dry_run = false;
  ImportTargets* targets = nullptr;  ///< of this run; never null
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
  /// The sessions of the file, in the order of sessions().
  const std::vector<formats::SourceSession>& source_sessions() { return transcript_.sessions(); }
  /// The sessions that those of the file replace: what was redacted there stays away, too.
  std::vector<std::string> replaced_sessions() const;
  /// The payloads of events in the file that were redacted in the store.
  std::vector<std::string> redacted_payloads() const;

 private:
  Result<void> store_events(std::vector<formats::SourceEvent> events,
                            std::vector<formats::SourceSession> sessions);
  Result<void> flush(std::size_t session);
  Result<void> append(std::size_t session, std::vector<formats::SourceEvent>& events);
  Result<void> make_session(std::size_t session, const std::string& first_event_id);
  /// Errors: conflict, where a session of that id is not an import of such a transcript.
  Result<void> check_origin(const formats::SourceSession& source,
                            const std::string& first_event_id) const;
  /// Leaves those that are there already.
  void drop_known(std::size_t session, std::vector<formats::SourceEvent>& events);
  Result<void> look_at_stored(std::size_t session);
  /// Of the sessions that it replaces, the redactions count.
  Result<void> look_at_replaced(std::size_t session);
  Result<void> for_each_stored(const std::string& session_id,
                               const std::function<void(const EventView&)>& use) const;

  /// A session of the file, and its events that wait to be stored.
  struct Open {
    bool known = false;
    std::string id;         // in the store
    bool outdated = false;  // made by a reader that maps records otherwise: nothing is added
    std::vector<formats::SourceEvent> events;
    std::optional<SeenEvents> stored;  // where it was there before, or one that it replaces
    std::vector<std::string> replaced;
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
