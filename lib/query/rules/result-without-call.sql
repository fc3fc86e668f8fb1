-- name: result-without-call
-- severity: error
-- why: A result that no call asked for, or the second one of a call, was made
--   up or recorded twice.
-- fix: Give each call an id, and record one result with the same id.
-- redacted: harmless
--
-- Redacted payloads may be those by which a call and its result know each
-- other.
SELECT r.session_id, r.result_seq AS seq,
       coalesce('a second result of ' || coalesce(c.tool_name, 'the call') || ' #' || c.call_seq,
                coalesce('a result of ' || r.tool_name, 'a result')
                  || ' that no call asked for') AS message,
       NOT EXISTS (SELECT 1 FROM events d
                    WHERE d.session_id = r.session_id AND d.type = 'agentstore.redacted') AS judged
  FROM (SELECT session_id, result_seq, tool_name, call_id FROM tool_calls WHERE call_seq IS NULL) r
  LEFT JOIN (SELECT session_id, call_seq, tool_name, call_id FROM tool_calls
              WHERE call_seq IS NOT NULL AND call_id IS NOT NULL) c
    ON c.session_id = r.session_id AND c.call_id = r.call_id
