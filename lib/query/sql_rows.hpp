// Rows on their way into SQLite: cells of the columns that somebody reads, in blocks.

#pragma once

#include <cstdint>
#include <cstring>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "agentstore/decimal.hpp"
#include "agentstore/filter.hpp"

namespace agentstore::sql {

struct Cell {
  /// `fixed`: a text that lives as long as the database. `inexact`: an amount that no number holds.
  enum class Kind : std::uint8_t { null, integer, real, text, fixed, inexact };
  union {
    std::int64_t integer = 0;
    double real;
    const char* text;
  };
  std::uint32_t bytes = 0;
  Kind kind = Kind::null;

  static Cell of(std::int64_t value) {
    Cell cell;
    cell.integer = value;
    cell.kind = Kind::integer;
    return cell;
  }
  static Cell of(double value) {
    Cell cell;
    cell.real = value;
    cell.kind = Kind::real;
    return cell;
  }
  static Cell fixed_text(std::string_view value) {
    Cell cell;
    cell.text = value.data();
    cell.bytes = static_cast<std::uint32_t>(value.size());
    cell.kind = Kind::fixed;
    return cell;
  }
  bool is_text() const { return kind == Kind::text || kind == Kind::fixed; }
  std::string_view view() const { return {text, bytes}; }
};

/// Stands among the columns of a scan for a number by which a row is known, and which it has in
/// every scan of its table: SQLite tells by it which rows it has had.
constexpr int row_key = -1;

/// The key of an event's row: one number of a session is another in another log.
inline Cell key_of_event(std::size_t log, std::string_view session_id, std::uint64_t seq) {
  constexpr std::uint64_t stride = 0x9E37'79B9'7F4A'7C15;
  return Cell::of(
      static_cast<std::int64_t>(std::hash<std::string_view>{}(session_id) + log * stride + seq));
}

/// The amount as a number of up to 15 digits, which any program reads back as it is.
Cell amount_cell(const Decimal& amount);

/// So many cells a row; owns their texts.
class Block {
 public:
  explicit Block(std::size_t width) : width_{width} {}

  std::size_t rows() const { return width_ == 0 ? rows_ : cells_.size() / width_; }
  Cell* row(std::size_t index) { return cells_.data() + index * width_; }
  const Cell* row(std::size_t index) const { return cells_.data() + index * width_; }
  /// A row of nulls; good until the next one.
  Cell* add_row() {
    ++rows_;
    cells_.resize(cells_.size() + width_);
    return cells_.data() + cells_.size() - width_;
  }
  Cell text(std::string_view value);
  void reserve(std::size_t rows) { cells_.reserve(rows * width_); }
  void drop_last() {
    --rows_;
    cells_.resize(cells_.size() - width_);
  }
  std::size_t text_bytes() const { return text_bytes_; }

 private:
  std::size_t width_;
  std::size_t rows_ = 0;
  std::size_t text_bytes_ = 0;
  std::vector<Cell> cells_;
  std::vector<std::unique_ptr<char[]>> texts_;
  char* room_ = nullptr;
  std::size_t room_bytes_ = 0;
};

/// Texts that recur, each kept once for as long as the database lives. Any thread.
class Interner {
 public:
  std::string_view operator()(std::string_view text) {
    const std::lock_guard guard{lock_};
    return *texts_.emplace(text).first;
  }

 private:
  std::mutex lock_;
  std::set<std::string, std::less<>> texts_;
};

/// Which rows of a table are wanted, and what of them.
struct Scan {
  std::vector<int> columns;                               ///< in the order of the cells
  std::optional<std::set<std::string, std::less<>>> ids;  ///< sessions; absent: all
  Filter filter;                                          ///< of events
  bool by_filter = false;                                 ///< the filter leaves something out

  /// Where the cell of a column is in a row; -1: nowhere.
  int slot(int column) const {
    for (std::size_t i = 0; i < columns.size(); ++i)
      if (columns[i] == column) return static_cast<int>(i);
    return -1;
  }
};

/// Rows, a block at a time.
class RowStream {
 public:
  virtual ~RowStream() = default;
  /// Null at the end.
  virtual std::unique_ptr<Block> next() = 0;
};

/// A column, for schema and planner.
struct ColumnInfo {
  const char* name;
  const char* type;
  const char* about;
};

}  // namespace agentstore::sql
