// Raw bytes of files, looked through before anything is parsed; and files side by side.

#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <string>

#include "agentstore/result.hpp"
#include "cmd/input/named_ids.hpp"
#include "cmd/words/raw_filter.hpp"

namespace agentstore::cmd {

/// Room for the bytes of a file, one after the other. Used by one thread.
class FileScan {
 public:
  FileScan();

  /// Whether the file, which may be compressed, may hold what the filter lets pass. Reads no
  /// further than it must. Where it may not, `named`, if not null, gets the ids in it. Errors: as
  /// ByteInput.
  Result<bool> may_hold(const std::string& path, const RawFilter& filter,
                        NamedIds* named = nullptr);

 private:
  std::unique_ptr<char[]> room_;
};

/// Calls `work(thread, index)` for each of `count` things, by as many threads as there are cores,
/// one after the other as they come free; `thread` is below `cores()`. Returns when all is done;
/// throws the first exception that `work` threw.
void side_by_side(std::size_t count,
                  const std::function<void(std::size_t thread, std::size_t index)>& work);
std::size_t cores();

}  // namespace agentstore::cmd
