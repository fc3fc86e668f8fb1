// The subcommands. Each gives the exit status of the program.

#pragma once

#include "cmd/context.hpp"
#include "cmd/options.hpp"

namespace agentstore::cmd {

int run(Context& context, const OverviewCommand& options);
int run(Context& context, const CompleteCommand& options);
int run(Context& context, const CreateCommand& options);
int run(Context& context, const LabelCommand& options);
int run(Context& context, const AppendCommand& options);
int run(Context& context, const SubmitCommand& options);
int run(Context& context, const RerunCommand& options);
int run(Context& context, const BisectCommand& options);
int run(Context& context, const SessionsCommand& options);
int run(Context& context, const FindCommand& options);
int run(Context& context, const ReplayCommand& options);
int run(Context& context, const ShowCommand& options);
int run(Context& context, const StateCommand& options);
int run(Context& context, const StatsCommand& options);
int run(Context& context, const BalanceCommand& options);
int run(Context& context, const WhatIfCommand& options);
int run(Context& context, const BlameCommand& options);
int run(Context& context, const DiffCommand& options);
int run(Context& context, const SqlCommand& options);
int run(Context& context, const ExportCommand& options);
int run(Context& context, const ImportCommand& options);
int run(Context& context, const KeepCommand& options);
int run(Context& context, const RestoreCommand& options);
int run(Context& context, const CopyCommand& options);
int run(Context& context, const VerifyCommand& options);
int run(Context& context, const RepairCommand& options);
int run(Context& context, const RedactCommand& options);
int run(Context& context, const CheckpointCommand& options);
int run(Context& context, const AuditCommand& options);

}  // namespace agentstore::cmd
