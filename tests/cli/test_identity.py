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


if __name__ == "__main__":
    main()
