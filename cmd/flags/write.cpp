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

void add_options(Flags& flags, RerunCommand& options) {
  flags.value("session", options.sessions, "SESSION",
              "Sessions, as for replay; with --report reruns, what they are of, or KEY=VALUE");
  flags.toggle("-a,--all", options.all, "All sessions but reruns");
  flags.value("-S,--since", options.since, "TIME", "Those whose last event is of then or later")
      .offered = {"today", "yesterday", "monday", "1h", "7d"};
  flags.value("--exec", options.command, "CMD",
              "The candidate: a shell command that reads turns and writes answers");
  flags.value("--prompt", options.prompt, "FILE", "A text that it reads with each turn");
  flags.value("--candidate", options.candidate, "NAME",
              "What it is called [the command's first word]");
  flags
      .value("--history", options.history, "WHOSE",
             "What it reads of earlier turns: recorded, or rerun: its own answers [recorded]")
      .allowed = {"recorded", "rerun"};
  flags
      .value("--tools", options.tools, "HOW",
             "What its calls give: recorded, or live: it calls them itself [recorded]")
      .allowed = {"recorded", "live"};
  flags.number("--jobs", options.jobs, "Sessions at a time [1]");
  flags.value("--rate", options.rate, "N/s", "No more turns than that: 2/s, 30/m, 500/h");
  flags.number("--timeout", options.timeout_s, "Seconds that a turn may take [300]");
  flags.value("--to", options.to, "STORE",
              "Where answers are written, made where it is missing [the store]");
  flags.toggle("--again", options.again, "Ask also what was answered: a rerun of its own");
  flags.toggle("--report", options.report, "Compare reruns with what was recorded");
  flags.value("--format", options.format, "FORMAT", "text, json, markdown or junit [text]")
      .allowed = {"text", "json", "markdown", "junit"};
  flags.value("--by", options.by, "LABEL", "Counts for each value of a label [candidate]");
  flags.value("--ignore", options.ignored, "POINTER",
              "What does not count in calls and results, like /args/limit; may be repeated");
  flags
      .value("--same", options.same, "HOW",
             "Texts are the same if exact, or if their words are [exact]")
      .allowed = {"exact", "words"};
  add_conditions(flags, options.assertions,
                 "Exit 1 unless this is true of the counts: 'error = 0 AND changed < 5'");
  add_allow_empty(flags, options.allow_empty);
  add_on_corrupt(flags, options.on_corrupt);
}

}  // namespace agentstore::cmd
