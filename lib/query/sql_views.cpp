// The three views of agents' sessions, for the databases that people have.

#include <array>
#include <string>
#include <string_view>

#include "agentstore/analysis/sql.hpp"
#include "query/sql_tables.hpp"

namespace agentstore {
namespace {

constexpr std::string_view sqlite_views = R"(-- Where each session's agent is now: its latest event.
CREATE VIEW agent_current_state AS
SELECT s.agent_id, s.id AS session_id, e.type AS last_event_type, e.payload,
       e.timestamp AS last_event_at, s.agent_type, s.user_id,
       (SELECT max(b.timestamp) FROM events b
         WHERE b.session_id = s.id AND b.type = 'session_started') AS session_started_at
  FROM (SELECT s.id, s.agent_id, s.agent_type, s.user_id, max(e.seq) AS latest
          FROM sessions s CROSS JOIN events e ON e.session_id = s.id
         WHERE e.type NOT GLOB 'agentstore.*'
         GROUP BY s.id, s.agent_id, s.agent_type, s.user_id) s
 CROSS JOIN events e ON e.session_id = s.id AND e.seq = s.latest;

-- A session in a dozen figures; session_duration is in seconds.
CREATE VIEW session_summary AS
SELECT s.id AS session_id, s.agent_id, count(*) AS total_events,
       count(*) FILTER (WHERE e.kind = 'message') AS user_messages,
       count(*) FILTER (WHERE e.kind = 'call') AS tool_calls,
       count(*) FILTER (WHERE e.kind = 'decision') AS decisions,
       count(*) FILTER (WHERE e.kind = 'error') AS errors,
       min(e.timestamp) AS first_event_at, max(e.timestamp) AS latest_event_at,
       (max(e.ms) - min(e.ms)) / 1000.0 AS session_duration,
       coalesce(sum(coalesce(e.token_count, coalesce(e.tokens_in, 0) + coalesce(e.tokens_out, 0))), 0)
         AS total_tokens_used
  FROM sessions s CROSS JOIN events e ON e.session_id = s.id
 WHERE e.type NOT GLOB 'agentstore.*'
 GROUP BY s.id, s.agent_id;

-- How far each session's agent has come with its task.
CREATE VIEW agent_task_progress AS
SELECT s.id AS session_id, s.agent_id,
       count(*) FILTER (WHERE e.kind = 'decision') AS decisions_made,
       count(*) FILTER (WHERE e.kind = 'call') AS tools_invoked,
       count(*) FILTER (WHERE e.type = 'task_completed') AS tasks_completed,
       max(e.kind = 'error') AS had_error,
       max(e.type = 'session_ended') AS is_closed,
       max(CASE WHEN e.kind = 'decision' THEN e.timestamp END) AS last_decision_at
  FROM sessions s CROSS JOIN events e ON e.session_id = s.id
 WHERE e.type NOT GLOB 'agentstore.*'
 GROUP BY s.id, s.agent_id;
)";

constexpr std::string_view postgres_tables =
    R"(-- The views are over these two tables; fill them with what `agentstore sql` gives as CSV:
--   SELECT id, agent_id, agent_type, user_id, created_at FROM sessions
--   SELECT session_id, seq, type, payload, metadata, timestamp FROM events
CREATE TABLE IF NOT EXISTS agent_sessions (
  session_id VARCHAR PRIMARY KEY,
  agent_id VARCHAR,
  agent_type VARCHAR,
  user_id VARCHAR,
  started_at TIMESTAMPTZ
);
CREATE TABLE IF NOT EXISTS agent_events (
  session_id VARCHAR,
  sequence_number BIGINT,
  event_type VARCHAR,
  payload JSONB,
  metadata JSONB,
  occurred_at TIMESTAMPTZ,
  PRIMARY KEY (session_id, sequence_number)
);

)";

// RisingWave knows materialized views alone that keep themselves up to date, and DISTINCT ON there
// too; PostgreSQL's plain views are always up to date.
constexpr std::string_view postgres_views =
    R"(-- Where each session's agent is now: its latest event.
CREATE @VIEW@ agent_current_state AS
SELECT s.agent_id, l.session_id, l.event_type AS last_event_type, l.payload,
       l.occurred_at AS last_event_at, s.agent_type, s.user_id, b.session_started_at
  FROM (SELECT DISTINCT ON (session_id) session_id, event_type, payload, occurred_at
          FROM agent_events
         WHERE event_type NOT LIKE 'agentstore.%'
         ORDER BY session_id, sequence_number DESC) l
  JOIN agent_sessions s ON s.session_id = l.session_id
  LEFT JOIN (SELECT session_id, MAX(occurred_at) AS session_started_at
               FROM agent_events
              WHERE event_type = 'session_started'
              GROUP BY session_id) b ON b.session_id = l.session_id;

