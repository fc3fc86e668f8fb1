// Rows that are read as they are asked for, or by a thread of their own that is a little ahead.

#pragma once

#include <atomic>
#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <thread>

#include "query/sql_rows.hpp"

namespace agentstore::sql {

class PipedRows : public RowStream {
 public:
  std::unique_ptr<Block> next() override;

 protected:
  /// Reads one log and gives its blocks; false: there is none left. Called by one thread.
  virtual bool read_next() = 0;

  /// Called last in the constructor of whoever derives. Without a thread, what a log gives is held
  /// until it is asked for.
  void start(bool threaded);
  /// Called first in the destructor of whoever derives: its thread reads no longer.
  void stop();
  /// Takes a block; false: nobody wants more.
  bool give(std::unique_ptr<Block> block);
  const std::atomic<bool>& stopped() const { return stopped_; }

 private:
  void run();

  bool threaded_ = false;  // set before the thread begins
  std::thread thread_;
  std::mutex lock_;
  std::condition_variable changed_;
  std::deque<std::unique_ptr<Block>> blocks_;
  std::size_t bytes_ = 0;  // that wait
  bool ended_ = false;
  std::atomic<bool> stopped_ = false;
};

}  // namespace agentstore::sql
