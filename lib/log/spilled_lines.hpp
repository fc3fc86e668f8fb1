// Lines that are given one by one, and read as a log: in memory, and in a temporary file once they
// are long.

#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "agentstore/internal/temporary_file.hpp"
#include "log/source.hpp"

namespace agentstore::log {

/// Its file is gone with it. Used by one thread.
class SpilledLines : public ByteSource {
 public:
  static constexpr std::size_t memory_bytes_max = std::size_t{8} << 20;

  /// Errors: io, where no temporary file can be made, or written to.
  Result<void> append(std::string_view text);

  std::uint64_t size_bytes() const override { return file_bytes_ + tail_.size(); }
  Result<std::size_t> read_at(std::uint64_t offset, char* into, std::size_t size) override;
  Result<Tail> settle() override { return Tail::settled; }
  Result<Change> refresh() override { return Change::none; }
  std::string name() const override { return "the events given"; }

 private:
  TemporaryFile file_;
  std::uint64_t file_bytes_ = 0;
  std::string tail_;  // behind what is in the file
};

}  // namespace agentstore::log
