"""The event store of the article "Event Sourcing for AI Agent State", as its text describes it:
SQLite by Python's own module, versions from 0, an expected version that has to be the last one."""

import json
import sqlite3
import uuid
from datetime import datetime, timezone

SCHEMA = """
CREATE TABLE IF NOT EXISTS events (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    event_id TEXT NOT NULL UNIQUE,
    stream_id TEXT NOT NULL,
    stream_type TEXT NOT NULL,
    event_type TEXT NOT NULL,
    version INTEGER NOT NULL,
    data TEXT NOT NULL,
    metadata TEXT NOT NULL DEFAULT '{}',
    occurred_at TEXT NOT NULL,
    UNIQUE (stream_id, version)
);
CREATE INDEX IF NOT EXISTS idx_stream ON events (stream_id, version);
CREATE TABLE IF NOT EXISTS snapshots (
    stream_id TEXT NOT NULL PRIMARY KEY,
    version INTEGER NOT NULL,
    data TEXT NOT NULL,
    taken_at TEXT NOT NULL
);
"""


class ConcurrencyError(Exception):
    pass


class EventStore:
    def __init__(self, path):
        self.conn = sqlite3.connect(path, timeout=30)
        self.conn.row_factory = sqlite3.Row
        self.conn.execute("PRAGMA journal_mode=WAL")
        self.conn.executescript(SCHEMA)

    def append(self, stream_id, stream_type, event_type, data, expected_version, metadata=None,
               event_id=None, occurred_at=None):
        """Appends one event; the version that it got."""
        last = self.version(stream_id)
        if last != expected_version:
            raise ConcurrencyError(f"expected version {expected_version}, found {last}")
        try:
            with self.conn:
                self.conn.execute(
                    "INSERT INTO events (event_id, stream_id, stream_type, event_type, version,"
                    " data, metadata, occurred_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                    (event_id or str(uuid.uuid4()), stream_id, stream_type, event_type, last + 1,
                     json.dumps(data), json.dumps(metadata or {}),
                     occurred_at or datetime.now(timezone.utc).isoformat()))
        except sqlite3.IntegrityError as error:
            raise ConcurrencyError(str(error)) from error
        return last + 1

    def version(self, stream_id):
        row = self.conn.execute("SELECT MAX(version) FROM events WHERE stream_id = ?",
                                (stream_id,)).fetchone()
        return -1 if row[0] is None else row[0]

    def load(self, stream_id, after_version=-1, up_to=None):
        """The events of a stream in order, up to a time."""
        rows = self.conn.execute(
            "SELECT * FROM events WHERE stream_id = ? AND version > ? ORDER BY version",
            (stream_id, after_version))
        for row in rows:
            at = datetime.fromisoformat(row["occurred_at"])
            if up_to is None or at <= up_to:
                yield {"event_id": row["event_id"], "type": row["event_type"],
                       "version": row["version"], "data": json.loads(row["data"]),
                       "metadata": json.loads(row["metadata"]), "occurred_at": at}

    def load_all(self, after_id=0):
        return list(self.conn.execute("SELECT * FROM events WHERE id > ? ORDER BY id", (after_id,)))

    def save_snapshot(self, stream_id, version, state):
        with self.conn:
            self.conn.execute(
                "INSERT OR REPLACE INTO snapshots VALUES (?, ?, ?, ?)",
                (stream_id, version, json.dumps(state), datetime.now(timezone.utc).isoformat()))

    def load_snapshot(self, stream_id):
        return self.conn.execute("SELECT version, data FROM snapshots WHERE stream_id = ?",
                                 (stream_id,)).fetchone()

    def close(self):
        self.conn.close()


class SnapshottingAgent:
    """A casino account that folds on from its snapshot, and takes a new one every few events."""

    FIELDS = ("balance", "total_wagered", "total_won", "total_fees", "bet_count", "win_count")

    def __init__(self, store, agent_id, every=100):
        self.store, self.agent_id, self.every = store, agent_id, every
        self.version, self.state = -1, dict.fromkeys(self.FIELDS, 0)
        snapshot = store.load_snapshot(agent_id)
        if snapshot:
            kept = json.loads(snapshot["data"])
            self.version, self.state = snapshot["version"], {key: kept[key] for key in self.FIELDS}
        for event in store.load(agent_id, self.version):
            self.apply(event)

    def apply(self, event):
        kind, data, state = event["type"], event["data"], self.state
        amount = data.get("amount", 0)
        if kind in ("FundsDeposited", "BetWon", "EscrowReleased", "FaucetClaimed"):
            state["balance"] += amount
        elif kind in ("FundsWithdrawn", "BetPlaced", "EscrowLocked"):
            state["balance"] -= amount
        elif kind == "FeeCharged":
            state["balance"] -= data.get("fee", amount)
            state["total_fees"] += data.get("fee", amount)
        if kind == "BetPlaced":
            state["total_wagered"] += amount
            state["bet_count"] += 1
        elif kind == "BetWon":
            state["total_won"] += amount
            state["win_count"] += 1
        self.version = event["version"]

    def record(self, event_type, data, **more):
        version = self.store.append(self.agent_id, "agent", event_type, data, self.version, **more)
        self.apply({"type": event_type, "data": data, "version": version})
        if (version + 1) % self.every == 0:
            self.store.save_snapshot(self.agent_id, version, self.state)
        return version
