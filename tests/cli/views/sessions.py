"""Two hundred sessions of agents, the same each time: what the three views are held to.

The expectation beside this, expected.json, is what PostgreSQL makes of them: `expect.py`.
"""

import json
import random

KINDS = ["session_started", "message_received", "user_message", "tool_called", "tool_result",
         "decision_made", "error", "error_occurred", "task_completed", "session_ended",
         "llm_request", "llm_response", "agent_paused", "custom", "user.utterance.v1",
         "tool.call.v1", "agentstore.redacted"]


def time_text(at_ms):
    seconds, ms = divmod(at_ms, 1000)
    minutes, seconds = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    days, hours = divmod(hours, 24)
    return f"2026-03-{1 + days:02}T{hours:02}:{minutes:02}:{seconds:02}.{ms:03}Z"


def make_event(rng, at_ms):
    kind = rng.choice(KINDS)
    payload = {"n": rng.randrange(100)}
    if rng.random() < 0.2:
        payload["token_count"] = rng.randrange(5000)
    metadata = {}
    if kind.startswith("llm_") or rng.random() < 0.1:
        metadata = {"tokens_in": rng.randrange(900), "tokens_out": rng.randrange(300)}
        if rng.random() < 0.3:
            del metadata["tokens_out"]
    return {"type": kind, "payload": payload, "metadata": metadata, "timestamp": time_text(at_ms)}


def make_sessions():
    """Each: id, labels, created_at, events."""
    rng = random.Random(20_261_129)
    sessions = []
    for number in range(200):
        labels = {name: f"{name[0]}-{rng.randrange(20)}" for name in ("agent_id", "agent_type", "user_id")
                  if rng.random() < 0.85}
        at_ms = rng.randrange(20 * 86_400_000)
        events = []
        for _ in range(rng.choice([0, 1, 2, 5, 12, 30])):
            at_ms = max(0, at_ms + rng.randrange(-2000, 90_000))
            events.append(make_event(rng, at_ms))
        sessions.append({"id": f"run-{number:03}", "labels": labels,
                         "created_at": "2026-03-01T00:00:00Z", "events": events})
    return sessions


def write_store(folder):
    """Those sessions as a data folder of the Go library."""
    for name in ("events", "sessions", "snapshots"):
        (folder / name).mkdir(parents=True)
    for session in make_sessions():
        lines = []
        for number, event in enumerate(session["events"], 1):
            lines.append(json.dumps({
                "session_id": session["id"], "sequence_number": number, "type": event["type"],
                "payload": event["payload"], "timestamp": event["timestamp"],
                "metadata": event["metadata"]}, separators=(",", ":")) + "\n")
        (folder / f"events/{session['id']}.jsonl").write_text("".join(lines))
        (folder / f"sessions/{session['id']}.json").write_text(json.dumps({
            "id": session["id"], "labels": session["labels"], "created_at": session["created_at"],
            "updated_at": session["created_at"], "event_count": len(session["events"])}))
