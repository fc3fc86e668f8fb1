// <data>/cache/aggregates.KEY: what the logs of a store came to, a record for each session and
// question, so that the same bytes need not be read again. KEY is the id of the key.
//
// 1. The log's stamp is taken, and its record looked for. Where the log is as it was then, the
//    record is the answer. Where it has grown since, and the bytes at its beginning and before the
//    end of what was read are the same, what follows them is read, and joined with the record.
// 2. If not, the log is read. Then what it came to is saved; a stamp that may be that of a later
//    change, too (Stamp::settled), is marked, and counts for a log that has grown alone.
// An edit in place of what lies between those bytes is not seen once the log has grown.

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "backends/data_folder.hpp"
#include "base/cache_pack.hpp"
#include "base/stamp.hpp"
#include "log/scan.hpp"
#include "log/source.hpp"

namespace agentstore {

/// What is known of a log as far as it was read.
struct CoveredLog {
  Stamp stamp;
  log::Position end;  ///< after what was read
  Hash head_hash{};   ///< of the first 4 KiB
  Hash tail_hash{};   ///< of the 4 KiB before the end
  std::uint64_t events = 0;
  std::uint64_t unsealed = 0;
  bool seals_checked = false;
};

class CachedAggregateEntry {
 public:
  /// Looks at the log as it is now. What was kept of another `name` or `version` does not count.
  /// `folder` and `pack` have to outlive it.
  CachedAggregateEntry(const DataFolder& folder, CachePack& pack, std::string_view session_id,
                       std::string_view name, std::string_view version);

  /// 0: there is none.
  std::uint64_t log_bytes() const { return log_stamp_.size_bytes; }
  const Path& log() const { return log_; }

  struct Kept {
    CoveredLog covered;
    std::string text;
    bool grown = false;  ///< the log is longer now: see still_begins_so
  };
  /// Nothing where there is none that counts.
  std::optional<Kept> load() const;
  /// Whether the log has the bytes that were read, as far as two hashes tell.
  static bool still_begins_so(log::ByteSource& source, const CoveredLog& covered);
  /// What is wrong with the file, if it bears our key's name and is not one that we wrote.
  std::optional<std::string> fault() const { return pack_.fault(); }
  /// After the log was read to its end; `covered.stamp` is not looked at. Keeps nothing of a log
  /// that did not end there when this looked at it first.
  void save(CoveredLog covered, log::ByteSource& source, std::string_view text) const;

  /// Keeps nothing any more, not even for when the log has grown. False: nothing was kept.
  bool forget() const {
    const bool kept = pack_.find(key_).has_value();
    if (kept) pack_.put(key_, {}, begun_, 0);
    return kept;
  }

  /// The session that a record of a pack is of.
  static std::string_view session_of(std::string_view key) { return key.substr(0, key.find('\n')); }

 private:
  const DataFolder& folder_;
  CachePack& pack_;
  const std::string key_;
  const Path log_;
  Timestamp begun_;
  Stamp log_stamp_;
};

}  // namespace agentstore
