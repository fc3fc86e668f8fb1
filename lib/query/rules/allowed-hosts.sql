-- name: allowed-hosts
-- severity: error
-- why: The agent named a host that it may not speak to.
-- fix: Run the agent behind a proxy that lets it reach these hosts alone, or
--   allow the host.
-- param: allow_host
--
-- :allow_host is a JSON array of patterns, in which * is any text.
SELECT e.session_id, e.seq, 'names the host ' || h.value || ', which is not allowed' AS message,
       h.value AS about
  FROM events e
 CROSS JOIN json_each(hosts(e.tool_args)) h
 WHERE e.kind = 'call'
   AND NOT EXISTS (SELECT 1 FROM json_each(:allow_host) a WHERE matches(h.value, lower(a.value)))
