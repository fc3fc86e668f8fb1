-- name: not-closed
-- severity: warning
-- why: A session that was never ended may still be running, or was killed.
-- fix: Record session_ended when an agent is done, also where it gives up.
--
-- Of sessions in the vocabulary that has an event for it: those with
-- session_started, or another event of that vocabulary. Other sources have no
-- word for the end of a session.
SELECT session_id, NULL AS seq, 'has no session_ended' AS message
  FROM (SELECT session_id,
               max(CASE WHEN type = 'session_ended' THEN seq ELSE 0 END) AS ended,
               max(CASE WHEN type = 'session_started' THEN seq ELSE 0 END) AS started
          FROM events
         WHERE type IN ('session_started', 'session_ended', 'message_received', 'decision_made',
                        'error_occurred', 'task_completed', 'agent_paused', 'agent_resumed')
         GROUP BY session_id)
 WHERE ended = 0 OR started > ended
