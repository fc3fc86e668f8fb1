// A session whose lines are rows of a database, as the bytes of a log: lines, made of rows when
// they are asked for. Of a long session a block at a time is kept, and where each begins.

#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "log/source.hpp"

namespace agentstore {

/// Where a session's rows end, and whose they were taken for.
struct RowEnd {
  std::int64_t version = -1;     ///< of the last row; -1: there is none
  std::int64_t due = -1;         ///< the last version that there has to be
  std::uint64_t rewrites = 0;    ///< times that rows were written anew
  std::uint64_t checkpoint = 0;  ///< the size at the newest checkpoint
};

/// A place between two rows.
struct RowPlace {
  std::int64_t version = 0;  ///< of the row behind it
  std::uint64_t offset_bytes = 0;
};

/// Rows from a version on, up to one.
struct RowRange {
  std::int64_t from = 0;
  std::int64_t to = 0;
  std::optional<std::uint64_t> offset_bytes = std::nullopt;  ///< where the first begins, if known
};

/// About how far apart places are known.
inline constexpr std::size_t row_block_bytes = std::size_t{1} << 20;

/// All rows of a session.
struct WholeSession {
  RowEnd end;
  std::string lines;
};

/// What a database holds of sessions. A version is an event's number less one.
class RowTable {
 public:
  /// The version of a row, and where its line ends, where the database says so.
  using TakeRow =
      std::function<bool(std::int64_t version, const std::optional<std::int64_t>& end_bytes)>;

  virtual ~RowTable() = default;
  /// Runs `work`, which sees the database as it is at one instant; it may run again from its start.
  virtual Result<void> read(const std::function<Result<void>()>& work) = 0;
  virtual Result<bool> exists(std::string_view id) = 0;
  virtual Result<RowEnd> end(std::string_view id) = 0;
  /// That of `end` alone, where it is had for less.
  virtual Result<std::uint64_t> rewrites(std::string_view id) {
    const auto found = end(id);
    if (!found) return std::unexpected(found.error());
    return found->rewrites;
  }
  /// A session that is no longer than a block, where the database gives it by one answer; nothing
  /// where it is longer, or there is none.
  virtual Result<std::optional<WholeSession>> short_session(std::string_view /*id*/) {
    return std::nullopt;
  }
  /// The last place that is known at or before a version, and before an offset or at it.
  virtual Result<RowPlace> place(std::string_view id, std::int64_t version,
                                 std::uint64_t offset_bytes) = 0;
  /// Puts the lines of rows at the end of `lines`, one after the other, until `take`, which is told
  /// of each, says false.
  virtual Result<void> lines(std::string_view id, const RowRange& range, std::string& lines,
                             const TakeRow& take) = 0;
  /// Whether the database picks rows at all.
  virtual bool picks() const { return false; }
  /// Whether rows can be picked from a range: none is missing, and all are sealed.
  virtual Result<bool> can_pick(std::string_view /*id*/, const RowRange& /*range*/) {
    return false;
  }
  /// As `lines`, of those rows whose types and times are wanted, and maybe of more, up to about
  /// a block. False: there may be others in the range behind the last one.
  virtual Result<bool> pick(std::string_view /*id*/, const RowRange& /*range*/,
                            const log::Wanted& /*wanted*/, std::string& /*lines*/,
                            const TakeRow& /*take*/) {
    return true;
  }
  virtual std::string name_of(std::string_view id) const = 0;
  /// Whether other programs add rows that are not sealed, which are as they have to be.
  virtual bool is_shared() const = 0;
};

/// Ends the line that begins at `start`, made of a row. Nothing that we store has a raw newline:
/// where one is now, the line has to be a bad one.
void end_row_line(std::string& lines, std::size_t start);

/// The log of a session that is there, as far as it reaches now. Thread-safe. Errors: not_found;
/// those of reading.
Result<std::unique_ptr<log::ByteSource>> open_row_log(std::shared_ptr<RowTable> table,
                                                      std::string_view id);

}  // namespace agentstore
