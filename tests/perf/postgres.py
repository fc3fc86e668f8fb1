#!/usr/bin/env python3
"""Appends to a store in PostgreSQL, beside plain INSERTs into a table of the same columns, and reading
beside COPY: on a server of its own, with its defaults, on the disk of TMPDIR.

    postgres.py [EVENTS]     environment: AGENTSTORE_BIN, AGENTSTORE_PERF_BIN, AGENTSTORE_PERF_ROUNDS,
                             AGENTSTORE_PERF_SECONDS

Writers are connections of pgbench; threads are those of one process that appends by the library.
"""

import json
import os
import re
import subprocess
import sys
import time
from pathlib import Path
from statistics import median

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "support"))

import postgres  # noqa: E402

PAYLOAD = '{"tool_name":"grep","args":{"pattern":"TODO","path":"src"},"text":"' + "x" * 120 + '"}'
TABLE = ("CREATE TABLE plain (event_id uuid PRIMARY KEY DEFAULT gen_random_uuid(), session_id varchar, "
         "sequence_number bigint, event_type varchar, payload jsonb, occurred_at timestamptz DEFAULT now())")
SCRIPTS = {
    "insert": f"INSERT INTO plain (session_id, event_type, payload) VALUES ('s:client_id', 'x', '{PAYLOAD}');",
    "locked": "BEGIN; SELECT version FROM versions WHERE id = 'hot' FOR UPDATE;"
              f"INSERT INTO plain (session_id, event_type, payload) VALUES ('hot', 'x', '{PAYLOAD}');"
              "UPDATE versions SET version = version + 1 WHERE id = 'hot'; COMMIT;",
    "many": f"SELECT agentstore.append('s:client_id', 'x', '{PAYLOAD}');",
    "hot": f"SELECT agentstore.append('hot', 'x', '{PAYLOAD}');",
    "hundred": "SELECT count(*) FROM agentstore.append_events('s:client_id', array_fill('x'::text, "
               f"ARRAY[100]), array_fill('{PAYLOAD}'::text, ARRAY[100]), array_fill('{{}}'::text, "
               "ARRAY[100]), array_fill(NULL::text, ARRAY[100]), array_fill(NULL::text, ARRAY[100]), "
               "array_fill(NULL::bytea, ARRAY[100]), array_fill(NULL::text, ARRAY[100]), NULL, NULL, false);",
}
ROUNDS = int(os.environ.get("AGENTSTORE_PERF_ROUNDS", "3"))
SECONDS = os.environ.get("AGENTSTORE_PERF_SECONDS", "5")


def rate(server, script, clients):
    """Transactions a second."""
    path = server.folder / f"{script}.sql"
    # pgbench takes ":client_id" for a variable in texts, too.
    path.write_text(SCRIPTS[script].replace("\n", " ").replace("; ", ";\n") + "\n")
    done = subprocess.run([server.bin / "pgbench", "-n", "-h", server.folder, "-U", "tester", "-c",
                           str(clients), "-j", "2", "-T", SECONDS, "-f", path, "test"],
                          capture_output=True, text=True, check=True)
    return float(re.search(r"tps = ([\d.]+)", done.stdout)[1])


def threads_rate(server, which, threads):
    """Appends a second by the library: to "one" session, or to one for "each" thread."""
    done = subprocess.run([Path(os.environ["AGENTSTORE_PERF_BIN"]) / "perf_writers", server.address(),
                           str(threads), which, SECONDS], capture_output=True, text=True, check=True)
    return float(done.stdout)


def row(work, ours, peer_name, peer, unit, aim=None, note=""):
    print(json.dumps({"benchmark": "postgres", "work": work, "ours": round(ours, 1), "unit": unit,
                      "peer": peer_name, "peer_value": round(peer, 1), "ratio": round(ours / peer, 3),
                      "aim": aim, "state": "", "note": note}), flush=True)


