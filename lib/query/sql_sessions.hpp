// The tables `sessions` and `labels`.

#pragma once

#include <memory>
#include <span>

#include "agentstore/analysis/sql.hpp"
#include "query/sql_rows.hpp"

namespace agentstore::sql {

struct SessionColumn {
  enum : int {
    id,
    name,
    title,
    created_at,
    first_event_at,
    last_event_at,
    duration_ms,
    events,
    agent_id,
    agent_type,
    user_id,
    project,
    git_branch,
    source,
    parent,
    root,
    tokens,
    tokens_in,
    tokens_out,
    cost_total_usd,
    cost_total_usd_text,
    cost_known_usd_text,
    cost_unknown_responses,
    tokens_unknown,
    told_tokens,
    told_cost_known_usd_text,
    told_cost_unknown_responses,
    told_tokens_unknown,
    tool_calls,
    tool_errors,
    errors,
    count
  };
};

std::span<const ColumnInfo> session_columns();

/// Errors: those of the source.
Result<std::unique_ptr<RowStream>> scan_sessions(SqlSource& source, const Scan& scan);

struct LabelColumn {
  enum : int { session_id, key, value, count };
};

std::span<const ColumnInfo> label_columns();

/// Errors: those of the source.
Result<std::unique_ptr<RowStream>> scan_labels(SqlSource& source, const Scan& scan);

}  // namespace agentstore::sql
