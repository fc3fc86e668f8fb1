-- name: cost-budget
-- severity: error
-- why: A run that costs more than it may is one that nobody has under control.
-- fix: Look at `agentstore stats S --by model`; a smaller model, less context,
--   fewer turns.
-- param: max_cost
SELECT session_id, NULL AS seq,
       CASE WHEN over THEN 'costs ' || known || ' USD' || sub_agents
                           || ', and may cost ' || :max_cost
            ELSE 'costs ' || known || ' USD' || sub_agents || ', as far as that is known: what '
                 || unknown || CASE unknown WHEN 1 THEN ' response' ELSE ' responses' END
                 || ' cost is not' END AS message,
       over AS judged
  FROM (SELECT root AS session_id, coalesce(decimal_sum(cost_known_usd_text), '0') AS known,
               sum(coalesce(cost_unknown_responses, 1)) AS unknown,
               coalesce(decimal_cmp(decimal_sum(cost_known_usd_text), :max_cost) > 0, 0) AS over,
               CASE count(*) WHEN 1 THEN '' ELSE ' with its sub-agents' END AS sub_agents
          FROM sessions
         GROUP BY root)
 WHERE over OR unknown > 0
