"""Importing transcripts of other tools. The transcripts are invented: sample-data/transcripts."""

import gzip
import json
import os
import shutil
import subprocess
import time
import unittest
from pathlib import Path

from support import Case, main

SAMPLES = Path(__file__).resolve().parent.parent.parent / "sample-data/transcripts"
CLAUDE_ID = "5b0d6a52-8a3e-4c58-9f0c-3d1a7e1f6a01"
CLAUDE = SAMPLES / f"claude/shop/{CLAUDE_ID}.jsonl"
AGENT_ID = f"agent-a7c31e2.{CLAUDE_ID}"
CODEX_ID = "019cc8f4-2d10-7a41-b0de-5f1f6f0f9a10"
CODEX = SAMPLES / f"codex/2026/03/07/rollout-2026-03-07T12-30-00-{CODEX_ID}.jsonl"
CORPUS = os.environ.get("AGENTSTORE_CORPUS")


def told(event):
    """What an import decides of an event; the rest is the log's own."""
    return {key: event[key] for key in ("type", "timestamp", "metadata", "event_id", "payload")}


def imported(events):
    """Those of the transcript, without what the store says of the import itself."""
    return [told(event) for event in events if not event["type"].startswith("agentstore.")]


class Import(Case):
    def take(self, *words, **more):
        return self.ok("import", "--json", *words, **more).json()

    def numbers(self, answer):
        return {one["session_id"]: (one["events"], one["already"], one["created"])
                for one in answer["sessions"]}

    def test_a_folder_of_transcripts(self):
        answer = self.take(SAMPLES)
        self.assertEqual({CLAUDE_ID: (25, 0, True), AGENT_ID: (5, 0, True),
                          CODEX_ID: (14, 0, True)}, self.numbers(answer))
        self.assertEqual(["claude-code", "claude-code", "codex"],
                         [file["format"] for file in answer["files"]])
        stats = self.ok("stats", CLAUDE_ID, "--json").json()
        self.assertEqual((1, 5, 5, 1, 1),
                         (stats["by_type"]["user_message"], stats["tool_calls"],
                          stats["by_type"]["tool_result"], stats["tool_errors"], stats["errors"]))
        self.assertEqual((19 + 9600 + 112090, 9600, 112090, 118 + 96 + 80 + 140 + 60 + 74),
                         (stats["tokens_in"], stats["tokens_cache_write"],
                          stats["tokens_cache_read"], stats["tokens_out"]))
        codex = self.ok("stats", CODEX_ID, "--json").json()
        self.assertEqual((18650, 129, 16300, 32, 1, 2),
                         (codex["tokens_in"], codex["tokens_out"], codex["tokens_cache_read"],
                          codex["tokens_reasoning"], codex["tool_errors"], codex["tool_calls"]))

    def test_what_stands_before_the_first_line_of_a_session_is_stored_once(self):
        log = self.folder / "s.jsonl"
        log.write_text('{"type":"summary","summary":"x","leafUuid":"l"}\n')
        first = self.take(log)
        self.assertEqual(([], {"summary (of no session yet)": 1}),
                         (first["sessions"], first["receipt"]["left_out"]))
        self.assertIn("summary (of no session yet)", self.ok("import", log).out)
        with log.open("a") as file:
            file.write('{"type":"user","uuid":"u","sessionId":"s","message":{"role":"user",'
                       '"content":"a"},"timestamp":"2026-03-07T12:00:00Z"}\n')
        for numbers in ((2, 0, True), (0, 2, False)):
            self.assertEqual({"s": numbers}, self.numbers(self.take(log)))

    def test_again_is_nothing_new(self):
        self.take(SAMPLES)
        before = {path: path.read_bytes() for path in (self.store / "events").iterdir()}
        again = self.numbers(self.take(SAMPLES))
        self.assertEqual({CLAUDE_ID: (0, 25, False), AGENT_ID: (0, 5, False),
                          CODEX_ID: (0, 14, False)}, again)
        self.assertEqual(before,
                         {path: path.read_bytes() for path in (self.store / "events").iterdir()})

    def test_files_side_by_side_are_what_they_are_one_by_one(self):
        logs = self.folder / "logs"
        logs.mkdir()
        lines = CLAUDE.read_text().splitlines(keepends=True)
        for number in range(12):
            # Two files of each session, of which the second goes further.
            own = f"{number // 2:08}" + CLAUDE_ID[8:]
            text = "".join(lines[:len(lines) if number % 2 else 3]).replace(CLAUDE_ID, own)
            (logs / f"{number:02}.jsonl").write_text(text)
        (logs / "torn.jsonl").write_text(lines[0] + '{"sessionId":"a","text":"\\u00')
        together = self.ok("import", "--json", logs).json()
        for path in sorted(logs.iterdir()):
            self.ok("import", path, "--store", self.folder / "one-by-one", env={"NO_COLOR": "1"})
        for session in {one["session_id"] for one in together["sessions"]}:
            events = [self.ok("replay", session, "--json", "--store", store).json()
                      for store in (self.store, self.folder / "one-by-one")]
            self.assertEqual(*[[(one["event_id"], one["payload"]) for one in imported(all)] for all in events])
        self.assertEqual(sorted(str(path) for path in logs.iterdir()),
                         [one["path"] for one in together["files"]])

    def test_a_file_that_is_as_it_was_is_not_opened(self):
        old = [SAMPLES]
        changed = [path.stat().st_ctime_ns for path in SAMPLES.rglob("*") if path.is_file()]
        if max(changed) > time.time_ns() - 3 * 10**9 or any(at % 10**7 == 0 for at in changed):
            self.skipTest("these files are too young, or their times too coarse, to be told apart")
        first = self.ok("import", "--json", *old).json()
        events = {one: self.events(one) for one in (CLAUDE_ID, CODEX_ID)}
        again = self.ok("import", "--json", *old).json()
        self.assertEqual((0, 0), (first["unchanged"], again["receipt"]["lines"]))
        self.assertEqual(len(first["files"]), again["unchanged"])
        self.assertEqual(first["files"], again["files"])
        counts = lambda answer: {(one["path"], one["session_id"]): one["events"] + one["already"]
                                 for one in answer["sessions"]}
        self.assertEqual(counts(first), counts(again))
        self.assertIn("unchanged", self.ok("import", *old).out)
        # What asks for more, and what is not there any more, has the files read.
        for words in (("--strict",), ("--keep-all",), ("--dry-run",)):
            self.assertEqual(0, self.run_it("import", "--json", *words, *old).json()["unchanged"])
        self.ok("import", *old)
        cache = self.cached("cache/imports")
        whole = cache.read_bytes()
        self.assertTrue(whole)
        cache.write_bytes(whole.replace(CLAUDE_ID.encode(), CLAUDE_ID[::-1].encode()))
        self.assertEqual(0, self.ok("import", "--json", *old).json()["unchanged"])
        self.log_of(CLAUDE_ID).unlink()
        (self.store / f"sessions/{CLAUDE_ID}.json").unlink()
        self.sound = False
        back = self.run_it("import", "--json", *old).json()
        self.assertLess(back["unchanged"], len(first["files"]))
        self.assertEqual([event["payload"] for event in events[CLAUDE_ID]],
                         [event["payload"] for event in self.events(CLAUDE_ID)])

    def test_a_file_that_grows_by_any_number_of_bytes(self):
        whole = CLAUDE.read_bytes()
        self.take(CLAUDE)
        expected = imported(self.events(CLAUDE_ID))
        growing = self.folder / "growing.jsonl"
        other = {"AGENTSTORE_STORE": str(self.folder / "other")}
        for size in [*range(400, len(whole), 937), len(whole)]:
            growing.write_bytes(whole[:size])
            outcome = self.run_it("import", growing, env=other)
            self.assertEqual(0, outcome.status, str(outcome))
        got = [json.loads(line) for line in
               self.ok("replay", CLAUDE_ID, "--format", "jsonl", env=other).lines()]
        self.assertEqual(expected, imported(got))

    def test_an_import_that_was_killed_is_completed_by_the_next(self):
        # More than is converted at a time, so that some is stored while more is awaited.
        record = json.loads(CLAUDE.read_bytes().splitlines()[2])
        lines = []
        for number in range(6000):
            record["uuid"] = f"{number:08}-0000-4000-8000-000000000000"
            record["message"]["content"] = f"{number} " + "x" * 500
            lines.append(json.dumps(record).encode() + b"\n")
        whole = self.folder / "whole.jsonl"
        whole.write_bytes(b"".join(lines))
        for part in (1500, 3000, 5900):
            process = self.start("import", "-", stdin=subprocess.PIPE, stdout=subprocess.DEVNULL)
            process.stdin.write(b"".join(lines[:part]))
            process.stdin.flush()
            end = time.monotonic() + 20
            while not (log := self.log_of(CLAUDE_ID)).exists() or log.stat().st_size < part * 300:
                self.assertLess(time.monotonic(), end)
                time.sleep(0.01)
            process.kill()
            process.wait()
        last = self.run_it("import", "--json", whole)
        self.assertEqual(0, last.status, str(last))
        for line in last.err.splitlines():  # A write may have been cut off.
            self.assertIn("they are kept as", line)
        imported, already, _ = self.numbers(last.json())[CLAUDE_ID]
        self.assertEqual(6000, imported + already)
        self.assertLess(2000, already)
        stored = [event for event in self.events(CLAUDE_ID)
                  if not event["type"].startswith("agentstore.")]
        self.assertEqual([f"{number} " for number in range(6000)],
                         [event["payload"]["content"].split("x")[0] for event in stored])
        self.ok("verify", "--snapshots")

    def test_packed_and_through_a_pipe(self):
        (self.folder / "a.jsonl.gz").write_bytes(gzip.compress(CLAUDE.read_bytes()[:5000]) +
                                                 gzip.compress(CLAUDE.read_bytes()[5000:]))
        self.assertEqual((25, 0, True), self.numbers(self.take("a.jsonl.gz"))[CLAUDE_ID])
        if shutil.which("zstd"):
            subprocess.run(["zstd", "-q", CODEX, "-o", self.folder / "b.zst"], check=True)
            self.assertEqual((14, 0, True), self.numbers(self.take("b.zst"))[CODEX_ID])
        piped = self.take("-", stdin=CLAUDE.read_bytes())
        self.assertEqual((0, 25, False), self.numbers(piped)[CLAUDE_ID])

    def test_damaged_and_swollen_files_bring_nothing(self):
        packed = gzip.compress(CLAUDE.read_bytes())
        (self.folder / "cut.jsonl.gz").write_bytes(packed[:-100])
        (self.folder / "bad.jsonl.gz").write_bytes(packed[:300] + b"\0\0\0\0" + packed[304:])
        line = CLAUDE.read_bytes().splitlines()[2] + b"\n"
        bomb = gzip.compress(line + (b" " * (1 << 20) + b"\n") * 90)
        (self.folder / "bomb.jsonl.gz").write_bytes(bomb)
        self.assertIn("ends early", self.run_it("import", "cut.jsonl.gz").err)
        self.assertEqual(1, self.run_it("import", "bad.jsonl.gz").status)
        outcome = self.run_it("import", "bomb.jsonl.gz", "cut.jsonl.gz", CODEX)
        self.assertEqual(2, outcome.status, str(outcome))
        self.assertIn("expands more than 200-fold", outcome.err)
        self.assertEqual([CODEX_ID],
                         [one["id"] for one in self.ok("sessions", "--json").json()["sessions"]])

    def test_a_dry_run_writes_nothing(self):
        answer = self.take("--dry-run", SAMPLES)
        self.assertTrue(answer["dry_run"])
        self.assertEqual((25, 0, True), self.numbers(answer)[CLAUDE_ID])
        self.assertFalse(self.store.exists())
        self.take(CLAUDE)
        answer = self.take("--dry-run", SAMPLES)
        self.assertEqual((0, 25, False), self.numbers(answer)[CLAUDE_ID])
        self.assertEqual((14, 0, True), self.numbers(answer)[CODEX_ID])

    def test_the_receipt(self):
        rough = (b"warming up\n\xef\xbb\xbf\n" + CLAUDE.read_bytes().replace(b"\n", b"\r\n", 3) +
                 CLAUDE.read_bytes().splitlines()[2] +
                 b'\n{"type":"novelty","sessionId":"x","n":9007199254740993}\n{"cut')
        (self.folder / "rough.jsonl").write_bytes(rough)
        answer = self.take("rough.jsonl")
        receipt = answer["receipt"]
        self.assertEqual({"novelty": 1}, receipt["unknown"])
        self.assertEqual(1, receipt["glued_lines"])
        self.assertEqual(1, receipt["duplicates"])
        self.assertEqual(3, receipt["skipped"])
        self.assertEqual(["words before the first record", "the last line is cut off"],
                         [part["why"] for part in receipt["skipped_parts"]][::2])
        self.assertEqual("rough.jsonl", receipt["skipped_parts"][0]["path"])
        self.assertIn("9007199254740993", self.log_of("x").read_text())
        strict = self.run_it("import", "--strict", "rough.jsonl")
        self.assertEqual(1, strict.status, str(strict))
        self.assertIn("rough.jsonl:1: words before the first record", strict.out)
        self.assertIn("imported      0 new events", strict.out)
        self.ok("import", "--strict", CODEX)

    def test_everything_can_be_kept(self):
        kept = self.take("--keep-all", CLAUDE)
        self.assertEqual({"file-history-snapshot": 1, "progress/bash_progress": 1},
                         kept["receipt"]["left_out"])
        self.assertEqual((27, 0, True), self.numbers(kept)[CLAUDE_ID])

    def test_what_is_no_log_is_refused_and_the_rest_goes_on(self):
        files = {"chat.jsonl": '{"messages":[]}\n', "what.jsonl": '{"a":1}\n', "empty.jsonl": "",
                 "words.jsonl": "hello\n", "notes.json": '{"a":1}', "readme.md": "# x"}
        for name, text in files.items():
            (self.folder / name).write_text(text)
        (self.folder / "good.jsonl").write_bytes(CODEX.read_bytes())
        os.symlink(self.folder, self.folder / "again")
        outcome = self.run_it("import", ".", "missing.jsonl", "--json")
        self.assertEqual(2, outcome.status, str(outcome))
        answer = outcome.json()
        self.assertEqual({CODEX_ID: (14, 0, True)}, self.numbers(answer))
        self.assertEqual(1, answer["passed_over"])
        self.assertEqual(5, sum(file["error"] is not None and "notes" not in file["path"]
                                for file in answer["files"]))
        for word in ("chat messages as OpenAI", "the first record has a", "it is empty",
                     "no line of it is JSON", "missing.jsonl"):
            self.assertIn(word, outcome.err)
        self.refused(2, "import", "--as", "gemini", "good.jsonl", saying=["gemini", "claude-code"])

    def test_what_stands_beside_transcripts_is_passed_over(self):
        project = self.folder / "projects/-w"
        workflow = project / "s/subagents/workflows/wf"
        workflow.mkdir(parents=True)
        (workflow / "journal.jsonl").write_text('{"type":"started","key":"k","agentId":"a"}\n')
        (workflow / "agent-a.meta.json").write_text('{"agentType":"workflow-subagent"}')
        (project / "sessions-index.json").write_text('{"version":1,"entries":[]}')
        (project / "left.jsonl").write_text('{"type":"mode","mode":"normal","sessionId":"left"}\n')
        (project / "s.jsonl").write_bytes(CLAUDE.read_bytes())
        answer = self.take("projects")
        self.assertEqual(3, answer["passed_over"])
        self.assertEqual([CLAUDE_ID], [each["session_id"] for each in answer["sessions"]
                                       if not each["session_id"].startswith("agent-")])

    def test_a_format_that_is_given(self):
        (self.folder / "a.jsonl").write_text('{"a":1}\n')
        answer = self.take("--as", "codex", "a.jsonl")
        self.assertEqual({"(no type)": 1}, answer["receipt"]["unknown"])

    def test_a_transcript_that_speaks_of_agentstore_is_no_export(self):
        record = {"gitBranch": "agentstore/export/1", **json.loads(CLAUDE.read_text().splitlines()[2])}
        (self.folder / "run.jsonl").write_text(json.dumps(record) + "\n")
        self.assertEqual({CLAUDE_ID: (1, 0, True)}, self.numbers(self.take("run.jsonl")))

    def test_a_session_that_was_made_otherwise_is_not_written_to(self):
        self.create(CLAUDE_ID)
        self.ok("import", CODEX)
        self.append(CLAUDE_ID, "a")
        before = self.log_of(CLAUDE_ID).read_bytes()
        for words in ([], ["--dry-run"]):
            outcome = self.run_it("import", CLAUDE, CODEX, *words)
            self.assertEqual(4, outcome.status, str(outcome))
            self.assertIn(f"the session {CLAUDE_ID} is there, and was not imported from a Claude "
                          "Code transcript; import into another store", outcome.err)
            self.assertIn("0 new events, 14 were here before", outcome.out)
        self.assertEqual(before, self.log_of(CLAUDE_ID).read_bytes())

    def test_a_session_whose_file_was_lost_or_that_is_empty_is_gone_on_with(self):
        self.create(CLAUDE_ID)
        self.assertEqual((25, 0, False), self.numbers(self.take(CLAUDE))[CLAUDE_ID])
        self.take(CODEX)
        for session in (CLAUDE_ID, CODEX_ID):
            (self.store / f"sessions/{session}.json").unlink()
        again = self.run_it("import", CLAUDE, CODEX, "--json")
        self.assertEqual((0, {CLAUDE_ID: (0, 25, False), CODEX_ID: (0, 14, False)}),
                         (again.status, self.numbers(again.json())))

    def test_a_folder_of_claude_code_is_no_store_whatever_is_called_sessions_in_it(self):
        home = self.folder / "backup/.claude"
        (home / "projects/p").mkdir(parents=True)
        (home / "sessions").mkdir()
        (home / "sessions/4189.json").write_text('{"pid":4189,"sessionId":"s-1","cwd":"/w","startedAt":1}')
        (home / "projects/p/s-1.jsonl").write_text(json.dumps(
            {"type": "user", "uuid": "u-1", "sessionId": "s-1", "cwd": "/w", "timestamp": "2026-03-07T12:00:00Z",
             "message": {"role": "user", "content": "hello"}}) + "\n")
        for number, place in enumerate((home, home.parent)):
            with self.subTest(place):
                store = self.folder / f"store-{number}"
                done = self.run_it("import", place, "--store", store)
                self.assertEqual(0, done.status, done)
                sessions = self.ok("sessions", "--json", "--store", store).json()["sessions"]
                self.assertEqual(["s-1"], [one["id"] for one in sessions])

    def test_a_store_of_the_go_library_is_taken_over_without_its_events(self):
        other = self.folder / "go/sessions"
        other.mkdir(parents=True)
        (other / "s-1.json").write_text('{"id":"s-1","created_at":"2026-03-07T12:00:00Z"}')
        done = self.run_it("import", other.parent, "--store", self.folder / "store")
        self.assertEqual(0, done.status, done)
        sessions = self.ok("sessions", "--json", "--store", self.folder / "store").json()["sessions"]
        self.assertEqual(["s-1"], [one["id"] for one in sessions])

    def test_an_unreadable_file(self):
        if os.geteuid() == 0:
            self.skipTest("root reads everything")
        (self.folder / "a.jsonl").write_text("{}")
        os.chmod(self.folder / "a.jsonl", 0)
        self.refused(5, "import", "a.jsonl", saying="a.jsonl")

    def test_a_session_id_is_never_a_path(self):
        line = CODEX.read_text().splitlines()[0].replace(CODEX_ID, "../../../tmp/evil")
        (self.folder / "a.jsonl").write_text(line + "\n")
        answer = self.take("a.jsonl")
        self.assertNotIn("/", answer["sessions"][0]["session_id"])
        self.ok("verify")


