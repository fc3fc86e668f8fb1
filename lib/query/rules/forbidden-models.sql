-- name: forbidden-models
-- severity: error
-- why: The agent asked a model that it may not ask.
-- fix: Set the model of the agent, and of its sub-agents.
-- param: forbid_model
-- redacted: harmless
--
-- :forbid_model is a JSON array of patterns, in which * is any text. Of each
-- model the first event.
SELECT session_id, min(seq) AS seq,
       'asks ' || model || ', which is forbidden'
         || CASE count(*) WHEN 1 THEN '' ELSE ', in ' || count(*) || ' events' END AS message,
       model AS about
  FROM events e
 WHERE e.kind IN ('request', 'answer')
   AND EXISTS (SELECT 1 FROM json_each(:forbid_model) f WHERE matches(e.model, f.value))
 GROUP BY session_id, model
