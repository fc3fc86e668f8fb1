"""The timeline on terminals of all widths and in pipes: pairs, folds, times, excerpts."""

import fcntl
import json
import os
import pty
import re
import signal
import struct
import subprocess
import termios
import unicodedata
import unittest
from pathlib import Path

from support import BIN, Case, main

GOLDEN = Path(__file__).resolve().parent.parent / "golden"
UPDATE = os.environ.get("AGENTSTORE_UPDATE_GOLDEN")
CORPUS = os.environ.get("AGENTSTORE_CORPUS")

# One turn of Claude Code's: hooks, a call that fails, two calls at once, an edit, an answer.
ROOT = "/src/shop"


def record(number, kind, **more):
    return {"type": kind, "uuid": f"u{number}", "sessionId": "shop-1", "cwd": ROOT,
            "timestamp": f"2026-02-08T22:59:{number:02}.000Z", "version": "2.1.36", **more}


def said(number, text):
    return record(number, "assistant", requestId=f"r{number}", message={
        "id": f"m{number}", "role": "assistant", "model": "claude-opus-4-6",
        "content": [{"type": "text", "text": text}],
        "usage": {"input_tokens": 10, "output_tokens": 1320}})


def call(number, tool, ident, **given):
    return record(number, "assistant", requestId=f"r{number}", message={
        "id": f"m{number}", "role": "assistant", "model": "claude-opus-4-6",
        "content": [{"type": "tool_use", "id": ident, "name": tool, "input": given}],
        "usage": {"input_tokens": 10, "output_tokens": 20}})


def result(number, ident, content, **more):
    return record(number, "user", message={"role": "user", "content": [
        {"type": "tool_result", "tool_use_id": ident, "content": content, **more}]})


def hook(number):
    return record(number, "progress", data={"type": "hook_progress", "hookEvent": "PostToolUse",
                                            "hookName": "PostToolUse:Bash", "command": "callback"})


def prompt(number, text):
    return record(number, "user", message={"role": "user", "content": text})


TURN = [prompt(1, "now run the tests again"), call(2, "Bash", "a", command="mise run test"), hook(3),
        result(43, "a", "Exit code 1\nFAIL: cmd/root_test.go", is_error=True),
        call(44, "Read", "b", file_path=ROOT + "/cmd/root.go"),
        call(45, "Bash", "c", command="git status && git diff --stat -- cmd/root.go | tail -n 3"),
        result(46, "c", "nothing to commit"), hook(46), result(47, "b", "package cmd"),
        call(48, "Edit", "d", file_path=ROOT + "/cmd/root.go", old_string="a\nb\nc",
             new_string="a\nx\ny\nz\nc"),
        result(49, "d", "The file has been updated."),
        said(50, "The import was missing. Tests pass now, all of them: 日本語 👨‍👩‍👧 too.")]


class Terminal(Case):
    def setUp(self):
        super().setUp()
        self.transcript = self.folder / "shop-1.jsonl"
        self.write(TURN)

    def write(self, records):
        self.transcript.write_text("".join(json.dumps(one) + "\n" for one in records))

    def shown(self, columns, *words, env=None, storm=False):
        """What a terminal of that width gets, without what a pager would do."""
        ours, theirs = pty.openpty()
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 50, columns, 0, 0))
        process = subprocess.Popen(
            [BIN, *map(str, words)], stdin=theirs, stdout=theirs, stderr=theirs,
            env=self.environment({"TERM": "xterm", "NO_COLOR": "1", "PAGER": "cat",
                                  "TZ": "Europe/Berlin", **(env or {})}))
        os.close(theirs)
        text = b""
        while True:
            if storm and process.poll() is None:
                process.send_signal(signal.SIGWINCH)
            try:
                part = os.read(ours, 65536)
            except OSError:
                break
            if not part:
                break
            text += part
        os.close(ours)
        self.assertEqual(0, process.wait(20), text)
        return text.decode().replace("\r\n", "\n")

    def check(self, name, text):
        if UPDATE:
            (GOLDEN / name).write_text(text)
        self.assertEqual((GOLDEN / name).read_text(), text)

    @staticmethod
    def width(line):
        plain = re.sub(r"\x1b\[[0-9;]*m", "", line)
        plain = re.sub("[\U0001f300-\U0001faff](\u200d[\U0001f300-\U0001faff])+", "\U0001f468", plain)
        return sum(0 if unicodedata.combining(c) or c == "\u200d"
                   else 2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in plain)