@unittest.skipUnless(CORPUS, "AGENTSTORE_CORPUS is not set")
class ImportCorpus(Case):
    def setUp(self):
        super().setUp()
        self.logs = Path(CORPUS) / "agent-logs"

    def replayed(self, store):
        env = {"AGENTSTORE_STORE": str(store)}
        listed = self.ok("sessions", "--json", env=env).json()["sessions"]
        return {one["id"]: imported(json.loads(line) for line in
                                    self.ok("replay", one["id"], "--format", "jsonl", env=env).lines())
                for one in listed}

    def test_a_chain_of_growing_files_equals_its_longest(self):
        chains = {}
        for path in (self.logs / "a-claude-code").glob("*full.jsonl"):
            text = path.read_bytes()
            session = next((json.loads(line).get("sessionId") for line in text.splitlines()[1:]
                            if b'"sessionId"' in line), None)
            chains.setdefault(session, []).append(path)
        chains = [sorted(paths, key=lambda path: path.stat().st_size)
                  for paths in chains.values() if len(paths) > 1]
        self.assertTrue(chains)
        for number, chain in enumerate(chains):
            grown, whole = self.folder / f"grown-{number}", self.folder / f"whole-{number}"
            for path in chain:
                self.run_it("import", path, env={"AGENTSTORE_STORE": str(grown)})
            self.run_it("import", chain[-1], env={"AGENTSTORE_STORE": str(whole)})
            self.assertEqual(self.replayed(whole), self.replayed(grown))

    def test_every_file_is_imported_or_refused(self):
        files = [path for path in sorted(self.logs.rglob("*")) if path.is_file()]
        outcome = self.run_it("import", "--json", *files, timeout=300)
        self.assertIn(outcome.status, (1, 2), outcome.err[:3000])
        answer = outcome.json()
        told_of = {one["path"] for one in answer["files"] + answer["sessions"]}
        self.assertEqual(set(map(str, files)), told_of)
        for one in answer["files"] + answer["sessions"]:
            if one["error"] is not None:
                self.assertGreater(len(one["error"]), 20)
                self.assertEqual(0, one.get("events", 0))
        self.ok("verify")


if __name__ == "__main__":
    main()
