#!/usr/bin/env python3
"""A primary that is killed, again and again, while writers append: by hand.

    failover.py --bin build/release/cmd/agentstore [--rounds N] [--writers N] [--events N]

A primary and a synchronous standby, on loopback, in folders of their own. Each round starts writers,
ours and, where psycopg2 is installed, one of another program; kills the primary with SIGKILL while they
are at work; promotes the standby; and asks it, once the writers are done: is every acknowledged event
there, once, and the chain whole? Then a new standby is made of the new primary. Prints a line of JSON.
"""

import argparse
import json
import os
import random
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "support"))
import postgres

OTHER = """
import sys, time, uuid, psycopg2
dsn, session, count = sys.argv[1:]
conn = None
for number in range(int(count)):
    event_id = str(uuid.uuid4())
    while True:
        try:
            if conn is None:
                conn = psycopg2.connect(dsn)
            with conn.cursor() as cur:
                cur.execute("SELECT (agentstore.append(%s, 'x', '{}', %s)).event_id", (session, event_id))
            conn.commit()
            break
        except psycopg2.Error:
            conn = None
            time.sleep(0.05)
    print(event_id, flush=True)
"""


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Node:
    def __init__(self, folder, name, port):
        self.data, self.name, self.port = folder / name, name, port
        self.bin, self.owner, self.process = postgres.programs(), postgres.owner(), None

    def run(self, program, *arguments):
        subprocess.run([self.bin / program, *map(str, arguments)], check=True, capture_output=True,
                       stdin=subprocess.DEVNULL, cwd="/tmp", **self.owner)

    def make(self):
        self.run("initdb", "-D", self.data, "-U", "tester", "-A", "trust", "--no-sync", "-E", "UTF8",
                 "--locale=C")
        with (self.data / "pg_hba.conf").open("a") as rules:
            rules.write("host replication all 127.0.0.1/32 trust\n")

    def follow(self, primary):
        shutil.rmtree(self.data, True)
        self.run("pg_basebackup", "-h", "127.0.0.1", "-p", primary.port, "-U", "tester", "-D", self.data,
                 "-c", "fast", "-R", "-d", f"application_name={self.name}")

    def start(self):
        settings = ["listen_addresses=127.0.0.1", f"port={self.port}", "unix_socket_directories=",
                    "max_connections=80", "hot_standby=on", "wal_sender_timeout=5s",
                    "wal_keep_size=512MB"]
        words = [self.bin / "postgres", "-D", self.data]
        for setting in settings:
            words += ["-c", setting]
        log = open(str(self.data) + ".log", "ab")
        self.process = subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd="/tmp",
                                        preexec_fn=postgres.die_with_parent, **self.owner)
        self.wait_for("SELECT 1", "1")

    def psql(self, sql, database="postgres"):
        done = subprocess.run([self.bin / "psql", "-X", "-q", "-A", "-t", "-h", "127.0.0.1", "-p",
                               str(self.port), "-U", "tester", "-d", database, "-c", sql],
                              stdin=subprocess.DEVNULL, capture_output=True, text=True)
        return done.stdout.strip() if done.returncode == 0 else None

    def wait_for(self, sql, answer):
        deadline = time.monotonic() + 60
        while self.psql(sql) != answer:
            if time.monotonic() > deadline:
                raise RuntimeError(f"{self.name}: {sql} is not {answer}")
            time.sleep(0.05)

    def kill(self):
        children = subprocess.run(["ps", "-o", "pid=", "--ppid", str(self.process.pid)],
                                  capture_output=True, text=True).stdout.split()
        for pid in (self.process.pid, *map(int, children)):
            try:
                os.kill(pid, 9)
            except ProcessLookupError:
                pass
        self.process.wait()


