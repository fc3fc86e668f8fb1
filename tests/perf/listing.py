#!/usr/bin/env python3
"""The newest 100 of many sessions: read from every session file, and with the cache of lists.

    listing.py SESSIONS      and of a tenth and a hundredth of them
"""

import json
import os
import random
import shutil
import sys
import tempfile
import time
import uuid
from pathlib import Path

from support.rounds import Program, measure, row, say

AGENTSTORE = os.environ.get("AGENTSTORE_BIN", "agentstore")
SETTLED_S = 3  # files younger than this are not taken from a cache


def fill(folder, sessions):
    """A store with one to three events a session, made in an order that names do not show."""
    dice = random.Random(1)
    for part in ("sessions", "events"):
        (folder / part).mkdir(parents=True)
    (folder / "agentstore.json").write_text('{"format":1}\n')
    for number in range(sessions):
        name = str(uuid.UUID(int=dice.getrandbits(128), version=4))
        at = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(1_772_884_800 + number))
        at += f".{dice.randrange(1, 10**9):09}Z"
        count = dice.randrange(1, 4)
        (folder / f"sessions/{name}.json").write_text(json.dumps(
            {"id": name, "name": f"run-{number}", "created_at": at, "updated_at": at,
             "event_count": count,
             "labels": {"agent_id": f"agent-{number % 50}", "env": "dev" if number % 3 else "prod"}},
            indent=2))
        (folder / f"events/{name}.jsonl").write_text("".join(
            json.dumps({"session_id": name, "sequence_number": n, "type": "user_message",
                        "payload": {"content": "x" * 100}, "timestamp": at, "metadata": {}},
                       separators=(",", ":")) + "\n" for n in range(1, count + 1)))
    time.sleep(SETTLED_S)


def programs(folder):
    def forget():
        shutil.rmtree(folder / "cache", ignore_errors=True)

    words = [AGENTSTORE, "sessions", "-n", "100", "--store", folder]
    yield Program("cold", words, before=forget)
    yield Program("warm", words)
    yield Program("all", [AGENTSTORE, "sessions", "--store", folder])
    yield Program("newest", [AGENTSTORE, "replay", "@", "--store", folder])


def main():
    most = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    points = {"without a cache": [], "with its cache": []}
    for sessions in (most // 100, most // 10, most):
        with tempfile.TemporaryDirectory() as parent:
            folder = Path(parent) / "data"
            fill(folder, sessions)
            took = {name: one.seconds * 1e3 for name, one in measure(list(programs(folder))).items()}
        points["without a cache"].append([sessions, took["cold"]])
        points["with its cache"].append([sessions, took["warm"]])
    row(f"`sessions -n 100` of {most:,}, nothing kept", took["cold"], "ms")
    row(f"`sessions -n 100` of {most:,}, cache warm", took["warm"], "ms",
        peer="the same, nothing kept", peer_value=took["cold"])
    row(f"`sessions` of {most:,}, every row, cache warm", took["all"], "ms")
    row(f"`replay @` of {most:,} sessions, cache warm", took["newest"], "ms")
    for series, found in points.items():
        say(plot="Listing the newest 100 sessions", x_label="sessions in the store", y_label="ms",
            series=f"agentstore, {series}", points=found)


if __name__ == "__main__":
    main()
