// The subcommand is found first, and only its flags are bound: flags may then stand before or
// after its name, and building the others is saved.

#include "cmd/cli.hpp"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <charconv>
#include <concepts>
#include <optional>
#include <span>

#include "agentstore/internal/nearest.hpp"
#include "cmd/front.hpp"
#include "cmd/help.hpp"
#include "cmd/quoting.hpp"
#include "cmd/version.hpp"

namespace agentstore::cmd {
namespace {

using CLI::App;
using CLI::Option;

/// A flag or word whose values go to `take`: the last of several, or all. (CLI11's own conversions
/// would take an empty value for a missing one.)
template <class Take>
Option* add_valued(App& app, const char* names, const char* type, const char* help, Take take,
                   CLI::MultiOptionPolicy several = CLI::MultiOptionPolicy::TakeLast) {
  const auto taken = [take](const CLI::results_t& values) {
    take(values);
    return true;
  };
  return app.add_option(names, taken, help)->type_name(type)->multi_option_policy(several);
}

template <class Text>
  requires std::assignable_from<Text&, std::string>
Option* bind(App& app, const char* names, Text& into, const char* type, const char* help) {
  return add_valued(app, names, type, help, [&into](const auto& values) { into = values.back(); });
}

Option* bind(App& app, const char* names, std::vector<std::string>& into, const char* type,
             const char* help) {
  return add_valued(
      app, names, type, help, [&into](const auto& values) { into = values; },
      CLI::MultiOptionPolicy::TakeAll);
}

std::uint64_t number_of(const std::string& flag, const std::string& text) {
  std::uint64_t number = 0;
  const char* const end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, number);
  if (error != std::errc{} || rest != end)
    throw CLI::ValidationError(flag, "\"" + text.substr(0, 60) + "\" is not a whole number from 0");
  return number;
}

template <class Number>
Option* bind_number(App& app, const char* names, Number& into, const char* help) {
  const std::string flag = std::string{names}.substr(0, std::string{names}.find(','));
  return add_valued(app, names, "N", help,
                    [&into, flag](const auto& values) { into = number_of(flag, values.back()); });
}

void bind_flag(App& app, const char* names, bool& into, const char* help) {
  app.add_flag(names, into, help)->multi_option_policy(CLI::MultiOptionPolicy::TakeLast);
}

void bind_common(App& app, CommonOptions& options) {
  bind(app, "--store,--data-dir", options.store, "DIR",
       "The data folder [AGENTSTORE_STORE, else ./agent-data]");
  bind_flag(app, "--json", options.json, "Answer in JSON, for machines");
  bind(app, "--tz", options.zone, "ZONE", "Zone of times without an offset [UTC]");
  bind(app, "--color", options.color, "WHEN", "auto, always or never")
      ->check(CLI::IsMember({"auto", "always", "never"}));
  bind_flag(app, "--no-pager", options.no_pager, "Do not show long answers page by page");
  bind_flag(app, "-v,--verbose", options.verbose, "Say also what only explains how long it took");
}

// The commands whose events may be brought to a newer schema.
constexpr std::string_view commands_with_upcasts[] = {"replay", "state", "stats",  "balance",
                                                      "whatif", "blame", "bisect", "diff"};

// The commands that read logs by path, whose lines may be a part of a log.
constexpr std::string_view commands_with_extracts[] = {
    "replay", "state", "stats", "balance", "whatif", "blame", "bisect", "diff", "verify"};

void bind_filter(App& app, FilterOptions& options) {
  bind(app, "-t,--type", options.types, "TYPES", "Only events of these types: a,b,tool_*");
  bind(app, "-T,--not-type", options.not_types, "TYPES", "No events of these types");
  bind(app, "--tool", options.tools, "NAMES", "Only calls and results of these tools: a,b,web_*");
  bind(app, "-S,--since", options.since, "TIME", "Events at this time or later");
  bind(app, "-U,--until", options.until, "TIME", "Events at this time or earlier");
  bind(app, "--before", options.before, "TIME", "Events earlier than this time");
  bind(app, "--seq", options.sequence, "A..B", "Events by sequence number: A..B, A.., ..B or N");
  bind(app, "-g,--grep", options.grep, "REGEX",
       "Events whose type, payload or metadata matches (RE2; small letters match both cases)");
  bind(app, "-w,--where", options.where, "EXPR",
       "Events for which this is true: \"cost_total_usd > 0.1 AND model LIKE 'gpt%'\"");
}

void bind_point(App& app, PointOptions& options) {
  bind_number(app, "--seq", options.sequence, "As of event N");
  bind(app, "--at", options.at, "TIME", "As of a time, events of that time included");
  bind(app, "--before", options.before, "TIME", "As of just before a time");
}

void bind_ledger(App& app, std::optional<std::string>& into) {
  bind(app, "--ledger", into, "FILE", "Which events move money [ledger.json of the store]");
}

void bind_allow_empty(App& app, bool& into) {
  bind_flag(app, "--allow-empty", into, "Decide also where there is nothing to decide about");
}

void bind_on_corrupt(App& app, std::string& into) {
  bind(app, "--on-corrupt", into, "HOW",
       "At damage: strict (stop, exit 1), prefix (stop, exit 0), skip (go on, exit 7)");
}

void bind_options(App& app, CreateCommand& options) {
  bind(app, "id", options.id, "ID", "The new session's id [a random UUID]");
  bind(app, "--name", options.name, "NAME", "A name for people");
  bind(app, "--label", options.labels, "KEY=VALUE", "A label; may be given several times");
  bind(app, "--created-at", options.created_at, "TIME", "When it began [now]");
}

void bind_options(App& app, LabelCommand& options) {
  bind(app, "session", options.session, "SESSION", "A session: its id or unique name")->required();
  bind(app, "label", options.labels, "KEY=VALUE", "Labels; KEY= takes one off [show what is there]")
      ->allow_extra_args();
  bind(app, "--name", options.name, "NAME", "Another name, unique in the store; empty: none");
}

void bind_options(App& app, AppendCommand& options) {
  bind(app, "session", options.session, "SESSION", "A session: its id or unique name")->required();
  bind(app, "input", options.input, "-", "Read drafts from standard input, a line each");
  bind(app, "--type", options.type, "TYPE", "The event's type");
  bind(app, "--payload", options.payload, "JSON", "Its payload: JSON, or @FILE");
  bind(app, "--metadata", options.metadata, "JSON", "Its metadata: a JSON object");
  bind(app, "--event-id", options.event.event_id, "ID",
       "Its id; the same event again is no second one");
  bind(app, "--timestamp", options.event.timestamp, "TIME", "When it happened [now]");
  bind_number(app, "--expect-version", options.expected_version,
              "Append only if this is the last sequence number; 0: none yet");
  bind(app, "--expect-head", options.expected_head, "HASH",
       "Append only behind the event with this hash");
  bind_flag(app, "--batch", options.batch, "All of standard input (up to 64 MiB), or nothing");
  bind_number(app, "--lock-timeout", options.lock_timeout_ms,
              "Milliseconds to wait for another writer [10000]");
  bind(app, "--durability", options.durability, "HOW",
       "fsync; or none: a power cut may lose what was acknowledged");
}

void bind_options(App& app, BisectCommand& options) {
  bind(app, "session", options.session, "SESSION", "A session, as for replay")->required();
  bind(app, "expression", options.expression, "EXPR",
       "What is searched for: 'total_wagered > 400'");
  bind(app, "--exec", options.command, "CMD",
       "Instead: a command that gets a state (0: good, 1: bad, 125: skip)");
  bind(app, "--projection", options.projection, "NAME", "Only fields of this projection");
  bind_ledger(app, options.ledger);
  bind_allow_empty(app, options.allow_empty);
  bind_on_corrupt(app, options.on_corrupt);
}

void bind_options(App& app, SubmitCommand& options) {
  bind(app, "session", options.session, "SESSION", "A session: its id or unique name")->required();
  bind(app, "command", options.command, "COMMAND", "PlaceBet, DepositFunds and so on")->required();
  bind(app, "--data", options.data, "JSON", "What it needs: a JSON object, or @FILE");
  bind_ledger(app, options.ledger);
  bind(app, "--event-id", options.event.event_id, "ID",
       "Its event's id; of several, the first one's");
  bind(app, "--timestamp", options.event.timestamp, "TIME", "When it happened [now]");
}

void bind_options(App& app, SessionsCommand& options) {
  bind_flag(app, "-l,--long", options.long_form, "Last activity, tokens, cost and errors, too");
  bind_flag(app, "--tree", options.tree, "Sub-agents and forks below the session they come from");
  bind_number(app, "-n,--limit", options.limit, "At most so many");
  bind_number(app, "--offset", options.offset, "Leave out so many first");
  bind(app, "--label", options.labels, "KEY=VALUE", "Sessions with this label; may be repeated");
}

void bind_options(App& app, ReplayCommand& options) {
  bind(app, "session", options.session, "SESSION",
       "A session: id, name, start of an id, @ (the newest), path of a log, or -; S@12: up to "
       "event 12");
  bind_flag(app, "-a,--all", options.all, "All sessions, in order of time");
  bind(app, "--format", options.format, "FORMAT", "timeline, json or jsonl (the lines as stored)");
  bind_filter(app, options.filter);
  bind_number(app, "-n,--newest", options.newest, "The newest N that match");
  bind_flag(app, "-r,--reverse", options.reverse, "Newest first");
  bind_flag(app, "-f,--follow", options.follow, "Go on with events as they are written");
  bind(app, "-o,--output", options.output, "FILE", "Write to a file");
  bind_flag(app, "-q,--quiet", options.quiet, "Print nothing; exit 1 where nothing matched");
  bind_flag(app, "--state", options.state, "With what each event changed of the state");
  bind_flag(app, "--patch", options.patch, "JSON patches (RFC 6902) of the state, a line an event");
  bind_flag(app, "--step", options.step, "On a terminal: an event at a time, forward and back");
  bind(app, "--projection", options.projection, "NAME", "The state of --state, --patch, --step");
  bind_ledger(app, options.ledger);
  bind(app, "--fields", options.fields, "NAMES",
       "As JSON: these fields of each event alone, as --where names them [its parts]")
      ->expected(0, 1);
  bind(app, "--assert", options.assertions, "EXPR",
       "Exit 1 unless true of each event that is read; may be repeated");
  bind_allow_empty(app, options.allow_empty);
  bind_flag(app, "--raw", options.raw, "Events as they were stored: without upcasts");
  bind_on_corrupt(app, options.on_corrupt);
}

void bind_options(App& app, StateCommand& options) {
  bind(app, "session", options.session, "SESSION", "A session, as for replay")->required();
  bind(app, "--projection", options.projection, "NAME",
       "session, balance, pnl, portfolio, conversation, summary, progress, status or cost");
  bind_ledger(app, options.ledger);
  bind_point(app, options.point);
  bind_on_corrupt(app, options.on_corrupt);
}

void bind_options(App& app, BalanceCommand& options) {
  bind(app, "session", options.session, "SESSION", "A session, as for replay");
  bind_flag(app, "--all-sessions", options.all_sessions, "Every session, and what they sum up to");
  bind(app, "--asset", options.asset, "ASSET", "Only this asset");
  bind(app, "--each", options.each, "WHAT", "The register: a row for each event, hour or day");
  bind_ledger(app, options.ledger);
  bind(app, "--assert", options.assertions, "EXPR",
       "Exit 1 unless this stays true, naming the event that breaks it: 'balance >= 0'");
  bind_point(app, options.point);
  bind_allow_empty(app, options.allow_empty);
  bind_on_corrupt(app, options.on_corrupt);
}

void bind_options(App& app, StatsCommand& options) {
  bind(app, "session", options.sessions, "SESSION", "Sessions, as for replay [all]")
      ->allow_extra_args();
  bind_flag(app, "-a,--all", options.all, "All sessions");
  bind(app, "--by", options.by, "WHAT", "Group by type, tool, model, day, session; a,b for both");
  bind(app, "--assert", options.assertions, "EXPR",
       "Exit 1 unless this is true of the sums: 'cost_total_usd <= 0.50 AND errors = 0'");
  bind(app, "--prices", options.prices, "FILE",
       "Prices of models for costs that were not recorded; without FILE: show those known")
      ->expected(0, 1);
  bind_flag(app, "--explain", options.explain,
            "Show every record with tokens that is not counted, and why");
  bind_filter(app, options.filter);
  bind_allow_empty(app, options.allow_empty);
  bind_on_corrupt(app, options.on_corrupt);
}

void bind_options(App& app, WhatIfCommand& options) {
  bind(app, "session", options.session, "SESSION", "A session, as for replay")->required();
  bind(app, "event", options.more, "EVENT", "More events for --without")->allow_extra_args();
  bind(app, "--without", options.without, "EVENT",
       "Leave out an event: its sequence number or event id; may be repeated");
  bind(app, "--without-type", options.without_types, "TYPES", "Leave out these types: a,b,tool_*");
  bind(app, "--replace", options.replaced, "EVENT=JSON",
       "Another payload for an event: JSON, or @FILE; may be repeated");
  bind(app, "--insert-after", options.inserted, "EVENT=DRAFT",
       "One more event, as append takes it, behind an event; 0: before the first");
  bind(app, "--until", options.until, "TIME", "Leave out what is later");
  bind_flag(app, "--cascade", options.cascade, "Leave out what depended on it, too");
  bind(app, "--projection", options.projection, "NAME",
       "What to fold [balance and pnl where there is money, else session]");
  bind(app, "--fail-on", options.fail_on, "EXPR", "Exit 1 if this is true of the altered state");
  bind(app, "--save-as", options.save_as, "ID", "Write the altered history as a new session");
  bind_ledger(app, options.ledger);
  bind_allow_empty(app, options.allow_empty);
  bind_on_corrupt(app, options.on_corrupt);
}

void bind_options(App& app, BlameCommand& options) {
  bind(app, "session", options.session, "SESSION", "A session, as for replay")->required();
  bind(app, "pointer", options.pointer, "POINTER",
       "A value of its state, like /status or /data/llm_response/content [all of them]");
  bind_flag(app, "-a,--all", options.all, "Every value of the state");
  bind_number(app, "-n,--newest", options.newest, "The newest N events that set it [20]");
  bind_ledger(app, options.ledger);
  bind_on_corrupt(app, options.on_corrupt);
}

void bind_options(App& app, DiffCommand& options) {
  bind(app, "a", options.a, "A", "A session, as for replay; A@12: up to its event 12")->required();
  bind(app, "b", options.b, "B", "Another one, or the same at another point")->required();
  bind(app, "--only", options.only, "TYPES", "Compare events of these types alone: a,b,tool_*");
  bind(app, "--ignore", options.ignored, "POINTER",
       "A member of payloads that does not count, like /result/score; may be repeated");
  bind_allow_empty(app, options.allow_empty);
  bind_on_corrupt(app, options.on_corrupt);
}

void bind_options(App& app, ExportCommand& options) {
  bind(app, "session", options.session, "SESSION", "A session, as for replay")->required();
  bind(app, "--format", options.format, "FORMAT", "json or jsonl");
  bind(app, "-o,--output", options.output, "FILE", "Write to a file, which is there whole or not");
}

void bind_options(App& app, ImportCommand& options) {
  bind(app, "path", options.paths, "PATH",
       "Transcripts, exports (each may be .gz or .zst), data folders, folders of them, or -")
      ->required()
      ->allow_extra_args();
  bind(app, "--as", options.as, "FORMAT",
       "claude-code, claude-stream, codex or codex-exec [what the content says]");
  bind_flag(app, "--dry-run", options.dry_run, "Say what would be imported; write nothing");
  bind_flag(app, "--strict", options.strict,
            "Exit 1 where a record was skipped or of no known kind");
  bind_flag(app, "--keep-all", options.keep_all,
            "Keep also what is left out: progress, screen events, repetitions");
  bind_flag(app, "--again", options.again,
            "Write new sessions where there are some, which are marked as superseded");
}

void bind_options(App& app, VerifyCommand& options) {
  bind(app, "session", options.sessions, "SESSION", "Sessions, or paths of logs [all sessions]")
      ->allow_extra_args();
  bind_flag(app, "--require-sealed", options.require_sealed, "Exit 1 where an event is not sealed");
  bind_flag(app, "--caches,--snapshots", options.snapshots,
            "Compare every cache with the log, too: snapshots, sums, lists");
  bind_allow_empty(app, options.allow_empty);
  bind(app, "--head", options.head, "HASH@N", "Exit 1 unless event N has this hash");
  bind(app, "--checkpoint", options.checkpoint, "NOTE",
       "A signed checkpoint: exit 1 unless the log only grew since");
  bind(app, "--key", options.key, "VKEY", "The verifier key of --checkpoint, or a file with it");
}

void bind_options(App& app, RepairCommand& options) {
  bind(app, "session", options.session, "SESSION", "A session: its id or unique name")->required();
  bind_flag(app, "--salvage", options.salvage, "Damage: a new log of every event that can be read");
  bind_flag(app, "--accept-loss", options.accept_loss,
            "Go on from a log that lost events, or differs from a checkpoint of the store");
  bind_flag(app, "--dry-run", options.dry_run, "Change nothing; exit 1 where there is work to do");
}

void bind_options(App& app, RedactCommand& options) {
  bind(app, "session", options.session, "SESSION", "A session: its id or unique name")->required();
  bind(app, "event", options.events, "EVENT", "Events: sequence numbers, A..B, or event ids")
      ->expected(-1);
  bind(app, "-t,--type", options.types, "TYPES", "Events of these types: a,b,tool_*");
  bind(app, "-w,--where", options.where, "EXPR", "Events for which this is true");
  bind_flag(app, "--copies", options.copies, "Their copies by whatif --save-as in this store, too");
  bind(app, "--reason", options.reason, "TEXT", "Why; it is kept in the log");
  bind(app, "--by", options.requested_by, "WHO", "Who asked for it; it is kept in the log");
}

void bind_options(App& app, CheckpointCommand& options) {
  bind(app, "session", options.session, "SESSION", "A session: its id or unique name");
  bind(app, "--key", options.key, "FILE",
       "An Ed25519 private key (PKCS#8 PEM), yours alone to read")
      ->required();
  bind(app, "--name", options.name, "NAME", "The key's name, like example.com/agents")->required();
  bind_flag(app, "--verifier-key", options.verifier_key, "Print the key that auditors need");
}

template <class Options>
void bind_command(App& app, CommandOptions& into) {
  bind_options(app, into.emplace<Options>());
}

struct Command {
  const char* name;
  void (*bind)(App&, CommandOptions&);
};

constexpr Command commands[] = {
    {"sessions", bind_command<SessionsCommand>},
    {"replay", bind_command<ReplayCommand>},
    {"state", bind_command<StateCommand>},
    {"stats", bind_command<StatsCommand>},
    {"balance", bind_command<BalanceCommand>},
    {"whatif", bind_command<WhatIfCommand>},
    {"blame", bind_command<BlameCommand>},
    {"bisect", bind_command<BisectCommand>},
    {"diff", bind_command<DiffCommand>},
    {"verify", bind_command<VerifyCommand>},
    {"repair", bind_command<RepairCommand>},
    {"redact", bind_command<RedactCommand>},
    {"checkpoint", bind_command<CheckpointCommand>},
    {"import", bind_command<ImportCommand>},
    {"export", bind_command<ExportCommand>},
    {"create", bind_command<CreateCommand>},
    {"label", bind_command<LabelCommand>},
    {"append", bind_command<AppendCommand>},
    {"submit", bind_command<SubmitCommand>},
};

const Command* find_command(std::string_view name) {
  const auto* const found =
      std::ranges::find_if(commands, [&](const Command& command) { return command.name == name; });
  return found == std::end(commands) ? nullptr : found;
}

Misuse unknown_command(const std::string& word, bool json) {
  std::vector<std::string> names;
  for (const Command& command : commands) names.emplace_back(command.name);
  const std::string near = nearest(word, names);
  return {{},
          "there is no command " + in_quotes(word),
          near.empty() ? "`agentstore --help` lists what there is"
                       : "did you mean `agentstore " + near + "`?",
          {},
          json};
}

/// What CLI11 did not know: a flag, or a word too many.
Misuse unknown_word(const App& app, const std::string& command, bool json) {
  std::vector<std::string> extras = app.remaining();
  std::erase(extras, "--");
  const std::string word = extras.empty() ? std::string{} : extras.front();
  const std::string help = "`agentstore " + command + " --help` lists its flags";
  if (!word.starts_with('-') || word == "-")
    return {command, "unexpected " + in_quotes(word), help, {}, json};
  const std::string flag = word.substr(0, word.find('='));
  std::vector<std::string> flags;
  for (const Option* const option : app.get_options())
    for (const std::string& name : option->get_lnames()) flags.push_back("--" + name);
  const std::string near = nearest(flag, flags);
  return {command,
          "there is no flag " + in_quotes(flag),
          near.empty() ? help : "did you mean " + near + "?",
          {},
          json};
}

std::variant<Invocation, Answer, Misuse> parse_subcommand(const Command& command,
                                                          std::vector<std::string> words) {
  Invocation invocation{.command = command.name, .common = {}, .options = {}};
  App app{std::string{summary_of(command.name)}, std::string{"agentstore "} + command.name};
  app.footer(std::string{examples_of(command.name)});
  app.set_help_flag("-h,--help", "Show this");
  app.allow_extras();
  app.get_formatter()->column_width(32);
  command.bind(app, invocation.options);
  bind_common(app, invocation.common);
  if (std::ranges::find(commands_with_upcasts, command.name) != std::end(commands_with_upcasts))
    bind(app, "--upcasts", invocation.common.upcasts, "FILE",
         "Read older events by these rules [upcasts.json of the store]");
  if (std::ranges::find(commands_with_extracts, command.name) != std::end(commands_with_extracts))
    bind_flag(app, "--extract", invocation.common.extract,
              "A part of a log by path will do: events that are absent are no finding");

  const bool json = given(words, "--json");
  split_empty_values(words);
  std::ranges::reverse(words);
  try {
    app.parse(words);
  } catch (const CLI::CallForHelp&) {
    return Answer{app.help()};
  } catch (const CLI::ParseError& error) {
    return Misuse{command.name,
                  error.what(),
                  std::string{"`agentstore "} + command.name + " --help` shows how",
                  {},
                  json};
  }
  if (app.remaining_size() > 0) return unknown_word(app, command.name, json);
  return invocation;
}

Misuse unknown_front_flag(const std::string& flag, bool json) {
  return {{}, "there is no flag " + in_quotes(flag), front_flag_hint(flag), {}, json};
}

}  // namespace