class Screens(Terminal):
    def test_a_conversation_at_each_width(self):
        for columns in (60, 80, 200):
            with self.subTest(columns=columns):
                self.check(f"timeline-{columns}.txt", self.shown(columns, "replay", self.transcript))

    def test_a_pipe_has_a_line_for_each_event(self):
        lines = self.ok("replay", self.transcript).lines()
        self.check("timeline-pipe.txt", "\n".join(lines) + "\n")
        numbers = [line for line in lines if line.startswith("#")]
        self.assertEqual([f"#{n}" for n in range(1, len(numbers) + 1)],
                         [line.split()[0] for line in numbers])
        self.assertTrue(lines[-1].startswith(f"Total: {len(numbers)} events"), lines[-1])

    def test_every_event_is_accounted_for(self):
        text = self.shown(100, "replay", self.transcript)
        events = len(self.ok("replay", self.transcript, "--format", "jsonl").lines())
        self.assertIn(f"Total: {events} events | ", text)
        self.assertIn("2 hook events", text)
        for flags in (["-v"], ["--no-fold"]):
            self.assertEqual(2, self.shown(100, "replay", self.transcript, *flags).count("  hook  "))
        self.assertIn("→ ", self.shown(100, "replay", self.transcript, "--no-pairs"))

    def test_types_that_are_asked_for_are_not_folded(self):
        text = self.shown(100, "replay", self.transcript, "-t", "custom")
        self.assertEqual(2, text.count("  hook  "), text)
        self.assertNotIn("-v shows them", text)

    def test_half_a_pair_is_left_alone(self):
        text = self.shown(100, "replay", self.transcript, "-t", "tool_result")
        self.assertEqual(4, text.count("  → "), text)
        self.assertNotIn("no result", self.shown(100, "replay", self.transcript, "-t", "tool_called"))
        self.write(TURN[:2])
        self.assertIn("no result", self.shown(100, "replay", self.transcript))

    def test_the_day_is_a_line_where_it_changes(self):
        self.write(TURN + [prompt(51, "go on") | {"timestamp": "2026-02-08T23:00:05.000Z"}])
        lines = self.shown(80, "replay", self.transcript).splitlines()
        self.assertRegex(lines[0], r"Sun 8 Feb 2026, Europe/Berlin$")
        day = lines.index("       Mon 9 Feb 2026")
        self.assertRegex(lines[day + 1], r"^#\d+ +00:00:05  user +go on$")
        self.assertIn("Sun 8 Feb 2026, UTC", self.shown(80, "replay", self.transcript, "--utc"))

    def test_colour_underlines_what_failed(self):
        text = self.shown(100, "replay", self.transcript, "--color", "always")
        self.assertIn("\x1b[31mfailed: exit 1\x1b[0m", text)

    def test_a_match_is_marked(self):
        found = ["replay", self.transcript, "-g", "stat.s"]
        self.assertIn("git «status» && git diff", self.shown(120, *found))
        self.assertIn("git \x1b[1;31mstatus\x1b[0m && git diff", self.shown(120, *found, "--color",
                                                                      "always"))
        self.assertIn("git status && git diff", self.ok(*map(str, found)).out)
        # In what is folded otherwise, and in what is no text.
        self.assertIn("command: «callback»", self.shown(120, "replay", self.transcript, "-g", "callback"))


class Times(Terminal):
    def test_styles(self):
        for style, first, second in (("clock", "22:59:01", "22:59:02"),
                                     ("iso", "2026-02-08T22:59:01.000Z", "2026-02-08T22:59:02.000Z"),
                                     ("elapsed", "00:00.000", "00:01.000"), ("delta", "+0", "+1.0 s")):
            with self.subTest(style=style):
                lines = self.ok("replay", self.transcript, "--time", style).lines()
                self.assertRegex(lines[1], rf"^#1 +{re.escape(first)}  user ")
                self.assertRegex(lines[2], rf"^#2 +{re.escape(second)}  ")
                self.assertEqual(1, sum("UTC" in line for line in lines))
        self.refused(2, "replay", self.transcript, "--time", "sundial", saying="sundial")

    def test_elapsed_counts_from_the_start_whatever_is_shown(self):
        self.create("a")
        self.append("a", *({"type": kind, "timestamp": f"2026-03-07T12:00:0{n}Z"}
                           for n, kind in enumerate(("x", "y", "z"))))
        log = self.log_of("a")
        for session in ("a", log):
            lines = self.ok("replay", session, "--time", "elapsed", "-t", "z").lines()
            self.assertRegex(lines[1], r"#3 +00:02\.000  z")


