-- name: win-without-bet
-- severity: error
-- why: A bet was won that nobody had placed before.
-- fix: Settle through `agentstore submit`, which knows the bets that are open.
-- default: off
--
-- Wins with a bet_id need a bet of that id before them; those without one, as
-- many bets without one as were settled.
WITH bets AS (
  SELECT session_id, seq, type,
         CASE WHEN json_valid(payload) THEN json_extract(payload, '$.bet_id') END AS bet
    FROM events
   WHERE type IN ('BetPlaced', 'BetWon', 'BetLost')),
named AS (
  SELECT session_id, bet, min(seq) AS placed FROM bets
   WHERE type = 'BetPlaced' AND bet IS NOT NULL GROUP BY session_id, bet),
unnamed AS (
  SELECT session_id, seq, type,
         sum(CASE type WHEN 'BetPlaced' THEN 1 ELSE -1 END)
           OVER (PARTITION BY session_id ORDER BY seq) AS open
    FROM bets
   WHERE bet IS NULL)
SELECT w.session_id, w.seq, 'the bet ' || w.bet || ' is won, and was not placed before' AS message
  FROM bets w
  LEFT JOIN named n ON n.session_id = w.session_id AND n.bet = w.bet
 WHERE w.type = 'BetWon' AND w.bet IS NOT NULL AND (n.placed IS NULL OR n.placed > w.seq)
UNION ALL
SELECT session_id, seq, 'more bets are settled than were placed before' AS message
  FROM unnamed
 WHERE type = 'BetWon' AND open < 0
 ORDER BY 1, 2
