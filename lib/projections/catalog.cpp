#include <algorithm>
#include <array>

#include "projections/built_in.hpp"

namespace agentstore {
namespace {

constexpr std::array kinds = {
    ProjectionKind{"session"},
    ProjectionKind{"balance"},
    ProjectionKind{"pnl"},
    ProjectionKind{"portfolio"},
    ProjectionKind{"conversation", false},
    ProjectionKind{"summary"},
    ProjectionKind{"progress"},
    ProjectionKind{"status"},
    ProjectionKind{"cost", false},
    ProjectionKind{"totals", false},
};

std::string names_of_kinds() {
  std::string names;
  for (const ProjectionKind& kind : kinds) {
    if (!names.empty()) names += &kind == &kinds.back() ? " or " : ", ";
    names += kind.name;
  }
  return names;
}

}  // namespace

std::span<const ProjectionKind> projection_kinds() {
  return kinds;
}

Result<ProjectionFactory> projection_named(std::string_view name, const Ledger& ledger,
                                           const Labels& labels) {
  if (name == "session") return make_session_projection;
  if (name == "balance") {
    return [ledger](std::string_view) { return make_balance_projection(ledger); };
  }
  if (name == "pnl") return [](std::string_view) { return make_pnl_projection(); };
  if (name == "portfolio") return [](std::string_view) { return make_portfolio_projection(); };
  if (name == "conversation")
    return [](std::string_view) { return make_conversation_projection(); };
  const auto of_session = [&](auto make) {
    return [make, labels](std::string_view session_id) { return make(session_id, labels); };
  };
  if (name == "summary") return of_session(make_summary_projection);
  if (name == "progress") return of_session(make_progress_projection);
  if (name == "status") return of_session(make_status_projection);
  if (name == "cost") return [](std::string_view) { return make_cost_projection(); };
  if (name == "totals") return [](std::string_view) { return make_totals_projection(); };
  return fail(Code::invalid, "there is no projection \"" + std::string{name.substr(0, 100)} + "\"",
              "it is " + names_of_kinds());
}

}  // namespace agentstore
