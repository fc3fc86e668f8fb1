#include "cmd/flags/groups.hpp"

namespace agentstore::cmd {

void add_common(Flags& flags, CommonOptions& options) {
  flags
      .value("--store,--data-dir", options.stores, "DIR",
             "The data folder, sqlite:FILE, postgresql://, claude:, codex: or all; where it only "
             "reads, "
             "several [AGENTSTORE_STORE, else ./agent-data]")
      .offered = {"claude:", "codex:", "all"};
  flags.toggle("--json", options.json, "Answer in JSON, for machines");
  flags
      .value("--tz", options.zone, "ZONE",
             "Zone of times, shown and typed [local on a terminal, else UTC]")
      .offered = {"local", "UTC"};
  flags.toggle("--utc", options.utc, "The same as --tz UTC");
  flags.value("--color", options.color, "WHEN", "auto, always or never").allowed = {
      "auto", "always", "never"};
  flags.toggle("--wide", options.wide, "Show all columns, ids and texts whole, however long");
  flags.toggle("--no-pager", options.no_pager, "Do not show long answers page by page");
  flags.toggle("--no-cache", options.no_cache, "Read all anew, and keep nothing for the next time");
  flags.toggle("-v,--verbose", options.verbose, "Say also what only explains how long it took");
}

void add_upcasts(Flags& flags, CommonOptions& options) {
  flags.value("--upcasts", options.upcasts, "FILE",
              "Read older events by these rules [upcasts.json of the store]");
}

void add_extract(Flags& flags, CommonOptions& options) {
  flags.toggle("--extract", options.extract,
               "A part of a log by path will do: events that are absent are no finding");
}

void add_as(Flags& flags, std::string& into) {
  flags
      .value("--as", into, "FORMAT",
             "Files are claude-code, claude-stream, codex or codex-exec [what they say]")
      .offered = {"claude-code", "claude-stream", "codex", "codex-exec"};
}

void add_quiet(Flags& flags, CommonOptions& options) {
  flags.toggle("-q,--quiet", options.quiet, "No answer: the exit status says it");
}

void add_answer(Flags& flags, CommonOptions& options) {
  flags.value("-o,--output", options.output, "FILE", "Write the answer to a file");
  add_quiet(flags, options);
}

void add_selection(Flags& flags, std::vector<std::string>& labels) {
  flags.value("--label", labels, "KEY=VALUE",
              "Of all sessions, those with this label; may be repeated");
  const auto take = [&labels](const std::vector<std::string>& values) -> Result<void> {
    labels.push_back("project=" + values.back());
    return {};
  };
  flags.add({.names = "--project",
             .value = "NAME",
             .help = "Of all sessions, those of this project",
             .take = take});
}

void add_conditions(Flags& flags, std::vector<Condition>& into, const char* help) {
  const auto add = [&](const char* name, bool must_be_false, const char* what) {
    const auto take = [&into, must_be_false](const std::vector<std::string>& values) {
      for (const std::string& value : values)
        into.push_back({.text = value, .must_be_false = must_be_false});
      return Result<void>{};
    };
    flags.add({.names = name, .value = "EXPR", .help = what, .take = take, .several = true});
  };
  add("--assert", false, help);
  add("--fail-on", true, "The contrary: exit 1 where it is true");
}

void require_session(Flag& session) {
  session.required = true;
  session.where_missing =
      "give its id or name, or @ for the newest; `agentstore sessions` lists what is there";
}

void add_session(Flags& flags, std::string& into) {
  require_session(flags.value("session", into, "SESSION", "A session, as for replay"));
}

void add_written_session(Flags& flags, std::string& into) {
  Flag& session = flags.value("session", into, "SESSION", "A session: its id or unique name");
  session.required = true;
  session.where_missing = "give its id or name; `agentstore sessions` lists what is there";
}

void add_filter(Flags& flags, FilterOptions& options) {
  flags.value("-t,--type", options.types, "TYPES", "Only events of these types: a,b,tool_*");
  flags.value("-T,--not-type", options.not_types, "TYPES", "No events of these types");
  flags.value("--tool", options.tools, "NAMES", "Only calls and results of these tools: a,b,web_*");
  flags.value("-S,--since", options.since, "TIME", "Events at this time or later").offered = {
      "today", "yesterday", "monday", "1h", "7d"};
  flags.value("-U,--until", options.until, "TIME", "Events at this time or earlier").offered = {
      "today", "yesterday", "monday", "1h", "7d"};
  flags.value("--before", options.before, "TIME", "Events earlier than this time");
  flags.value("--seq", options.sequence, "A..B", "Events by sequence number: A..B, A.., ..B or N");
  flags.value(
      "-g,--grep", options.grep, "REGEX",
      "Events whose type, payload or metadata matches (RE2; small letters match both cases)");
  flags.value("-w,--where", options.where, "EXPR",
              "Events for which this is true: \"cost_total_usd > 0.1 AND model LIKE 'gpt%'\"");
}

void add_point(Flags& flags, PointOptions& options) {
  flags.number("--seq", options.sequence, "As of event N");
  flags.value("--at", options.at, "TIME", "As of a time, events of that time included");
  flags.value("--before", options.before, "TIME", "As of just before a time");
}

void add_ledger(Flags& flags, std::optional<std::string>& into) {
  flags.value("--ledger", into, "FILE", "Which events move money [ledger.json of the store]");
}

void add_allow_empty(Flags& flags, bool& into) {
  flags.toggle("--allow-empty", into, "Decide also where there is nothing to decide about");
}

void add_on_corrupt(Flags& flags, std::string& into) {
  flags
      .value("--on-corrupt", into, "HOW",
             "At damage: strict (stop, exit 1), prefix (stop, exit 0), skip (go on, exit 7)")
      .offered = {"strict", "prefix", "skip"};
}

}  // namespace agentstore::cmd
