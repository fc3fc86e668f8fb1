// The flags of the subcommands that write.

#include "cmd/flags/groups.hpp"

namespace agentstore::cmd {

void add_options(Flags& flags, CreateCommand& options) {
  flags.value("id", options.id, "ID", "The new session's id [a random UUID]");
  flags.value("--name", options.name, "NAME", "A name for people");
  flags.value("--label", options.labels, "KEY=VALUE", "A label; may be given several times");
  flags.value("--created-at", options.created_at, "TIME", "When it began [now]");
}

void add_options(Flags& flags, LabelCommand& options) {
  add_written_session(flags, options.session);
  flags.value("label", options.labels, "KEY=VALUE",
              "Labels; KEY= takes one off [show what is there]");
  flags.value("--name", options.name, "NAME", "Another name, unique in the store; empty: none");
}

void add_options(Flags& flags, AppendCommand& options) {
  add_written_session(flags, options.session);
  flags.value("input", options.input, "-", "Read drafts from standard input, a line each");
  flags.value("-t,--type", options.type, "TYPE", "The event's type");
  flags.value("--payload", options.payload, "JSON", "Its payload: JSON, or @FILE");
  flags.value("--text", options.text, "TEXT", "Instead of a payload: {\"content\": TEXT}");
  flags.value("--metadata", options.metadata, "JSON", "Its metadata: a JSON object");
  flags.value("--event-id", options.event.event_id, "ID",
              "Its id; the same event again is no second one");
  flags.value("--timestamp", options.event.timestamp, "TIME", "When it happened [now]");
  flags.number("--expect-version", options.expected_version,
               "Append only if this is the last sequence number; 0: none yet");
  flags.value("--expect-head", options.expected_head, "HASH",
              "Append only behind the event with this hash");
  flags.toggle("--batch", options.batch, "All of standard input (up to 64 MiB), or nothing");
  flags.number("--lock-timeout", options.lock_timeout_ms,
               "Milliseconds to wait for another writer [10000]");
  flags
      .value("--durability", options.durability, "HOW",
             "fsync; or none: a power cut may lose what was acknowledged")
      .offered = {"fsync", "none"};
}

void add_options(Flags& flags, SubmitCommand& options) {
  add_written_session(flags, options.session);
  Flag& command =
      flags.value("command", options.command, "COMMAND", "PlaceBet, DepositFunds and so on");
  command.required = true;
  command.offered = {"RegisterAgent", "DepositFunds", "WithdrawFunds", "ClaimFaucet",  "PlaceBet",
                     "SettleBet",     "ChargeFee",    "LockEscrow",    "ReleaseEscrow"};
  flags.value("--data", options.data, "JSON", "What it needs: a JSON object, or @FILE");
  add_ledger(flags, options.ledger);
  flags.value("--event-id", options.event.event_id, "ID",
              "Its event's id; of several, the first one's");
  flags.value("--timestamp", options.event.timestamp, "TIME", "When it happened [now]");
}

}  // namespace agentstore::cmd
