// Lines that follow one another, from wherever they begin. Parts of a log are held to the rules
// between lines apart, and joined where each ends as the next one begins.

#pragma once

#include <cstdint>

#include "log/line.hpp"
#include "log/merkle.hpp"

namespace agentstore::log {

/// Where a log stands between two lines.
struct Place {
  std::uint64_t size = 0;  ///< events before it
  Hash head{};
  Batch open;  ///< the write that is not complete there
  friend bool operator==(const Place&, const Place&) = default;
};

/// Where a line with a seal says that it stands.
Place place_before(const Line& line);

class Run {
 public:
  explicit Run(const Place& begin) : begin_(begin), end_(begin), tree_(begin.size) {}

  /// Takes in the next line, one with a seal; false where it does not follow.
  bool add(const Line& line);
  /// Takes in the leaf of a line without a seal, of which nothing but its number says that it
  /// follows.
  void add_unsealed(const Hash& leaf);
  /// Takes in the run that begins where this one ends; false where that one does not.
  bool append(const Run& next);

  const Place& end() const { return end_; }
  /// The Merkle root, of a run from the first event on.
  Hash root() const { return tree_.root(); }

 private:
  Place begin_;
  Place end_;
  MerkleTree tree_;
};

}  // namespace agentstore::log
