"""What logs came to is kept in the cache; whatever happens to log or cache, nobody sees it."""

import json
import os
import random
import shutil
import time

from support import Case, main

EVENTS = 2200
PAYLOAD_BYTES = 2000  # Logs of 4 MiB or more are read by several threads.
SESSIONS = ("a", "b", "c")
ROUNDS = 2
SETTLED_S = 3  # A younger log might change once more without a trace.


class CachedAggregates(Case):
    def setUp(self):
        super().setUp()
        self.sound = False
        seed = int(os.environ.get("AGENTSTORE_TEST_SEED", random.randrange(1 << 30)))
        print(f"seed {seed}")
        self.random = random.Random(seed)
        for session in SESSIONS:
            self.fill(session)

    def fill(self, session, metadata=None):
        self.create(session)
        drafts = ({"type": self.random.choice(["tool_called", "tool_result", "llm_response"]),
                   "payload": {"text": "x" * PAYLOAD_BYTES},
                   "metadata": {"tokens_in": number, "cost_usd": 0.25, **(metadata or {})},
                   "timestamp": "2026-03-07T12:00:00Z"} for number in range(EVENTS))
        self.ok("append", session, "-", stdin="\n".join(map(json.dumps, drafts)))

    def log(self, session):
        return self.store / f"events/{session}.jsonl"

    def aggregates(self):
        return self.cached("cache/aggregates")

    def answers(self, folder):
        asked = [["stats", *words] for session in SESSIONS
                 for words in ([session, "--json"], [session, "--by", "type"],
                               [session, "--assert", "events > 0", "--json"])]
        asked += [["sessions", "-l"], ["stats", "--json"], ["stats", "--by", "type,session", "--json"],
                  ["stats", "a", "--type", "tool_*", "--json"],
                  ["stats", "a", "--on-corrupt", "skip", "--json"], ["stats", "a", "--prices", "p"]]
        (folder / "p").write_text('{"date":"2026-03-07","usd_per_million_tokens":{}}')
        return [str(self.run_it(*words, cwd=folder, env={"AGENTSTORE_STORE": "data"}))
                for words in asked]

    def check(self):
        plain = self.folder / "plain"
        shutil.rmtree(plain, ignore_errors=True)
        shutil.copytree(self.store, plain / "data", ignore=shutil.ignore_patterns("cache"))
        self.assertEqual(self.answers(plain), self.answers(self.folder))

    def rewrite(self, path, change):
        with open(path, "r+b") as file:
            data = file.read()
            file.seek(0)
            file.truncate()
            file.write(change(data))

    def happen(self, session):
        at = self.random.random()
        log, cached = self.log(session), self.aggregates()

        def flip(data):
            place = int(at * len(data))
            return data[:place] + bytes([data[place] ^ 1 << self.random.randrange(8)]) + data[place + 1:]

        what = self.random.randrange(9)
        if what == 0:
            self.run_it("append", session, "--type", "error")
        elif what == 1:
            self.run_it("redact", session, self.random.randrange(1, EVENTS), "--reason", "a test")
        elif what == 2:
            self.rewrite(log, lambda data: data[:-self.random.randrange(1, 99)])
        elif what == 3:
            self.run_it("repair", session, "--salvage")
        elif what == 4:
            os.utime(log, (at, at))
        elif what == 5:
            times = log.stat()
            self.rewrite(log, lambda data: data.replace(b'"tool_called"', b'"llm_request"', 1))
            os.utime(log, ns=(times.st_atime_ns, times.st_mtime_ns))
        elif what == 6:
            self.rewrite(log, flip)
        elif what == 7 and cached.exists():
            self.rewrite(cached, self.random.choice([flip, lambda data: data[:int(at * len(data))]]))
        elif what == 8 and cached.exists():
            cached.unlink()

    def test_whatever_happens_cached_aggregates_are_not_seen(self):
        kept = 0
        for _ in range(ROUNDS):
            time.sleep(SETTLED_S)
            self.check()
            kept += self.aggregates().exists()
            for session in SESSIONS:
                self.happen(session)
                self.check()
        self.assertGreaterEqual(kept, 1)

    def test_a_cached_aggregate_is_written_once_for_its_owner_and_leaves_with_what_is_redacted(self):
        time.sleep(SETTLED_S)
        first = self.ok("stats", "a", "--json").out
        cached = self.aggregates().stat()
        self.assertEqual(0o600, cached.st_mode & 0o777)
        self.assertEqual(first, self.ok("stats", "a", "--json").out)
        self.ok("stats", "a", "--by", "type")
        self.ok("sessions", "-l")
        self.assertEqual(cached.st_ino, self.aggregates().stat().st_ino)
        self.assertEqual(0, self.run_it("redact", "a", "7", "--reason", "a test").status)
        self.assertFalse(self.aggregates().exists())
        self.check()

    def test_responses_that_several_sessions_tell_of_count_once(self):
        self.fill("of-agents", {"extra": {"sub_agent": "x"}})
        for session in ("first", "copied"):
            self.fill(session, {"extra": {"response": "m/r"}})
        time.sleep(SETTLED_S)
        self.check()
        for session in ("first", "copied", "of-agents"):
            self.append(session, {"type": "llm_response", "metadata": {
                "tokens_in": 1 << 20, "extra": {"response": "m/r"}}})
            self.check()

    def test_a_log_that_grows_is_read_from_where_it_ended(self):
        self.check()
        for number in range(4):
            self.append("a", "error", {"type": "llm_response", "metadata": {"tokens_in": number}})
            self.check()
        self.assertEqual(self.ok("stats", "--json").out, self.ok("stats", "--json", "--no-cache").out)
        self.ok("verify", "--caches")

    def test_nothing_is_kept_of_folders_that_are_no_stores(self):
        (self.store / "agentstore.json").unlink()
        time.sleep(SETTLED_S)
        self.ok("stats", "a")
        self.ok("stats", self.log("a"))
        self.assertFalse((self.store / "cache").exists())
        (self.store / "agentstore.json").write_text('{"format":1}\n')
        self.ok("stats", self.log("a"))
        self.assertTrue(self.aggregates().exists())  # The path of a log in a store is its session.


if __name__ == "__main__":
    main()
