// The Merkle tree over a log's leaves: RFC 9162, section 2.1.1, built leaf by leaf.

#pragma once

#include <cstdint>
#include <vector>

#include "base/sha256.hpp"

namespace agentstore::log {

/// The tree so far, as the roots of its full subtrees: log2(size) hashes.
class MerkleTree {
 public:
  void add(const Hash& leaf);
  std::uint64_t size() const { return size_; }
  Hash root() const;

 private:
  std::uint64_t size_ = 0;
  std::vector<Hash> subtrees_;  // largest first
};

}  // namespace agentstore::log
