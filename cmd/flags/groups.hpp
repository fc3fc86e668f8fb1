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
void add_written_session(Flags& flags, std::string& into);
void add_filter(Flags& flags, FilterOptions& options);
void add_point(Flags& flags, PointOptions& options);
void add_ledger(Flags& flags, std::optional<std::string>& into);
void add_allow_empty(Flags& flags, bool& into);
void add_on_corrupt(Flags& flags, std::string& into);

void add_options(Flags& flags, SessionsCommand& options);
void add_options(Flags& flags, ReplayCommand& options);
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
void add_options(Flags& flags, ImportCommand& options);
void add_options(Flags& flags, ExportCommand& options);
void add_options(Flags& flags, CreateCommand& options);
void add_options(Flags& flags, LabelCommand& options);
void add_options(Flags& flags, AppendCommand& options);
void add_options(Flags& flags, SubmitCommand& options);

}  // namespace agentstore::cmd