std::variant<Invocation, Answer, Misuse> parse_command_line(std::vector<std::string> words) {
  const Front front = read_front(words);
  const std::size_t at = front.command_at;
  const bool json = given(words, "--json");
  if (given(std::span{words}.first(at), "--version")) return Answer{version_text()};
  const bool asks_help = given(words, "--help") || given(words, "-h");
  if (!front.without_value.empty())
    return Misuse{{},
                  front.without_value + " needs a value",
                  "`agentstore --help` shows how it is called",
                  {},
                  json};
  if (at == words.size()) {
    if (asks_help) return Answer{overview()};
    if (!front.unknown.empty()) return unknown_front_flag(front.unknown, json);
    if (json) return Misuse{{}, "no command is given", "`agentstore --help` lists them", {}, json};
    return Misuse{{}, {}, {}, one_screen(), json};
  }
  const std::string word = words[at];
  if (word == "help") {
    if (at + 1 == words.size()) return Answer{overview()};
    const Command* const command = find_command(words[at + 1]);
    if (command == nullptr) return unknown_command(words[at + 1], json);
    return parse_subcommand(*command, {"--help"});
  }
  const Command* const command = find_command(word);
  if (command == nullptr) {
    if (!front.unknown.empty()) return unknown_front_flag(front.unknown, json);
    return unknown_command(word, json);
  }
  words.erase(words.begin() + static_cast<std::ptrdiff_t>(at));
  return parse_subcommand(*command, std::move(words));
}

}  // namespace agentstore::cmd
