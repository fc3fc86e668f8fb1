// The flags of the subcommands that look.

#include "cmd/flags/groups.hpp"

namespace agentstore::cmd {

void add_options(Flags& flags, SessionsCommand& options) {
  flags.toggle("-l,--long", options.long_form, "Last activity, tokens, cost and errors, too");
  flags.toggle("--tree", options.tree, "Sub-agents and forks below the session they come from");
  flags.number("-n,--limit", options.limit, "At most so many");
  flags.number("--offset", options.offset, "Leave out so many first");
  flags.value("--label", options.labels, "KEY=VALUE", "Sessions with this label; may be repeated");
}

void add_options(Flags& flags, ReplayCommand& options) {
  flags.value(
      "session", options.session, "SESSION",
      "A session: id, name, start of an id, @ (the newest), path of a log, or -; S@12: up to "
      "event 12");
  flags.toggle("-a,--all", options.all, "All sessions, in order of time");
  flags.value("--format", options.format, "FORMAT",
              "timeline, json or jsonl (the lines as stored)");
  add_filter(flags, options.filter);
  flags.number("-n,--newest", options.newest, "The newest N that match");
  flags.toggle("-r,--reverse", options.reverse, "Newest first");
  flags.toggle("-f,--follow", options.follow, "Go on with events as they are written");
  flags.value("-o,--output", options.output, "FILE", "Write to a file");
  flags.toggle("-q,--quiet", options.quiet, "Print nothing; exit 1 where nothing matched");
  flags.toggle("--state", options.state, "With what each event changed of the state");
  flags.toggle("--patch", options.patch, "JSON patches (RFC 6902) of the state, a line an event");
  flags.toggle("--step", options.step, "On a terminal: an event at a time, forward and back");
  flags.value("--projection", options.projection, "NAME", "The state of --state, --patch, --step");
  add_ledger(flags, options.ledger);
  flags
      .value("--fields", options.fields, "NAMES",
             "As JSON: these fields of each event alone, as --where names them [its parts]")
      .value_optional = true;
  flags.value("--assert", options.assertions, "EXPR",
              "Exit 1 unless true of each event that is read; may be repeated");
  add_allow_empty(flags, options.allow_empty);
  flags.toggle("--raw", options.raw, "Events as they were stored: without upcasts");
  add_on_corrupt(flags, options.on_corrupt);
}

void add_options(Flags& flags, StateCommand& options) {
  flags.value("session", options.session, "SESSION", "A session, as for replay");
  flags.toggle("-a,--all", options.all, "All sessions as one, in order of time");
  flags.value("--label", options.labels, "KEY=VALUE",
              "The sessions with this label as one; may be repeated");
  flags.value("--project", options.project, "NAME", "The same as --label project=NAME");
  flags.value("--projection", options.projection, "NAME",
              "session, balance, pnl, portfolio, conversation, summary, progress, status or cost");
  add_ledger(flags, options.ledger);
  add_point(flags, options.point);
  flags.value("--assert", options.assertions, "EXPR",
              "Exit 1 unless this is true of the state: 'net_pnl >= 0'; may be repeated");
  add_allow_empty(flags, options.allow_empty);
  add_on_corrupt(flags, options.on_corrupt);
}

void add_options(Flags& flags, StatsCommand& options) {
  flags.value("session", options.sessions, "SESSION", "Sessions, as for replay [all]");
  flags.toggle("-a,--all", options.all, "All sessions");
  flags.value("--by", options.by, "WHAT", "Group by type, tool, model, day, session; a,b for both");
  flags.value("--assert", options.assertions, "EXPR",
              "Exit 1 unless this is true of the sums: 'cost_total_usd <= 0.50 AND errors = 0'");
  flags
      .value("--prices", options.prices, "FILE",
             "Prices of models for costs that were not recorded; without FILE: show those known")
      .value_optional = true;
  flags.toggle("--explain", options.explain,
               "Show every record with tokens that is not counted, and why");
  add_filter(flags, options.filter);
  add_allow_empty(flags, options.allow_empty);
  add_on_corrupt(flags, options.on_corrupt);
}

void add_options(Flags& flags, BalanceCommand& options) {
  flags.value("session", options.session, "SESSION", "A session, as for replay");
  flags.toggle("--all-sessions", options.all_sessions, "Every session, and what they sum up to");
  flags.value("--asset", options.asset, "ASSET", "Only this asset");
  flags.value("--each", options.each, "WHAT", "The register: a row for each event, hour or day");
  add_ledger(flags, options.ledger);
  flags.value("--assert", options.assertions, "EXPR",
              "Exit 1 unless this stays true, naming the event that breaks it: 'balance >= 0'");
  add_point(flags, options.point);
  add_allow_empty(flags, options.allow_empty);
  add_on_corrupt(flags, options.on_corrupt);
}

}  // namespace agentstore::cmd
