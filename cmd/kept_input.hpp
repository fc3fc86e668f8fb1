// Standard input, kept in a file: a pipe cannot be read at an offset.

#pragma once

#include <string>

#include "agentstore/result.hpp"

namespace agentstore::cmd {

class KeptInput {
 public:
  KeptInput() = default;
  KeptInput(const KeptInput&) = delete;
  KeptInput& operator=(const KeptInput&) = delete;
  /// Deletes the file.
  ~KeptInput();

  /// Reads standard input to its end, once, into a file that only its owner can read; in TMPDIR,
  /// else /tmp. Errors: io.
  Result<std::string> path();

 private:
  std::string path_;
};

}  // namespace agentstore::cmd
