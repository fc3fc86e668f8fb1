-- name: tool-call-budget
-- severity: error
-- why: A run of more calls than it may make goes round in circles, or does what
--   nobody asked for.
-- fix: Look at `agentstore stats S --by tool`, and stop the agent earlier.
-- param: max_tool_calls
--
-- Of a session whose sums are not known, what is known may be enough.
SELECT root AS session_id, NULL AS seq,
       coalesce(sum(tool_calls), 0) || ' calls of tools'
         || CASE count(*) WHEN 1 THEN '' ELSE ' with its sub-agents' END
         || CASE sum(tool_calls IS NULL) WHEN 0 THEN '' ELSE ', as far as that is known' END
         || ', and ' || :max_tool_calls || ' are allowed' AS message,
       coalesce(sum(tool_calls), 0) > :max_tool_calls AS judged
  FROM sessions
 GROUP BY root
HAVING sum(tool_calls) > :max_tool_calls OR sum(tool_calls IS NULL) > 0
