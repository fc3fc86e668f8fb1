#include "query/sql_pipe.hpp"

#include <system_error>

namespace agentstore::sql {
namespace {

constexpr std::size_t waiting_bytes_max = std::size_t{16} << 20;

std::size_t bytes_of(const Block& block) {
  return block.text_bytes() + block.rows() * sizeof(Cell) + 64;
}

}  // namespace

void PipedRows::start(bool threaded) {
  if (!threaded) return;
  threaded_ = true;
  try {
    thread_ = std::thread{[this] { run(); }};
  } catch (const std::system_error&) {
    // Without a thread the rows are the same, only later.
    threaded_ = false;
  }
}

void PipedRows::run() {
  while (!stopped_ && read_next()) {
  }
  const std::lock_guard guard{lock_};
  ended_ = true;
  changed_.notify_all();
}

void PipedRows::stop() {
  {
    const std::lock_guard guard{lock_};
    stopped_ = true;
    changed_.notify_all();
  }
  if (thread_.joinable()) thread_.join();
}

bool PipedRows::give(std::unique_ptr<Block> block) {
  if (stopped_) return false;
  if (block == nullptr || block->rows() == 0) return true;
  std::unique_lock guard{lock_};
  if (threaded_) changed_.wait(guard, [&] { return stopped_ || bytes_ < waiting_bytes_max; });
  bytes_ += bytes_of(*block);
  blocks_.push_back(std::move(block));
  changed_.notify_all();
  return !stopped_;
}

std::unique_ptr<Block> PipedRows::next() {
  if (!threaded_)
    while (blocks_.empty() && read_next()) {
    }
  std::unique_lock guard{lock_};
  if (threaded_) changed_.wait(guard, [&] { return ended_ || !blocks_.empty(); });
  if (blocks_.empty()) return nullptr;
  auto block = std::move(blocks_.front());
  blocks_.pop_front();
  bytes_ -= bytes_of(*block);
  changed_.notify_all();
  return block;
}

}  // namespace agentstore::sql
