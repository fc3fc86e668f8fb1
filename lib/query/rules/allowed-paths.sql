-- name: allowed-paths
-- severity: error
-- why: The agent named a path outside of the folders that it may touch.
-- fix: Run the agent in a sandbox that has these folders alone, or allow the
--   folder.
-- param: allow_path
--
-- :allow_path is a JSON array of folders. A path that is relative is one in the
-- folder in which the session ran (its label cwd); where that is not known, it
-- is allowed unless it leads out by "..".
SELECT e.session_id, e.seq,
       'names ' || p.value || ', which is outside of what is allowed' AS message,
       p.value AS about
  FROM events e
 CROSS JOIN json_each(paths(e.tool_args)) p
 WHERE e.kind = 'call'
   AND NOT within(p.value, :allow_path,
                  (SELECT l.value FROM labels l
                    WHERE l.session_id = e.session_id AND l.key = 'cwd'))
