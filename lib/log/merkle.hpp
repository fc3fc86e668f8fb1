// The Merkle tree over a log's leaves: RFC 9162, section 2.1.1, built leaf by leaf, or from parts
// that were built apart.

#pragma once

#include <cstdint>
#include <vector>

#include "base/sha256.hpp"

namespace agentstore::log {

/// The tree over consecutive leaves, as the roots of its full subtrees: log2(size) hashes, twice as
/// many where it does not begin with the first leaf.
class MerkleTree {
 public:
  /// `begin`: how many leaves of the whole tree stand before this part of it.
  explicit MerkleTree(std::uint64_t begin = 0) : begin_(begin), end_(begin) {}

  void add(const Hash& leaf) { push({leaf, 1}); }
  /// Takes in the part that begins where this one ends.
  void append(const MerkleTree& next);
  std::uint64_t size() const { return end_ - begin_; }
  /// Of a tree that begins with the first leaf.
  Hash root() const;

 private:
  struct Subtree {
    Hash root;
    std::uint64_t leaves;  // a power of two, and its first leaf's index is a multiple of it
  };
  void push(Subtree subtree);

  std::uint64_t begin_;
  std::uint64_t end_;
  std::vector<Subtree> subtrees_;  // from left to right
};

}  // namespace agentstore::log
