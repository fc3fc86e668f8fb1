// Lines that follow one another, from wherever they begin. Parts of a log are held to the rules
// between lines apart, and joined where each ends as the next one begins.

#pragma once

#include <cstdint>

#include "log/boundary.hpp"
#include "log/line.hpp"
#include "log/merkle.hpp"

namespace agentstore::log {

class Run {
 public:
  /// `begin` knows all of its place.
  explicit Run(const Boundary& begin) : begin_(begin), end_(begin), tree_(begin.sequence_number) {}

  /// Takes in the next line, one with a seal; false where it does not follow.
  bool add(const Line& line);
  /// Takes in the leaf of a line without a seal, of which nothing but its number says that it
  /// follows.
  void add_unsealed(const Hash& leaf);
  /// Takes in the run that begins where this one ends; false where that one does not.
  bool append(const Run& next);

  /// Lives as long as this, unchanged.
  Boundary end() const { return end_.view(); }
  /// The Merkle root, of a run from the first event on.
  Hash root() const { return tree_.root(); }

 private:
  KeptBoundary begin_;
  KeptBoundary end_;
  MerkleTree tree_;
};

}  // namespace agentstore::log
