// A file without a name, for what is too long for memory.

#pragma once

#include <cstdio>
#include <memory>

namespace agentstore {

struct CloseFile {
  void operator()(std::FILE* file) const { std::fclose(file); }
};
using TemporaryFile = std::unique_ptr<std::FILE, CloseFile>;

/// Makes one in the folder that TMPDIR names, else in /tmp, to be written and read. It is gone once
/// it is closed, or its process ends. Null, and errno is set, where that fails.
TemporaryFile make_temporary_file();

}  // namespace agentstore
