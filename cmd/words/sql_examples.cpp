#include "cmd/words/sql_examples.hpp"

namespace agentstore::cmd {
namespace {

constexpr SqlExample examples[] = {
    {"How often do agents escalate?",
     R"(SELECT coalesce(s.agent_id, s.agent_type, 'unknown') AS agent,
       count(DISTINCT s.id) AS sessions,
       count(DISTINCT CASE WHEN e.payload LIKE '%escalat%' THEN s.id END)
         AS escalated
  FROM sessions s JOIN events e ON e.session_id = s.id AND e.kind = 'decision'
 GROUP BY agent
 ORDER BY escalated DESC, agent)"},
    {"Which tools fail?",
     R"(SELECT tool_name, count(*) AS calls, sum(failed) AS failures,
       round(100.0 * sum(failed) / count(*), 1) AS percent
  FROM tool_calls
 GROUP BY tool_name
 ORDER BY failures DESC, calls DESC)"},
    {"Which sessions take the most steps?",
     R"(SELECT session_id, total_events, tool_calls, decisions, session_duration
  FROM session_summary
 ORDER BY total_events DESC
 LIMIT 10)"},
    {"Where are the slow decisions?",
     R"(SELECT session_id, seq, gap_ms, coalesce(text, payload) AS decision
  FROM events
 WHERE kind = 'decision'
 ORDER BY gap_ms DESC
 LIMIT 10)"},
    {"What is each agent doing now?",
     R"(SELECT agent_id, session_id, last_event_type, last_event_at
  FROM agent_current_state
 ORDER BY last_event_at DESC)"},
    {"How far is each agent with its task?",
     R"(SELECT agent_id, session_id, decisions_made, tools_invoked, had_error, is_closed
  FROM agent_task_progress
 ORDER BY session_id)"},
    {"What did each model cost?",
     R"(SELECT model, count(*) AS responses, sum(tokens_in) AS tokens_in,
       sum(tokens_out) AS tokens_out,
       decimal_sum(coalesce(cost_usd_text, cost_computed_usd_text)) AS usd
  FROM events
 WHERE kind IN ('request', 'answer') AND model IS NOT NULL
 GROUP BY model
 ORDER BY model)"},
    {"Which sessions cost the most?",
     R"(SELECT id, coalesce(name, title) AS what, tokens, cost_total_usd_text AS usd
  FROM sessions
 ORDER BY cost_total_usd DESC
 LIMIT 10)"},
    {"Which tool takes long, and how long?",
     R"(SELECT tool_name, count(*) AS calls, max(duration_ms) AS longest_ms,
       round(avg(duration_ms)) AS average_ms
  FROM tool_calls
 GROUP BY tool_name
 ORDER BY longest_ms DESC)"},
    {"What happened right after an error?",
     R"(SELECT e.session_id, e.seq, e.text AS error, n.type AS then_type, n.gap_ms
  FROM events e
  JOIN events n ON n.session_id = e.session_id AND n.seq = e.seq + 1
 WHERE e.kind = 'error'
 ORDER BY e.session_id, e.seq)"},
    {"What does each account hold of each asset?",
     R"(SELECT session_id, asset, decimal_sum(amount_text) AS holds, count(*) AS entries
  FROM entries
 GROUP BY session_id, asset
 ORDER BY session_id, asset)"},
    {"How many events of each type are there, by day?",
     R"(SELECT substr(timestamp, 1, 10) AS day, type, count(*) AS events
  FROM events
 GROUP BY day, type
 ORDER BY day, events DESC)"},
};

}  // namespace

std::span<const SqlExample> sql_examples() {
  return examples;
}

}  // namespace agentstore::cmd
