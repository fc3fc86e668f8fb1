#include "backends/postgres_feed.hpp"

#include <algorithm>
#include <utility>

#include "backends/backend.hpp"
#include "backends/postgres_store.hpp"

namespace agentstore {
namespace {

// Positions are taken one after the other, and become visible when their transactions end. What is
// asked first is the last one taken; then which transactions under way announced that they would
// take some (postgres_functions.cpp), each behind which one. Up to the lowest of these nothing is
// still to come: who took one of them has ended, and is seen by the next statement. The rows are
// behind nobody's back: no transaction that commits late is passed over.
class PostgresFeed : public FeedSource {
 public:
  explicit PostgresFeed(std::shared_ptr<PostgresStore> store) : store_(std::move(store)) {}

  std::string identity() const override { return store_->database().address().name; }
  bool has_positions() const override { return true; }
  Result<std::vector<ChangedLog>> changed() override { return none(); }
  Result<std::uint64_t> durable_bytes(std::string_view) override { return none(); }

  Result<std::vector<EventPlace>> behind(std::int64_t position, std::int64_t count_max,
                                         std::int64_t bytes_max) override {
    std::vector<EventPlace> places;
    auto looked = store_->database().look([&](PostgresConnection& connection) -> Result<void> {
      const auto settled = settled_position(connection);
      if (!settled) return std::unexpected(settled.error());
      places.clear();
      if (*settled <= position) return {};
      const auto rows = connection.query(
          "SELECT position, session_id, sequence_number FROM (SELECT position, session_id, "
          "sequence_number, sum(octet_length(payload)) OVER (ORDER BY position) - "
          "octet_length(payload) AS bytes_before FROM @S@.events WHERE position > $1 "
          "AND position <= $2 ORDER BY position LIMIT $3) AS e WHERE bytes_before < $4::bigint "
          "ORDER BY position",
          PostgresValues{}.add(position).add(*settled).add(count_max).add(bytes_max));
      if (!rows) return std::unexpected(rows.error());
      for (int row = 0; row < rows->size(); ++row)
        places.push_back({rows->integer(row, 0), std::string{rows->text(row, 1)},
                          static_cast<std::uint64_t>(rows->integer(row, 2))});
      return {};
    });
    if (!looked) return std::unexpected(looked.error());
    return places;
  }

  Result<std::int64_t> newest() override {
    std::int64_t newest = 0;
    auto looked = store_->database().look([&](PostgresConnection& connection) -> Result<void> {
      const auto settled = settled_position(connection);
      if (!settled) return std::unexpected(settled.error());
      const auto rows =
          connection.query("SELECT max(position) FROM @S@.events WHERE position <= $1",
                           PostgresValues{}.add(*settled));
      if (!rows) return std::unexpected(rows.error());
      newest = rows->integer(0, 0);
      return {};
    });
    if (!looked) return std::unexpected(looked.error());
    return newest;
  }

 private:
  static std::unexpected<Error> none() {
    return fail(Code::unsupported, "a database has one position of all its sessions");
  }

  // Three statements, each of which sees what was committed before it.
  static Result<std::int64_t> settled_position(PostgresConnection& connection) {
    const auto taken = connection.query(
        "SELECT last_value - CASE WHEN is_called THEN 0 ELSE 1 END FROM @S@.positions");
    if (!taken) return std::unexpected(taken.error());
    const auto announced = connection.query(
        "SELECT min((classid::bigint << 32 | objid::bigint) - @S@.mark()) FROM pg_locks "
        "WHERE locktype = 'advisory' AND objsubid = 1 AND mode = 'ShareLock' "
        "AND database = (SELECT oid FROM pg_database WHERE datname = current_database()) "
        "AND (classid::bigint << 32 | objid::bigint) >> 48 = @S@.mark() >> 48");
    if (!announced) return std::unexpected(announced.error());
    const std::int64_t last = taken->integer(0, 0);
    return announced->is_null(0, 0) ? last : std::min(last, announced->integer(0, 0));
  }

  const std::shared_ptr<PostgresStore> store_;
};

}  // namespace

Result<std::unique_ptr<FeedSource>> open_postgres_feed(const std::string& store_name) {
  auto store = PostgresStore::open(store_name, {.create = false});
  if (!store) return std::unexpected(store.error());
  bool standby = false;
  auto looked = (*store)->database().look([&](PostgresConnection& connection) -> Result<void> {
    const auto rows = connection.query("SELECT pg_is_in_recovery()");
    if (!rows) return std::unexpected(rows.error());
    standby = rows->is_true(0, 0);
    return {};
  });
  if (!looked) return std::unexpected(looked.error());
  if (standby)
    return fail(Code::unsupported,
                "a standby cannot tell which events are still to come (" +
                    (*store)->database().address().name + ")",
                "follow the primary: target_session_attrs=read-write");
  return std::make_unique<PostgresFeed>(std::move(*store));
}

}  // namespace agentstore
