// What a signal that ends the program must not leave behind.

#pragma once

namespace agentstore::cmd {

/// Makes no calls but those that are safe in a handler (signal-safety(7)).
using CleanUp = void (*)();

/// Before a hangup, an interrupt, a quit or a termination ends the program, as it then does, runs
/// `clean_up`. There are at most three at a time. Signals that the program was started to ignore
/// stay ignored.
void clean_up_at_signals(CleanUp clean_up);
/// Cleans up; as safe in a handler.
void clean_up_now();
/// Takes it back: there is nothing left to clean up.
void nothing_to_clean_up(CleanUp clean_up);

}  // namespace agentstore::cmd
