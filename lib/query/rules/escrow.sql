-- name: escrow
-- severity: error
-- why: More was released from escrow than had been locked in it.
-- fix: Release through `agentstore submit`, which refuses what is not locked.
SELECT session_id, seq,
       released || ' ' || asset || ' more is released from escrow than was locked' AS message,
       asset AS about
  FROM (SELECT session_id, seq, type, asset,
               decimal_sum(amount_text) OVER (PARTITION BY session_id, asset ORDER BY seq) AS released
          FROM entries
         WHERE type IN ('EscrowLocked', 'EscrowReleased'))
 WHERE type = 'EscrowReleased' AND decimal_cmp(released, '0') > 0
 ORDER BY session_id, seq
