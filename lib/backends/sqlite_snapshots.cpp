#include "backends/sqlite_snapshots.hpp"

namespace agentstore {

Result<std::vector<std::uint64_t>> SqliteSnapshots::numbers(std::string_view id,
                                                            std::string_view projection) {
  std::vector<std::uint64_t> numbers;
  const std::lock_guard guard{store_.database().mutex};
  if (!store_.has_ours()) return numbers;
  SqliteQuery query{store_.database(),
                    "SELECT sequence_number FROM agentstore_snapshots WHERE stream_id = ? AND "
                    "projection = ? AND cache_key = ? ORDER BY sequence_number"};
  query.bind(id).bind(projection).bind(key_.id());
  for (;;) {
    const auto row = query.step();
    if (!row) return std::unexpected(row.error());
    if (!*row) return numbers;
    numbers.push_back(static_cast<std::uint64_t>(query.integer(0)));
  }
}

Result<std::optional<std::string>> SqliteSnapshots::text(std::string_view id,
                                                         std::string_view projection,
                                                         std::uint64_t sequence_number) {
  const std::lock_guard guard{store_.database().mutex};
  if (!store_.has_ours()) return std::nullopt;
  SqliteQuery query{store_.database(),
                    "SELECT snapshot FROM agentstore_snapshots WHERE stream_id = ? AND "
                    "projection = ? AND cache_key = ? AND sequence_number = ?"};
  query.bind(id).bind(projection).bind(key_.id()).bind(static_cast<std::int64_t>(sequence_number));
  const auto row = query.step();
  if (!row) return std::unexpected(row.error());
  return *row ? std::optional{std::string{query.text(0)}} : std::nullopt;
}

Result<void> SqliteSnapshots::save(std::string_view id, const KeptSnapshot& snapshot) {
  for (const std::uint64_t number : snapshot.outdated) {
    SqliteQuery query{store_.database(),
                      "DELETE FROM agentstore_snapshots WHERE stream_id = ? AND projection = ? "
                      "AND cache_key = ? AND sequence_number = ?"};
    auto done = query.bind(id)
                    .bind(snapshot.projection)
                    .bind(key_.id())
                    .bind(static_cast<std::int64_t>(number))
                    .run();
    if (!done) return done;
  }
  SqliteQuery query{store_.database(),
                    "INSERT OR REPLACE INTO agentstore_snapshots (stream_id, projection, "
                    "cache_key, sequence_number, snapshot) VALUES (?, ?, ?, ?, ?)"};
  return query.bind(id)
      .bind(snapshot.projection)
      .bind(key_.id())
      .bind(static_cast<std::int64_t>(snapshot.sequence_number))
      .bind(snapshot.text)
      .run();
}

}  // namespace agentstore
