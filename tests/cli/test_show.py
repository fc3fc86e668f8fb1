"""Events whole (show), what the model had seen (show --context), the conversation (replay --chat)."""

import fcntl
import json
import os
import pty
import re
import struct
import subprocess
import termios
from pathlib import Path

from support import BIN, Case, main, make_go_folder

ROOT = Path(__file__).resolve().parents[2]
SAMPLE = ROOT / "sample-data"
GOLDEN = ROOT / "tests/golden"
UPDATE = os.environ.get("AGENTSTORE_UPDATE_GOLDEN")
WIDTHS = (60, 80, 100, 200)


class OnScreens(Case):
    """What stands on terminals of several widths."""

    def setUp(self):
        super().setUp()
        make_go_folder(self.store)

    def on_screen(self, columns, *words, lines=50):
        ours, theirs = pty.openpty()
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))
        process = subprocess.Popen(
            [BIN, *map(str, words), "--no-pager", "--utc"], cwd=self.folder, stdin=theirs,
            stdout=theirs, stderr=theirs, env=self.environment({"TERM": "xterm"}))
        os.close(theirs)
        text = b""
        while True:
            try:
                piece = os.read(ours, 65536)
            except OSError:
                break
            if not piece:
                break
            text += piece
        os.close(ours)
        self.assertEqual(0, process.wait(20), text)
        return text.decode().replace("\r\n", "\n")

    def check_screens(self, name, *words):
        for columns in WIDTHS:
            with self.subTest(columns=columns):
                text = self.on_screen(columns, *words)
                path = GOLDEN / f"{name}-{columns}.txt"
                if UPDATE:
                    path.write_text(text)
                self.assertEqual(path.read_text(), text)
                plain = re.sub(r"\x1b\[[0-9;]*m", "", text)
                for line in plain.splitlines():
                    self.assertLessEqual(len(line), columns, line)

    def test_show(self):
        self.check_screens("show-call", "show", "3f6c0f5e#3", "--store", SAMPLE)
        self.check_screens("show-answer", "show", "flight-search#12..13", "--store", SAMPLE)

    def test_twenty_columns_and_odd_titles(self):
        self.create("s")
        self.append("s", {"type": "user_message",
                          "payload": {"content": "\U0001f468\u200d\U0001f469\u200d\U0001f467" * 2000
                                      + " \u202e\x1b[31m \u05d0\u05d1"}})
        for words in (["show", "s"], ["show", "--context", "s"], ["replay", "s", "--chat"]):
            text = self.on_screen(20, *words)
            self.assertNotIn("\u202e", text)
            self.assertNotIn("\x1b[31m \u05d0", text)

    def test_context(self):
        self.check_screens("show-context", "show", "--context", "support-48213#10", "--store", SAMPLE)

    def test_chat(self):
        self.check_screens("chat", "replay", "--chat", "support-48213", "--store", SAMPLE)


