"""What counts follows from content: folders of copies, parts and forks of sessions come to the same
figures, however they are read: as a folder, by path, imported at once or file by file in any order.

AGENTSTORE_TEST_SEED=N begins where a run that failed said that it did.
"""

import json
import os
import random

from support import Case, main

ROUNDS = 5
COUNTS = ("events", "tool_calls", "errors", "tool_errors", "tokens_in", "tokens_out",
          "events_without_cost", "cost_unknown_responses")
SUMS = ("tokens_cache_read", "tokens_cache_write", "tokens_reasoning", "cost_usd",
        "cost_computed_usd", "cost_known_usd")


class Writer:
    """Makes the records of sessions."""

    def __init__(self, rng):
        self.rng = rng
        self.number = 0
        self.at = 0

    def uuid(self):
        self.number += 1
        return f"{self.number:08x}-0000-4000-8000-000000000000"

    def record(self, kind, session, **more):
        self.at += self.rng.randint(1, 4000)
        seconds, rest = divmod(self.at, 1000)
        minutes, seconds = divmod(seconds, 60)
        hours, minutes = divmod(minutes, 60)
        return {"type": kind, "uuid": self.uuid(), "sessionId": session, "isSidechain": False,
                "timestamp": f"2026-03-{1 + hours // 24:02}T{hours % 24:02}:{minutes:02}:"
                             f"{seconds:02}.{rest:03}Z", **more}

    def prompt(self, session, **more):
        return self.record("user", session, message={"role": "user", "content": "go on"}, **more)

    def response(self, session, gateway, **more):
        """A row for each block; later rows tell more."""
        rng = self.rng
        message_id = "relay" if gateway else f"msg_{self.uuid()}"
        if not gateway:
            more["requestId"] = f"req_{self.number}"
        usage = {"input_tokens": rng.randint(1, 900),
                 "cache_read_input_tokens": rng.choice((0, 5000)),
                 "cache_creation_input_tokens": rng.choice((0, 300))}
        out = rng.randint(1, 5)
        model = rng.choice(("claude-sonnet-4-5-20250929", "claude-haiku-4-5-20251001"))
        rows = []
        for _ in range(rng.randint(1, 3)):
            tool = rng.random() < 0.5
            block = ({"type": "tool_use", "id": f"toolu_{self.uuid()}", "name": "Bash", "input": {}}
                     if tool else {"type": "text", "text": "so"})
            rows.append(self.record("assistant", session, message={
                "id": message_id, "role": "assistant", "model": model, "content": [block],
                "usage": {**usage, "output_tokens": out}}, **more))
            if tool:
                rows.append(self.record("user", session, message={"role": "user", "content": [
                    {"type": "tool_result", "tool_use_id": block["id"], "content": "x",
                     "is_error": rng.random() < 0.2}]}, **more))
            out += rng.choice((0, 40))
        return rows

    def session(self, session):
        gateway = self.rng.random() < 0.3
        rows = []
        for _ in range(self.rng.randint(1, 4)):
            rows.append(self.prompt(session))
            rows += self.response(session, gateway)
            if self.rng.random() < 0.3:
                rows.append(self.prompt(session, isSidechain=True))
                rows += self.response(session, False, isSidechain=True)
                rows[-1]["isSidechain"] = True
        return rows

    def fork(self, rows, session):
        """A resumed session: the other's history under its own id, and what came then."""
        copied = [{**row, "sessionId": session} for row in rows[:self.rng.randint(1, len(rows))]]
        return copied + self.session(session)


def text_of(rows):
    return "".join(json.dumps(row) + "\n" for row in rows)


