#!/usr/bin/env python3
"""A cluster that loses parts of itself, again and again, while writers append: by hand.

    failover.py CLUSTER ATTACK[=ROUNDS]... --bin build/release/cmd/agentstore [--events N]

CLUSTER: pair, a primary and a synchronous standby that this script promotes; patroni, two nodes under
Patroni with etcd, strictly synchronous, with short leases; patroni-by-default, with Patroni's own.
ATTACK: primary, kill -9 of all its processes; pause, SIGSTOP of all of them until the standby leads and for
a while, then SIGCONT; with patroni also standby, the same as primary, and etcd, for longer than the lease.

Each round starts writers, ours and two with psycopg2, attacks while they are at work, and lets each go on
until it has appended afterwards. Then: is every acknowledged event there, once, with the number and the hash
that were told, and does `verify` find nothing? Prints a line of JSON a round, and one of all. As root, the
servers run as postgres or nobody.
"""

import argparse
import json
import os
import random
import signal
import statistics
import subprocess
import sys
import time

import clusters
import writers

HOT = "hot"


class Campaign:
    def __init__(self, cluster, options):
        self.cluster, self.program = cluster, os.path.abspath(options.bin)
        self.events = options.events
        self.env = {**os.environ, "AGENTSTORE_STORE": cluster.store(), "HOME": str(cluster.folder)}
        self.acknowledged, self.waits = {}, {}
        self.sums = {"lost": 0, "twice": 0, "unclean": 0, "gave_up": 0}

    def agentstore(self, *words):
        return subprocess.run([self.program, *words], env=self.env, capture_output=True, text=True)

    def create(self, session):
        made = self.agentstore("create", session)
        if made.returncode:
            raise RuntimeError(made.stderr)

    def start_writers(self, number):
        """On one session and on many, event by event and by twenty, and two of other programs."""
        own = [f"own-{number}-{n}" for n in range(4)]
        for session in own:
            self.create(session)
        places = [(HOT, 1), (HOT, 20), (HOT, 1), (own[0], 1), (own[1], 20), (own[2], 1)]
        made = [writers.ours(self.program, session, f"{number}-{n}", window, self.env)
                for n, (session, window) in enumerate(places)]
        made += [writers.others(self.cluster.dsn(), session, f"{number}-{name}", statement)
                 for session, name, statement in ((HOT, "function", writers.BY_FUNCTION),
                                                  (own[3], "insert", writers.BY_INSERT))]
        for writer in made:
            writer.start()
        return made

    def round(self, number, attack):
        self.cluster.heal()
        at_work = self.start_writers(number)
        try:
            time.sleep(random.uniform(1, 4))
            began = time.monotonic()
            self.cluster.attack(attack)
            attacked_s = time.monotonic() - began
            self.cluster.heal()
            before = {writer: len(writer.acknowledged) for writer in at_work}
            clusters.wait_until("every writer goes on", lambda: all(
                not writer.is_alive() or len(writer.acknowledged) > before[writer] for writer in at_work))
            clusters.wait_until("they have done enough", lambda: not any(
                writer.is_alive() for writer in at_work) or
                sum(len(writer.acknowledged) for writer in at_work) >= self.events, 300)
        except BaseException:
            for writer in at_work:
                writer.process.kill()
            raise
        for writer in at_work:
            writer.stop.set()
        for writer in at_work:
            writer.join(90)
        self.judge({"round": number, "attack": attack, "attack_s": round(attacked_s, 1)}, at_work)

    def judge(self, told, at_work):
        told |= {"acknowledged": 0, "lost": 0, "twice": 0, "unclean": 0, "gave_up": 0}
        for writer in at_work:
            self.acknowledged |= writer.acknowledged
            told["acknowledged"] += len(writer.acknowledged)
            if writer.process.returncode != 0:
                told["gave_up"] += 1
                print(writer.name, writer.said[-2000:], file=sys.stderr)
        rows = self.cluster.primary.psql("SELECT event_id, sequence_number, encode(hash, 'hex') FROM "
                                         "agentstore.events", clusters.DATABASE).splitlines()
        stored = {one: (int(place), sealed) for one, place, sealed in (row.split("|") for row in rows)}
        told["lost"] = sum(stored.get(one) != place for one, place in self.acknowledged.items())
        told["twice"] = len(rows) - len(stored)
        verified = self.agentstore("verify")
        told["unclean"] = int(verified.returncode != 0)
        if verified.returncode:
            print(verified.stdout[-2000:], verified.stderr[-2000:], file=sys.stderr)
        waits = {"ours": [writer.longest_wait_s for writer in at_work if writer.env],
                 "psycopg2": [writer.longest_wait_s for writer in at_work if not writer.env]}
        for writer, lasted in waits.items():
            told[f"longest_wait_s_{writer}"] = round(max(lasted), 1)
            self.waits.setdefault(f"{told['attack']}, {writer}", []).extend(lasted)
        for key in self.sums:
            self.sums[key] += told[key]
        print(json.dumps(told), flush=True)

    def summary(self, rounds):
        waits = {kind: {"max": round(max(all_of), 1), "median": round(statistics.median(all_of), 1)}
                 for kind, all_of in sorted(self.waits.items())}
        return {"rounds": rounds, "acknowledged": len(self.acknowledged), **self.sums,
                "longest_waits_s": waits}


def rounds_of(words, cluster):
    rounds = []
    for word in words:
        attack, _, count = word.partition("=")
        if attack not in cluster.attacks:
            sys.exit(f"{attack} is none of {', '.join(cluster.attacks)}")
        rounds += [attack] * int(count or 1)
    random.shuffle(rounds)
    return rounds


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("cluster", choices=clusters.KINDS)
    parser.add_argument("attacks", nargs="+", metavar="ATTACK[=ROUNDS]")
    parser.add_argument("--bin", required=True)
    parser.add_argument("--events", type=int, default=5000, help="acknowledged a round, at least")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    random.seed(options.seed)
    kind = clusters.KINDS[options.cluster]
    rounds = rounds_of(options.attacks, kind)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("stopped"))
    with kind() as cluster:
        campaign = Campaign(cluster, options)
        cluster.heal()
        campaign.create(HOT)
        done = 0
        try:
            for attack in rounds:
                campaign.round(done + 1, attack)
                done += 1
        finally:
            print(json.dumps(campaign.summary(done)), flush=True)
    sys.exit(any(campaign.sums.values()))


if __name__ == "__main__":
    main()
