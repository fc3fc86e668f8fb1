// The flags of the subcommands that check and mend.

#include "agentstore/analysis/audit.hpp"
#include "cmd/flags/groups.hpp"

namespace agentstore::cmd {
namespace {

/// A flag for a parameter of rules: each time that it is given, `parameters` gets "NAME=VALUE".
void add_limit(Flags& flags, AuditCommand& options, const char* name, const char* parameter,
               const char* help, const char* value = "N") {
  const auto take = [&options, parameter](const std::vector<std::string>& values) -> Result<void> {
    options.parameters.push_back(std::string{parameter} + "=" + values.back());
    return {};
  };
  flags.add({.names = name, .value = value, .help = help, .take = take});
}

/// Of a parameter that is an array: what stands between commas, where `split`.
void add_list(Flags& flags, AuditCommand& options, const char* name, const char* parameter,
              const char* value, const char* help, bool split = true) {
  const auto take = [&options, parameter,
                     split](const std::vector<std::string>& values) -> Result<void> {
    for (const std::string& word : values) {
      std::size_t from = 0;
      for (std::size_t comma = 0; comma != word.npos; from = comma + 1) {
        comma = split ? word.find(',', from) : word.npos;
        options.lists[parameter].push_back(word.substr(from, comma - from));
      }
    }
    return {};
  };
  flags.add({.names = name, .value = value, .help = help, .take = take, .several = true});
}

/// Of a parameter in milliseconds.
void add_span(Flags& flags, AuditCommand& options, const char* name, const char* parameter,
              const char* help) {
  const auto take = [&options, parameter](const std::vector<std::string>& values) -> Result<void> {
    options.spans[parameter] = values.back();
    return {};
  };
  flags.add({.names = name, .value = "TIME", .help = help, .take = take});
}

void add_limits(Flags& flags, AuditCommand& options) {
  add_limit(flags, options, "--max-cost", "max_cost",
            "What a session may cost, with its sub-agents", "USD");
  add_limit(flags, options, "--max-tokens", "max_tokens", "Tokens that it may use, in and out");
  add_limit(flags, options, "--max-events", "max_events", "Events that it may have");
  add_span(flags, options, "--max-time", "max_time_ms", "How long it may take: 90s, 30m, 1h30m");
  add_limit(flags, options, "--max-turns", "max_turns", "Messages to the agent that it may take");
  add_limit(flags, options, "--max-tool-calls", "max_tool_calls",
            "Calls of tools that it may make");
  add_span(flags, options, "--max-gap", "max_gap_ms", "How long nothing may happen: 5m");
  add_limit(flags, options, "--loop", "loop", "The same call so many times in a row is a loop [5]");
  add_list(flags, options, "--forbid-tool", "forbid_tool", "NAMES",
           "Tools that may not be called: a,b,web_*");
  add_list(flags, options, "--forbid-command", "forbid_command", "REGEX",
           "Commands that may not be run; may be repeated", false);
  add_list(flags, options, "--forbid-model", "forbid_model", "NAMES",
           "Models that may not be asked: a,gpt-*");
  add_list(flags, options, "--allow-tool", "allow_tool", "NAMES",
           "The only tools that may be called: a,b,web_*");
  add_list(flags, options, "--allow-model", "allow_model", "NAMES",
           "The only models that may be asked: a,gpt-*");
  add_list(flags, options, "--allow-path", "allow_path", "DIR",
           "Calls may name paths in this folder alone; may be repeated", false);
  add_list(flags, options, "--allow-host", "allow_host", "HOSTS",
           "Calls may name these hosts alone: a.com,*.b.com");
}

/// Names of rules, for the completion.
void offer_rules(Flag& flag) {
  for (const AuditRule& rule : built_in_audit_rules()) flag.offered.push_back(rule.name);
}

}  // namespace

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

void add_options(Flags& flags, AuditCommand& options) {
  flags.value("session", options.sessions, "SESSION", "Sessions, as for replay [all sessions]");
  flags.toggle("-a,--all", options.all, "All sessions");
  flags.toggle("--list", options.list, "List the rules, and which of them are on");
  offer_rules(flags.value("--show", options.show, "RULE", "Show a rule: its file"));
  flags.value("--rules", options.rule_paths, "FILE",
              "Rules of yours, too: a file, or a folder of .sql files; may be repeated");
  offer_rules(flags.value("--rule", options.with, "RULE", "Apply this rule, too; may be repeated"));
  offer_rules(flags.value("--no-rule", options.without, "RULE",
                          "Do not apply it; '*': only what other flags ask for"));
  flags.value("--param", options.parameters, "NAME=VALUE",
              "What :NAME in rules stands for; may be repeated");
  add_limits(flags, options);
  flags.value("--baseline", options.baseline, "FILE",
              "Tell only what is not in this JSON answer of an earlier audit");
  flags
      .value("--severity", options.severity, "LEVEL",
             "Rules of this severity and above: note, warning, error [note]")
      .offered = {"note", "warning", "error"};
  flags.value("-S,--since", options.since, "TIME", "Sessions with an event at this time or later");
  flags
      .value("--format", options.format, "FORMAT",
             "text, json, sarif, junit, github or markdown [as the ending of -o, else text]")
      .offered = {"text", "json", "sarif", "junit", "github", "markdown"};
  flags.value("--also", options.also, "FILE",
              "Write the answer there, too: .json, .sarif, .xml (JUnit), .md; may be repeated");
  flags.number("--timeout", options.timeout_s,
               "Seconds that a rule may take beside the reading of logs [10]");
  add_ledger(flags, options.ledger);
  add_allow_empty(flags, options.allow_empty);
  add_on_corrupt(flags, options.on_corrupt);
}

}  // namespace agentstore::cmd
