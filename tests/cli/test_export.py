"""Exports for people: Markdown, what is masked in it, formats by the file's name, many sessions."""

import json
import os
from pathlib import Path

from support import Case, main, make_go_folder

ROOT = Path(__file__).resolve().parents[2]
SAMPLE = ROOT / "sample-data"
GOLDEN = ROOT / "tests/golden"
UPDATE = os.environ.get("AGENTSTORE_UPDATE_GOLDEN")
# Put together here, so that no scanner takes this file for a leak.
GITHUB = "gh" + "p_" + "aB3dE5fG7hJ9kL1mN2pQ4rS6tU8vW0xY2zA4"


class Markdown(Case):
    def setUp(self):
        super().setUp()
        make_go_folder(self.store)

    def test_a_conversation(self):
        text = self.ok("export", "flight-1", "--format", "markdown").out
        if UPDATE:
            (GOLDEN / "export.md").write_text(text)
        self.assertEqual((GOLDEN / "export.md").read_text(), text)

    def test_what_is_hostile_stays_text(self):
        text = self.ok("export", "hostile", "--store", SAMPLE, "-o", "h.md")
        text = (self.folder / "h.md").read_text()
        self.assertNotRegex(text, r"[\x00-\x09\x0b-\x1f\x7f\u200b\u200c\u200e\u200f\u202a-\u202e]")
        outside, inside = [], False
        for line in text.splitlines():
            if line.startswith("```"):
                inside = not inside
            elif not inside:
                outside.append(line)
        self.assertFalse(inside)
        for line in outside:
            plain = (line.replace("<details>", "").replace("</details>", "")
                     .replace("<summary>", "").replace("</summary>", "")
                     .replace("<b>", "").replace("</b>", "").replace("<!-- -->", ""))
            self.assertNotIn("<", plain)

    def test_secrets_are_masked_and_counted(self):
        self.create("s")
        self.append("s", {"type": "user_message",
                          "payload": {"content": f"use {GITHUB}, ask ann@host.org or bob@host.org"}},
                    {"type": "tool_called", "payload": {"tool": "sh", "args": {"command": f"gh {GITHUB}"}}})
        kept = self.ok("export", "s", "--format", "markdown").out
        self.assertIn(GITHUB, kept)
        outcome = self.run_it("export", "s", "--redact", "-o", "s.md")
        self.assertEqual(0, outcome.status, str(outcome))
        self.assertIn("--redact masked 1 GitHub token, 2 e-mail addresses, in ", outcome.err)
        text = (self.folder / "s.md").read_text()
        self.assertNotIn(GITHUB[4:], text)
        self.assertNotIn("ann@", text)
        self.assertIn("redacted: GitHub token", text)
        outcome = self.run_it("export", "flight-1", "--redact", "--format", "markdown")
        self.assertIn("found nothing to mask", outcome.err)
        for words in ([], ["--format", "jsonl"], ["--json"], ["-o", "a.json"]):
            self.refused(2, "export", "s", "--redact", *words, saying="--format markdown")


class Files(Case):
    def setUp(self):
        super().setUp()
        make_go_folder(self.store)

    def test_the_name_of_the_file_says_the_format(self):
        for ending, begin in ((".md", "# "), (".markdown", "# "), (".json", '{"schema"'), (".jsonl", '{"schema"'),
                              (".txt", '{"schema"')):
            with self.subTest(ending=ending):
                self.ok("export", "flight-1", "-o", "out" + ending)
                self.assertTrue((self.folder / ("out" + ending)).read_text().startswith(begin))
        self.assertEqual(7, len((self.folder / "out.jsonl").read_text().splitlines()))
        self.ok("export", "flight-1", "-o", "other.json", "--format", "markdown")
        self.assertTrue((self.folder / "other.json").read_text().startswith("# "))
        self.refused(2, "export", "flight-1", "--format", "pdf", saying="markdown")

    def test_several_sessions_are_a_file_each(self):
        for words in (["--all"], ["flight-1", "bet-1"]):
            with self.subTest(words=words):
                outcome = self.run_it("export", *words, "-o", "out", "--format", "jsonl")
                self.assertEqual((0, ""), (outcome.status, outcome.out), str(outcome))
                self.assertIn("2 sessions written into out", outcome.err)
                self.assertEqual(["bet-1.jsonl", "flight-1.jsonl"], sorted(os.listdir(self.folder / "out")))
        exported = (self.folder / "out/bet-1.jsonl").read_text().splitlines()
        self.assertEqual(self.log_of("bet-1").read_text().splitlines(), exported[1:])
        self.assertEqual(0, self.run_it("export", "bet-1", "-o", "out").status)
        self.assertEqual("bet-1", json.loads((self.folder / "out/bet-1.json").read_text())["session"]["id"])

    def test_a_name_leads_out_of_no_folder(self):
        path = self.folder / "evil.jsonl"
        line = ('{"session_id":"../../x/é:y","sequence_number":1,"type":"a","payload":{},'
                '"timestamp":"2026-03-07T12:00:00Z","metadata":{}}\n')
        path.write_text(line)
        (self.folder / "out").mkdir()
        self.assertEqual(0, self.run_it("export", path, "-o", "out").status)
        self.assertEqual(1, len(os.listdir(self.folder / "out")))
        name = os.listdir(self.folder / "out")[0]
        self.assertRegex(name, r"^_[A-Za-z0-9._-]+\.json$")

    def test_misuse(self):
        self.refused(2, "export", saying="no session is named")
        self.refused(2, "export", "--all", saying="-o DIR")
        self.refused(2, "export", "--all", "flight-1", "-o", "x")
        self.refused(2, "export", "flight-1", "bet-1", saying="-o DIR")
        (self.folder / "file").write_text("")
        self.refused(2, "export", "--all", "-o", "file", saying="not a folder")
        self.refused(2, "export", "--all", "-o", self.store / "events")
        self.assertFalse((self.store / "events/flight-1.json").exists())


if __name__ == "__main__":
    main()
