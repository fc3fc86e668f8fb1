#include "log/run.hpp"

namespace agentstore::log {

bool Run::add(const Line& line) {
  // A line that begins a write can only follow a whole one, any other only its own.
  if (!end_.view().fits(boundary_before(line))) return false;
  end_ = KeptBoundary{boundary_after(line)};
  tree_.add(line.hash);
  return true;
}

void Run::add_unsealed(const Hash& leaf) {
  Hash before;
  const Boundary end = end_.view();
  end.head.copy(reinterpret_cast<char*>(before.data()), before.size());
  const Hash head = head_after_unsealed(leaf, before);
  end_ = KeptBoundary{{end.sequence_number + 1, bytes_of(head), Batch{}}};
  tree_.add(leaf);
}

bool Run::append(const Run& next) {
  if (!end_.view().fits(next.begin_.view())) return false;
  end_ = next.end_;
  tree_.append(next.tree_);
  return true;
}

}  // namespace agentstore::log
