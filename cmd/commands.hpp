// The subcommands. Each gives the exit status of the program.

#pragma once

#include "cmd/context.hpp"
#include "cmd/options.hpp"

namespace agentstore::cmd {

int run(Context& context, const CreateOptions& options);
int run(Context& context, const LabelOptions& options);
int run(Context& context, const AppendOptions& options);
int run(Context& context, const SubmitCommand& options);
int run(Context& context, const BisectCommand& options);
int run(Context& context, const SessionsOptions& options);
int run(Context& context, const ReplayOptions& options);
int run(Context& context, const StateOptions& options);
int run(Context& context, const StatsOptions& options);
int run(Context& context, const BalanceOptions& options);
int run(Context& context, const WhatIfCommand& options);
int run(Context& context, const BlameCommand& options);
int run(Context& context, const DiffCommand& options);
int run(Context& context, const ExportOptions& options);
int run(Context& context, const ImportOptions& options);
int run(Context& context, const VerifyCommand& options);
int run(Context& context, const RepairCommand& options);
int run(Context& context, const RedactCommand& options);
int run(Context& context, const CheckpointCommand& options);

}  // namespace agentstore::cmd