-- A session in a dozen figures.
CREATE @VIEW@ session_summary AS
SELECT e.session_id, s.agent_id, COUNT(*) AS total_events,
       COUNT(*) FILTER (WHERE e.event_type IN ('user_message', 'user.utterance.v1', 'message_received'))
         AS user_messages,
       COUNT(*) FILTER (WHERE e.event_type IN ('tool_called', 'tool.call.v1')) AS tool_calls,
       COUNT(*) FILTER (WHERE e.event_type = 'decision_made') AS decisions,
       COUNT(*) FILTER (WHERE e.event_type IN ('error', 'error_occurred')) AS errors,
       MIN(e.occurred_at) AS first_event_at, MAX(e.occurred_at) AS latest_event_at,
       MAX(e.occurred_at) - MIN(e.occurred_at) AS session_duration,
       COALESCE(SUM(COALESCE((e.payload->>'token_count')::BIGINT,
         CASE WHEN e.event_type IN ('llm_request', 'llm_response')
              THEN COALESCE((e.metadata->>'tokens_in')::BIGINT, 0) +
                   COALESCE((e.metadata->>'tokens_out')::BIGINT, 0) END)), 0) AS total_tokens_used
  FROM agent_events e JOIN agent_sessions s ON s.session_id = e.session_id
 WHERE e.event_type NOT LIKE 'agentstore.%'
 GROUP BY e.session_id, s.agent_id;

-- How far each session's agent has come with its task.
CREATE @VIEW@ agent_task_progress AS
SELECT e.session_id, s.agent_id,
       COUNT(*) FILTER (WHERE e.event_type = 'decision_made') AS decisions_made,
       COUNT(*) FILTER (WHERE e.event_type IN ('tool_called', 'tool.call.v1')) AS tools_invoked,
       COUNT(*) FILTER (WHERE e.event_type = 'task_completed') AS tasks_completed,
       BOOL_OR(e.event_type IN ('error', 'error_occurred')) AS had_error,
       BOOL_OR(e.event_type = 'session_ended') AS is_closed,
       MAX(e.occurred_at) FILTER (WHERE e.event_type = 'decision_made') AS last_decision_at
  FROM agent_events e JOIN agent_sessions s ON s.session_id = e.session_id
 WHERE e.event_type NOT LIKE 'agentstore.%'
 GROUP BY e.session_id, s.agent_id;
)";

std::string with_views(std::string_view text, std::string_view word) {
  constexpr std::string_view place = "@VIEW@";
  std::string out;
  for (std::size_t at = text.find(place); at != text.npos; at = text.find(place)) {
    out += std::string{text.substr(0, at)} + std::string{word};
    text.remove_prefix(at + place.size());
  }
  return out + std::string{text};
}

constexpr std::size_t remark_at = 36;
constexpr std::size_t line_columns_max = 80;

// A line, and what it is about behind it, on as many lines as that takes.
void add_remark(std::string& text, std::string line, std::string_view about) {
  line += "--";
  while (!about.empty()) {
    const std::size_t end = std::min(about.find(' '), about.size());
    if (line.size() + 1 + end > line_columns_max) {
      text += line + '\n';
      line = std::string(remark_at, ' ') + "--";
    }
    line += ' ' + std::string{about.substr(0, end)};
    about.remove_prefix(std::min(end + 1, about.size()));
  }
  text += line + '\n';
}

}  // namespace

Result<std::string> sql_views(std::string_view dialect) {
  if (dialect == "sqlite") return std::string{sqlite_views};
  if (dialect == "postgres")
    return std::string{postgres_tables} + with_views(postgres_views, "VIEW");
  if (dialect == "risingwave")
    return std::string{postgres_tables} + with_views(postgres_views, "MATERIALIZED VIEW");
  return fail(Code::invalid, "there is no dialect \"" + std::string{dialect.substr(0, 60)} + '"',
              "it is postgres, risingwave or sqlite");
}

std::string sql_schema() {
  std::string text;
  for (const sql::TableInfo& table : sql::tables()) {
    text += std::string{"-- "} + table.about + "\nCREATE TABLE " + table.name + " (\n";
    for (std::size_t i = 0; i < table.columns.size(); ++i) {
      const sql::ColumnInfo& column = table.columns[i];
      std::string line = std::string{"  "} + column.name + ' ' + column.type +
                         (i + 1 < table.columns.size() ? "," : "");
      line.resize(std::max(line.size() + 2, remark_at), ' ');
      add_remark(text, std::move(line), column.about);
    }
    text += ");\n\n";
  }
  return text + std::string{sqlite_views};
}

}  // namespace agentstore
