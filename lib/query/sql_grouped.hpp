// Rows of a stream, those with one value of a column together: what a GROUP BY asks for, without
// the sorting of whole rows that it would do.

#pragma once

#include <memory>

#include "query/sql_rows.hpp"

namespace agentstore::sql {

/// Holds all rows, which are narrow ones of `width` cells, and gives them in the order of the text
/// in `slot`, by its bytes, NULLs first; those of one text in the order that they came.
std::unique_ptr<RowStream> group_rows(std::unique_ptr<RowStream> rows, int slot, std::size_t width);

}  // namespace agentstore::sql
