-- name: cost-budget
-- severity: error
-- why: A run that costs more than it may is one that nobody has under control.
-- fix: Look at `agentstore stats S --by model`; a smaller model, less context,
--   fewer turns.
-- param: max_cost
--
-- What its sub-agents cost counts, too, be they sessions or told of in its log
-- alone.
SELECT session_id, NULL AS seq,
       CASE WHEN over THEN 'costs ' || known || ' USD' || sub_agents
                           || ', and may cost ' || :max_cost
            ELSE 'costs ' || known || ' USD' || sub_agents || ', as far as that is known: what '
                 || unknown || CASE unknown WHEN 1 THEN ' response' ELSE ' responses' END
                 || ' cost is not' END AS message,
       over AS judged
  FROM (SELECT root AS session_id, coalesce(decimal_sum(cost), '0') AS known,
               sum(coalesce(unknown, 1)) AS unknown,
               coalesce(decimal_cmp(decimal_sum(cost), :max_cost) > 0, 0) AS over,
               CASE WHEN count(*) > 1 OR max(told) THEN ' with its sub-agents' ELSE ''
               END AS sub_agents
          FROM (SELECT root, decimal_add(cost_known_usd_text, told_cost_known_usd_text) AS cost,
                       cost_unknown_responses + told_cost_unknown_responses AS unknown,
                       told_cost_known_usd_text <> '0' OR told_cost_unknown_responses > 0 AS told
                  FROM sessions)
         GROUP BY root)
 WHERE over OR unknown > 0
