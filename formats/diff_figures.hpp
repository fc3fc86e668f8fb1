// The figures in which two histories are compared.

#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "agentstore/analysis/stats.hpp"

namespace agentstore::formats {

/// A figure of both sides as JSON: a number, or null where it does not apply.
struct FigurePair {
  std::string_view name;
  std::string a;
  std::string b;
};

/// events, tokens_in, tokens_out, cost_usd, cost_total_usd, tool_calls, tool_errors, errors,
/// duration_ms.
std::vector<FigurePair> figures_of(const Totals& a, const Totals& b);

}  // namespace agentstore::formats
