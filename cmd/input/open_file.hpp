// A file that is open.

#pragma once

#include <utility>

namespace agentstore::cmd {

/// A file's descriptor, closed with its owner; never standard input's.
class OpenFile {
 public:
  OpenFile() = default;
  explicit OpenFile(int number) : number_{number} {}
  OpenFile(OpenFile&& other) noexcept : number_{std::exchange(other.number_, -1)} {}
  OpenFile& operator=(OpenFile&& other) noexcept {
    std::swap(number_, other.number_);
    return *this;
  }
  ~OpenFile();

  int number() const { return number_; }

 private:
  int number_ = -1;
};

}  // namespace agentstore::cmd
