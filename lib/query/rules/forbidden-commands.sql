-- name: forbidden-commands
-- severity: error
-- why: The agent ran a command that it may not run.
-- fix: Deny the command where the agent asks for permission, or run the agent
--   in a sandbox.
-- param: forbid_command
--
-- :forbid_command is a JSON array of regular expressions, found anywhere in a
-- command.
SELECT e.session_id, e.seq,
       'runs ' || substr(e.command, 1, 120) || ', which ' || f.value || ' forbids' AS message
  FROM events e
  JOIN json_each(:forbid_command) f
 WHERE e.kind = 'call'
   AND f.id = (SELECT min(g.id) FROM json_each(:forbid_command) g WHERE e.command REGEXP g.value)
