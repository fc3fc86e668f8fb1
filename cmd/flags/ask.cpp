// The flags of the subcommands that ask.

#include "cmd/flags/groups.hpp"

namespace agentstore::cmd {

void add_options(Flags& flags, WhatIfCommand& options) {
  flags.value("session", options.session, "SESSION", "A session, as for replay");
  flags.value("event", options.more, "EVENT", "More events for --without");
  flags.toggle("-a,--all", options.all, "All sessions as one; an event is then SESSION#NUMBER");
  flags.value("--without", options.without, "EVENT",
              "Leave out an event: its sequence number or event id; may be repeated");
  flags.value("-T,--not-type", options.without_types, "TYPES", "Leave out these types: a,b,tool_*");
  flags.hidden(flags.value("--without-type", options.without_types, "TYPES", ""));
  flags.value("--replace", options.replaced, "EVENT=JSON",
              "Another payload for an event: JSON, or @FILE; may be repeated");
  flags.value("--insert-after", options.inserted, "EVENT=DRAFT",
              "One more event, as append takes it, behind an event; 0: before the first");
  flags.value("-U,--until", options.until, "TIME", "Leave out what is later");
  flags.toggle("--cascade", options.cascade, "Leave out what depended on it, too");
  flags.value("--projection", options.projection, "NAME",
              "What to fold [balance and pnl where there is money, else session]");
  add_conditions(flags, options.assertions, "Exit 1 unless this is true of the altered state");
  flags.value("--save-as", options.save_as, "ID", "Write the altered history as a new session");
  add_ledger(flags, options.ledger);
  add_allow_empty(flags, options.allow_empty);
  add_on_corrupt(flags, options.on_corrupt);
}

void add_options(Flags& flags, BlameCommand& options) {
  add_session(flags, options.session);
  flags.value("pointer", options.pointer, "POINTER",
              "A value of its state, like /status or /data/llm_response/content [all of them]");
  flags.toggle("-a,--all", options.all, "Every value of the state");
  flags.number("-n,--newest", options.newest, "The newest N events that set it [20]");
  add_ledger(flags, options.ledger);
  add_on_corrupt(flags, options.on_corrupt);
}

void add_options(Flags& flags, DiffCommand& options) {
  require_session(
      flags.value("a", options.a, "A", "A session, as for replay; A@12: up to its event 12"));
  require_session(flags.value("b", options.b, "B", "Another one, or the same at another point"));
  flags.toggle("--stat", options.stat,
               "The summary alone: events by type and tool, tokens, cost, final answers");
  flags.value("-t,--type", options.only, "TYPES",
              "Compare events of these types alone: a,b,tool_*");
  flags.hidden(flags.value("--only", options.only, "TYPES", ""));
  flags.value("--ignore", options.ignored, "POINTER",
              "A member of payloads that does not count, like /result/score; may be repeated");
  flags.value("--unordered", options.unordered, "TYPES",
              "Types whose events may come in another order, like tool_result");
  add_allow_empty(flags, options.allow_empty);
  add_on_corrupt(flags, options.on_corrupt);
}

void add_options(Flags& flags, BisectCommand& options) {
  flags.value("session", options.session, "SESSION", "A session, as for replay");
  flags.toggle("-a,--all", options.all, "All sessions as one, in order of time");
  flags.value("expression", options.expression, "EXPR",
              "What is searched for: 'total_wagered > 400'");
  flags.value("--exec", options.command, "CMD",
              "Instead: a command that gets a state (0: good, 1: bad, 125: skip)");
  flags.value("--projection", options.projection, "NAME", "Only fields of this projection");
  add_ledger(flags, options.ledger);
  add_allow_empty(flags, options.allow_empty);
  add_on_corrupt(flags, options.on_corrupt);
}

void add_options(Flags& flags, SqlCommand& options) {
  flags.value("query", options.query, "SQL", "One SELECT, or @FILE");
  flags.value("session", options.sessions, "SESSION", "Sessions, as for replay [all]");
  flags.value("--param", options.parameters, "NAME=VALUE",
              "What :NAME in the SQL stands for; may be repeated");
  flags.value("--format", options.format, "FORMAT", "table, json, jsonl, csv or markdown");
  flags.value("-o,--output", options.output, "FILE",
              "Write to a file; FILE.db: a SQLite database, without SQL of all tables");
  flags.number("--timeout", options.timeout_s, "Give up after so many seconds");
  flags.number("--memory", options.memory_mib, "MiB that the answer may take [1024]");
  flags.toggle("--schema", options.schema, "Show the tables and their columns");
  flags.toggle("--examples", options.examples, "Show questions to begin with");
  flags.toggle("--views", options.views, "Show the three views, for a database of --dialect");
  flags.value("--dialect", options.dialect, "NAME", "postgres, risingwave or sqlite [sqlite]");
  add_ledger(flags, options.ledger);
  add_on_corrupt(flags, options.on_corrupt);
}

}  // namespace agentstore::cmd
