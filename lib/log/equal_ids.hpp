// Equal event ids in a log, found in memory that does not grow with it.
//
// 1. While the log is read, the fingerprint of every id goes into a filter of a fixed size (a Bloom
//    filter, split into blocks). An id that the filter may have seen before is a suspect. One that
//    is greater than all before it, as those that our writer makes mostly are, is none.
// 2. Where there are suspects the log is read again, and their ids are compared as they are.
// With more suspects than are kept, step 1 and 2 are done for one share of the fingerprints after
// the other.

#pragma once

#include <algorithm>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "agentstore/result.hpp"
#include "agentstore/verification.hpp"
#include "log/source.hpp"

namespace agentstore::log {

/// The ids of events that follow one another.
class IdRun {
 public:
  /// An empty one, of a line of the Go library, counts as none.
  void add(std::string_view event_id);

 private:
  friend class EqualIds;
  std::vector<std::uint64_t> fingerprints_;
  std::string first_;
  std::string greatest_;
  bool ascending_ = true;  // each is greater than the one before
};

/// What may be exceeded by a log; small in tests.
struct IdLimits {
  std::size_t filter_bytes_max = std::size_t{8} << 20;
  std::size_t suspects_max = std::size_t{1} << 16;
};

/// Used by one thread.
class EqualIds {
 public:
  explicit EqualIds(std::uint64_t log_bytes, const IdLimits& limits = {});

  /// The next ones of the log.
  void add(const IdRun& run);
  /// Gives a finding of each event that has the id of an earlier one. Reads the log again where it
  /// has to. Errors: io.
  Result<void> find(ByteSource& source, const std::string& session_id,
                    const std::function<void(Finding)>& give);

 private:
  bool may_be_known(std::uint64_t fingerprint);
  bool in_share(std::uint64_t fingerprint) const {
    return (fingerprint >> 32U) % shares_ == share_;
  }
  void see(std::uint64_t fingerprint, bool is_new);
  Result<void> compare(ByteSource& source, const std::string& session_id,
                       const std::function<void(Finding)>& give);

  const IdLimits limits_;
  std::vector<std::uint64_t> filter_;
  std::unordered_set<std::uint64_t> suspects_;
  std::string greatest_;
  std::uint64_t count_ = 0;  // of ids
  bool overflowed_ = false;  // there were more suspects than are kept
  std::uint64_t shares_ = 1;
  std::uint64_t share_ = 0;
};

}  // namespace agentstore::log
