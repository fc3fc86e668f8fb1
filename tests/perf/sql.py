#!/usr/bin/env python3
"""Questions in SQL: of one long log, against the built-in `stats` and DuckDB reading the JSON; of
many short sessions, and of a range of numbers, against limits.

    sql.py EVENTS        and a hundredth of that many sessions, of twenty events each
"""

import json
import os
import shutil
import sys
import time

from support import peers
from support.logs import log_of
from support.rounds import Program, measure, row

AGENTSTORE = os.environ.get("AGENTSTORE_BIN", "agentstore")
STATS_AIM = 1 / 1.5  # at most so much longer
DUCKDB_AIM = 2
STATE_LIMIT_MS = 50
RANGE_LIMIT_MS = 10
SETTLED_S = 3  # files younger than this are not taken from a cache

# name: ours, the words of `stats` for the same, and DuckDB's
QUESTIONS = {
    "count by type": (
        "SELECT type, count(*) FROM events GROUP BY type", ["--by", "type"],
        "SELECT type, count(*) FROM read_ndjson('{log}', columns = {{type: 'VARCHAR'}}) GROUP BY type"),
    "sum by model": (
        "SELECT model, sum(tokens_in), sum(tokens_out) FROM events GROUP BY model", ["--by", "model"],
        "SELECT metadata.model, sum(metadata.tokens_in), sum(metadata.tokens_out) FROM read_ndjson('{log}', "
        "columns = {{metadata: 'STRUCT(model VARCHAR, tokens_in BIGINT, tokens_out BIGINT)'}}) GROUP BY 1"),
    "tool failures": (
        "SELECT tool_name, count(*), sum(failed) FROM events WHERE kind = 'result' GROUP BY tool_name",
        ["--by", "tool"],
        "SELECT metadata.tool_name, count(*), count(*) FILTER (coalesce(payload->>'error', '') <> '' OR "
        "coalesce((payload->>'exit_code')::BIGINT, 0) <> 0) FROM read_ndjson('{log}', columns = {{type: "
        "'VARCHAR', payload: 'JSON', metadata: 'STRUCT(tool_name VARCHAR)'}}) WHERE type = 'tool_result' "
        "GROUP BY 1"),
    "calls joined with their results": (
        "SELECT tool_name, count(result_seq), sum(failed) FROM tool_calls GROUP BY tool_name",
        ["--by", "tool"],
        # The generated log has no ids of calls: a result is its tool's next one.
        "WITH e AS (SELECT type, sequence_number AS n, metadata.tool_name AS tool, payload FROM "
        "read_ndjson('{log}', columns = {{type: 'VARCHAR', sequence_number: 'BIGINT', payload: 'JSON', "
        "metadata: 'STRUCT(tool_name VARCHAR)'}}) WHERE type IN ('tool_called', 'tool_result')) "
        "SELECT c.tool, count(*), count(r.payload->>'error') FROM (SELECT tool, row_number() OVER "
        "(PARTITION BY tool ORDER BY n) AS k FROM e WHERE type = 'tool_called') c JOIN (SELECT tool, payload, "
        "row_number() OVER (PARTITION BY tool ORDER BY n) AS k FROM e WHERE type = 'tool_result') r "
        "USING (tool, k) GROUP BY 1"),
}


def ask(log):
    for name, (sql, words, theirs) in QUESTIONS.items():
        programs = [Program("sql", [AGENTSTORE, "sql", sql, "--store", log.folder], before=log.forget),
                    Program("stats", [AGENTSTORE, "stats", *words, "--store", log.folder], before=log.forget),
                    peers.duckdb_query(theirs.format(log=log.path))]
        found = measure([one for one in programs if one])
        for peer, aim in (("stats", STATS_AIM), ("DuckDB", DUCKDB_AIM)):
            value = found[peer].seconds * 1e3 if peer in found else None
            row(f"`sql`: {name}", found["sql"].seconds * 1e3, "ms", peer, value, aim, "r",
                f"{log.size_bytes / found['sql'].seconds / 1e9:.2f} GB/s, {found['sql'].memory_mib:.0f} MiB")


def fill(folder, sessions):
    kinds = ("user_message", "tool_called", "tool_result", "llm_response", "decision_made")
    for part in ("sessions", "events"):
        (folder / part).mkdir(parents=True)
    (folder / "agentstore.json").write_text('{"format":1}\n')
    for number in range(sessions):
        name = f"run-{number:06}"
        at = time.strftime("%Y-%m-%dT%H:%M:", time.gmtime(1_772_884_800 + 60 * number))
        (folder / f"sessions/{name}.json").write_text(json.dumps(
            {"id": name, "created_at": at + "00Z", "updated_at": at + "20Z", "event_count": 20,
             "labels": {"agent_id": f"agent-{number % (sessions // 20)}"}}))
        (folder / f"events/{name}.jsonl").write_text("".join(
            json.dumps({"session_id": name, "sequence_number": n, "type": kinds[n % 5],
                        "payload": {"content": "x" * 100}, "timestamp": f"{at}{n:02}Z", "metadata": {}},
                       separators=(",", ":")) + "\n" for n in range(1, 21)))
    time.sleep(SETTLED_S)


def ask_sessions(sessions):
    folder = peers.work_folder() / f"sessions-{sessions}"
    if not folder.exists():
        fill(folder, sessions)
    works = {f"`sql`: agent_current_state of one agent, of {sessions:,} sessions":
             ("SELECT * FROM agent_current_state WHERE agent_id = 'agent-7'", STATE_LIMIT_MS),
             f"`sql`: session_summary of {sessions:,} sessions":
             ("SELECT count(*), sum(total_events) FROM session_summary", None)}
    found = measure([Program(work, [AGENTSTORE, "sql", sql, "--store", folder])
                     for work, (sql, _) in works.items()])
    for work, (_, limit) in works.items():
        row(work, found[work].seconds * 1e3, "ms", "limit" if limit else "", limit, 1 if limit else None)
    shutil.rmtree(folder)


def ask_range(log):
    events = log.truth["events"]
    sql = (f"SELECT count(*) FROM events WHERE session_id = '{log.session}' AND seq BETWEEN {events // 2} "
           f"AND {events // 2 + 100}")
    found = measure([Program("range", [AGENTSTORE, "sql", sql, "--store", log.folder])])["range"]
    row(f"`sql`: a range of numbers in {events:,} events", found.seconds * 1e3, "ms", "limit",
        RANGE_LIMIT_MS, 1)


def main():
    events = int(sys.argv[1])
    log = log_of("ours", events)
    log.prime("r")
    ask(log)
    ask_range(log)
    ask_sessions(max(events // 100, 100))


if __name__ == "__main__":
    main()
