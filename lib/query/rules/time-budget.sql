-- name: time-budget
-- severity: error
-- why: A run that takes longer than it may keeps somebody waiting, or hangs.
-- fix: Look at `agentstore replay S --time delta` and `agentstore stats S --by
--   tool`.
-- param: max_time_ms
SELECT session_id, NULL AS seq,
       CASE WHEN ms > :max_time_ms
            THEN printf('%.1f s from the first event to the last%s, and %.1f s are allowed',
                        ms / 1000.0, sub_agents, :max_time_ms / 1000.0)
            ELSE 'how long it took is not known' END AS message,
       coalesce(ms > :max_time_ms, 0) AS judged
  FROM (SELECT root AS session_id, sum(events IS NULL) AS unknown,
               round((julianday(max(last_event_at)) - julianday(min(first_event_at)))
                     * 86400000) AS ms,
               CASE count(*) WHEN 1 THEN '' ELSE ' with its sub-agents' END AS sub_agents
          FROM sessions
         GROUP BY root)
 WHERE ms > :max_time_ms OR unknown > 0
