// The figures in which two histories are compared.

#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "agentstore/analysis/stats.hpp"
#include "formats/answers/diff.hpp"

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

/// What the answers of `diff` have in common: a side, those figures with their differences, and the
/// first step.
std::string side_json(const DiffSide& side, const Totals& totals);
std::string figures_json(const Diff& diff);
std::string first_divergence(const Diff& diff);

/// Their table, for people.
void write_figures(Sink& sink, const Diff& diff, const Screen& screen);

}  // namespace agentstore::formats
