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
  /// Deletes the file, as a signal that ends the program does.
  ~KeptInput();

  /// Reads standard input to its end, once, into a file called stdin that only its owner can read,
  /// in a new folder in TMPDIR, else /tmp. There is one of it at most. Errors: io.
  Result<std::string> path();

 private:
  std::string path_;
};

}  // namespace agentstore::cmd
