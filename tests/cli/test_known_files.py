"""What is known of other tools' files: whatever happens to files or cache, answers are those of a
reading of everything."""

import json
import os
import random
import shutil
import threading
import time

from support import Case, main

SESSIONS = 6
ROUNDS = 8
SETTLED_S = 3  # A younger file might change once more without a trace.
LARGE_BYTES = 1 << 20  # From here on a file that has grown is read on.


class KnownFiles(Case):
    def setUp(self):
        super().setUp()
        seed = int(os.environ.get("AGENTSTORE_TEST_SEED", random.randrange(1 << 30)))
        print(f"seed {seed}")
        self.random = random.Random(seed)
        self.projects = self.folder / "claude/projects"
        self.number = 0
        for session in range(SESSIONS):
            self.write(self.path(session), self.lines(session, 8))
        self.write(self.path(0), self.lines(0, 900, text="x" * 2000))

    def path(self, session):
        return self.projects / f"p{session % 3}" / f"s{session}.jsonl"

    def lines(self, session, count, text="said"):
        """Records of a session: prompts, responses in several records, calls and their results;
        some responses are those of another session, too, and some records come twice."""
        out = []
        for _ in range(count):
            self.number += 1
            n = self.number
            base = {"sessionId": f"session-{session}", "uuid": f"u{n}", "cwd": f"/src/p{session % 3}",
                    "timestamp": f"2026-03-0{1 + n % 7}T12:{n % 60:02}:00.000Z"}
            shared = self.random.randrange(5) == 0
            ids = (f"m{n % 4}", f"r{n % 4}") if shared else (f"m{session}.{n // 2}", f"r{session}.{n // 2}")
            usage = {"input_tokens": n % 9, "output_tokens": self.random.randrange(50),
                     "cache_read_input_tokens": n % 5}
            message = {"id": ids[0], "role": "assistant", "model": "claude-opus-4-6", "usage": usage}
            kind = n % 4
            if kind == 0:
                record = {**base, "type": "user", "message": {"role": "user", "content": text}}
            elif kind == 1:
                record = {**base, "type": "assistant", "requestId": ids[1],
                          "message": {**message, "content": [{"type": "text", "text": text}]}}
            elif kind == 2:
                record = {**base, "type": "assistant", "requestId": ids[1],
                          "message": {**message, "content": [
                              {"type": "tool_use", "id": f"t{n}", "name": "Bash", "input": {}}]}}
            else:
                record = {**base, "type": "user", "message": {"role": "user", "content": [
                    {"type": "tool_result", "tool_use_id": f"t{n - 1}", "content": "no",
                     "is_error": self.random.randrange(3) == 0}]}}
            out.append(json.dumps(record) + "\n")
            if self.random.randrange(9) == 0:
                out.append(out[-1])
        return "".join(out)

    def write(self, path, text):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)

    @staticmethod
    def age(folder):
        """Its files are older than a clock ticks: their inodes were changed a while ago."""
        newest = max((f.stat().st_ctime for f in folder.rglob("*") if f.is_file()), default=0)
        while time.time() < newest + SETTLED_S:
            time.sleep(0.05)

    def ask(self, *words, **more):
        return self.run_it(*words, "--store", f"claude:{self.projects}", **more)

    QUESTIONS = (["stats", "--json"], ["stats", "--by", "day,model", "--json"], ["sessions", "-l", "--json"],
                 ["stats", "--by", "tool", "--json"], ["stats", "@", "--json"], ["sessions", "-n", "3"])

    def check(self):
        for question in self.QUESTIONS:
            plain = str(self.ask(*question, "--no-cache")).replace(" --no-cache", "")
            for _ in range(2):
                self.assertEqual(plain, str(self.ask(*question)))

    def caches(self):
        return sorted((self.home / ".cache/agentstore").glob("*.*"))

    def cache(self):
        return self.random.choice(self.caches()) if self.caches() else None

    def happen(self):
        path = self.path(self.random.randrange(SESSIONS))
        session = int(path.stem[1:]) if path.stem[1:].isdigit() else 0
        what = self.random.randrange(11)
        data = path.read_bytes() if path.exists() else b""
        if what <= 2:
            with open(path, "ab") as file:
                file.write(self.lines(session, self.random.randrange(1, 5)).encode())
        elif what == 3:
            with open(path, "ab") as file:
                file.write(self.lines(session, 1).encode()[:-self.random.randrange(1, 40)])
        elif what == 4:
            with open(path, "r+b") as file:
                file.truncate(self.random.randrange(len(data) + 1))
        elif what == 5:
            os.utime(path, (self.random.random() * 1e9,) * 2)
        elif what == 6:
            path.rename(path.with_name(f"renamed-{path.name}"))
            self.write(path, self.lines(session, 3))
        elif what == 7:
            other = path.with_name("new")
            other.write_bytes(data.replace(b'"output_tokens": 1', b'"output_tokens": 2'))
            other.rename(path)
        elif what == 8:
            path.unlink()
            self.write(path, self.lines(session, 2))
        elif cache := self.cache():
            bytes_ = bytearray(cache.read_bytes())
            if what == 9:
                bytes_[self.random.randrange(len(bytes_))] ^= 1 << self.random.randrange(8)
            cache.write_bytes(bytes_ if what == 9 else bytes_[:self.random.randrange(5000)])

    def test_answers_are_those_of_a_reading_of_everything(self):
        self.age(self.projects)
        self.check()
        for round_ in range(ROUNDS):
            for _ in range(self.random.randrange(1, 4)):
                self.happen()
            with self.subTest(round=round_):
                self.check()
            if round_ == ROUNDS // 2:
                self.age(self.projects)
        self.age(self.projects)
        self.check()
        outcome = self.ask("verify", "--caches")
        self.assertNotIn("cached", outcome.out)

    def test_a_large_file_is_read_on_from_where_it_ended(self):
        path = self.path(0)
        self.assertGreater(path.stat().st_size, LARGE_BYTES)
        self.check()
        for _ in range(6):
            with open(path, "ab") as file:
                file.write(self.lines(0, 3).encode())
            self.check()

    def test_several_processes_at_once(self):
        wanted = self.ask("stats", "--json", "--no-cache").out
        answers = []

        def ask():
            for _ in range(5):
                answers.append(self.ask("stats", "--json").out)

        threads = [threading.Thread(target=ask) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual({wanted}, set(answers))
        self.assertEqual(20, len(answers))

    def test_a_home_that_is_missing_closed_or_unset_changes_nothing(self):
        wanted = self.ask("stats", "--json", "--no-cache").out
        self.assertIsNone(self.cache())
        closed = self.folder / "closed"
        closed.mkdir()
        (closed / ".cache").write_text("in the way")
        for home in (str(closed), str(self.folder / "missing"), "relative", ""):
            with self.subTest(home=home):
                outcome = self.ask("stats", "--json", env={"HOME": home})
                self.assertEqual((0, wanted, ""), (outcome.status, outcome.out, outcome.err))
        self.assertFalse((self.folder / "missing").exists())
        elsewhere = self.folder / "elsewhere"
        self.ask("stats", env={"XDG_CACHE_HOME": str(elsewhere)})
        self.assertTrue(list((elsewhere / "agentstore").iterdir()))

    def test_a_lie_is_found_and_decides_nothing(self):
        self.age(self.projects)
        asked = ["stats", "--json"]
        wanted = self.ask(*asked).out
        self.assertEqual(0, self.ask("verify", "--caches").status)
        self.assertEqual(2, len(self.caches()))
        for cache in self.caches():
            with self.subTest(cache=cache.name):
                good = cache.read_bytes()
                lie = good.replace(b"session-1", b"session-x")
                self.assertNotEqual(good, lie)
                cache.write_bytes(lie)
                outcome = self.ask("verify", "--caches")
                self.assertEqual(1, outcome.status, str(outcome))
                self.assertIn("forged", outcome.out)
                self.assertEqual(wanted, self.ask(*asked).out)
                # Ours by its key, and of files that are others now: what decides reads them.
                cache.write_bytes(good)
        events = json.loads(wanted)["events"]
        self.assertEqual(0, self.ask("stats", "--assert", f"events = {events}").status)

    def test_the_cache_may_be_deleted_and_holds_no_payload(self):
        secret = "a-word-of-a-prompt-behind-its-title"
        self.write(self.path(1), self.lines(1, 8, text="first line\n" + secret))
        wanted = [str(self.ask(*question)) for question in self.QUESTIONS]
        for cache in self.caches():
            self.assertNotIn(secret.encode(), cache.read_bytes())
            self.assertEqual(0o600, cache.stat().st_mode & 0o777)
        shutil.rmtree(self.home / ".cache")
        self.assertEqual(wanted, [str(self.ask(*question)) for question in self.QUESTIONS])


if __name__ == "__main__":
    main()
