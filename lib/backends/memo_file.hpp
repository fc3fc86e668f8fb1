// <data>/cache/NAME/ID: a memo of what the log of session ID came to, so that the same bytes need
// not be read again.
//
// 1. The log's stamp is taken; the memo is loaded. It counts where it is of that stamp, and of that
//    session, name and version, and whole: all of this goes into its checksum.
// 2. If not, the log is read, and the memo saved; but not where the stamp moved on meanwhile, or is
//    too young to be told from that of a later change (Stamp::settled).
// So whatever happens to a log, and whatever stands in the cache, a memo is never seen in an
// answer.

#pragma once

#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "backends/data_folder.hpp"
#include "base/stamp.hpp"

namespace agentstore {

class MemoFile {
 public:
  /// Looks at the log as it is now. `name` names a folder; what a memo of another `version` says
  /// does not count. `swept`: whether leftovers were removed since the store was opened.
  MemoFile(const DataFolder& folder, std::string_view session_id, std::string_view name,
           std::string_view version, std::once_flag& swept);

  /// 0: there is none.
  std::uint64_t log_bytes() const { return log_stamp_.size_bytes; }
  const Path& log() const { return log_; }

  /// Nothing where there is none that counts.
  std::optional<std::string> load() const;
  /// After the log was read. What goes wrong costs time later, and nothing else.
  void save(std::string_view text) const;

 private:
  std::uint64_t checksum_of(std::string_view text) const;
  bool make_folders() const;
  void sweep() const;

  const DataFolder& folder_;
  const Path path_;
  const Path log_;
  std::uint64_t seed_;
  Timestamp begun_;
  Stamp log_stamp_;
  std::once_flag& swept_;
};

/// Deletes a session's memos. Durable, even where they were deleted before: whoever did may have
/// died before its sync. Errors: io.
Result<void> forget_memos(const DataFolder& folder, std::string_view session_id);

}  // namespace agentstore
