#include "log/merkle.hpp"

namespace agentstore::log {
namespace {

Hash node(const Hash& left, const Hash& right) {
  return sha256({std::string_view{"\1", 1}, bytes_of(left), bytes_of(right)});
}

}  // namespace

void MerkleTree::add(const Hash& leaf) {
  Hash subtree = leaf;
  for (std::uint64_t size = size_; (size & 1U) != 0; size >>= 1U) {
    subtree = node(subtrees_.back(), subtree);
    subtrees_.pop_back();
  }
  subtrees_.push_back(subtree);
  ++size_;
}

Hash MerkleTree::root() const {
  if (subtrees_.empty()) return sha256({});
  Hash root = subtrees_.back();
  for (std::size_t i = subtrees_.size() - 1; i-- > 0;) root = node(subtrees_[i], root);
  return root;
}

}  // namespace agentstore::log