class Writer(threading.Thread):
    def __init__(self, words, env, ids):
        super().__init__()
        self.acknowledged, self.longest_s, self.ids = [], 0.0, ids
        self.process = subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
                                        stderr=subprocess.PIPE, env=env)

    def run(self):
        before = time.monotonic()
        if self.ids:
            for one in self.ids:
                self.process.stdin.write(json.dumps({"type": "x", "event_id": one}) + "\n")
                self.process.stdin.flush()
                before = self.take(before)
        else:
            while self.process.poll() is None:
                before = self.take(before)
        self.process.stdin.close()
        self.said = self.process.stderr.read()
        self.process.wait()

    def take(self, before):
        line = self.process.stdout.readline().strip()
        if line:
            self.acknowledged.append(json.loads(line)["event_id"] if self.ids else line)
        now = time.monotonic()
        self.longest_s = max(self.longest_s, now - before)
        return now


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--bin", required=True)
    parser.add_argument("--rounds", type=int, default=10)
    parser.add_argument("--writers", type=int, default=6)
    parser.add_argument("--events", type=int, default=400)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    if postgres.programs() is None:
        sys.exit("PostgreSQL is not installed")
    random.seed(options.seed)
    folder = Path(tempfile.mkdtemp(prefix="agentstore-pg."))
    owner = postgres.owner()
    if owner:
        os.chown(folder, owner["user"], owner["group"])
    primary, standby = Node(folder, "one", free_port()), Node(folder, "two", free_port())
    told = {"rounds": 0, "acknowledged": 0, "lost": 0, "twice": 0, "unclean": 0, "writers_failed": 0,
            "longest_wait_s": 0.0}
    try:
        primary.make()
        primary.start()
        primary.psql("CREATE DATABASE test")
        ports = f"127.0.0.1:{primary.port},127.0.0.1:{standby.port}"
        store = f"postgresql://tester@{ports}/test?target_session_attrs=read-write"
        env = {**os.environ, "AGENTSTORE_STORE": store, "HOME": str(folder)}

        def agentstore(*words):
            return subprocess.run([options.bin, *words], env=env, capture_output=True, text=True)

        agentstore("create", "hot")
        python = next((one for one in (sys.executable, "/usr/bin/python3") if subprocess.run(
            [one, "-c", "import psycopg2"], capture_output=True).returncode == 0), None)
        acknowledged = set()
        for number in range(options.rounds):
            standby.follow(primary)
            standby.start()
            primary.psql(f"ALTER SYSTEM SET synchronous_standby_names = '{standby.name}'")
            primary.psql("SELECT pg_reload_conf()")
            primary.wait_for("SELECT sync_state FROM pg_stat_replication", "sync")
            if primary.psql("SHOW synchronous_standby_names") != standby.name:
                raise RuntimeError("the primary waits for no standby")
            writers = [Writer([options.bin, "append", "hot" if w % 2 else f"own-{w}", "-"], env,
                              [f"{number}-{w}-{n}" for n in range(options.events)])
                       for w in range(options.writers) if w % 2 or number or not agentstore(
                           "create", f"own-{w}").returncode]
            if python:
                dsn = (f"host=127.0.0.1,127.0.0.1 port={primary.port},{standby.port} dbname=test "
                       "user=tester target_session_attrs=read-write connect_timeout=3")
                writers.append(Writer([python, "-u", "-c", OTHER, dsn, "hot", str(options.events // 4)],
                                      env, []))
            for writer in writers:
                writer.start()
            time.sleep(random.uniform(0.3, 2.0))
            primary.kill()
            standby.psql("SELECT pg_promote()")
            for writer in writers:
                writer.join()
                told["writers_failed"] += writer.process.returncode != 0
                told["longest_wait_s"] = round(max(told["longest_wait_s"], writer.longest_s), 2)
                acknowledged |= set(writer.acknowledged)
                if writer.process.returncode:
                    print(writer.said[-500:], file=sys.stderr)
            primary, standby = standby, primary
            stored = primary.psql("SELECT event_id FROM agentstore.events", "test").splitlines()
            told["rounds"] += 1
            told["acknowledged"] = len(acknowledged)
            told["lost"] += len(acknowledged - set(stored))
            told["twice"] += len(stored) - len(set(stored))
            told["unclean"] += agentstore("verify").returncode != 0
            print(json.dumps(told), flush=True)
    finally:
        for node in (primary, standby):
            if node.process and node.process.poll() is None:
                node.kill()
        shutil.rmtree(folder, True)
    sys.exit(bool(told["lost"] or told["twice"] or told["unclean"] or told["writers_failed"]))


if __name__ == "__main__":
    main()
