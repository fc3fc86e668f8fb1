// Folds of an input, and what they noticed.

#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "agentstore/store.hpp"
#include "cmd/context.hpp"
#include "cmd/input/input.hpp"

namespace agentstore::cmd {

/// Folds up to a point. Errors: as Input::fold; not_found, where the point's event is not there.
Result<Folded> fold_at(const Input& input, const ProjectionFactory& make, const Point& point,
                       OnCorrupt on_corrupt);

/// The ledger in a file (of --ledger), else that of the input.
/// Errors: invalid; not_found; io.
Result<Ledger> choose_ledger(Context& context, const Input& input,
                             const std::optional<std::string>& file);

/// The same of a store that is open.
Result<Ledger> choose_ledger(Context& context, const Store& store,
                             const std::optional<std::string>& file);

/// Says on standard error what a fold noticed; the exit status that this leads to, if `status` is
/// fine. `before` comes before each note: of several sessions, whose it is.
int tell_notes(Context& context, std::span<const FoldNote> notes, int status,
               std::string_view before = {});

}  // namespace agentstore::cmd
