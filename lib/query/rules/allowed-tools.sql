-- name: allowed-tools
-- severity: error
-- why: The agent used a tool that is not among those that it may use.
-- fix: Take the tool away from the agent: what it does not have it cannot call.
-- param: allow_tool
--
-- :allow_tool is a JSON array of patterns, in which * is any text. A call that
-- names no tool is not among them, unless its name may be gone with its
-- payload.
SELECT e.session_id, e.seq,
       'calls ' || coalesce(e.tool_name, 'a tool without a name')
         || ', which is not allowed' AS message
  FROM events e
 WHERE e.kind = 'call'
   AND (e.tool_name IS NOT NULL OR e.payload IS NOT NULL)
   AND NOT EXISTS (SELECT 1 FROM json_each(:allow_tool) a WHERE matches(e.tool_name, a.value))
