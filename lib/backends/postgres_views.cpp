// The relations that other programs know, and what an INSERT into them does.

#include "backends/postgres_schema.hpp"

namespace agentstore {

// `json` keeps every spelling; `jsonb` refuses U+0000. No view takes a payload apart: what they
// need of it was found when it was appended.
const char* const postgres_views = R"(
CREATE VIEW @S@.agent_sessions AS
SELECT id AS session_id, agent_id, agent_type, user_id, started_at FROM @S@.sessions;
CREATE VIEW @S@.agent_events AS
SELECT e.event_id, e.session_id, s.agent_id, e.sequence_number, e.event_type,
       e.payload::json AS payload, e.metadata::json AS metadata, e.occurred_at,
       encode(e.hash, 'hex') AS hash
  FROM @S@.events e JOIN @S@.sessions s ON s.id = e.session_id;
CREATE VIEW @S@.agent_current_state AS
SELECT s.agent_id, s.id AS session_id, l.event_type AS last_event_type, l.payload::json AS payload,
       l.occurred_at AS last_event_at, s.agent_type, s.user_id,
       (SELECT max(b.occurred_at) FROM @S@.events b
         WHERE b.session_id = s.id AND b.event_type = 'session_started') AS session_started_at
  FROM @S@.sessions s
 CROSS JOIN LATERAL (SELECT e.event_type, e.payload, e.occurred_at FROM @S@.events e
                      WHERE e.session_id = s.id AND e.event_type NOT LIKE 'agentstore.%'
                      ORDER BY e.sequence_number DESC LIMIT 1) l;
CREATE VIEW @S@.session_summary AS
SELECT e.session_id, s.agent_id, count(*) AS total_events,
       count(*) FILTER (WHERE e.event_type IN
         ('user_message', 'user.utterance.v1', 'message_received')) AS user_messages,
       count(*) FILTER (WHERE e.event_type IN ('tool_called', 'tool.call.v1')) AS tool_calls,
       count(*) FILTER (WHERE e.event_type = 'decision_made') AS decisions,
       count(*) FILTER (WHERE e.event_type IN ('error', 'error_occurred')) AS errors,
       min(e.occurred_at) AS first_event_at, max(e.occurred_at) AS latest_event_at,
       max(e.occurred_at) - min(e.occurred_at) AS session_duration,
       COALESCE(sum(e.token_count), 0) AS total_tokens_used
  FROM @S@.events e JOIN @S@.sessions s ON s.id = e.session_id
 WHERE e.event_type NOT LIKE 'agentstore.%'
 GROUP BY e.session_id, s.agent_id;
CREATE VIEW @S@.agent_task_progress AS
SELECT e.session_id, s.agent_id,
       count(*) FILTER (WHERE e.event_type = 'decision_made') AS decisions_made,
       count(*) FILTER (WHERE e.event_type IN ('tool_called', 'tool.call.v1')) AS tools_invoked,
       count(*) FILTER (WHERE e.event_type = 'task_completed') AS tasks_completed,
       bool_or(e.event_type IN ('error', 'error_occurred')) AS had_error,
       bool_or(e.event_type = 'session_ended') AS is_closed,
       max(e.occurred_at) FILTER (WHERE e.event_type = 'decision_made') AS last_decision_at
  FROM @S@.events e JOIN @S@.sessions s ON s.id = e.session_id
 WHERE e.event_type NOT LIKE 'agentstore.%'
 GROUP BY e.session_id, s.agent_id;
CREATE FUNCTION @S@.lock_names() RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  PERFORM pg_advisory_xact_lock('@S@.sessions'::regclass::oid::integer, 1);
END
$$;
CREATE FUNCTION @S@.ensure_session(the_id text, agent text, kind text, of_user text, began timestamptz)
RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
  labels text;
BEGIN
  IF EXISTS (SELECT FROM @S@.sessions s WHERE s.id = the_id) THEN RETURN false; END IF;
  IF the_id IS NULL OR the_id !~ '^[A-Za-z0-9][A-Za-z0-9._:-]{0,127}$' OR
     the_id LIKE 'agentstore.%' THEN
    RAISE EXCEPTION '"%" is not a session id', left(the_id, 200)
      USING ERRCODE = 'invalid_parameter_value',
            HINT = 'Use up to 128 letters, digits, ".", "_", ":" and "-", a letter or digit first.';
  END IF;
  PERFORM @S@.lock_names();
  IF EXISTS (SELECT FROM @S@.sessions s WHERE s.name = the_id AND s.id <> the_id) THEN
    RAISE EXCEPTION '"%" is the name of a session', the_id USING ERRCODE = 'unique_violation';
  END IF;
  SELECT '{' || COALESCE(string_agg(to_json(k)::text || ':' || to_json(v)::text, ',' ORDER BY k), '')
         || '}' INTO labels
    FROM (VALUES ('agent_id', agent), ('agent_type', kind), ('user_id', of_user)) AS pairs(k, v)
   WHERE v IS NOT NULL;
  INSERT INTO @S@.sessions (id, labels, created_at, started_at, agent_id, agent_type, user_id)
    VALUES (the_id, labels, @S@.time_text(began), began, agent, kind, of_user)
    ON CONFLICT DO NOTHING;
  RETURN FOUND;
END
$$;
CREATE FUNCTION @S@.insert_session() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  NEW.started_at := COALESCE(NEW.started_at, clock_timestamp());
  IF NOT @S@.ensure_session(NEW.session_id, NEW.agent_id, NEW.agent_type, NEW.user_id,
                            NEW.started_at) THEN
    RAISE EXCEPTION 'session "%" exists', NEW.session_id USING ERRCODE = 'unique_violation';
  END IF;
  RETURN NEW;
END
$$;
CREATE TRIGGER insert_session INSTEAD OF INSERT ON @S@.agent_sessions
  FOR EACH ROW EXECUTE FUNCTION @S@.insert_session();
CREATE FUNCTION @S@.insert_event() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  told @S@.receipt;
BEGIN
  PERFORM @S@.ensure_session(NEW.session_id, NEW.agent_id, NULL, NULL,
                             COALESCE(NEW.occurred_at, clock_timestamp()));
  told := @S@.append_at(NEW.session_id, NEW.event_type, NEW.payload::text, NEW.event_id,
                        NEW.sequence_number - 1, COALESCE(NEW.metadata::text, '{}'),
                        @S@.time_text(NEW.occurred_at));
  NEW.sequence_number := told.sequence_number;
  NEW.event_id := told.event_id;
  NEW.hash := told.hash;
  RETURN NEW;
END
$$;
CREATE TRIGGER insert_event INSTEAD OF INSERT ON @S@.agent_events
  FOR EACH ROW EXECUTE FUNCTION @S@.insert_event();
)";

}  // namespace agentstore
