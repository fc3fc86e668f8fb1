// Where a log's bytes come from: a file, or memory.

#pragma once

#include <algorithm>
#include <cstdint>
#include <memory>
#include <string>

#include "agentstore/result.hpp"
#include "log/selection.hpp"

namespace agentstore::log {

/// How many events a log holds at the least, by what is said beside it. A log with fewer has lost
/// some.
struct DueEvents {
  std::uint64_t synced = 0;      ///< that its session's file, or row, counts as synced
  std::uint64_t checkpoint = 0;  ///< at its newest checkpoint
  bool by_row = false;           ///< it is a session of a database
  std::uint64_t count() const { return std::max(synced, checkpoint); }
};

/// The bytes of a log, as far as it reached when they were last asked for their size.
class ByteSource {
 public:
  /// What holding the log still for an instant showed.
  enum class Tail {
    settled,  ///< no writer is at work: what is there is there
    moved,    ///< the bytes have changed: look again
    writing,  ///< a writer is at work
  };

  virtual ~ByteSource() = default;

  virtual std::uint64_t size_bytes() const = 0;
  /// Up to `size` bytes at `offset`; fewer only where the log ends, or was cut since.
  virtual Result<std::size_t> read_at(std::uint64_t offset, char* into, std::size_t size) = 0;
  /// Looks again at a log whose tail seems bad: takes the writers' lock for an instant, where one
  /// exists, and refreshes the size.
  virtual Result<Tail> settle() = 0;
  enum class Change { none, grown, replaced, gone };
  /// Looks how far the log reaches now. Replaced: shorter than it was, or another file under its
  /// name, which is read from now on. Gone: nothing lies under its name any more.
  virtual Result<Change> refresh() = 0;
  /// For messages: a path, or what the log is.
  virtual std::string name() const = 0;
  /// How many events have to be there. Asked for before the size was, so that a log that grew
  /// meanwhile is never taken for one that lost events; settle and refresh ask again.
  virtual DueEvents due() const { return {}; }
  /// Whether other programs add events to it that are not sealed, which are as they have to be.
  virtual bool is_shared() const { return false; }
  /// Whether `select` may give some.
  virtual bool can_select() const { return false; }
  /// The lines of wanted events, and maybe of some more, where they are found without reading the
  /// others, and none of those is missing; null: read all. Has to be used no longer than this.
  virtual Result<std::unique_ptr<Selection>> select(const Wanted& /*wanted*/,
                                                    bool /*check_hashes*/) {
    return nullptr;
  }
};

/// Another source, which has to live longer: several readers, one after the other, see one log.
class BorrowedSource : public ByteSource {
 public:
  explicit BorrowedSource(ByteSource& source) : source_(source) {}
  std::uint64_t size_bytes() const override { return source_.size_bytes(); }
  Result<std::size_t> read_at(std::uint64_t offset, char* into, std::size_t size) override {
    return source_.read_at(offset, into, size);
  }
  Result<Tail> settle() override { return source_.settle(); }
  Result<Change> refresh() override { return source_.refresh(); }
  std::string name() const override { return source_.name(); }
  DueEvents due() const override { return source_.due(); }
  bool is_shared() const override { return source_.is_shared(); }
  bool can_select() const override { return source_.can_select(); }
  Result<std::unique_ptr<Selection>> select(const Wanted& wanted, bool check_hashes) override {
    return source_.select(wanted, check_hashes);
  }

 private:
  ByteSource& source_;
};

}  // namespace agentstore::log
