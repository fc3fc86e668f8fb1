// Many sessions at little cost: what lists, orders and filters need of each, without a string or a
// map of its own.

#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "agentstore/session.hpp"
#include "backends/session_file.hpp"
#include "base/stamp.hpp"

namespace agentstore {

/// A session as its file has it, and what its log was last seen to hold. Its texts stand one behind
/// the other in SessionRecords::text: id, name, labels.
struct SessionRecord {
  Stamp file;  ///< of its file; not known: what stands here is to be read again
  Stamp log;   ///< of its log; not known: so are `events` and `last_*`
  std::int64_t created_s = 0;
  std::int64_t updated_s = 0;
  std::int64_t last_s = 0;  ///< the log's last event
  std::uint64_t event_count = 0;
  std::uint64_t events = 0;
  std::uint64_t text_at = 0;
  std::int32_t created_ns = 0;
  std::int32_t updated_ns = 0;
  std::int32_t last_ns = 0;
  std::uint32_t id_bytes = 0;
  std::uint32_t name_bytes = 0;
  std::uint32_t labels_bytes = 0;

  Timestamp created_at() const { return {created_s, created_ns}; }
  Timestamp updated_at() const { return {updated_s, updated_ns}; }
  Timestamp last_at() const { return {last_s, last_ns}; }
};
// Written to a file as it is.
static_assert(std::has_unique_object_representations_v<SessionRecord>);

/// Puts into `record` what a session file says, its texts at the end of `text`.
void describe(SessionRecord& record, const SessionView& session, std::string& text);

/// Leaves of sessions with their counts what `options`, by_last_event, ask for.
std::vector<Session> newest_event_first(std::vector<Session> sessions, const ListOptions& options);

/// The id of a session other than `except_id` that has `word` as its id or its name.
std::optional<std::string> find_holder(const std::vector<Session>& sessions, std::string_view word,
                                       std::string_view except_id);

struct SessionRecords {
  std::vector<SessionRecord> records;
  std::string text;
  std::set<std::uint32_t> hidden = {};  ///< numbers of those that cannot be listed

  std::string_view id(const SessionRecord& record) const {
    return std::string_view{text}.substr(record.text_at, record.id_bytes);
  }
  std::string_view name(const SessionRecord& record) const {
    return std::string_view{text}.substr(record.text_at + record.id_bytes, record.name_bytes);
  }
  bool has_labels(const SessionRecord& record, const Labels& wanted) const;
  Session session(const SessionRecord& record) const;

  /// The numbers of the records that `options` ask for, by creation. With `by_last_event`, which is
  /// not known here, offset and limit are left to newest_event_first.
  std::vector<std::uint32_t> select(const ListOptions& options) const;

  /// Puts records and texts into the order of the files, in which the file system answers soonest;
  /// drops texts that no record has any more, and which are hidden.
  void arrange();

 private:
  Labels labels(const SessionRecord& record) const;
};

}  // namespace agentstore
