#include "cmd/input/open_file.hpp"

#include <unistd.h>

namespace agentstore::cmd {

OpenFile::~OpenFile() {
  if (number_ > 0) ::close(number_);
}

}  // namespace agentstore::cmd
