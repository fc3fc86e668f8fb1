#!/usr/bin/env python3
"""One server that is full, stopped, crowded or large, while writers append: by hand.

    faults.py CASE... --bin build/release/cmd/agentstore [--sessions N]

CASE:
    connections  50 writers at once, a process each, on one session and on sessions of their own
    sessions     a hot session of ours among 10,000 that psycopg2 makes and appends to; then what reading
                 them costs
    full-data    the disk of the tables is full: refused with a reason, and room is made (root)
    full-wal     the disk of the write-ahead log is full, and the server stops: writers go on when it is
                 back (root)
    stopped      the server gets SIGSTOP for 20 s: writers wait, and go on
    standby      a standby alone is named: it is read, and refuses writes

Every case asks at the end: is each acknowledged event there, once, and does `verify` find nothing? Prints
a line of JSON a case. As root, the server runs as postgres or nobody.
"""

import argparse
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import clusters
import writers


class Case:
    def __init__(self, cluster, options):
        self.cluster, self.program, self.options = cluster, os.path.abspath(options.bin), options
        self.env = {**os.environ, "AGENTSTORE_STORE": cluster.store(), "HOME": str(cluster.folder)}
        self.told = {}

    def agentstore(self, *words, stdin="", store=None):
        env = self.env if store is None else {**self.env, "AGENTSTORE_STORE": store}
        return subprocess.run([self.program, *map(str, words)], env=env, input=stdin, capture_output=True,
                              text=True)

    def create(self, *sessions):
        for session in sessions:
            made = self.agentstore("create", session)
            if made.returncode:
                raise RuntimeError(made.stderr)

    def start(self, sessions, window=1, payload="{}"):
        made = [writers.ours(self.program, session, f"w{n}", window, self.env, payload)
                for n, session in enumerate(sessions)]
        for writer in made:
            writer.start()
        return made

    def finish(self, at_work):
        for writer in at_work:
            writer.stop.set()
            writer.join(120)
        self.judge(at_work)

    def judge(self, at_work):
        acknowledged = {}
        for writer in at_work:
            acknowledged |= writer.acknowledged
        rows = self.cluster.primary.psql("SELECT event_id, sequence_number, encode(hash, 'hex') FROM "
                                         "agentstore.events", clusters.DATABASE).splitlines()
        stored = {one: (int(place), sealed) for one, place, sealed in (row.split("|") for row in rows)}
        self.told |= {
            "acknowledged": len(acknowledged),
            "lost": sum(stored.get(one) != place for one, place in acknowledged.items()),
            "twice": len(rows) - len(stored),
            "unclean": int(self.agentstore("verify").returncode != 0),
            "gave_up": sum(writer.process.returncode != 0 for writer in at_work),
            "longest_wait_s": round(max((writer.longest_wait_s for writer in at_work), default=0), 2)}

    def timed(self, *words):
        """How long a command takes, and how much memory at the most."""
        began = time.monotonic()
        process = subprocess.Popen([self.program, *words], env=self.env, stdout=subprocess.DEVNULL)
        _, status, used = os.wait4(process.pid, 0)
        if status:
            raise RuntimeError(f"{words}: {status}")
        return {"s": round(time.monotonic() - began, 2), "MiB": round(used.ru_maxrss / 1024)}


def memory_mib(pid):
    """Its own, and its share of what it has with others."""
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:  # it has ended
        return 0
    return sum(int(line.split()[1]) for line in lines if line.startswith("Pss:")) / 1024


class Connections(Case):
    def run(self):
        own = [f"own-{n}" for n in range(25)]
        self.create("hot", *own)
        began = time.monotonic()
        at_work = self.start(["hot"] * 25 + own)
        time.sleep(20)
        self.told["connections"] = int(self.cluster.primary.psql(
            "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'agentstore'"))
        self.told["MiB_server"] = round(sum(map(memory_mib, clusters.processes_in(
            self.cluster.primary.folder))))
        self.told["MiB_writer"] = round(max(memory_mib(writer.process.pid) for writer in at_work), 1)
        self.finish(at_work)
        self.told["events_per_s"] = round(self.told["acknowledged"] / (time.monotonic() - began))


# Makes the sessions that standard input names, and appends to each.
FILL = """
import sys, psycopg2
conn = psycopg2.connect(sys.argv[1])
conn.autocommit = True
cur = conn.cursor()
for line in sys.stdin:
    cur.execute("INSERT INTO agentstore.agent_sessions (session_id, agent_id) VALUES (%s, 'a')", [line.strip()])
    cur.execute("SELECT agentstore.append(%s, 'x', '{}')", [line.strip()])
"""


