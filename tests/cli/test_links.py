"""Links: nothing is read, written or deleted through one that leads out of a folder."""

import json
import os
from pathlib import Path

from support import Case, main

SAMPLES = Path(__file__).parents[2] / "sample-data/transcripts"
CLAUDE = SAMPLES / "claude/shop/5b0d6a52-8a3e-4c58-9f0c-3d1a7e1f6a01.jsonl"


class Links(Case):
    def outside(self):
        outside = self.folder / "outside"
        outside.mkdir()
        (outside / "thesis.txt").write_text("mine")
        return outside

    def fill(self):
        self.create("a")
        self.append("a", *({"type": "t", "payload": {"text": f"event no. {number}"}} for number in range(3)))
        return self.store

    def test_a_link_in_a_store_is_named_and_not_followed(self):
        outside = self.outside()
        store = self.fill()
        for place in ("folds/a/anything", "folds/a", "quarantine/a", "quarantine", "cache", "snapshots"):
            with self.subTest(place=place):
                link = store / place
                link.parent.mkdir(parents=True, exist_ok=True)
                if link.is_dir():
                    os.rename(link, self.folder / "aside")
                link.symlink_to(outside, target_is_directory=True)
                outcome = self.run_it("redact", "a", "1", "--reason", "a test")
                self.assertEqual(5, outcome.status, str(outcome))
                self.assertIn(str(place), outcome.err)
                self.assertIn("is a symbolic link", outcome.err)
                self.assertEqual(["thesis.txt"], os.listdir(outside))
                link.unlink()
                if (self.folder / "aside").is_dir():
                    os.rename(self.folder / "aside", link)
        self.assertIn("event no. 0", (store / "events/a.jsonl").read_text())
        self.assertEqual(0, self.run_it("redact", "a", "1", "--reason", "a test").status)

    def test_logs_and_folders_that_are_links_are_not_read(self):
        outside = self.outside()
        store = self.fill()
        os.rename(store / "events", outside / "events")
        (store / "events").symlink_to(outside / "events")
        for command in (["replay", "a"], ["append", "a", "--type", "t"], ["sessions"]):
            outcome = self.run_it(*command)
            self.assertEqual(5, outcome.status, str(outcome))
            self.assertRegex(outcome.err, "is a symbolic link|events is not a folder")

    def test_an_import_stays_in_the_folder_that_was_named(self):
        private = self.folder / "home/private"
        private.mkdir(parents=True)
        (private / "private.jsonl").write_bytes(CLAUDE.read_bytes())
        sent = self.folder / "sent"
        sent.mkdir()
        (sent / "notes").symlink_to(self.folder / "home")
        (sent / "up").symlink_to("..")
        (sent / "one.jsonl").symlink_to(private / "private.jsonl")
        outcome = self.run_it("import", "sent")
        self.assertEqual(2, outcome.status, str(outcome))
        self.assertIn("3 links lead out of the folder that was named, and were not followed", outcome.err)
        self.assertIn("sent/notes", outcome.err)
        self.assertNotIn("5b0d6a52", self.run_it("sessions", "--json").out)
        read = self.run_it("sessions", "--json", "--store", "claude:sent")
        self.assertNotIn("5b0d6a52", read.out)
        self.assertIn("3 links lead out", read.err)

    def test_links_inside_of_a_folder_count_once_and_its_own_link_is_followed(self):
        real = self.folder / "real/deep"
        real.mkdir(parents=True)
        (real / "run.jsonl").write_bytes(CLAUDE.read_bytes())
        (self.folder / "real/again").symlink_to("deep")
        (self.folder / "real/again.jsonl").symlink_to("deep/run.jsonl")
        (self.folder / "named").symlink_to("real")
        outcome = self.run_it("import", "named", "--json")
        self.assertEqual(0, outcome.status, str(outcome))
        self.assertEqual(["named/deep/run.jsonl"], [file["path"] for file in outcome.json()["files"]])
        self.assertNotIn("link", outcome.err)


class OutputFiles(Case):
    def test_a_file_in_a_store_is_no_output(self):
        self.create("a")
        self.ok("append", "a", "--type", "t")
        log = self.folder / "data/events/a.jsonl"
        before = log.read_bytes()
        (self.folder / "link.jsonl").symlink_to(log)
        (self.folder / "folder").symlink_to(self.folder / "data/events")
        for path in ("data/events/a.jsonl", "data/new.json", "link.jsonl", "folder/new.jsonl",
                     "data/../data/sessions/a.json"):
            for command in ("replay", "export"):
                with self.subTest(path=path, command=command):
                    files = sorted(self.folder.rglob("*"))
                    self.refused(2, command, "a", "-o", path, saying=["is in the store"])
                    self.assertEqual(before, log.read_bytes())
                    self.assertEqual(files, sorted(self.folder.rglob("*")))
        (self.folder / "data/agentstore.json").unlink()
        self.refused(2, "replay", "a", "-o", "data/events/a.jsonl", saying=["is in the store"])
        self.ok("replay", "a", "-o", "out.txt")

    def test_the_file_that_is_read_is_no_output(self):
        self.create("a")
        self.ok("append", "a", "--type", "t")
        self.ok("replay", "a", "--format", "jsonl", "-o", "log.jsonl")
        os.link(self.folder / "log.jsonl", self.folder / "other.jsonl")
        for path in ("log.jsonl", "other.jsonl"):
            self.refused(2, "replay", "./log.jsonl", "-o", path, saying=["is the file that is read"])


if __name__ == "__main__":
    main()