class Show(Case):
    def setUp(self):
        super().setUp()
        make_go_folder(self.store)

    def test_an_event_is_named_in_every_way(self):
        first = self.ok("show", "flight-1#2").out
        self.assertIn("#2  tool_called  search", first)
        for words in (["flight-1", "2"], ["flight-search#2"], ["fli#2..2"], ["flight-1@4#2"],
                      [f"{self.log_of('flight-1')}#2"]):
            with self.subTest(words=words):
                self.assertEqual(first.splitlines()[2:], self.ok("show", *words).lines()[2:])
        piped = self.ok("show", "-", "2", stdin=self.log_of("flight-1").read_bytes())
        self.assertEqual(first.splitlines()[2:], piped.lines()[2:])

    def test_without_an_event_the_last_one_is_shown(self):
        self.assertIn("#6  error", self.ok("show", "flight-1").out)
        self.assertIn("#6  error", self.ok("show", "@").out)
        self.assertIn("#4  llm_request", self.ok("show", "flight-1@4").out)

    def test_ranges_and_ids(self):
        self.assertEqual([2, 3, 4], self.shown("flight-1", "2..4"))
        self.assertEqual([1, 5, 6], self.shown("flight-1", "1", "5.."))
        self.create("s")
        self.append("s", {"type": "a", "event_id": "first"}, {"type": "b", "event_id": "7"})
        self.assertEqual([1], self.shown("s#first"))
        self.assertEqual([2], self.shown("s", "id:7"))

    def shown(self, *words):
        answer = self.ok("show", *words, "--json").json()
        self.assertEqual("agentstore/show/1", answer["schema"])
        numbers = [event["sequence_number"] for event in answer["events"]]
        self.assertEqual(numbers, [parts["sequence_number"] for parts in answer["parts"]])
        return numbers

    def test_what_is_not_there(self):
        self.refused(3, "show", "flight-1#99", saying=["no event #99", "its last is #6"])
        self.refused(3, "show", "flight-1", "0", saying="its last is #6")
        self.refused(3, "show", "flight-1", "nobody", saying="nobody")
        self.refused(3, "show", "nothing#1", saying="nothing")
        self.refused(2, "show", "flight-1", "4..2", saying="ends before it starts")
        self.refused(2, "show", saying="no session is named")
        self.create("empty")
        self.refused(3, "show", "empty", saying="no event")

    def test_a_name_may_hold_a_number_sign(self):
        self.create("x", "--name", "issue #16")
        self.append("x", "a")
        self.assertEqual([1], self.shown("issue #16"))
        self.assertEqual([1], self.shown("issue #16#1"))

    def test_call_and_result_belong_together(self):
        call = self.ok("show", "flight-1#2").out
        self.assertIn("  to  MUC\n", call)
        self.assertIn("  result #3 after 500 ms, failed: rate limit\n", call)
        result = self.ok("show", "flight-1#3").out
        self.assertIn("  call #2\n  to  MUC\n", result)
        both = self.ok("show", "flight-1", "2..3").out
        self.assertEqual(1, both.count("to  MUC"))
        parts = self.ok("show", "flight-1", "2..3", "--json").json()["parts"]
        self.assertEqual((3, 2), (parts[0]["result"], parts[1]["call"]))
        self.assertEqual(500, parts[0]["duration_ms"])

    def test_causes(self):
        self.create("s")
        self.append("s", {"type": "a", "event_id": "e1"},
                    {"type": "b", "metadata": {"causation_id": "e1", "correlation_id": "c9"}},
                    {"type": "c", "metadata": {"causation_id": "elsewhere"}})
        self.assertIn("  caused    #2 b\n", self.ok("show", "s#1").out)
        caused = self.ok("show", "s#2").out
        self.assertIn("#1 a\n", caused)
        self.assertIn("c9\n", caused)
        self.assertIn("elsewhere (no event of this session)", self.ok("show", "s#3").out)
        parts = self.ok("show", "s", "1..2", "--json").json()["parts"]
        self.assertEqual(([2], 1), (parts[0]["caused"], parts[1]["cause"]))

    def test_the_seal_is_for_who_asks(self):
        self.create("s")
        ack = self.append("s", "a", "b")[0]
        self.assertNotIn(ack["hash"], self.ok("show", "s#1").out)
        self.assertIn(ack["hash"], self.ok("show", "s#1", "-v").out)

    def test_nothing_is_cut_in_a_pipe(self):
        long = "word " * 3000 + "end"
        self.create("s")
        self.append("s", {"type": "user_message", "payload": {"content": long}})
        self.assertIn("  " + long, self.ok("show", "s").lines())

    def test_a_value_of_5_mb_is_shown_whole(self):
        self.create("s")
        long = "x" * 5_000_000
        self.append("s", {"type": "user_message", "payload": {"content": long}})
        self.assertIn("  " + long, self.ok("show", "s", timeout=20).lines())
        self.assertIn("  " + long, self.ok("replay", "s", "--chat", timeout=20).lines())

    def test_what_is_hostile_is_shown_and_does_nothing(self):
        text = self.ok("show", "hostile", "1..", "--store", SAMPLE).out
        self.assertIsNone(re.search(r"[\x00-\x09\x0b-\x1f\x7f\u200b\u200c\u200e\u200f\u202a-\u202e]", text))
        for line in text.splitlines():
            self.assertFalse(line.lstrip().startswith("::"), line)
            self.assertNotIn("##[", line)

    def test_chat_says_what_was_said(self):
        text = self.ok("replay", "--chat", "flight-1").out
        self.assertIn("user  12:00:00  #1\n  Find flights\n", text)
        self.assertIn("  · search  to=MUC  500 ms  failed: rate limit\n", text)
        self.assertIn("  Take EW456 at €65.10\n", text)
        self.assertIn("  ! error  #6  timeout\n", text)
        newest = self.ok("replay", "--chat", "flight-1", "-n", "1").out
        self.assertNotIn("Find flights", newest)
        self.assertIn("EW456", newest)
        self.ok("replay", "--chat", "flight-1", "-o", "chat.txt")
        self.assertEqual(text, (self.folder / "chat.txt").read_text())
        for words in (["--json"], ["--all"], ["-f"], ["-r"], ["--format", "jsonl"], ["--state"]):
            self.refused(2, "replay", "--chat", *(["flight-1"] if words != ["--all"] else []), *words)

    def test_context_says_what_was_seen(self):
        answer = self.ok("show", "--context", "flight-1#5", "--json").json()
        self.assertEqual("agentstore/context/1", answer["schema"])
        self.assertEqual(["user", "assistant", "tool", "user"],
                         [message["role"] for message in answer["messages"]])
        self.assertEqual(5, answer["sequence_number"])
        text = self.ok("show", "--context", "flight-1#5").out
        self.assertIn("in context at #5", text)
        self.assertIn("Total: 4 messages", text)
        self.refused(3, "show", "--context", "flight-1#50", saying="its last is #6")


if __name__ == "__main__":
    main()
