// Waiting for what is yet to come, until somebody ends it.

#pragma once

#include "cmd/output.hpp"

namespace agentstore::cmd {

/// From here on SIGINT and SIGTERM are asked for, and end nothing.
void stop_at_signals();
bool is_interrupted();

/// Waits a moment, or, with `input` not -1, until that can be read; false where it is time to end:
/// at a signal, or because nobody reads the output any more.
bool wait_a_moment(const Output& out, int input = -1);

}  // namespace agentstore::cmd
