-- name: secrets
-- severity: error
-- why: A key or a password in a log is known to whoever reads the log, the next
--   model included.
-- fix: Revoke it, then take it out of the log: agentstore redact S EVENT
--   --reason TEXT
-- redacted: harmless
--
-- What counts as a secret: see --redact in agentstore(1). An e-mail address is
-- none here.
SELECT e.session_id, e.seq,
       json_extract(s.value, '$.name') || ' of ' || json_extract(s.value, '$.bytes') || ' bytes'
         AS message,
       json_extract(s.value, '$.name') AS about
  FROM events e
 CROSS JOIN json_each(secrets(e.payload)) s
 WHERE json_extract(s.value, '$.name') <> 'e-mail address'
