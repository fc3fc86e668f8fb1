// What a signal that ends the program must not leave behind.

#pragma once

namespace agentstore::cmd {

/// Before a hangup, an interrupt, a quit or a termination ends the program, as it then does, runs
/// `clean_up`, which makes no calls but those that are safe in a handler (signal-safety(7)). There
/// is one at a time; null: none. Signals that the program was started to ignore stay ignored.
void clean_up_at_signals(void (*clean_up)());

}  // namespace agentstore::cmd