def seconds(words, **more):
    start = time.perf_counter()
    subprocess.run(list(map(str, words)), stdout=subprocess.DEVNULL, check=True, **more)
    return time.perf_counter() - start


def main():
    events = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    server = postgres.Server(options=["fsync=on", "shared_buffers=256MB"])
    program = os.environ["AGENTSTORE_BIN"]
    try:
        env = {**os.environ, "AGENTSTORE_STORE": server.address()}
        subprocess.run([program, "create", "hot"], env=env, check=True, capture_output=True)
        server.psql("test", TABLE, "CREATE TABLE versions (id text PRIMARY KEY, version bigint)",
                    "INSERT INTO versions VALUES ('hot', 0)",
                    "INSERT INTO agentstore.agent_sessions (session_id) SELECT 's' || n "
                    "FROM generate_series(0, 31) AS n")
        rates = {}
        for _ in range(ROUNDS):
            for clients in (1, 8, 32):
                for script in SCRIPTS:
                    rates.setdefault((script, clients), []).append(rate(server, script, clients))
                for which in ("one", "each"):
                    rates.setdefault((which, clients), []).append(threads_rate(server, which, clients))
        of = {key: median(values) for key, values in rates.items()}
        for clients in (1, 8, 32):
            writers = f"{clients} writer{'s' if clients > 1 else ''}"
            row(f"single appends, {writers}, a session each", of["many", clients], "plain INSERT",
                of["insert", clients], "events/s", 0.9)
            threads = writers.replace("writer", "thread")
            row(f"single appends, {threads}, a session each", of["each", clients], "plain INSERT",
                of["insert", clients], "events/s")
            row(f"single appends, {threads}, one session", of["one", clients], "SELECT … FOR UPDATE",
                of["locked", clients], "events/s", 3 if clients == 8 else None)
            row(f"single appends, {writers}, one session", of["hot", clients], "SELECT … FOR UPDATE",
                of["locked", clients], "events/s", 3 if clients == 8 else None)
            row(f"appends by 100, {writers}, a session each", of["hundred", clients] * 100,
                "single appends", of["many", clients], "events/s", 15)
        server.psql("test", "INSERT INTO agentstore.agent_sessions (session_id) VALUES ('long')",
                    "DO $$ BEGIN FOR i IN 1.." + str(events // 1000) + " LOOP PERFORM " +
                    SCRIPTS["hundred"][len("SELECT "):-1].replace("count(*) FROM ", "")
                    .replace("'s:client_id'", "'long'").replace("ARRAY[100]", "ARRAY[1000]")
                    .replace("'x'::text", "CASE WHEN i % 10 = 0 THEN 'y' ELSE 'x' END") +
                    "; END LOOP; END $$", "ANALYZE agentstore.events")
        copy = [server.bin / "psql", "-X", "-q", "-h", server.folder, "-U", "tester", "test", "-c",
                "COPY (SELECT * FROM agentstore.events WHERE session_id = 'long' "
                "ORDER BY sequence_number) TO STDOUT"]
        count = [*copy[:-1], "SELECT event_type, count(*) FROM agentstore.events "
                 "WHERE session_id = 'long' GROUP BY 1"]
        asked = [(["replay", "long", "--format", "jsonl"], "COPY", copy, 0.8),
                 (["replay", "long", "-t", "y", "--format", "jsonl"], "COPY", copy, 0.8),
                 (["stats", "long", "--json"], "COPY", copy, 0.8),
                 (["sql", "SELECT type, count(*) FROM events GROUP BY 1", "long"], "psql's own query",
                  count, None)]
        for words, name, peer, aim in asked:
            times = [(seconds([program, *words], env=env), seconds(peer)) for _ in range(ROUNDS)]
            ours, theirs = (events / median(column) for column in zip(*times))
            row(f"{' '.join(words[:1] + words[2:4])}, {events:,} events", ours, name, theirs, "events/s", aim)
    finally:
        server.stop()


if __name__ == "__main__":
    main()
