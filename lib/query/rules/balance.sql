-- name: balance
-- severity: error
-- why: Nobody can spend what is not there: a balance below zero was not checked
--   before it was spent.
-- fix: Spend through `agentstore submit`, which refuses what an account does
--   not have.
--
-- Each time that it falls below zero.
SELECT session_id, seq,
       'the balance of ' || asset || ' falls to ' || balance_text || ' by ' || type AS message,
       asset AS about
  FROM (SELECT session_id, seq, type, asset, balance_text,
               lag(balance_text, 1, '0') OVER (PARTITION BY session_id, asset ORDER BY seq) AS before
          FROM entries)
 WHERE decimal_cmp(balance_text, '0') < 0 AND decimal_cmp(before, '0') >= 0
 ORDER BY session_id, seq
