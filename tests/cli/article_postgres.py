"""The agent state store of the article "AI Agent State Management with PostgreSQL", as its text
describes it: psycopg2, events recorded by INSERT, states read from views. Nothing of ours is in it.

    article_postgres.py HOST SESSION COUNT    records so many events, and prints what it reads then
"""

import json
import sys
import uuid
from datetime import datetime, timezone

import psycopg2

conn = None


def record_event(session_id, agent_id, event_type, payload):
    with conn.cursor() as cur:
        cur.execute(
            "INSERT INTO agent_events (event_id, session_id, agent_id, event_type, payload, occurred_at) "
            "VALUES (%s, %s, %s, %s, %s, %s)",
            (str(uuid.uuid4()), session_id, agent_id, event_type, json.dumps(payload),
             datetime.now(timezone.utc)))
    conn.commit()


def get_current_state(session_id):
    with conn.cursor() as cur:
        cur.execute("SELECT agent_id, last_event_type, payload, last_event_at "
                    "FROM agent_current_state WHERE session_id = %s", (session_id,))
        row = cur.fetchone()
        return dict(zip(("agent_id", "last_event_type", "payload", "last_event_at"), row)) if row else None


def get_session_summary(session_id):
    with conn.cursor() as cur:
        cur.execute("SELECT total_events, user_messages, tool_calls, decisions, errors, "
                    "total_tokens_used FROM session_summary WHERE session_id = %s", (session_id,))
        row = cur.fetchone()
        names = ("total_events", "user_messages", "tool_calls", "decisions", "errors", "tokens")
        return dict(zip(names, map(int, row))) if row else None


if __name__ == "__main__":
    host, session, count = sys.argv[1:]
    conn = psycopg2.connect(host=host, dbname="test", user="tester")
    for number in range(int(count)):
        record_event(session, "agent-7", "message_received", {"text": "é \"quoted\"", "n": number})
        record_event(session, "agent-7", "decision_made", {"choice": [1, 2.50], "token_count": 3})
    state = get_current_state(session)
    print(json.dumps({"state": state, "summary": get_session_summary(session)}, default=str))
