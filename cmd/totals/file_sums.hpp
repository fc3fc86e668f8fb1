// Sums of other tools' files, made by the threads that read them.

#pragma once

#include "agentstore/analysis/prices.hpp"
#include "cmd/context.hpp"
#include "cmd/input/transcript_figures.hpp"
#include "cmd/totals/grouping.hpp"

namespace agentstore::cmd {

/// What an Adder of `grouping` and `prices` takes for them. `with_labels`: those of sessions are
/// told it. All have to outlive it.
SumFile file_sums(Context& context, const Grouping& grouping, const Prices& prices,
                  bool with_labels);

}  // namespace agentstore::cmd
