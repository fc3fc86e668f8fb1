-- name: unanswered-error
-- severity: error
-- why: A session that ends in an error stopped there: nobody went on, and
--   nobody said that it failed.
-- fix: Have the agent go on after an error, or record how the session ended.
-- redacted: harmless
SELECT l.session_id, l.seq,
       'nothing came after the error'
         || coalesce(': ' || (SELECT e.text FROM events e
                               WHERE e.session_id = l.session_id AND e.seq = l.seq), '')
         AS message
  FROM (SELECT session_id, max(seq) AS seq, kind FROM events
         WHERE type NOT GLOB 'agentstore.*'
         GROUP BY session_id) l
 WHERE l.kind = 'error'
