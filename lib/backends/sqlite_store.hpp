// What a database holds of sessions: reading and writing its tables. Whoever calls this several
// times for one answer is in a transaction of `database`.

#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "agentstore/session.hpp"
#include "backends/row_log.hpp"
#include "backends/sqlite_database.hpp"
#include "backends/sqlite_line.hpp"
#include "backends/sqlite_schema.hpp"
#include "log/append_validator.hpp"
#include "log/scan.hpp"
#include "log/source.hpp"

namespace agentstore {

/// Where the next event of a stream goes.
struct SqlitePosition {
  log::Position position;
  /// Between rows of other programs, to be kept with what is stored next.
  std::vector<RowPlace> places = {};
};

class SqliteStore : public RowTable {
 public:
  static Result<std::shared_ptr<SqliteStore>> open(const std::filesystem::path& path,
                                                   const SqliteOptions& options);

  SqliteDatabase& database() { return *database_; }
  /// For messages.
  std::string name_of(std::string_view id) const override;

  /// Whether it has tables of ours.
  bool has_ours() { return look_again().has_value() && tables_.ours; }
  Result<bool> exists(std::string_view id) override;
  Result<void> read(const std::function<Result<void>()>& work) override {
    return database_->read(work);
  }
  bool is_shared() const override { return true; }
  /// Errors: not_found.
  Result<Session> session(std::string_view id);
  /// Of streams and of sessions without events, sorted.
  Result<std::vector<std::string>> ids();
  /// Writes what is known of a session beside its events.
  Result<void> put(const Session& session);
  Result<std::optional<std::string>> id_named(std::string_view name, std::string_view except_id);

  Result<RowEnd> end(std::string_view id) override;
  /// Gives the rows of a stream from a version on, up to one, until `take` says false.
  Result<void> rows(std::string_view id, std::int64_t from, std::int64_t to,
                    const std::function<bool(const SqliteRow&)>& take);
  Result<void> lines(std::string_view id, const RowRange& range, std::string& lines,
                     const TakeRow& take) override;
  /// The line of one row, with its newline; empty where there is none.
  Result<std::string> line(std::string_view id, std::int64_t version);

  /// Errors: corrupt, where the stream's end is damaged, or lost.
  Result<SqlitePosition> position(std::string_view id);
  Result<RowPlace> place(std::string_view id, std::int64_t version,
                         std::uint64_t offset_bytes) override;
  /// The event that a stream has under an id. Errors: conflict, where another stream has one, and
  /// ids are not `shared`.
  Result<std::optional<log::StoredEvent>> find_event(std::string_view id, std::string_view event_id,
                                                     bool shared);
  /// Stores lines, each with its newline, whose numbers go on from the stream's, which ends at
  /// `offset_bytes`.
  Result<void> insert(std::string_view stream_type, std::string_view lines,
                      std::uint64_t offset_bytes);
  Result<void> keep_places(std::string_view id, const std::vector<RowPlace>& places);
  /// Removes the payload of a sealed row.
  Result<void> redact(std::string_view id, std::int64_t version, std::uint64_t by,
                      std::string_view payload_hash_hex);
  Result<void> count_rewrite(std::string_view id);
  /// Keeps the lines of the rows from a version on, for whoever misses them.
  Result<void> quarantine(std::string_view id, std::int64_t from);

 private:
  explicit SqliteStore(std::unique_ptr<SqliteDatabase> database);
  Result<void> look_again();
  Result<std::int64_t> number(std::string_view sql, std::string_view id, std::int64_t otherwise);
  Result<Timestamp> time_of(std::string_view id, bool newest);
  Result<std::optional<RowPlace>> known_place(std::string_view id, std::int64_t version);
  Result<void> insert_line(std::string_view stream_type, std::string_view text,
                           std::uint64_t end_bytes);
  Result<void> insert_row(const SqliteRow& row, std::string_view stream_type);
  Result<std::string> free_event_id(std::string_view id, std::uint64_t number,
                                    std::string_view event_id);

  std::unique_ptr<SqliteDatabase> database_;
  SqliteTables tables_;
};

}  // namespace agentstore
