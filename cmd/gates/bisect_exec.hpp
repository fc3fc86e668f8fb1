// Trials: another program judges a state, as for `git bisect run`.

#pragma once

#include <string>

#include "agentstore/analysis/bisect.hpp"
#include "formats/text/event_name.hpp"

namespace agentstore::cmd {

/// Runs `command` by the shell with the state on its standard input and its standard output on
/// standard error; AGENTSTORE_SESSION_ID and AGENTSTORE_SEQUENCE_NUMBER name the event after which
/// it is. Blocks until it ends.
/// Exit status 0 is good, 1 bad, 125 skip. Errors: invalid (any other end), io.
Result<Trial> run_trial(const std::string& command, const formats::EventName& event,
                        const std::string& state);

}  // namespace agentstore::cmd
