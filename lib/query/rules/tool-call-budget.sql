-- name: tool-call-budget
-- severity: error
-- why: A run of more calls than it may make goes round in circles, or does what
--   nobody asked for.
-- fix: Look at `agentstore stats S --by tool`, and stop the agent earlier.
-- param: max_tool_calls
SELECT root AS session_id, NULL AS seq,
       sum(tool_calls) || ' calls of tools'
         || CASE count(*) WHEN 1 THEN '' ELSE ' with its sub-agents' END
         || ', and ' || :max_tool_calls || ' are allowed' AS message
  FROM sessions
 GROUP BY root
HAVING sum(tool_calls) > :max_tool_calls
