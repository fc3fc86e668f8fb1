// The flags of the subcommands that check and mend.

#include "cmd/flags/groups.hpp"

namespace agentstore::cmd {

void add_options(Flags& flags, VerifyCommand& options) {
  flags.value("session", options.sessions, "SESSION", "Sessions, or paths of logs [all sessions]");
  flags.toggle("-a,--all", options.all, "All sessions");
  flags.toggle("--require-sealed", options.require_sealed, "Exit 1 where an event is not sealed");
  flags.toggle("--caches", options.snapshots,
               "Compare every cache with the log, too: snapshots, sums, lists");
  flags.hidden(flags.toggle("--snapshots", options.snapshots, ""));
  add_allow_empty(flags, options.allow_empty);
  flags.value("--head", options.head, "HASH@N", "Exit 1 unless event N has this hash");
  flags.value("--checkpoint", options.checkpoint, "NOTE",
              "A signed checkpoint: exit 1 unless the log only grew since");
  flags.value("--key", options.key, "VKEY", "The verifier key of --checkpoint, or a file with it");
}

void add_options(Flags& flags, RepairCommand& options) {
  add_written_session(flags, options.session);
  flags.toggle("--salvage", options.salvage, "Damage: a new log of every event that can be read");
  flags.toggle("--accept-loss", options.accept_loss,
               "Go on from a log that lost events, or differs from a checkpoint of the store");
  flags.toggle("--dry-run", options.dry_run, "Change nothing; exit 1 where there is work to do");
}

void add_options(Flags& flags, RedactCommand& options) {
  add_written_session(flags, options.session);
  flags.value("event", options.events, "EVENT", "Events: sequence numbers, A..B, or event ids");
  flags.value("-t,--type", options.types, "TYPES", "Events of these types: a,b,tool_*");
  flags.value("-w,--where", options.where, "EXPR", "Events for which this is true");
  flags.toggle("--copies", options.copies, "Their copies by whatif --save-as in this store, too");
  flags.value("--reason", options.reason, "TEXT", "Why; it is kept in the log");
  flags.value("--by", options.requested_by, "WHO", "Who asked for it; it is kept in the log");
}

void add_options(Flags& flags, CheckpointCommand& options) {
  flags.value("session", options.session, "SESSION", "A session: its id or unique name");
  flags
      .value("--key", options.key, "FILE",
             "An Ed25519 private key (PKCS#8 PEM), yours alone to read")
      .required = true;
  flags.value("--name", options.name, "NAME", "The key's name, like example.com/agents").required =
      true;
  flags.toggle("--verifier-key", options.verifier_key, "Print the key that auditors need");
}

}  // namespace agentstore::cmd
