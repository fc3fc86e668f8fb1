// The flags of the subcommands that move sessions.

#include "cmd/flags/groups.hpp"

namespace agentstore::cmd {

void add_options(Flags& flags, KeepCommand& options) {
  flags.value("--from", options.from, "DIR",
              "Keep this folder of transcripts, too; may be repeated");
  flags.toggle("--dry-run", options.dry_run, "Say what would be kept, or changed; write nothing");
  flags.toggle(
      "--install", options.install,
      "Have Claude Code run this whenever a session ends: shows the change of its settings, "
      "and asks");
  flags.toggle("--uninstall", options.uninstall, "Take exactly that back");
  flags.toggle("--yes", options.yes, "Change settings without a question");
}

void add_options(Flags& flags, ImportCommand& options) {
  flags.value(
      "path", options.paths, "PATH",
      "Transcripts, exports (each may be .gz or .zst), data folders, folders of them, or -");
  flags
      .value(
          "--as", options.as, "FORMAT",
          "claude-code, claude-stream, codex, codex-exec [what the content says], or purpleflea: "
          "transactions")
      .offered = {"claude-code", "claude-stream", "codex", "codex-exec", "purpleflea"};
  flags.toggle("--dry-run", options.dry_run, "Say what would be imported; write nothing");
  flags.toggle("--strict", options.strict, "Exit 1 where a record was skipped or of no known kind");
  flags.toggle("--keep-all", options.keep_all,
               "Keep also what is left out: progress, screen events, repetitions");
  flags.toggle("--again", options.again,
               "Write new sessions where there are some, which are marked as superseded");
  flags.value("--session", options.session, "SESSION", "Of transactions: the session they are of");
  flags.toggle("--print-cursor", options.print_cursor,
               "Of transactions: print the newest id, for the next page");
}

void add_options(Flags& flags, RestoreCommand& options) {
  require_session(flags.value("session", options.session, "SESSION",
                              "A session that was imported; its sub-agents' files come with it"));
  flags.value("--to", options.to, "DIR",
              "Below this folder [that of the agent: ~/.claude or ~/.codex, or what "
              "CLAUDE_CONFIG_DIR or CODEX_HOME say]");
  flags.number("--kept", options.version,
               "That version of a file which was changed or cut [the newest of each]");
  flags.toggle("--partial", options.partial,
               "Write a file also where a redaction has removed lines of it");
  flags.toggle("--dry-run", options.dry_run, "Say what would be written; write nothing");
}

void add_options(Flags& flags, ExportCommand& options) {
  flags.value("session", options.sessions, "SESSION", "Sessions, as for replay");
  flags.toggle("-a,--all", options.all, "All sessions");
  flags
      .value("--format", options.format, "FORMAT",
             "json, jsonl, markdown, html (a page to look at) or csv (a row a call of a model) [as "
             "the file's name ends, else json]")
      .offered = {"json", "jsonl", "markdown", "html", "csv"};
  flags.value("--by", options.by, "WHAT", "Of csv, a row each: call or session [call]").offered = {
      "call", "session"};
  flags.toggle("--redact", options.redact,
               "In markdown and html: mask keys, tokens, passwords and e-mail addresses");
  flags.value("-o,--output", options.output, "FILE",
              "Write to a file, which is there whole or not; of several sessions, or where it is "
              "a folder: a file each in it");
  add_filter(flags, options.filter);
}

void add_copy(Flags& flags, CopyCommand& options, CommonOptions& common) {
  flags.value(
      "session", options.sessions, "SESSION",
      "Sessions of the store that is copied from; without --to, one: S@12 is its beginning");
  flags.toggle("-a,--all", options.all, "Copy every session");
  flags.value("--from", common.stores, "STORE", "The store to copy from: another word for --store");
  flags.value(
      "--to", options.to, "STORE",
      "The store to copy to, which is made where it is missing [a new session in the same]");
  flags.value("--id", options.id, "ID", "Without --to: the new session's id [a random UUID]");
  flags.value("--name", options.name, "NAME", "Without --to: its name");
}

}  // namespace agentstore::cmd
