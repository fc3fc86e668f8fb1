// The built-in projections, but for `session`.

#pragma once

#include <memory>
#include <string_view>

#include "agentstore/projection.hpp"

namespace agentstore {

std::unique_ptr<Projection> make_balance_projection(const Ledger& ledger);
std::unique_ptr<Projection> make_pnl_projection();
std::unique_ptr<Projection> make_portfolio_projection();
std::unique_ptr<Projection> make_conversation_projection();
std::unique_ptr<Projection> make_cost_projection();
std::unique_ptr<Projection> make_totals_projection();
std::unique_ptr<Projection> make_summary_projection(std::string_view session_id,
                                                    const Labels& labels);
std::unique_ptr<Projection> make_progress_projection(std::string_view session_id,
                                                     const Labels& labels);
std::unique_ptr<Projection> make_status_projection(std::string_view session_id,
                                                   const Labels& labels);

/// Whether an event is one of the store's own, of which only `session` takes notice.
inline bool is_own(const EventView& event) {
  return event.type.starts_with("agentstore.");
}

}  // namespace agentstore
