// The ids of sessions that stand in the raw records of a Claude Code transcript, found before any
// of them is parsed.

#pragma once

#include <cstddef>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "agentstore/internal/byte_pattern.hpp"
#include "agentstore/result.hpp"

namespace agentstore::cmd {

/// Reads files one after the other. Used by one thread.
class NamedIds {
 public:
  using Ids = std::set<std::string, std::less<>>;

  /// More than the name of a member and its id take.
  static constexpr std::size_t overlap_bytes = 512;

  /// All that stand in the file, and perhaps others. Errors: as ByteInput.
  Result<void> add(const std::string& path);
  /// The same of bytes of a file, which begin with the last `overlap_bytes` of those before.
  void take(std::string_view bytes);
  const Ids& ids() const { return ids_; }
  bool has_one_of(const Ids& ids) const;

 private:
  std::string last_;
  Ids ids_;
};

/// The indices of files, those that name one id together, each group and the groups in their order.
/// Files that name none are one group.
std::vector<std::vector<std::size_t>> grouped_by_ids(std::span<const NamedIds> files);

/// What records say of a session of this id: of a sub-agent its parent's.
std::string raw_session_id(std::string_view id);

}  // namespace agentstore::cmd
