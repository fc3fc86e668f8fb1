"""The accounts of a casino: those of the corpus' database, or a small one of our own."""

import json
import sqlite3

AGENT_001 = [
    ("AgentRegistered", {"agent": "agent-001"}, "evt-registered", {}),
    ("FaucetClaimed", {"amount": 1000, "asset": "PFLEA"}, "evt-faucet", {}),
    ("BetPlaced", {"amount": 100, "bet_id": "b-1"}, "evt-b-1", {}),
    ("BetWon", {"amount": 190.5, "bet_id": "b-1"}, "evt-won", {"causation_id": "evt-b-1"}),
    ("BetPlaced", {"amount": 340.55}, "evt-bad-trade", {}),
    ("FeeCharged", {"fee": 0.1}, "evt-fee", {"causation_id": "evt-won"}),
    ("FundsDeposited", {"amount": 0.2, "asset": "BTC"}, "evt-btc", {}),
]


def make_account(case, session="agent-001"):
    """A session with the events above, one every second."""
    case.create(session)
    case.append(session, *({"type": kind, "payload": payload, "event_id": event_id,
                            "metadata": metadata, "timestamp": f"2026-03-01T00:00:{second:02}Z"}
                           for second, (kind, payload, event_id, metadata) in enumerate(AGENT_001)))


def import_database(case, path):
    """Every stream of the corpus' database as a session."""
    rows = sqlite3.connect(f"file:{path}?mode=ro", uri=True).execute(
        "SELECT stream_id, event_type, data, metadata, event_id, occurred_at FROM events"
        " ORDER BY stream_id, version")
    sessions = {}
    for stream, kind, data, metadata, event_id, at in rows:
        # The payload's text goes through as it is: a float would lose digits.
        sessions.setdefault(stream, []).append(
            f'{{"type":{json.dumps(kind)},"payload":{data},"metadata":{metadata},'
            f'"event_id":{json.dumps(event_id)},"timestamp":{json.dumps(at)}}}\n')
    for session, drafts in sessions.items():
        case.create(session)
        case.ok("append", session, "--batch", "-", stdin="".join(drafts))
    return list(sessions)
