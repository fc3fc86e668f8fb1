#include "log/merkle.hpp"

#include <cassert>

namespace agentstore::log {
namespace {

Hash node(const Hash& left, const Hash& right) {
  return sha256({std::string_view{"\1", 1}, bytes_of(left), bytes_of(right)});
}

}  // namespace

// Two neighbours of one size are one subtree where the left one is a left child in the whole tree.
void MerkleTree::push(Subtree subtree) {
  end_ += subtree.leaves;
  while (!subtrees_.empty() && subtrees_.back().leaves == subtree.leaves &&
         end_ % (2 * subtree.leaves) == 0) {
    subtree = {node(subtrees_.back().root, subtree.root), 2 * subtree.leaves};
    subtrees_.pop_back();
  }
  subtrees_.push_back(subtree);
}

void MerkleTree::append(const MerkleTree& next) {
  assert(next.begin_ == end_);
  for (const Subtree& subtree : next.subtrees_) push(subtree);
}

Hash MerkleTree::root() const {
  assert(begin_ == 0);
  if (subtrees_.empty()) return sha256({});
  Hash root = subtrees_.back().root;
  for (std::size_t i = subtrees_.size() - 1; i-- > 0;) root = node(subtrees_[i].root, root);
  return root;
}

}  // namespace agentstore::log
