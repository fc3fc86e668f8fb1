// The fields of totals, for bytes.hpp. It does not compile where one is missing.

#pragma once

#include "agentstore/analysis/durations.hpp"
#include "agentstore/analysis/stats.hpp"
#include "agentstore/internal/bytes.hpp"

namespace agentstore {

void list_fields(auto& way, Any<UnreadUsage> auto& unread) {
  auto& [session_id, sequence_number, why] = unread;
  way.fields(session_id, sequence_number, why);
}

void list_fields(auto& way, Any<Totals> auto& totals) {
  auto& [events, by_type, tool_calls, errors, tool_errors, in, out, cache_read, cache_write,
         reasoning, cost, cost_computed, without_cost, unpriced, silent, usage_records, begun,
         ended, others, unread, unread_count, first_at, last_at] = totals;
  way.fields(events, by_type, tool_calls, errors, tool_errors, in, out, cache_read, cache_write,
             reasoning, cost, cost_computed, without_cost, unpriced, silent, usage_records, begun,
             ended, others, unread, unread_count, first_at, last_at);
}

/// The durations as pairs.
void list_fields(auto& way, Any<Durations> auto& durations) {
  durations.list(way);
}

}  // namespace agentstore
