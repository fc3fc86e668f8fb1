-- name: forbidden-tools
-- severity: error
-- why: The agent used a tool that it may not use.
-- fix: Take the tool away from the agent: what it does not have it cannot call.
-- param: forbid_tool
--
-- :forbid_tool is a JSON array of patterns, in which * is any text.
SELECT e.session_id, e.seq, 'calls ' || e.tool_name || ', which is forbidden' AS message
  FROM events e
 WHERE e.kind = 'call'
   AND EXISTS (SELECT 1 FROM json_each(:forbid_tool) f WHERE matches(e.tool_name, f.value))
