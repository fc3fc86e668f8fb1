-- name: allowed-models
-- severity: error
-- why: The agent asked a model that is not among those that it may ask.
-- fix: Set the model of the agent, and of its sub-agents.
-- param: allow_model
-- redacted: harmless
--
-- :allow_model is a JSON array of patterns, in which * is any text. Of each
-- model the first event; an event that names none says nothing.
SELECT session_id, min(seq) AS seq,
       'asks ' || model || ', which is not allowed'
         || CASE count(*) WHEN 1 THEN '' ELSE ', in ' || count(*) || ' events' END AS message,
       model AS about
  FROM events e
 WHERE e.kind IN ('request', 'answer') AND e.model IS NOT NULL
   AND NOT EXISTS (SELECT 1 FROM json_each(:allow_model) a WHERE matches(e.model, a.value))
 GROUP BY session_id, model
