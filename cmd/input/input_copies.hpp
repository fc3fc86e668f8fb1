// Copies of inputs in files of our own: a pipe cannot be read at an offset, and neither can the
// events of an export or of a compressed log.

#pragma once

#include <functional>
#include <string>

#include "agentstore/result.hpp"
#include "cmd/output.hpp"

namespace agentstore::cmd {

class InputCopies {
 public:
  InputCopies() = default;
  InputCopies(const InputCopies&) = delete;
  InputCopies& operator=(const InputCopies&) = delete;
  /// Deletes the files, as a signal that ends the program does.
  ~InputCopies();

  /// Makes a file that only its owner can read, in a new folder in TMPDIR, else /tmp, and has
  /// `fill` write it. Gives its path. At most one object of this class makes files at a time.
  /// Errors: io; those of `fill`.
  Result<std::string> make(const std::function<Result<void>(Output&)>& fill);

 private:
  bool made_ = false;  // the folder
};

}  // namespace agentstore::cmd
