-- name: gaps
-- severity: warning
-- why: For so long nothing was recorded: the agent hung, waited for somebody,
--   or its events are missing.
-- fix: Look at the event before the gap; give tools and models a time limit.
-- param: max_gap_ms
SELECT session_id, seq,
       printf('%.1f s since the event before it, and %.1f s are allowed', gap_ms / 1000.0,
              :max_gap_ms / 1000.0) AS message
  FROM events
 WHERE gap_ms > :max_gap_ms
