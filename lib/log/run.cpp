#include "log/run.hpp"

namespace agentstore::log {

Place place_before(const Line& line) {
  const std::uint64_t number = line.event.sequence_number;
  return {number - 1, line.prev, line.batch.first < number ? line.batch : Batch{}};
}

bool Run::add(const Line& line) {
  // A line that begins a write can only follow a whole one, any other only its own.
  if (place_before(line) != end_) return false;
  end_ = {end_.size + 1, line.hash, line.batch.last == end_.size + 1 ? Batch{} : line.batch};
  tree_.add(line.hash);
  return true;
}

void Run::add_unsealed(const Hash& leaf) {
  end_ = {end_.size + 1, head_after_unsealed(leaf, end_.head), Batch{}};
  tree_.add(leaf);
}

bool Run::append(const Run& next) {
  if (next.begin_ != end_) return false;
  end_ = next.end_;
  tree_.append(next.tree_);
  return true;
}

}  // namespace agentstore::log
