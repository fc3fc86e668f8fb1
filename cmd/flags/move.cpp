// The flags of the subcommands that move sessions.

#include "cmd/flags/groups.hpp"

namespace agentstore::cmd {

void add_options(Flags& flags, ImportCommand& options) {
  flags
      .value("path", options.paths, "PATH",
             "Transcripts, exports (each may be .gz or .zst), data folders, folders of them, or -")
      .required = true;
  flags.value("--as", options.as, "FORMAT",
              "claude-code, claude-stream, codex or codex-exec [what the content says]");
  flags.toggle("--dry-run", options.dry_run, "Say what would be imported; write nothing");
  flags.toggle("--strict", options.strict, "Exit 1 where a record was skipped or of no known kind");
  flags.toggle("--keep-all", options.keep_all,
               "Keep also what is left out: progress, screen events, repetitions");
  flags.toggle("--again", options.again,
               "Write new sessions where there are some, which are marked as superseded");
}

void add_options(Flags& flags, ExportCommand& options) {
  add_session(flags, options.session);
  flags.value("--format", options.format, "FORMAT", "json or jsonl");
  flags.value("-o,--output", options.output, "FILE",
              "Write to a file, which is there whole or not");
}

void add_copy(Flags& flags, CopyCommand& options, CommonOptions& common) {
  flags.value("session", options.sessions, "SESSION", "Sessions of the store that is copied from");
  flags.toggle("--all", options.all, "Copy every session");
  flags.value("--from", common.stores, "STORE", "The store to copy from: another word for --store");
  flags
      .value("--to", options.to, "STORE", "The store to copy to, which is made where it is missing")
      .required = true;
}

}  // namespace agentstore::cmd
