// `keep` as a hook of Claude Code: in its settings, run whenever a session ends.

#pragma once

#include <string>
#include <vector>

#include "cmd/context.hpp"
#include "cmd/keep/keeper.hpp"
#include "cmd/options.hpp"

namespace agentstore::cmd {

/// Puts the hook into the settings of each folder of Claude Code that was found among `folders`, or
/// takes it out: shows what changes first, and asks, unless --yes says that it may, or --dry-run
/// that nothing is to be changed. The others are those that the hook is told to keep. `store` is
/// what the hook keeps in, by a name that is good in any folder. Settings that another program
/// changes meanwhile stay as they are. Gives the exit status.
int change_hook(Context& context, const KeepCommand& options,
                const std::vector<KeepFolder>& folders, const std::string& store);

}  // namespace agentstore::cmd
