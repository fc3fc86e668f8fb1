// The table `tool_calls`: each call of a tool beside its result.

#pragma once

#include <memory>
#include <span>

#include "agentstore/analysis/sql.hpp"
#include "query/sql_rows.hpp"

namespace agentstore::sql {

struct CallColumn {
  enum : int {
    session_id,
    call_seq,
    result_seq,
    tool_name,
    tool_args,
    file,
    command,
    result,
    failed,
    duration_ms,
    called_at,
    call_id,
    count
  };
};

std::span<const ColumnInfo> call_columns();

/// A result belongs to the call that its causation id names; else to the one of its call id; else,
/// where neither says anything, to the oldest call of its tool that has no result yet.
std::unique_ptr<RowStream> scan_calls(SqlSource& source, Interner& intern, Scan scan);

}  // namespace agentstore::sql
