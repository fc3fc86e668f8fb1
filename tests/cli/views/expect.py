#!/usr/bin/env python3
"""Makes expected.json, by hand: what PostgreSQL makes of the sessions, with the views that
`agentstore sql --views --dialect postgres` prints.

    expect.py AGENTSTORE [psql's arguments…]      expect.py build/dev/cmd/agentstore -h /tmp -d test

The database is an empty one, whose tables and views of these names are dropped.
"""

import json
import subprocess
import sys
from pathlib import Path

from sessions import make_sessions

VIEWS = {"agent_current_state": "session_id", "session_summary": "session_id",
         "agent_task_progress": "session_id"}


def literal(value):
    if value is None:
        return "NULL"
    return "'" + str(value).replace("'", "''") + "'"


def rows():
    for session in make_sessions():
        labels = session["labels"]
        values = [session["id"], labels.get("agent_id"), labels.get("agent_type"),
                  labels.get("user_id"), session["created_at"]]
        yield "INSERT INTO agent_sessions VALUES (" + ", ".join(map(literal, values)) + ");"
        for number, event in enumerate(session["events"], 1):
            values = [session["id"], number, event["type"], json.dumps(event["payload"]),
                      json.dumps(event["metadata"]), event["timestamp"]]
            yield "INSERT INTO agent_events VALUES (" + ", ".join(map(literal, values)) + ");"


def main():
    program, *arguments = sys.argv[1:]
    views = subprocess.run([program, "sql", "--views", "--dialect", "postgres"], check=True,
                           capture_output=True, text=True).stdout
    script = ["SET client_min_messages = warning; SET TIME ZONE 'UTC';"]
    script += [f"DROP VIEW IF EXISTS {view};" for view in VIEWS]
    script += ["DROP TABLE IF EXISTS agent_events, agent_sessions;", views, "BEGIN;", *rows(), "COMMIT;"]
    script += [f"SELECT json_agg(row_to_json(v) ORDER BY {key}) FROM (SELECT * FROM {view}) v;"
               if view != "session_summary" else
               "SELECT json_agg(row_to_json(v) ORDER BY session_id) FROM (SELECT session_id, agent_id, "
               "total_events, user_messages, tool_calls, decisions, errors, first_event_at, "
               "latest_event_at, EXTRACT(EPOCH FROM session_duration) AS session_duration, "
               "total_tokens_used FROM session_summary) v;" for view, key in VIEWS.items()]
    done = subprocess.run(["psql", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", *arguments],
                          input="\n".join(script), check=True, capture_output=True, text=True)
    # json_agg has a row a line.
    decoder, rest, found = json.JSONDecoder(), done.stdout.strip(), {}
    for view in VIEWS:
        found[view], end = decoder.raw_decode(rest)
        rest = rest[end:].strip()
    lines = [f'"{view}": [\n' + ",\n".join(json.dumps(row) for row in rows_of) + "\n]"
             for view, rows_of in found.items()]
    (Path(__file__).parent / "expected.json").write_text("{\n" + ",\n".join(lines) + "\n}\n")


if __name__ == "__main__":
    main()