class Identity(Case):
    def make_folder(self, rng, folder):
        """Sessions in files as people's folders have them."""
        writer = Writer(rng)
        whole = []
        for number in range(rng.randint(2, 4)):
            session = f"{rng.getrandbits(32):08x}-1111-4111-8111-{number:012}"
            fork = whole and rng.random() < 0.4
            whole.append(writer.fork(rng.choice(whole), session) if fork
                         else writer.session(session))
        for rows in whole:
            for how in rng.sample(("whole", "copy", "cut", "parts", "joined"), rng.randint(1, 3)):
                if how == "parts":
                    at = rng.randint(0, len(rows))
                    self.write(rng, folder, rows[:at])
                    self.write(rng, folder, rows[at:])
                elif how == "cut":
                    self.write(rng, folder, rows[:rng.randint(1, len(rows))])
                elif how == "joined":
                    self.write(rng, folder, rows + rng.choice(whole))
                else:
                    self.write(rng, folder, rows)
            self.write(rng, folder, rows)

    def write(self, rng, folder, rows):
        if not rows:
            return
        place = folder / rng.choice(("-a", "-b/c"))
        place.mkdir(parents=True, exist_ok=True)
        name = f"{rng.choice((rows[0]['sessionId'], 'renamed'))}-{rng.getrandbits(24):06x}"
        (place / f"{name}.jsonl").write_text(text_of(rows))

    def figures(self, *words, store=None, by=False):
        env = {"AGENTSTORE_STORE": str(store)} if store else None
        more = ("--by", "session,model,day") if by else ()
        done = self.run_it("stats", *words, *more, "--json", env=env)
        self.assertEqual(0, done.status, done)
        stats = done.json()
        parts = [stats] + ([stats["sub_agents"]] if stats["sub_agents"] else [])
        figures = {key: sum(part[key] for part in parts) for key in COUNTS}
        figures |= {key: round(sum(part[key] or 0 for part in parts), 9) for key in SUMS}
        figures["first"] = min(part["first_event_at"] for part in parts)
        figures["last"] = max(part["last_event_at"] for part in parts)
        kinds = {}
        for part in parts:
            for kind, count in part["by_type"].items():
                kinds[kind] = kinds.get(kind, 0) + count
        figures["by_type"] = kinds
        if by:
            figures["groups"] = sorted(
                [[str(value) for value in group["by"].values()], group["events"], group["tokens_in"],
                 group["tokens_out"]] for group in stats["groups"])
        return figures

    def check(self, seed):
        rng = random.Random(seed)
        folder = self.folder / f"claude-{seed}"
        self.make_folder(rng, folder)
        files = sorted(folder.rglob("*.jsonl"))
        asked = self.figures(store=f"claude:{folder}", by=True)
        at_once = self.folder / f"at-once-{seed}"
        self.ok("import", folder, env={"AGENTSTORE_STORE": str(at_once)})
        self.assertEqual(asked, self.figures(store=at_once, by=True))
        again = self.ok("import", "--json", folder, env={"AGENTSTORE_STORE": str(at_once)}).json()
        self.assertEqual(0, sum(one["events"] for one in again["sessions"]))
        shuffled = self.folder / f"shuffled-{seed}"
        for file in rng.sample(files, len(files)):
            self.ok("import", file, env={"AGENTSTORE_STORE": str(shuffled)})
        self.assertEqual(asked, self.figures(store=shuffled, by=True))
        for key in ("tokens_in", "tokens_out", "cost_known_usd"):
            self.assertEqual(asked[key], self.figures(*files)[key])
        self.check_listing(f"claude:{folder}", asked)
        self.check_file(rng.choice(files), seed)

    def check_listing(self, store, asked):
        listed = self.ok("sessions", "-l", "--json", env={"AGENTSTORE_STORE": store}).json()
        by_session = {}
        for keys, _, tokens_in, tokens_out in asked["groups"]:
            sums = by_session.setdefault(keys[0], [0, 0])
            sums[0] += tokens_in
            sums[1] += tokens_out
        self.assertEqual(by_session, {one["id"]: [one["tokens_in"], one["tokens_out"]]
                                      for one in listed["sessions"]})

    def check_file(self, file, seed):
        alone = self.folder / f"alone-{seed}"
        alone.mkdir()
        (alone / file.name).write_bytes(file.read_bytes())
        store = self.folder / f"of-file-{seed}"
        self.ok("import", file, env={"AGENTSTORE_STORE": str(store)})
        by_path = self.figures(file)
        self.assertEqual(by_path, self.figures(store=store))
        self.assertEqual(by_path, self.figures(store=f"claude:{alone}"))

    def test_folders_come_to_the_same_however_they_are_read(self):
        first = int(os.environ.get("AGENTSTORE_TEST_SEED", "1"))
        for seed in range(first, first + ROUNDS):
            with self.subTest(f"AGENTSTORE_TEST_SEED={seed}"):
                self.check(seed)


