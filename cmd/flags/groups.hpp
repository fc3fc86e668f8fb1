// Flags that several subcommands share, and the flags of each.

#pragma once

#include <optional>
#include <string>

#include "cmd/flags/flags.hpp"

namespace agentstore::cmd {

void add_common(Flags& flags, CommonOptions& options);
/// Of the subcommands whose events may be brought to a newer schema.
void add_upcasts(Flags& flags, CommonOptions& options);
/// Of the subcommands that read logs by path, whose lines may be a part of a log.
void add_extract(Flags& flags, CommonOptions& options);
/// The session that is read, and one that is written to.
void add_session(Flags& flags, std::string& into);
/// The word names a session that is read, and has to be given.
void require_session(Flag& session);
void add_written_session(Flags& flags, std::string& into);
/// Of the subcommands that read files of other tools.
void add_as(Flags& flags, std::string& into);
/// Of the subcommands that answer: where to.
void add_answer(Flags& flags, CommonOptions& options);
void add_quiet(Flags& flags, CommonOptions& options);
/// Of the subcommands that are about all sessions: which of them. Gets "KEY=VALUE".
void add_selection(Flags& flags, std::vector<std::string>& labels);
/// --assert, with its help, and --fail-on.
void add_conditions(Flags& flags, std::vector<Condition>& into, const char* help);
void add_filter(Flags& flags, FilterOptions& options);
void add_point(Flags& flags, PointOptions& options);
void add_ledger(Flags& flags, std::optional<std::string>& into);
void add_allow_empty(Flags& flags, bool& into);
void add_on_corrupt(Flags& flags, std::string& into);

void add_options(Flags& flags, SessionsCommand& options);
void add_options(Flags& flags, FindCommand& options);
void add_options(Flags& flags, ReplayCommand& options);
void add_options(Flags& flags, ShowCommand& options);
void add_options(Flags& flags, StateCommand& options);
void add_options(Flags& flags, StatsCommand& options);
void add_options(Flags& flags, BalanceCommand& options);
void add_options(Flags& flags, WhatIfCommand& options);
void add_options(Flags& flags, BlameCommand& options);
void add_options(Flags& flags, DiffCommand& options);
void add_options(Flags& flags, BisectCommand& options);
void add_options(Flags& flags, SqlCommand& options);
void add_options(Flags& flags, VerifyCommand& options);
void add_options(Flags& flags, RepairCommand& options);
void add_options(Flags& flags, RedactCommand& options);
void add_options(Flags& flags, CheckpointCommand& options);
void add_options(Flags& flags, AuditCommand& options);
void add_options(Flags& flags, KeepCommand& options);
void add_options(Flags& flags, ImportCommand& options);
void add_options(Flags& flags, RestoreCommand& options);
void add_options(Flags& flags, ExportCommand& options);
/// `common` gets the store that is copied from.
void add_copy(Flags& flags, CopyCommand& options, CommonOptions& common);
void add_options(Flags& flags, CreateCommand& options);
void add_options(Flags& flags, LabelCommand& options);
void add_options(Flags& flags, AppendCommand& options);
void add_options(Flags& flags, SubmitCommand& options);
void add_options(Flags& flags, RerunCommand& options);

}  // namespace agentstore::cmd