class All(Terminal):
    def test_rows_carry_an_id_to_paste(self):
        ids = ["1284c080-f9cd-45f8-9942-ff58f5c517e5", "1284c081-0000-4000-8000-000000000001",
               "run-7"]
        for at, session in enumerate(ids):
            self.create(session)
            self.append(session, {"type": "user_message", "payload": {"content": "x"},
                                  "timestamp": f"2026-03-0{3 - at}T12:00:00Z"})
        rows = [line for line in self.shown(100, "replay", "--all").splitlines() if "user" in line]
        shown = [row.split()[3] for row in rows]
        self.assertEqual(["run-7", "1284c081", "1284c080"], shown)
        for word in shown:
            self.ok("replay", word)
        self.assertIn(ids[0], self.ok("replay", "--all").out)


class BadInput(Terminal):
    def test_nothing_is_no_frame(self):
        self.create("a")
        self.append("a", "user_message")
        outcome = self.run_it("replay", "a", "--type", "eror")
        self.assertEqual("Total: 0 events\n", outcome.out)
        self.assertIn('no event is of type "eror"', outcome.err)

    def test_no_row_is_wider_than_the_screen(self):
        title = "👨‍👩‍👧 \u202e\x1b[31m日本語" * 200
        self.write([prompt(1, title), call(2, title, "a", command=title), result(3, "a", title),
                    call(4, "Bash", "b", file_path=title),
                    result(5, "b", title, is_error=True)] + TURN)
        for columns in (20, 33, 60, 80, 200):
            for flags in ([], ["--color", "always"], ["-v", "--no-pairs"], ["-g", "日本"]):
                text = self.shown(columns, "replay", self.transcript, *flags)
                for line in text.splitlines():
                    # Escapes of ours are wider than what they stand for, and printable.
                    self.assertLessEqual(self.width(line), columns, f"{columns} {flags} {line!r}")
                self.assertNotIn("\u202e", text)

    def test_a_terminal_that_can_do_nothing(self):
        for env in ({"TERM": "dumb"}, {"TERM": ""}, {"PAGER": "false"}, {"LANG": "", "LC_ALL": ""}):
            with self.subTest(env=env):
                text = self.shown(80, "replay", self.transcript, env={"NO_COLOR": "", **env})
                if "PAGER" not in env:
                    self.assertIn("mise run test", text)

    def test_a_storm_of_resizes(self):
        self.assertIn("Total: ", self.shown(80, "replay", self.transcript, storm=True))

    def test_a_value_of_five_megabytes(self):
        self.write([prompt(1, "x" * 5_000_000), call(2, "Write", "a", file_path="/a",
                                                     content="y\n" * 2_500_000), TURN[-1]])
        text = self.shown(80, "replay", self.transcript)
        self.assertLess(len(text), 2000)
        self.assertIn("+2,500,000", self.shown(80, "replay", self.transcript, "--no-pairs"))


@unittest.skipUnless(CORPUS, "AGENTSTORE_CORPUS is not set")
class RealLogs(Case):
    ROW = re.compile(r"^(?:│ )?#\d+ +\S+  (\S.*?)(?: +│)?$")

    def test_one_row_in_a_hundred_may_show_json(self):
        rows = raw = 0
        for folder in ("agent-logs", "transcripts-2026"):
            for path in sorted((Path(CORPUS) / folder).rglob("*.json*")):
                if path.is_file():
                    for line in self.run_it("replay", path).lines():
                        row = self.ROW.match(line)
                        if row is None:
                            continue
                        rows += 1
                        words = re.split(r" {2,}", row[1], maxsplit=1)[-1].removeprefix("→ ")
                        raw += bool(re.match(r'[{\[] ?["{\[\]}\d]', words))
        self.assertGreater(rows, 1000)
        self.assertLess(raw, rows / 100, f"{raw} of {rows}")


if __name__ == "__main__":
    main()
