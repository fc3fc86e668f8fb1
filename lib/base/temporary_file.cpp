#include "agentstore/internal/temporary_file.hpp"

#include <cstdlib>
#include <string>

namespace agentstore {

TemporaryFile make_temporary_file() {
  const char* const folder = std::getenv("TMPDIR");
  std::string path = folder == nullptr || *folder == '\0' ? "/tmp" : folder;
  path += "/agentstore-XXXXXX";
  const int made = ::mkstemp(path.data());
  if (made < 0) return nullptr;
  std::remove(path.c_str());
  return TemporaryFile{::fdopen(made, "w+")};
}

}  // namespace agentstore
