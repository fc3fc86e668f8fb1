-- name: event-budget
-- severity: error
-- why: A run of more events than it may have goes round in circles, or does
--   what nobody asked for.
-- fix: Look at `agentstore stats S --by type`, and stop the agent earlier.
-- param: max_events
--
-- Of a session whose sums are not known, what is known may be enough.
SELECT root AS session_id, NULL AS seq,
       coalesce(sum(events), 0) || ' events'
         || CASE count(*) WHEN 1 THEN '' ELSE ' with its sub-agents' END
         || CASE sum(events IS NULL) WHEN 0 THEN '' ELSE ', as far as that is known' END
         || ', and ' || :max_events || ' are allowed' AS message,
       coalesce(sum(events), 0) > :max_events AS judged
  FROM sessions
 GROUP BY root
HAVING sum(events) > :max_events OR sum(events IS NULL) > 0
