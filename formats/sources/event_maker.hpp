// What every source needs to make events of records: sessions, ids that are the same whenever the
// same record is read, times where a record has none, and the tally.

#pragma once

#include <initializer_list>
#include <optional>
#include <unordered_map>
#include <utility>
#include <vector>

#include "formats/sources/source.hpp"

namespace agentstore::formats {

/// The metadata of an event; absent members are left out.
struct EventMetadata {
  std::string worker_id = {};
  std::optional<std::int64_t> tokens_in = {};
  std::optional<std::int64_t> tokens_out = {};
  std::optional<std::int64_t> tokens_cache_read = {};
  std::optional<std::int64_t> tokens_cache_write = {};
  std::optional<std::int64_t> tokens_cache_write_1h = {};  ///< of the writes
  std::optional<std::int64_t> tokens_reasoning = {};
  std::string model = {};
  std::string tool_name = {};
  std::optional<std::int64_t> duration_ms = {};
  std::string cost_usd = {};  ///< a JSON number, as it stood
  std::string causation_id = {};
  std::string extra = {};  ///< members, as they are written

  /// A text among the members of `extra`; an empty one is left out.
  void add_extra(std::string_view key, std::string_view value);
  std::string to_json() const;
};

/// Metadata of a record that has no event type of its own.
EventMetadata of_record_type(std::string_view name);

class EventMaker {
 public:
  explicit EventMaker(SourceOptions options) : options_{std::move(options)} {}

  const SourceOptions& options() const { return options_; }
  Tally& tally() { return tally_; }
  std::vector<SourceEvent>& events() { return events_; }
  std::vector<SourceSession>& sessions() { return sessions_; }

  /// Of a file's first record, before anything else is asked.
  void first_record(std::string_view json);
  /// The session of that id, which is made fit to be one; empty: that of the file.
  std::size_t session(std::string_view id);
  /// Calls the record's session by the first of its prompts.
  void title_session(std::string_view prompt);
  /// Calls it as the agent recorded; `for_good`: the user chose the name, and no other replaces it.
  void name_session(std::string_view title, bool for_good);

  /// The time that records before the first one with a time inherit.
  void first_at(Timestamp at) {
    if (!last_at_) last_at_ = at;
  }

  /// How much later the records that follow are than the last one, where no record tells a time.
  void pass_time(std::int64_t milliseconds);

  /// A member of `extra` of the next event.
  void annotate_next(std::string_view key, std::string_view value) {
    note_ = {std::string{key}, std::string{value}};
  }

  /// Starts with a record. `id` is its own, or empty. False: it was there before, word for word.
  bool begin(const SourceRecord& record, std::size_t session, std::string_view id,
             std::optional<Timestamp> at);
  /// A payload is given by the parts that it is put together of: parts of the record, and texts
  /// without white space.
  using Payload = std::initializer_list<std::string_view>;

  /// Makes an event of the record; gives its id, which is empty where only figures are made.
  std::string emit(std::string_view type, Payload payload, EventMetadata metadata = {});
  std::string emit(std::string_view type, std::string_view payload, EventMetadata metadata = {}) {
    return emit(type, {payload}, std::move(metadata));
  }
  /// Makes an event that other records of the kind do not have: its id ends in `.suffix`, and those
  /// of the record's other events are what they are without it.
  void emit_beside(std::string_view suffix, std::string_view type, Payload payload,
                   EventMetadata metadata);
  /// Makes a tool_result; `outcome` is the object whose members may say that the tool failed: they
  /// are the payload's, too.
  void emit_result(Payload payload, const json::Value& outcome, EventMetadata metadata);
  /// Makes an event whose payload is a text that may have insignificant white space.
  void emit_text(std::string_view type, std::string payload, EventMetadata metadata);
  /// Keeps the record as it is, as a `custom` event; `kind` is counted as unknown.
  void emit_unknown(std::string_view kind, EventMetadata metadata = {});
  /// Counts the record as left out, or keeps it verbatim where everything is wanted.
  void leave_out(std::string_view kind);
  bool keeps_all() const { return options_.keep_all; }

  /// What it knows after a record. Events that were made are not among it.
  void list_state(auto& way) {
    way.fields(options_.fallback_id, tally_, sessions_, session_of_, seen_, equals_, note_,
               last_at_);
  }
  /// Whether an event has the time of the file, which is another one when the file has grown.
  bool used_time_of_file() const { return used_time_of_file_; }

  /// The record's time, or the one it inherits.
  Timestamp at() const { return at_; }

 private:
  bool begin_own(std::string_view id);
  void name_by_content();
  SourceEvent& add(std::string_view type, std::size_t payload_bytes, EventMetadata metadata);
  bool whole() const { return options_.made == Made::whole; }

  SourceOptions options_;
  Tally tally_;
  std::vector<SourceSession> sessions_;
  std::unordered_map<std::string, std::size_t> session_of_;  // by id
  std::vector<SourceEvent> events_;
  std::unordered_map<std::uint64_t, std::uint64_t> seen_;    // record id -> what it held, as hashes
  std::unordered_map<std::uint64_t, std::uint64_t> equals_;  // records without an id, by their hash
  SourceRecord record_;
  std::size_t session_ = 0;
  std::string record_id_;
  std::string seen_key_;
  std::size_t events_of_record_ = 0;
  std::pair<std::string, std::string> note_;  // of the next event
  std::optional<Timestamp> last_at_;
  Timestamp at_;
  bool repeated_ = false;  // the record was there before
  bool used_time_of_file_ = false;
  const char* time_source_ = nullptr;  // null: the record's own
};

/// A name made of `text` that may be a session's id; one that had to be changed ends in a digest.
std::string fit_session_id(std::string_view text);
/// A value for a label: a session's file is read whole, and often.
std::string fit_label(std::string_view text);
/// The project that a working directory is of: the last part of its path; of a worktree of Claude
/// Code's, that of the main one. Empty where it has none.
std::string project_of(std::string_view cwd);
/// 32 hex digits, the same on every machine.
std::string digest_of(std::string_view text);

}  // namespace agentstore::formats
