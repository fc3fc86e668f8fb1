// What agents left on this machine, into a store: what is new is imported, and a receipt says what
// is safe, what is lost already, and what goes soon.

#pragma once

#include <string>
#include <vector>

#include "cmd/context.hpp"
#include "cmd/input/transcript_folder.hpp"
#include "cmd/options.hpp"

namespace agentstore::cmd {

/// A folder to keep.
struct KeepFolder {
  ToolHome home;           ///< its source is null where the tool is not known
  bool found = true;       ///< on this machine; else it was named
  std::string named = {};  ///< the absolute path that was named, of it or of a folder in it
};

struct KeepFolders {
  std::vector<KeepFolder> folders;
  std::vector<Error> missing;  ///< not_found: a folder that was named is not there
};

/// The folders of agents on this machine, and those of `from`, each once.
KeepFolders folders_to_keep(const std::vector<std::string>& from);

/// Keeps what is in the folders in `store`, which is made where it is missing, and writes the
/// receipt. One at a time for a store. Gives the exit status: of the first folder or file that
/// could not be kept; busy, where another one is at work.
int keep(Context& context, const KeepCommand& options, const KeepFolders& folders,
         const std::string& store);

}  // namespace agentstore::cmd
