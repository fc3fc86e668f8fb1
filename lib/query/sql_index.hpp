// The rows of a table, held for a join that asks for some of them again and again.

#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <unordered_map>
#include <vector>

#include "query/sql_rows.hpp"

namespace agentstore::sql {

/// A value that a row has to have in one of its slots.
struct Wanted {
  int slot = 0;
  Cell value;
};

class RowIndex {
 public:
  explicit RowIndex(std::vector<int> slots) : slots_{std::move(slots)} {}

  /// False: all blocks together are larger than that.
  bool add(std::unique_ptr<Block> block, std::uint64_t bytes_max);

  const std::vector<int>& slots() const { return slots_; }
  std::size_t rows() const { return rows_.size(); }
  const Cell* row(std::size_t index) const { return rows_[index]; }
  /// The rows that may have those values, one for each of the slots.
  std::span<const std::uint32_t> find(std::span<const Cell> values) const;

 private:
  static std::uint64_t hash_of(std::uint64_t seed, const Cell& cell);

  std::vector<int> slots_;
  std::vector<std::unique_ptr<Block>> blocks_;
  std::vector<const Cell*> rows_;
  std::unordered_map<std::uint64_t, std::vector<std::uint32_t>> by_hash_;
  std::uint64_t bytes_ = 0;
};

}  // namespace agentstore::sql
