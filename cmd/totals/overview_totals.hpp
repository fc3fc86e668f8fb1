// What many sessions came to, in every way that an overview shows it, read once.

#pragma once

#include <string>
#include <vector>

#include "agentstore/analysis/prices.hpp"
#include "agentstore/filter.hpp"
#include "cmd/context.hpp"
#include "cmd/input/input.hpp"
#include "cmd/totals/session_totals.hpp"
#include "formats/page/overview_page.hpp"

namespace agentstore::cmd {

struct OverviewRead {
  formats::Overview overview;
  std::vector<const Input*> inputs;  ///< of the sessions of the overview, in their order
};

/// Reads the inputs by a filter; sessions of which no event passes one are left out. `on_read` is
/// told of each, by its place. Errors: overflow of a sum over all.
Result<OverviewRead> read_overview(Context& context, const Inputs& inputs, const Filter& filter,
                                   const Prices& prices, const OnRead& on_read);

/// "since 2026-03-09, project=shop-api; store claude:": what was asked for, in words.
std::string selection_text(const Context& context, const FilterOptions& filter);

}  // namespace agentstore::cmd