class Sessions(Case):
    """What people's folders hold, one thing each."""

    ONE = "11111111-1111-4111-8111-111111111111"
    TWO = "22222222-2222-4222-8222-222222222222"

    def row(self, session, uuid, second, tokens, **more):
        return {"type": "assistant", "uuid": uuid, "sessionId": session, "requestId": f"r-{uuid}",
                "timestamp": f"2026-03-07T12:00:{second:02}Z", "cwd": "/srv/me/shop",
                "message": {"id": f"m-{uuid}", "role": "assistant", "model": "claude-haiku-4-5",
                            "content": [{"type": "text", "text": "so"}],
                            "usage": {"input_tokens": tokens, "output_tokens": 1}}, **more}

    def file(self, name, *rows):
        path = self.folder / "claude" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text_of(rows))
        return path

    @property
    def claude(self):
        return {"AGENTSTORE_STORE": f"claude:{self.folder / 'claude'}"}

    def test_a_file_of_two_sessions_is_each_of_them_and_their_total(self):
        path = self.file("a.jsonl", self.row(self.ONE, "u1", 1, 5), self.row(self.TWO, "u2", 2, 7))
        stats = self.ok("stats", path, "--json").json()
        self.assertEqual((2, 12, None), (stats["sessions"], stats["tokens_in"], stats["sub_agents"]))
        self.assertEqual([(self.ONE, 5), (self.TWO, 7)],
                         [(group["by"]["session"], group["tokens_in"])
                          for group in stats["groups"]])

    def test_the_newest_session_is_that_of_the_newest_event(self):
        old = self.file("old.jsonl", self.row(self.ONE, "u1", 1, 5))
        self.file("new.jsonl", self.row(self.TWO, "u2", 2, 7))
        os.utime(old, (2e9, 2e9))
        self.assertEqual(self.TWO, self.ok("stats", "@", "--json", env=self.claude)
                         .json()["session_id"])

    def test_all_of_a_folder_reads_as_each_of_its_sessions(self):
        self.file("-a/a.jsonl", self.row(self.ONE, "u1", 1, 5))
        self.file("-b/a.jsonl", self.row(self.ONE, "u1", 1, 5), self.row(self.ONE, "u2", 2, 7))
        one = self.ok("replay", self.ONE, "--format", "jsonl", env=self.claude).out
        self.assertEqual(one, self.ok("replay", "--all", "--format", "jsonl", env=self.claude).out)
        self.assertEqual(2, len(one.splitlines()))

    def test_what_a_fork_copied_counts_where_its_parent_is(self):
        origin = {"forkedFrom": {"sessionId": self.ONE, "messageUuid": "u1"}}
        self.file("fork.jsonl", self.row(self.TWO, "u1", 1, 5, **origin),
                  self.row(self.TWO, "u2", 2, 7))
        alone = self.run_it("stats", env=self.claude)
        self.assertIn("not counted: 1 response of the history", alone.out)
        self.file("parent.jsonl", self.row(self.ONE, "u1", 1, 5))
        stats = self.ok("stats", "--by", "session", "--json", env=self.claude).json()
        self.assertEqual([5, 7], [group["tokens_in"] for group in stats["groups"]])

    def test_what_is_not_counted_is_explained_to_the_token(self):
        row = self.row(self.ONE, "u1", 1, 5)
        path = self.file("a.jsonl", row, row, self.row(self.TWO, "u1", 3, 5),
                         {**self.row(self.ONE, "u9", 2, 5), "requestId": "r-u1",
                          "message": {**row["message"], "usage": {"input_tokens": 5,
                                                                  "output_tokens": 9}}})
        told = self.ok("stats", "--explain", "--json", env=self.claude).json()
        self.assertEqual({"tokens_in": 5, "tokens_out": 9}, told["counted"])
        self.assertEqual((4, 15, 3), tuple(told["not_counted"][key] for key in
                                           ("records", "tokens_in", "tokens_out")))
        self.assertEqual([(str(path), line) for line in (1, 2, 3, 4)],
                         sorted((one["file"], one["line"]) for one in told["records"]))
        reasons = {why: sums["records"] for why, sums in told["by_reason"].items()}
        self.assertEqual({"repetition": 2, "placeholder": 1, "copy": 1, "history": 0,
                          "sub_agent": 0, "unknown": 0}, reasons)

    def test_an_import_again_makes_a_new_session_and_the_old_one_does_not_count(self):
        path = self.file("a.jsonl", self.row(self.ONE, "u1", 1, 5))
        self.ok("import", path)
        self.ok("label", self.ONE, "imported_by=claude-code/1")
        path.write_text(text_of([self.row(self.ONE, "u1", 1, 5), self.row(self.ONE, "u2", 2, 7)]))
        noted = self.run_it("import", path)
        self.assertEqual(0, noted.status, noted)
        self.assertIn("1 session was imported by an earlier version", noted.err)
        self.assertEqual(5, self.ok("stats", "--json").json()["tokens_in"])
        self.ok("import", "--json", "--again", path)
        labels = {one["id"]: one["labels"] for one in self.ok("sessions", "--json").json()["sessions"]}
        self.assertEqual(f"{self.ONE}.2", labels[self.ONE]["superseded_by"])
        self.assertEqual("shop", labels[f"{self.ONE}.2"]["project"])
        self.assertEqual(12, self.ok("stats", "--json").json()["tokens_in"])
        again = self.ok("import", "--json", path).json()
        self.assertEqual([(f"{self.ONE}.2", 0)], [(one["session_id"], one["events"])
                                                  for one in again["sessions"]])

    def test_the_receipt_accounts_for_every_file(self):
        self.file("a.jsonl", self.row(self.ONE, "u1", 1, 5))
        folder = self.folder / "claude"
        (folder / "x.db").write_bytes(b"SQLite format 3\0...")
        (folder / "y.zip").write_bytes(b"PK\x03\x04...")
        (folder / "z.json").write_text("{}")
        answer = self.ok("import", "--json", folder).json()
        self.assertEqual({"JSON documents": 1, "SQLite files": 1, "ZIP files": 1},
                         answer["not_read"])
        (folder / "a.jsonl").unlink()
        (folder / "z.json").unlink()
        self.assertIn("1 SQLite file, 1 ZIP file: not read yet", self.run_it("import", folder).err)


if __name__ == "__main__":
    main()
