// The lines of some rows of a session, which the database picks.

#pragma once

#include <cstdint>
#include <memory>
#include <string_view>

#include "backends/row_log.hpp"
#include "log/selection.hpp"

namespace agentstore {

/// Of the rows up to the version `last`. Null, where rows cannot be picked, or some are missing.
/// Errors: those of reading.
Result<std::unique_ptr<log::Selection>> select_rows(std::shared_ptr<RowTable> table,
                                                    std::string_view id, const log::Wanted& wanted,
                                                    bool check_hashes, std::int64_t last);

}  // namespace agentstore
