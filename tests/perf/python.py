#!/usr/bin/env python3
"""Durable appends a second by lib/python/agentstore.py, into a folder and into a database, beside
those of the class of an article on event sourcing, which writes to SQLite: each in turn, medians.

    python.py [APPENDS]      environment: AGENTSTORE_BIN, AGENTSTORE_PERF_ROUNDS, TMPDIR
"""

import json
import os
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

TOP = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(TOP / "lib/python"), str(TOP / "tests/cli")]

from agentstore import Store  # noqa: E402
from article import EventStore  # noqa: E402


def by_class(folder, appends):
    store = EventStore(folder / "class.db")
    start = time.perf_counter()
    for number in range(appends):
        store.append("s", "agent", "FundsDeposited", {"amount": number}, number - 1)
    taken = time.perf_counter() - start
    store.close()
    return appends / taken


def by_client(name, appends):
    with Store(name, program=os.environ["AGENTSTORE_BIN"]) as store:
        session = store.create("s")
        session.append("start")  # its process is there then
        start = time.perf_counter()
        for number in range(appends):
            session.append("FundsDeposited", {"amount": number})
        return appends / (time.perf_counter() - start)


def main():
    appends = int(sys.argv[1]) if len(sys.argv) > 1 else 500
    rounds = int(os.environ.get("AGENTSTORE_PERF_ROUNDS", "7"))
    rates = {"the class": [], "a folder": [], "a database": []}
    for _ in range(rounds):
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            rates["the class"].append(by_class(folder, appends))
            rates["a folder"].append(by_client(folder / "data", appends))
            rates["a database"].append(by_client(f"sqlite:{folder / 'data.db'}", appends))
    peer = median(rates.pop("the class"))
    for work, of_each in rates.items():
        ours = median(of_each)
        print(json.dumps({"benchmark": "python", "work": f"appends into {work}",
                          "ours": round(ours, 1), "unit": "appends/s",
                          "peer": "the article's class, SQLite", "peer_value": round(peer, 1),
                          "ratio": round(ours / peer, 3), "aim": 1, "state": "", "note": ""}))


if __name__ == "__main__":
    main()
