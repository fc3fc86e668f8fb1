// What a schema in PostgreSQL holds of sessions: reading and writing its tables. Whoever calls this
// several times for one answer is in a transaction of `database`.

#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "agentstore/session.hpp"
#include "backends/backend.hpp"
#include "backends/postgres_database.hpp"
#include "backends/row_log.hpp"
#include "log/append_validator.hpp"
#include "log/scan.hpp"

namespace agentstore {

/// Why a session is damaged whose last event has another hash than it says.
inline constexpr std::string_view not_the_head = "it is not the session's head";

class PostgresStore : public RowTable {
 public:
  /// Errors: as Store::open.
  static Result<std::shared_ptr<PostgresStore>> open(std::string_view store_name,
                                                     const BackendOptions& options);

  PostgresDatabase& database() { return *database_; }
  std::string name_of(std::string_view id) const override;
  bool is_shared() const override { return false; }
  Result<void> read(const std::function<Result<void>()>& work) override;

  Result<bool> exists(std::string_view id) override;
  /// Errors: not_found.
  Result<Session> session(std::string_view id);
  Result<std::vector<Session>> sessions();
  Result<std::vector<std::string>> ids();
  /// With those of which there are only events, or checkpoints.
  Result<std::vector<std::string>> known_ids();
  Result<std::optional<std::string>> holder_of(std::string_view word, std::string_view except_id);
  Result<RowEnd> end(std::string_view id) override;
  Result<std::uint64_t> rewrites(std::string_view id) override;
  Result<std::optional<WholeSession>> short_session(std::string_view id) override;
  Result<RowPlace> place(std::string_view id, std::int64_t version,
                         std::uint64_t offset_bytes) override;
  Result<void> lines(std::string_view id, const RowRange& range, std::string& lines,
                     const TakeRow& take) override;
  bool picks() const override { return true; }
  Result<bool> can_pick(std::string_view id, const RowRange& range) override;
  Result<bool> pick(std::string_view id, const RowRange& range, const log::Wanted& wanted,
                    std::string& lines, const TakeRow& take) override;
  /// The line of one event, with its newline; empty where there is none.
  Result<std::string> line(std::string_view id, std::uint64_t number);

  /// Keeps others from giving an id or a name, until this thread's transaction ends.
  Result<void> lock_names();
  /// Errors: conflict.
  Result<void> create(const Session& session);
  Result<void> rename(std::string_view id, const std::string& name, const Labels& labels);
  /// Locks a session, until this thread's transaction ends, and says where its next event goes.
  /// Errors: not_found; corrupt, where the session's end is damaged, or lost.
  Result<log::Position> position(std::string_view id);
  /// Stores lines, each with its newline, whose numbers go on from there.
  Result<void> insert(std::string_view id, std::string_view lines, const log::Position& before);
  /// An event whose payload goes, and the one that says why.
  struct Redacted {
    std::uint64_t number = 0;
    std::uint64_t by = 0;
    std::string payload_hash_hex;
  };
  /// Removes the payloads of sealed events, given in the order of their numbers.
  Result<void> redact(std::string_view id, std::span<const Redacted> events);
  Result<void> count_rewrite(std::string_view id);
  /// Takes back the events behind one, which are kept, as lines.
  Result<void> forget_after(std::string_view id, std::uint64_t number);
  /// One statement of this thread's transaction, or on its own.
  Result<void> run(const char* statement, const PostgresValues& values);
  /// Of such a statement the text that its first row begins with; nothing where there is no row.
  Result<std::optional<std::string>> text(const char* statement, const PostgresValues& values);

  /// What is said of a session whose events up to that number are not all there.
  std::unexpected<Error> lost(std::string_view id, std::int64_t number) const;
  std::unexpected<Error> damaged(std::string_view id, std::int64_t number,
                                 std::string_view why) const;

 private:
  explicit PostgresStore(std::unique_ptr<PostgresDatabase> database)
      : database_(std::move(database)) {}
  Result<void> make_schema(const BackendOptions& options);
  Result<Hash> head_at(std::string_view id, std::uint64_t number);
  std::unique_ptr<PostgresDatabase> database_;
};

}  // namespace agentstore
