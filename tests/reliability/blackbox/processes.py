"""Many processes on one session, stopped, continued and killed at random, with a reader that never
sees damage and a redactor: the chain is clean, and every event there exactly once."""

import json
import random
import signal
import subprocess
import threading
import time

from blackbox.store import Store, acknowledged, check, draft, to_lines

WRITERS = 8
SECRET = "a-secret-that-has-to-go"


class Writer(threading.Thread):
    """Appends its share by one process after the other. A killed process's drafts are sent again
    under the same ids, or left as they are."""

    def __init__(self, arena, who, share, seed):
        super().__init__()
        self.arena, self.who, self.share = arena, who, share
        self.rng = random.Random(seed * 1_000_003 + who)
        self.acknowledged, self.perhaps = set(), set()

    def run(self):
        with self.arena.guard():
            sent = 0
            while sent < self.share and not self.arena.problem:
                count = min(self.rng.randint(1, self.arena.drafts_max), self.share - sent)
                ids = [f"w{self.who}-{sent + i}" for i in range(count)]
                flags = ("--batch",) if self.rng.random() < 0.3 else ()
                self.append(ids, flags)
                sent += count

    def append(self, ids, flags):
        lines = to_lines([draft(each, payload={"text": SECRET + "x" * self.rng.randint(0, 300)})
                          for each in ids])
        for _ in range(20):
            process = self.arena.store.start("append", "s", "-", *flags, stdin=subprocess.PIPE,
                                             stdout=subprocess.PIPE, stderr=subprocess.PIPE)
            self.arena.running[self.who] = process
            out, err = process.communicate(lines)
            self.arena.running[self.who] = None
            acks = acknowledged(out)
            check(acks == ids[:len(acks)], f"acknowledged {acks} of {ids}")
            check(not flags or len(acks) in (0, len(ids)), "half a batch acknowledged")
            self.acknowledged.update(acks)
            self.perhaps.update(ids)
            if process.returncode == 0:
                check(len(acks) == len(ids), "status 0, and not all acknowledged")
                return
            # A stopped process may keep the lock for a while: then busy is a fair answer.
            check(process.returncode in (-signal.SIGKILL, 6), f"status {process.returncode}: {err}")
            if self.rng.random() < 0.1:
                return


class Arena:
    """What the threads of a campaign share."""

    def __init__(self, store, runs, seed):
        self.store, self.problem, self.over = store, None, False
        self.drafts_max = 20 if runs < 50_000 else 500
        self.running = [None] * WRITERS
        self.counts = {"stops": 0, "kills": 0, "replays": 0, "torn ends seen": 0, "redactions": 0,
                       "redactors killed": 0}
        self.rng = random.Random(seed)

    def guard(self):
        return Guard(self)

    def disturb(self):
        with self.guard():
            while not self.over:
                time.sleep(self.rng.uniform(0, 0.05))
                process = self.rng.choice(self.running)
                if process is None or process.poll() is not None:
                    continue
                if self.rng.random() < 0.3:
                    process.kill()
                    self.counts["kills"] += 1
                else:
                    process.send_signal(signal.SIGSTOP)
                    time.sleep(self.rng.uniform(0, 0.1))
                    process.send_signal(signal.SIGCONT)
                    self.counts["stops"] += 1

    def read(self):
        with self.guard():
            seen = 0
            while not self.over:
                outcome = self.store.run("replay", "s", "--format", "jsonl")
                check(outcome.status == 0, f"a reader saw damage: {outcome.err}")
                numbers = [json.loads(line)["sequence_number"] for line in outcome.bytes.splitlines()]
                check(numbers == list(range(1, len(numbers) + 1)), "a reader saw a hole")
                check(len(numbers) >= seen, f"a reader saw {seen} events, and then {len(numbers)}")
                seen = len(numbers)
                self.counts["replays"] += 1
                self.counts["torn ends seen"] += outcome.err != ""
                time.sleep(0.02 * (1 + seen // 2_000))

    def redact(self):
        with self.guard():
            while not self.over:
                time.sleep(self.rng.uniform(0.1, 0.5))
                end = len(self.store.raw_ids("s"))
                if end < 2:
                    continue
                words = ("redact", "s", str(self.rng.randint(1, end)), "--reason", "asked to")
                process = self.store.start(*words, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
                if self.rng.random() < 0.3:
                    time.sleep(self.rng.uniform(0, 0.05))
                    process.kill()
                said = process.communicate()[0]
                # Redacted before, one of ours, or a writer was stopped with the lock.
                check(process.returncode in (0, 2, 4, 6, -signal.SIGKILL), f"a redaction: {said}")
                self.counts["redactions"] += process.returncode == 0
                self.counts["redactors killed"] += process.returncode < 0
                time.sleep(end / 20_000)


class Guard:
    """The first problem of any thread ends them all."""

    def __init__(self, arena):
        self.arena = arena

    def __enter__(self):
        return self

    def __exit__(self, kind, problem, _):
        if problem is not None:
            self.arena.problem = self.arena.problem or problem
        return True


def run(options):
    with Store(options.folder) as store:
        store.ok("create", "s")
        arena = Arena(store, options.runs, options.seed)
        writers = [Writer(arena, who, options.runs // WRITERS, options.seed)
                   for who in range(WRITERS)]
        others = [threading.Thread(target=work) for work in (arena.disturb, arena.read, arena.redact)]
        for thread in [*writers, *others]:
            thread.start()
        for thread in writers:
            thread.join()
        arena.over = True
        for thread in others:
            thread.join()
        if arena.problem:
            raise arena.problem
        store.append("s", [draft("last")])
        store.check_clean("s")
        # The last redaction clears away what killed ones left lying about.
        store.ok("redact", "s", "id:last", "--reason", "asked to")
        left = [each.name for each in (store.data / "events").iterdir() if each.name != "s.jsonl"]
        check(not left, f"left in the folder: {left}")
        store.check_clean("s")
        found = store.ids("s")
        acknowledged_ids = set().union(*(writer.acknowledged for writer in writers), {"last"})
        perhaps = set().union(*(writer.perhaps for writer in writers), {"last"})
        check(len(found) == len(set(found)), "an event is there twice")
        check(acknowledged_ids <= set(found), "an acknowledged event is gone")
        check(set(found) <= perhaps, "an event is there that nobody sent")
        redacted = store.ok("verify", "s", "--json").json()["sessions"][0]["redacted"]
        check(redacted >= arena.counts["redactions"], "a redacted payload is back")
        return {"acknowledged": len(acknowledged_ids), "events": len(found),
                "of killed ones": len(found) - len(acknowledged_ids), **arena.counts}
