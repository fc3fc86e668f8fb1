// A session as a chat: replay --chat.

#pragma once

#include "cmd/context.hpp"
#include "cmd/input/input.hpp"
#include "cmd/words/where.hpp"

namespace agentstore::cmd {

/// Whether --chat is given; then errors: invalid, where it goes with other flags that do not fit.
Result<void> check_chat(const ReplayCommand& options, bool json);

/// What the agent of a session is called: "claude", "codex"; empty: as its models.
std::string agent_name(const Input& input);

/// Prints what `read` lets pass. Gives the exit status.
int replay_chat(Context& context, const Input& input, const ReplayCommand& options,
                ReadOptions read, const Where& where);

}  // namespace agentstore::cmd
