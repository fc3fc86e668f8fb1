-- name: event-budget
-- severity: error
-- why: A run of more events than it may have goes round in circles, or does
--   what nobody asked for.
-- fix: Look at `agentstore stats S --by type`, and stop the agent earlier.
-- param: max_events
SELECT root AS session_id, NULL AS seq,
       sum(events) || ' events'
         || CASE count(*) WHEN 1 THEN '' ELSE ' with its sub-agents' END
         || ', and ' || :max_events || ' are allowed' AS message
  FROM sessions
 GROUP BY root
HAVING sum(events) > :max_events
