// Many sessions as a folder of pages: one each, and an overview that leads to them.

#pragma once

#include <optional>
#include <string>

#include "agentstore/analysis/prices.hpp"
#include "cmd/context.hpp"
#include "cmd/input/selector.hpp"
#include "cmd/options.hpp"

namespace agentstore::cmd {

/// Writes `index.html` and a page for each session with an event that passes the filter; pages are
/// of whole sessions. A page that would be the same is not written again. The folder is made, is
/// empty, or holds pages of ours alone: any other is refused. Each file is there whole or not, the
/// overview last. The exit status; what went wrong was said.
int write_pages(Context& context, Selector& selector, const Inputs& inputs,
                const ExportCommand& options, const std::string& folder);

/// Writes the overview alone, to `context.out`, which is handed over by who opened it.
/// `prices_file`: what the prices were read from; absent: they are the program's own.
int write_overview_page(Context& context, const Inputs& inputs, const FilterOptions& filter,
                        const Prices& prices, const std::optional<std::string>& prices_file);

}  // namespace agentstore::cmd