class Sessions(Case):
    def run(self):
        names = [f"s{n:05}" for n in range(self.options.sessions)]
        self.create("hot")
        hot = self.start(["hot", "hot"])
        began = time.monotonic()
        lanes = [subprocess.Popen([writers.python_with_psycopg2(), "-c", FILL, self.cluster.dsn()],
                                  stdin=subprocess.PIPE, text=True) for _ in range(4)]
        for number, lane in enumerate(lanes):
            lane.stdin.write("\n".join(names[number::4]))
            lane.stdin.close()
        if any(lane.wait() for lane in lanes):
            raise RuntimeError("the sessions were not made")
        self.told["create_and_append_s"] = round(time.monotonic() - began, 1)
        self.finish(hot)
        count = len(json.loads(self.agentstore("sessions", "--json").stdout)["sessions"])
        self.told["sessions"] = count
        for words in (("sessions",), ("sessions", "-l"), ("stats",), ("verify",), ("replay", "hot"),
                      ("replay", names[-1])):
            self.told[" ".join(words)] = self.timed(*words)


class FullData(Case):
    cluster_options = {"on_small_disk": "base"}

    def run(self):
        self.create("s", "t")
        payload = json.dumps("".join(os.urandom(50_000).hex()))
        at_work = self.start(["s", "t"], payload=payload)
        for writer in at_work:
            writer.join(120)
        said = at_work[0].said.strip()
        batch = self.agentstore("append", "s", "--batch", "-", stdin=f'{{"type":"x","payload":{payload}}}\n' * 50)
        self.told |= {"status": at_work[0].process.returncode, "said": said[-400:],
                      "batch_status": batch.returncode}
        self.cluster.mount("remount,size=400m")
        self.told["status_with_room"] = self.agentstore("append", "s", "--type", "x").returncode
        self.judge(at_work)
        self.told["gave_up"] = 0  # as they had to


class FullWal(Case):
    cluster_options = {"on_small_disk": "pg_wal",
                       "settings": ["min_wal_size=32MB", "max_wal_size=48MB", "restart_after_crash=off"]}

    def run(self):
        self.create("s", "t")
        primary = self.cluster.primary
        # What keeps the log of a server, too: a standby that is gone.
        primary.psql("SELECT pg_create_physical_replication_slot('gone', true)")
        at_work = self.start(["s", "t"], payload=json.dumps("".join(os.urandom(50_000).hex())))
        primary.children[-1].wait(180)
        self.told["server"] = primary.children[-1].returncode
        time.sleep(5)
        self.cluster.mount("remount,size=2g")
        self.cluster.start(primary)
        before = {writer: len(writer.acknowledged) for writer in at_work}
        clusters.wait_until("they go on", lambda: all(
            not writer.is_alive() or len(writer.acknowledged) > before[writer] for writer in at_work))
        self.finish(at_work)


class Stopped(Case):
    def run(self):
        self.create("hot")
        at_work = self.start(["hot"] * 4)
        time.sleep(2)
        folder = self.cluster.primary.folder
        clusters.signal_all(folder, signal.SIGSTOP)
        time.sleep(20)
        clusters.signal_all(folder, signal.SIGCONT)
        time.sleep(2)
        self.finish(at_work)


class Standby(Case):
    cluster = clusters.Pair

    def run(self):
        self.cluster.heal()
        self.create("s")
        self.agentstore("append", "s", "--type", "x")
        alone = f"postgresql://{clusters.USER}@{clusters.HOST}:{self.cluster.standby.port}/{clusters.DATABASE}"
        clusters.wait_until("it is there, too", lambda: self.agentstore("show", "s@1", store=alone).returncode == 0)
        self.told["reads"] = [self.agentstore(*words, store=alone).returncode for words in (
            ("sessions",), ("replay", "s"), ("verify",), ("stats",), ("sql", "SELECT * FROM events"))]
        for name, words, store in (
                ("append", ("append", "s", "--type", "y"), alone), ("create", ("create", "t"), alone),
                ("feed", ("replay", "--all", "--cursor", self.cluster.folder / "cursor"), alone),
                ("read-write", ("append", "s", "--type", "y"), alone + "?target_session_attrs=read-write")):
            done = self.agentstore(*words, store=store)
            self.told[name] = [done.returncode, done.stderr.strip()]
        self.judge([])


CASES = {"connections": Connections, "sessions": Sessions, "full-data": FullData, "full-wal": FullWal,
         "stopped": Stopped, "standby": Standby}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("cases", nargs="+", choices=CASES, metavar="CASE")
    parser.add_argument("--bin", required=True)
    parser.add_argument("--sessions", type=int, default=10_000)
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("stopped"))
    bad = False
    for name in options.cases:
        kind = CASES[name]
        made = getattr(kind, "cluster", clusters.Single)(**getattr(kind, "cluster_options", {}))
        with made as cluster:
            case = kind(cluster, options)
            case.run()
        print(json.dumps({"case": name, **case.told}), flush=True)
        bad = bad or any(case.told[key] for key in ("lost", "twice", "unclean", "gave_up"))
    sys.exit(bad)


if __name__ == "__main__":
    main()
