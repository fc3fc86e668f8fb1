-- name: token-budget
-- severity: error
-- why: A run that uses more tokens than it may is one that nobody has under
--   control.
-- fix: Look at `agentstore stats S --by model,type`; less context, a summary of
--   it, fewer turns.
-- param: max_tokens
--
-- What its sub-agents used counts, too, be they sessions or told of in its log
-- alone.
SELECT session_id, NULL AS seq,
       CASE WHEN over THEN tokens || ' tokens' || sub_agents
                           || ', and ' || :max_tokens || ' are allowed'
            ELSE tokens || ' tokens' || sub_agents || ', as far as that is known: '
                 || unknown || CASE unknown WHEN 1 THEN ' response does' ELSE ' responses do' END
                 || ' not say what was used' END AS message,
       over AS judged
  FROM (SELECT root AS session_id, coalesce(sum(tokens), 0) AS tokens,
               sum(CASE WHEN tokens IS NULL THEN 1 ELSE unknown END) AS unknown,
               coalesce(sum(tokens), 0) > :max_tokens AS over,
               CASE WHEN count(*) > 1 OR max(told) THEN ' with its sub-agents' ELSE ''
               END AS sub_agents
          FROM (SELECT root, tokens + told_tokens AS tokens,
                       tokens_unknown + told_tokens_unknown AS unknown,
                       told_tokens > 0 OR told_tokens_unknown > 0 AS told
                  FROM sessions)
         GROUP BY root)
 WHERE over OR unknown > 0
