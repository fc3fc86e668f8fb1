// Sums over amounts, of which a reader should know that they are doubles.

#pragma once

#include <string_view>

namespace agentstore::sql {

/// Whether SUM, TOTAL or AVG is asked for over an amount that is a number, by its own name or by
/// one that the statement gives it. By the words of the statement: it may say yes of a name that
/// stands for something else.
bool sums_amounts(std::string_view sql);

}  // namespace agentstore::sql
