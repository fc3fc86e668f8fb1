"""Real data, where AGENTSTORE_CORPUS names the folder that has it."""

import json
import os
import shutil
import unittest
from pathlib import Path

from support import Case, main

CORPUS = os.environ.get("AGENTSTORE_CORPUS")


@unittest.skipUnless(CORPUS, "AGENTSTORE_CORPUS is not set")
class Corpus(Case):
    def setUp(self):
        super().setUp()
        self.corpus = Path(CORPUS)

    def take(self, name):
        shutil.copytree(self.corpus / name, self.store)
        self.sound = False

    def test_a_folder_of_the_go_library_reads_unchanged(self):
        self.take("go-library")
        before = self.snapshot()
        sessions = self.ok("sessions", "--json").json()["sessions"]
        self.assertEqual({path.stem for path in (self.store / "sessions").glob("*.json")},
                         {session["id"] for session in sessions})
        for session in sessions:
            log = self.log_of(session["id"])
            stored = log.read_bytes() if log.exists() else b""
            replayed = self.ok("replay", session["id"], "--format", "jsonl").bytes
            self.assertEqual(stored, replayed)
            self.assertEqual(stored.count(b"\n"), session["event_count"])
            self.ok("replay", session["id"])
            stats = self.ok("stats", session["id"], "--json").json()
            self.assertEqual(session["event_count"], stats["events"])
        self.ok("verify")
        self.assertEqual(before, self.snapshot())

    def snapshot(self):
        return {path.relative_to(self.store): path.read_bytes()
                for path in self.store.rglob("*") if path.is_file()}

    def test_states_are_those_of_the_go_library(self):
        self.take("go-library")
        for path in (self.corpus / "go-library-states").glob("*.state.json"):
            session = path.name.removesuffix(".state.json")
            with self.subTest(session=session):
                self.assertEqual(json.loads(path.read_text()),
                                 self.ok("state", session, "--json").json()["state"])

    def test_of_damaged_folders_nothing_is_skipped_silently(self):
        for folder in sorted((self.corpus / "go-library-damaged").iterdir()):
            with self.subTest(folder=folder.name):
                shutil.rmtree(self.store, ignore_errors=True)
                self.take(f"go-library-damaged/{folder.name}")
                verified = self.run_it("verify", "--json")
                self.assertIn(verified.status, (0, 1), str(verified))
                for one in verified.json()["sessions"]:
                    self.check_session(one)

    def check_session(self, one):
        replayed = self.run_it("replay", one["session_id"], "--format", "jsonl")
        bad = one["verdict"] in ("torn", "damaged", "lost")
        if bad:
            self.assertTrue(replayed.err, f"{one}\n{replayed}")
            self.assertEqual(0 if one["verdict"] == "torn" else 1, replayed.status, str(replayed))
        else:
            self.assertEqual(0, replayed.status, str(replayed))
            if "sessions/" not in replayed.err:  # a session file that cannot be used is told
                self.assertEqual("", replayed.err)
            self.assertEqual(one["events"], len(replayed.lines()))

    def test_the_vectors_verify(self):
        for log in sorted((self.corpus / "vectors").glob("*.jsonl")):
            self.assertEqual(0, self.run_it("verify", log).status)


if __name__ == "__main__":
    main()
