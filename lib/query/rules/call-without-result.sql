-- name: call-without-result
-- severity: error
-- why: A call whose result is missing was cut off, or nobody recorded what came
--   of it.
-- fix: Record a result for every call, a failure included, and end a run after
--   its last result only.
-- redacted: harmless
--
-- Redacted payloads may be those by which a call and its result know each
-- other. Of a search that the provider of the model does itself, Codex records
-- no result.
SELECT c.session_id, c.call_seq AS seq,
       coalesce(c.tool_name, 'a call') || ' has no result' AS message,
       NOT EXISTS (SELECT 1 FROM events r
                    WHERE r.session_id = c.session_id AND r.type = 'agentstore.redacted') AS judged
  FROM tool_calls c
 WHERE c.result_seq IS NULL
   AND NOT EXISTS (SELECT 1 FROM events e
                    WHERE e.session_id = c.session_id AND e.seq = c.call_seq AND e.kind = 'call'
                      AND CASE WHEN json_valid(e.metadata)
                               THEN json_extract(e.metadata, '$.extra.record_type')
                          END = 'web_search_call')
