-- name: turn-budget
-- severity: error
-- why: A task that takes more turns than it may was not understood.
-- fix: Look at `agentstore replay S --chat`, and say more at the start.
-- param: max_turns
--
-- A turn begins with a message to the agent.
SELECT s.root AS session_id, NULL AS seq,
       sum(t.turns) || ' turns'
         || CASE count(*) WHEN 1 THEN '' ELSE ' with its sub-agents' END
         || ', and ' || :max_turns || ' are allowed' AS message
  FROM sessions s
  JOIN (SELECT session_id, count(*) AS turns FROM events
         WHERE kind = 'message'
         GROUP BY session_id) t
    ON t.session_id = s.id
 GROUP BY s.root
HAVING sum(t.turns) > :max_turns
