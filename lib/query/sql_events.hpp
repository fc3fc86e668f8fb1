// The table `events`: its columns, and how events become rows of it.

#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "agentstore/analysis/sql.hpp"
#include "query/sql_rows.hpp"

namespace agentstore::sql {

/// In the order of the table.
struct EventColumn {
  enum : int {
    session_id,
    seq,
    type,
    kind,
    timestamp,
    ms,
    gap_ms,
    event_id,
    payload,
    metadata,
    text,
    tool_name,
    tool_args,
    file,
    command,
    failed,
    model,
    tokens_in,
    tokens_out,
    tokens_cache_read,
    tokens_cache_write,
    tokens_reasoning,
    token_count,
    duration_ms,
    cost_usd,
    cost_usd_text,
    cost_computed_usd,
    cost_computed_usd_text,
    causation_id,
    correlation_id,
    call_id,
    recorded_at,
    batch,
    hash,
    count
  };
};

std::span<const ColumnInfo> event_columns();

/// Milliseconds since 1970, rounded down.
std::int64_t ms_of(Timestamp at);

/// The types of a kind, by its word.
std::vector<std::string> types_of_kind(std::string_view kind);

/// The call that an event makes, or whose result it is; empty: not told.
std::string call_id_of(const EventView& event);

/// The logs that may hold events of the sessions that are wanted.
std::vector<std::size_t> logs_of(SqlSource& source, const Scan& scan);
/// Whether reading them is worth a thread.
bool worth_a_thread(SqlSource& source, std::span<const std::size_t> logs);

/// Gives the events of one log as rows, in order, a block at a time; `give` gives false where no
/// more is wanted.
void read_events(SqlSource& source, std::size_t log, Interner& intern, const Scan& scan,
                 const std::atomic<bool>& stopped,
                 const std::function<bool(std::unique_ptr<Block>)>& give);

/// The events of the logs of a source, as the scan asks for them.
std::unique_ptr<RowStream> scan_events(SqlSource& source, Interner& intern, Scan scan);

}  // namespace agentstore::sql
