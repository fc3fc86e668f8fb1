#include "query/sql_index.hpp"

#include <functional>

namespace agentstore::sql {
namespace {

constexpr std::uint64_t bytes_a_row = 64;  // of the index, about

}  // namespace

std::uint64_t RowIndex::hash_of(std::uint64_t seed, const Cell& cell) {
  const std::uint64_t own = cell.is_text() ? std::hash<std::string_view>{}(cell.view())
                                           : static_cast<std::uint64_t>(cell.integer);
  return (seed ^ own) * 0x9E37'79B9'7F4A'7C15 + (own >> 32U);
}

bool RowIndex::add(std::unique_ptr<Block> block, std::uint64_t bytes_max) {
  const std::size_t rows = block->rows();
  bytes_ += block->text_bytes() + rows * bytes_a_row;
  for (std::size_t i = 0; i < rows; ++i) {
    const Cell* const row = block->row(i);
    std::uint64_t hash = 0;
    bool any_null = false;
    for (const int slot : slots_) {
      any_null = any_null || row[slot].kind == Cell::Kind::null;
      hash = hash_of(hash, row[slot]);
    }
    // NULL equals nothing.
    if (!slots_.empty() && !any_null)
      by_hash_[hash].push_back(static_cast<std::uint32_t>(rows_.size()));
    rows_.push_back(row);
  }
  blocks_.push_back(std::move(block));
  return bytes_ <= bytes_max;
}

std::span<const std::uint32_t> RowIndex::find(std::span<const Cell> values) const {
  std::uint64_t hash = 0;
  for (const Cell& value : values) hash = hash_of(hash, value);
  const auto found = by_hash_.find(hash);
  return found == by_hash_.end() ? std::span<const std::uint32_t>{} : found->second;
}

}  // namespace agentstore::sql
