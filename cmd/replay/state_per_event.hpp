// A replay that shows what events did to the state: `replay --state`, `--patch` and `--step`.

#pragma once

#include "agentstore/reader.hpp"
#include "cmd/context.hpp"
#include "cmd/input/selector.hpp"
#include "cmd/options.hpp"
#include "cmd/words/where.hpp"

namespace agentstore::cmd {

/// Whether the options ask for one of them.
bool shows_state(const ReplayCommand& options);

/// Gives the exit status. `read` chooses the events that are shown; all are folded.
int replay_state(Context& context, const Input& input, const ReplayCommand& options,
                 ReadOptions read, const Where& where);

}  // namespace agentstore::cmd
