// Snapshots in a table of a schema: those by one key. Another key's stay as they are.

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "backends/backend.hpp"
#include "backends/postgres_store.hpp"

namespace agentstore {

class PostgresSnapshots {
 public:
  /// Both outlive it.
  PostgresSnapshots(PostgresStore& store, const CacheKey& key) : store_{store}, key_{key} {}

  /// As Backend::snapshots.
  Result<std::vector<std::uint64_t>> numbers(std::string_view id, std::string_view projection);
  /// As Backend::snapshot.
  Result<std::optional<std::string>> text(std::string_view id, std::string_view projection,
                                          std::uint64_t sequence_number);
  /// In a transaction that writes.
  Result<void> save(std::string_view id, const KeptSnapshot& snapshot);

 private:
  PostgresStore& store_;
  const CacheKey& key_;
};

}  // namespace agentstore
