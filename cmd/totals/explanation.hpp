// Where the records are that sums leave out.

#pragma once

#include <vector>

#include "cmd/input/input.hpp"
#include "cmd/totals/totals.hpp"
#include "formats/answers/explain.hpp"

namespace agentstore::cmd {

/// All records with usage that the adder did not count, each with its place. Of transcripts, reads
/// them once more: records that stand in them twice are no events of their own. Errors: those of
/// reading.
Result<std::vector<formats::ExplainedRecord>> explain(const Adder& adder, const Totals& totals,
                                                      const std::vector<const Input*>& inputs);

}  // namespace agentstore::cmd
