// Trials: another program judges a state, as for `git bisect run`.

#pragma once

#include <cstdint>
#include <string>

#include "agentstore/analysis/bisect.hpp"

namespace agentstore::cmd {

/// Runs `command` by the shell with the state on its standard input and its standard output on
/// standard error; AGENTSTORE_SEQUENCE_NUMBER says which state it is. Blocks until it ends.
/// Exit status 0 is good, 1 bad, 125 skip. Errors: invalid (any other end), io.
Result<Trial> run_trial(const std::string& command, std::uint64_t sequence_number,
                        const std::string& state);

}  // namespace agentstore::cmd
