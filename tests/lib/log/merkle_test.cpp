// The Merkle tree of RFC 9162, section 2.1.1, held against its recursive definition.

#include "log/merkle.hpp"

#include <doctest/doctest.h>

#include <string>
namespace agentstore::log {
namespace {

Hash leaf(std::size_t number) {
  return sha256({"leaf " + std::to_string(number)});
}

std::string bytes(const Hash& hash) {
  return {hash.begin(), hash.end()};
}

// MTH of leaves [from, to).
Hash root_of(std::size_t from, std::size_t to) {
  if (from == to) return sha256({});
  if (to - from == 1) return leaf(from);
  std::size_t left = 1;
  while (left * 2 < to - from) left *= 2;
  return sha256({"\x01", bytes(root_of(from, from + left)), bytes(root_of(from + left, to))});
}

}  // namespace

TEST_SUITE("merkle tree") {
  TEST_CASE("a tree of any size has the root that its definition gives") {
    MerkleTree tree;
    for (std::size_t size = 0; size <= 70; ++size) {
      CAPTURE(size);
      CHECK(tree.size() == size);
      CHECK(tree.root() == root_of(0, size));
      tree.add(leaf(size));
    }
  }

  TEST_CASE("parts that were built apart make the same tree, wherever it was cut") {
    constexpr std::size_t size = 37;
    for (std::size_t first = 0; first <= size; ++first) {
      for (std::size_t second = first; second <= size; second += 3) {
        MerkleTree whole;
        for (std::size_t i = 0; i < first; ++i) whole.add(leaf(i));
        MerkleTree middle{first};
        for (std::size_t i = first; i < second; ++i) middle.add(leaf(i));
        MerkleTree end{second};
        for (std::size_t i = second; i < size; ++i) end.add(leaf(i));
        middle.append(end);
        whole.append(middle);
        CAPTURE(first);
        CAPTURE(second);
        CHECK(whole.size() == size);
        CHECK(whole.root() == root_of(0, size));
      }
    }
  }
}

}  // namespace agentstore::log
