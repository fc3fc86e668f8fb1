-- name: loops
-- severity: warning
-- why: An agent that calls the same tool with the same arguments again and
--   again learns nothing from what comes back.
-- fix: Look at what the calls gave; stop a run that repeats itself.
-- default: off
-- param: loop = 5
--
-- A call that is redacted may be any: it ends a run, and begins none.
WITH calls AS (
  SELECT session_id, seq, tool_name, tool_args, payload IS NULL AS redacted,
         row_number() OVER (PARTITION BY session_id ORDER BY seq)
           - row_number() OVER (PARTITION BY session_id, tool_name, tool_args, payload IS NULL
                                    ORDER BY seq) AS run
    FROM events
   WHERE kind = 'call')
SELECT session_id, min(seq) AS seq,
       coalesce(tool_name, 'a tool') || ' is called ' || count(*)
         || ' times in a row with the same arguments' AS message
  FROM calls
 WHERE NOT redacted
 GROUP BY session_id, run, tool_name, tool_args
HAVING count(*) >= :loop
 ORDER BY session_id, seq
