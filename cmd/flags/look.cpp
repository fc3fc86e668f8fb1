// The flags of the subcommands that look.

#include "cmd/flags/groups.hpp"

namespace agentstore::cmd {
namespace {

std::vector<std::string> projections() {
  return {"session", "balance",  "pnl",    "portfolio", "conversation",
          "summary", "progress", "status", "cost",      "totals"};
}

}  // namespace

void add_options(Flags& flags, SessionsCommand& options) {
  flags.toggle("-l,--long", options.long_form, "Last activity, tokens, cost and errors, too");
  flags.toggle("--tree", options.tree, "Sub-agents and forks below the session they come from");
  flags.number("-n,--limit", options.limit, "At most so many");
  flags.number("--offset", options.offset, "Leave out so many first");
  flags.value("--sort", options.sort, "COLUMN[:desc]",
              "In order of id, name, events, created, last, project, tokens, out, cost or errors");
  flags.toggle("-r,--reverse", options.reverse, "The other way round");
  add_selection(flags, options.labels);
  flags.value("-S,--since", options.since, "TIME", "Sessions active at this time or later");
  flags.value("-U,--until", options.until, "TIME", "Sessions last active at this time or earlier");
  flags.hidden(flags.toggle("-a,--all", options.all, ""));
}

void add_options(Flags& flags, FindCommand& options) {
  flags.value("words", options.words, "WORDS",
              "Words, all of them in one event; \"a phrase\"; /a pattern/ (RE2)");
  flags.toggle("--session", options.in_session, "All of them in one session");
  flags.toggle("-l,--ids", options.ids, "Nothing but the ids of the sessions");
  flags.toggle("-c,--count", options.counts, "Nothing but the number of hits, and the id");
  flags.number("-C,--context", options.around, "N events before and after each hit, too");
  flags.number("-n,--limit", options.limit, "At most so many sessions");
  flags.value("--file", options.files, "PATH", "Events that read or write this file");
  flags.value("--command", options.commands, "WORDS", "Calls that run a command with these words");
  flags.value("-t,--type", options.filter.types, "TYPES", "Only events of these types: a,b,tool_*");
  flags.value("-T,--not-type", options.filter.not_types, "TYPES", "No events of these types");
  flags.value("--tool", options.filter.tools, "NAMES",
              "Only calls and results of these tools: a,b,web_*");
  flags.value("-S,--since", options.filter.since, "TIME", "Events at this time or later")
      .offered = {"today", "yesterday", "monday", "1h", "7d"};
  flags.value("-U,--until", options.filter.until, "TIME", "Events at this time or earlier")
      .offered = {"today", "yesterday", "monday", "1h", "7d"};
  flags.value("--before", options.filter.before, "TIME", "Events earlier than this time");
}

void add_options(Flags& flags, ReplayCommand& options) {
  flags.value(
      "session", options.session, "SESSION",
      "A session: id, name, start of an id, @ (the newest), path of a log, or -; S@12: up to "
      "event 12");
  flags.toggle("-a,--all", options.all, "All sessions, in order of time");
  flags.value("--format", options.format, "FORMAT", "timeline, json or jsonl (the lines as stored)")
      .offered = {"timeline", "json", "jsonl"};
  flags
      .value("--time", options.time, "STYLE",
             "clock, iso, elapsed (since the session's start) or delta (since the line before)")
      .offered = {"clock", "iso", "elapsed", "delta"};
  flags.toggle("--pairs", options.pairs,
               "A tool's call and result on one line [transcripts on a terminal]");
  flags.toggle("--no-pairs", options.no_pairs, "Each on its own");
  flags.toggle("--fold", options.fold,
               "Count progress, hooks and bookkeeping in a line [on a terminal]");
  flags.toggle("--no-fold", options.no_fold, "Show them; so does -v");
  add_filter(flags, options.filter);
  flags.number("-n,--newest", options.newest, "The newest N that match");
  flags.toggle("-r,--reverse", options.reverse, "Newest first");
  flags.toggle("-f,--follow", options.follow, "Go on with events as they are written");
  flags.value("--cursor", options.cursor, "FILE",
              "With --all: only what this file does not say was read; see agentstore-feeds(5)");
  flags.toggle("--ack", options.ack, "The cursor moves as event ids come back on standard input");
  flags.toggle("--lag", options.lag, "How far the cursor is behind, by session");
  flags.value("--max-lag", options.max_lag, "TIME", "Exit 1 where it is behind for longer: 60s");
  flags.number("--from-position", options.from_position,
               "With --all, of a database: what came after its row N");
  flags.value("-o,--output", options.output, "FILE", "Write to a file");
  flags.toggle("-q,--quiet", options.quiet, "Print nothing; exit 1 where nothing matched");
  flags.toggle("--chat", options.chat,
               "Prompts and answers alone, whole, and calls as a line each");
  flags.toggle("--state", options.state, "With what each event changed of the state");
  flags.toggle("--patch", options.patch, "JSON patches (RFC 6902) of the state, a line an event");
  flags.toggle("--step", options.step, "On a terminal: an event at a time, forward and back");
  flags.value("--projection", options.projection, "NAME", "The state of --state, --patch, --step")
      .offered = projections();
  add_ledger(flags, options.ledger);
  flags
      .value("--fields", options.fields, "NAMES",
             "As JSON: these fields of each event alone, as --where names them [its parts]")
      .value_optional = true;
  add_conditions(flags, options.assertions,
                 "Exit 1 unless true of each event that is read; may be repeated");
  add_allow_empty(flags, options.allow_empty);
  flags.toggle("--raw", options.raw, "Events as they were stored: without upcasts");
  add_on_corrupt(flags, options.on_corrupt);
}

void add_options(Flags& flags, ShowCommand& options) {
  require_session(flags.value("session", options.session, "SESSION",
                              "A session, as for replay; S#12: its event 12"));
  flags.value("event", options.events, "EVENT",
              "Events: sequence numbers, A..B, or event ids [the last one]");
  flags.toggle("--context", options.context,
               "What the model had seen at that event, with the tokens of each message");
  add_on_corrupt(flags, options.on_corrupt);
}

void add_options(Flags& flags, StateCommand& options) {
  flags.value("session", options.session, "SESSION", "A session, as for replay");
  flags.toggle("-a,--all", options.all, "All sessions as one, in order of time");
  flags
      .value("--projection", options.projection, "NAME",
             "session, balance, pnl, portfolio, conversation, summary, progress, status, cost or "
             "totals")
      .offered = projections();
  add_ledger(flags, options.ledger);
  add_point(flags, options.point);
  add_conditions(flags, options.assertions,
                 "Exit 1 unless this is true of the state: 'errors = 0'; may be repeated");
  add_allow_empty(flags, options.allow_empty);
  add_on_corrupt(flags, options.on_corrupt);
}

void add_options(Flags& flags, StatsCommand& options) {
  flags.value("session", options.sessions, "SESSION", "Sessions, as for replay [all]");
  flags.toggle("-a,--all", options.all, "All sessions");
  flags.value("--format", options.format, "html", "A page to look at, with every group").allowed = {
      "html"};
  flags
      .value(
          "--by", options.by, "WHAT",
          "Group by agent, user, project, label:KEY, session, hour, day, week, month, type, tool, "
          "file, command or model; a,b for both")
      .offered = {"agent", "user", "project", "session", "hour",    "day",  "week",
                  "month", "type", "tool",    "file",    "command", "model"};
  flags.value(
      "--sort", options.sort, "COLUMN[:desc]",
      "Groups in order of a column, by its name in small letters: cost, calls, failed, p95");
  flags.number("-n,--limit", options.limit, "At most so many groups; the total stays that of all");
  flags.toggle("-r,--reverse", options.reverse, "Groups the other way round");
  flags.toggle("--no-bars", options.no_bars, "No bars beside groups of times, models and projects");
  add_conditions(flags, options.assertions,
                 "Exit 1 unless true of the sums: 'cost_total_usd <= 0.50 AND errors = 0'");
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
  flags.toggle("-a,--all", options.all_sessions, "Every session, and what they sum up to");
  flags.hidden(flags.toggle("--all-sessions", options.all_sessions, ""));
  flags.value("--asset", options.asset, "ASSET", "Only this asset");
  flags.value("--each", options.each, "WHAT", "The register: a row for each event, hour or day")
      .offered = {"event", "hour", "day"};
  add_ledger(flags, options.ledger);
  add_conditions(flags, options.assertions,
                 "Exit 1 unless this stays true, naming the event that breaks it: 'balance >= 0'");
  add_point(flags, options.point);
  add_allow_empty(flags, options.allow_empty);
  add_on_corrupt(flags, options.on_corrupt);
}

}  // namespace agentstore::cmd
