#include "backends/postgres_snapshots.hpp"

namespace agentstore {

Result<std::vector<std::uint64_t>> PostgresSnapshots::numbers(std::string_view id,
                                                              std::string_view projection) {
  std::vector<std::uint64_t> numbers;
  auto looked = store_.database().look([&](PostgresConnection& connection) -> Result<void> {
    const auto rows = connection.query(
        "SELECT sequence_number FROM @S@.snapshots WHERE session_id = $1 AND projection = $2 AND "
        "cache_key = $3 ORDER BY sequence_number",
        PostgresValues{}.add(id).add(projection).add(key_.id()));
    if (!rows) return std::unexpected(rows.error());
    numbers.clear();
    for (int row = 0; row < rows->size(); ++row)
      numbers.push_back(static_cast<std::uint64_t>(rows->integer(row, 0)));
    return {};
  });
  if (!looked) return std::unexpected(looked.error());
  return numbers;
}

Result<std::optional<std::string>> PostgresSnapshots::text(std::string_view id,
                                                           std::string_view projection,
                                                           std::uint64_t sequence_number) {
  return store_.text(
      "SELECT snapshot FROM @S@.snapshots WHERE session_id = $1 AND projection = $2 AND "
      "cache_key = $3 AND sequence_number = $4",
      PostgresValues{}
          .add(id)
          .add(projection)
          .add(key_.id())
          .add(static_cast<std::int64_t>(sequence_number)));
}

Result<void> PostgresSnapshots::save(std::string_view id, const KeptSnapshot& snapshot) {
  for (const std::uint64_t number : snapshot.outdated) {
    auto gone = store_.run(
        "DELETE FROM @S@.snapshots WHERE session_id = $1 AND projection = $2 AND cache_key = $3 "
        "AND sequence_number = $4",
        PostgresValues{}
            .add(id)
            .add(snapshot.projection)
            .add(key_.id())
            .add(static_cast<std::int64_t>(number)));
    if (!gone) return gone;
  }
  return store_.run(
      "INSERT INTO @S@.snapshots (session_id, projection, cache_key, sequence_number, snapshot) "
      "VALUES ($1, $2, $3, $4, $5) ON CONFLICT (session_id, projection, cache_key, "
      "sequence_number) DO UPDATE SET snapshot = excluded.snapshot",
      PostgresValues{}
          .add(id)
          .add(snapshot.projection)
          .add(key_.id())
          .add(static_cast<std::int64_t>(snapshot.sequence_number))
          .add(snapshot.text));
}

}  // namespace agentstore
