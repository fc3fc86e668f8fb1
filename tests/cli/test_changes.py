"""What each event did to the state: replay --state, --patch, --step."""

import fcntl
import json
import os
import pty
import re
import select
import signal
import struct
import subprocess
import termios
import time

from casino import make_account
from support import BIN, Case, main, make_go_folder


def apply_patch(document, patch):
    """RFC 6902, as far as it is used: add, remove, replace."""
    for operation in patch:
        tokens = [token.replace("~1", "/").replace("~0", "~")
                  for token in operation["path"].split("/")[1:]]
        if not tokens:
            document = operation["value"]
            continue
        place = document
        for token in tokens[:-1]:
            place = place[int(token)] if isinstance(place, list) else place[token]
        last = tokens[-1]
        if isinstance(place, list):
            assert operation["op"] == "add" and last == "-", operation
            place.append(operation["value"])
        elif operation["op"] == "remove":
            del place[last]
        else:
            assert operation["op"] == "add" or last in place, operation
            place[last] = operation["value"]
    return document


class Changes(Case):
    def setUp(self):
        super().setUp()
        make_account(self)

    def test_state(self):
        text = self.ok("replay", "agent-001", "--state").out
        self.assertRegex(text, r"(?m)^#5 .*BetPlaced .*340\.55$")
        self.assertRegex(text, r"(?m)^ +balance 1090\.5 -> 749\.95$")
        self.assertRegex(text, r"(?m)^ +by_asset_BTC \(none\) -> 0\.2$")
        self.assertRegex(text, r"(?m)^Total: 7 events")
        one = self.ok("replay", "agent-001", "--state", "--projection", "balance", "--type",
                      "FeeCharged", "--json").json()
        self.assertEqual([{"sequence_number": 6, "type": "FeeCharged",
                           "timestamp": "2026-03-01T00:00:05.000000000Z", "changes": [
                               {"field": "balance", "pointer": "/balance",
                                "before": 749.95, "after": 749.85},
                               {"field": "by_asset_PFLEA", "pointer": "/by_asset/PFLEA",
                                "before": 749.95, "after": 749.85}]}], one)
        lines = self.ok("replay", "agent-001", "--state", "--format", "jsonl", "--seq", "2..3")
        self.assertEqual([2, 3], [json.loads(line)["sequence_number"] for line in lines.lines()])

    def test_patches_lead_to_the_state(self):
        make_go_folder(self.folder / "go")
        for session, words in [("agent-001", []), ("flight-1", ["--store", self.folder / "go"])]:
            for projection in ("session", "conversation", "pnl", "balance"):
                with self.subTest(session=session, projection=projection):
                    document = {}
                    lines = self.ok("replay", session, "--patch", "--projection", projection,
                                    *words).lines()
                    self.assertEqual(7 if session == "agent-001" else 6, len(lines))
                    for line in lines:
                        document = apply_patch(document, json.loads(line))
                    state = self.ok("replay", session, "--patch", "--projection", projection,
                                    "--json", *words).json()
                    again = {}
                    for patch in state:
                        again = apply_patch(again, patch)
                    self.assertEqual(document, again)
        document = {}
        for line in self.ok("replay", "agent-001", "--patch").lines():
            document = apply_patch(document, json.loads(line))
        self.assertEqual(self.ok("state", "agent-001", "--json").json()["state"], document)

    def test_patches_of_some_events_lead_there_too(self):
        document = {}
        for line in self.ok("replay", "agent-001", "--patch", "-t", "BetWon,FundsDeposited").lines():
            document = apply_patch(document, json.loads(line))
        self.assertEqual(self.ok("state", "agent-001", "--json").json()["state"], document)

    def test_what_was_redacted_is_named(self):
        make_account(self, "account")
        self.run_it("redact", "account", "5", "--reason", "GDPR")
        for words in (["--state"], ["--state", "--json"], ["--patch", "--projection", "pnl"]):
            outcome = self.run_it("replay", "account", *words)
            self.assertEqual(7, outcome.status, str(outcome))
            self.assertEqual(1, outcome.err.count("#5: its payload was redacted"))
        self.ok("replay", "account", "--state", "--seq", "1..4")

    def test_misuse(self):
        for words in (["--state", "--patch"], ["--state", "--reverse"], ["--patch", "-n", "3"],
                      ["--state", "--follow"], ["--projection", "balance"],
                      ["--state", "--projection", "balnce"]):
            with self.subTest(words=words):
                self.refused(2, "replay", "agent-001", *words)
        self.refused(2, "replay", "--all", "--state", saying="--all")
        self.refused(2, "replay", "agent-001", "--step", saying="terminal")


class StepsCase(Case):
    """A terminal of our own, and what stands on it."""

    def setUp(self):
        super().setUp()
        make_account(self)
        self.prepare()
        self.terminal, inside = pty.openpty()
        self.addCleanup(os.close, self.terminal)
        fcntl.ioctl(inside, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
        self.modes = termios.tcgetattr(inside)
        os.environ["TERM"] = "xterm"  # whatever the tests run on
        self.process = self.start("replay", *self.named(), "--step", stdin=inside, stdout=inside,
                                  stderr=inside)
        self.inside = inside
        self.addCleanup(os.close, inside)

    def prepare(self):
        pass

    def named(self):
        return ["agent-001"]

    def resize(self, lines, columns):
        fcntl.ioctl(self.inside, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))
        self.process.send_signal(signal.SIGWINCH)

    def screen(self, *until):
        """What was written until all that stands there; escapes are left out. What comes first may
        be the rest of the screen before."""
        text, end = "", time.monotonic() + 20
        while time.monotonic() < end:
            if select.select([self.terminal], [], [], 0.05)[0]:
                text += os.read(self.terminal, 65536).decode(errors="replace")
            plain = re.sub(r"\x1b\[[?0-9;]*[A-Za-z]", "", text)
            if all(word in plain for word in until):
                return plain
        self.fail(f"{until!r} never came: {text!r}")

    def in_turn(self, first, then):
        """Waits until something stands after something else."""
        text, end = "", time.monotonic() + 20
        while time.monotonic() < end:
            if select.select([self.terminal], [], [], 0.05)[0]:
                text += os.read(self.terminal, 65536).decode(errors="replace")
            if first in text and then in text[text.rfind(first):]:
                return
        self.fail(f"{first!r}, then {then!r} never came: {text!r}")

    def press(self, keys):
        os.write(self.terminal, keys.encode())


class Steps(StepsCase):
    def test_forward_and_back(self):
        self.screen("#1 ", "AgentRegistered")
        self.press("n")
        self.screen("FaucetClaimed", "balance 0 -> 1000")
        self.press("\x1b[C")
        self.screen("BetPlaced", "balance 1000 -> 900")
        self.press("\x1b[D")
        self.screen("FaucetClaimed", "balance 0 -> 1000")
        self.press("5\r")
        self.screen("340.55", "balance 1090.5 -> 749.95")
        self.press("\x1b[D")
        self.screen("190.5", "#4  00:03.000  BetWon")
        self.press("G")
        self.screen("the last event", "FundsDeposited")
        self.press("b")
        self.screen("FeeCharged")
        self.press("g")
        self.screen("AgentRegistered")
        self.press("q")
        self.assertEqual(0, self.process.wait(20))
        self.assertEqual(self.modes, termios.tcgetattr(self.inside))

    def test_control_c_leaves_the_terminal_as_it_was(self):
        self.screen("#1 ")
        self.press("\x03")
        self.assertEqual(0, self.process.wait(20))
        self.assertEqual(self.modes, termios.tcgetattr(self.inside))

    def test_a_signal_leaves_the_terminal_as_it_was(self):
        for ending in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGQUIT):
            with self.subTest(signal=ending):
                self.screen("#1 ")
                self.assertNotEqual(self.modes, termios.tcgetattr(self.inside))
                self.process.send_signal(ending)
                self.assertEqual(-ending, self.process.wait(20))
                self.assertEqual(self.modes, termios.tcgetattr(self.inside))
                self.assertTrue(os.read(self.terminal, 65536).endswith(b"\x1b[?25h\x1b[?1049l"))
                self.process = self.start("replay", "agent-001", "--step", stdin=self.inside,
                                          stdout=self.inside, stderr=self.inside)


class LongSteps(StepsCase):
    """Events that do not fit, and how what is looked for is found."""

    def prepare(self):
        self.create("long")
        self.append("long", {"type": "user_message", "payload": {
                        "content": "\n".join(f"row {n}" for n in range(1, 101))}},
                    {"type": "tool_called", "payload": {"tool": "sh", "args": {"command": "Make It"}, "id": "1"}},
                    {"type": "tool_result", "payload": {"id": "1", "exit_code": 1, "output": "no needle"}},
                    {"type": "llm_response", "payload": {"content": "a Needle, and m\u00d6re"}},
                    {"type": "error", "payload": {"message": "gone"}})

    def named(self):
        return ["long"]

    def test_what_does_not_fit_is_said_and_scrolled_to(self):
        self.screen("row 1", "more lines, j scrolls")
        self.press("j")
        self.screen("row 2", "row 20")
        self.press(" ")
        self.screen("row 36")
        self.press("\x1b[5~")
        self.screen("row 2", "row 20")
        self.press("k\x1b[6~\x1b[6~\x1b[6~\x1b[6~\x1b[6~\x1b[6~\x1b[6~\x1b[6~")
        self.screen("state so far", "row 100")
        self.press("l")
        self.screen("#2 ", "Make It")

    def test_search(self):
        self.screen("row 1")
        self.press("/needle\r")
        self.screen("#3 ", "no needle")
        self.press("n")
        self.screen("#4 ", "a Needle")
        self.press("n")
        self.screen('no event after this one has "needle"')
        self.press("N")
        self.screen("#3 ")
        self.press("/Needle\r")
        self.screen("#4 ")
        self.press("g/m\u00f6re\r")
        self.screen("#4 ")
        self.press("/xy\x7f\x7f\x7f")
        self.in_turn("/xy", "q quit")
        # Until the escape was taken, it might begin a key of several bytes.
        self.press("/zz\x1b")
        self.in_turn("/zz", "q quit")
        self.press("g")
        self.screen("#1 ")

    def test_errors_and_types(self):
        self.screen("row 1")
        self.press("e")
        self.screen("#3 ", "no needle")
        self.press("e")
        self.screen("#5 ", "gone")
        self.press("e")
        self.screen("no error after this one")
        self.press("ttool_*\r")
        self.screen("#3 ", "only tool_*")
        self.press("b")
        self.screen("#2 ")
        self.press("tnothing\r")
        self.screen("no event is of these types")
        self.press("t\r")
        self.press("g")
        self.screen("#1 ", "row 1")

    def test_help(self):
        self.screen("row 1")
        self.press("?")
        self.screen("the next error or failure", "any key goes back")
        self.press("x")
        self.screen("row 1")
        self.press("q")
        self.assertEqual(0, self.process.wait(20))

    def test_another_size_is_drawn_anew(self):
        self.screen("row 1", "? help")
        self.resize(40, 100)
        self.screen("row 30")
        self.resize(10, 20)
        self.screen("row 5", "… ", "#1 ")
        for _ in range(300):
            self.process.send_signal(signal.SIGWINCH)
        self.resize(2, 3)
        self.resize(24, 80)
        self.screen("row 18", "? help")
        self.press("q")
        self.assertEqual(0, self.process.wait(20))
        self.assertEqual(self.modes, termios.tcgetattr(self.inside))

    def test_no_line_is_wider_than_a_narrow_screen(self):
        self.screen("row 1")
        self.resize(24, 20)
        plain = self.screen("#1 ", "… ")
        self.press("G")
        plain = self.screen("gone")
        for line in plain.splitlines()[-20:]:
            self.assertLessEqual(len(line), 20, line)


class OtherTerminals(Case):
    def test_one_that_cannot_place_its_cursor_is_refused(self):
        make_account(self)
        ours, theirs = pty.openpty()
        self.addCleanup(os.close, ours)
        self.addCleanup(os.close, theirs)
        for name, word in (("dumb", "TERM is dumb"), ("", "TERM is not set"), ("nobody-knows", "terminfo")):
            with self.subTest(term=name):
                outcome = self.run_it("replay", "agent-001", "--step", stdin=theirs, stdout=theirs,
                                      env={"TERM": name})
                self.assertEqual(2, outcome.status)
                self.assertIn(word, outcome.err)

    def test_the_end_of_its_input_is_the_end(self):
        make_account(self)
        ours, theirs = pty.openpty()
        process = subprocess.Popen([BIN, "replay", "agent-001", "--step"], stdin=theirs, stdout=theirs,
                                   stderr=subprocess.PIPE, env=self.environment({"TERM": "xterm"}))
        self.addCleanup(self.stop, process)
        os.close(theirs)
        os.read(ours, 65536)
        os.close(ours)
        self.assertIsNotNone(process.wait(20))


class IncompleteSteps(StepsCase):
    """What a redaction took away is missing from every state behind it, however it is come to."""

    def prepare(self):
        self.run_it("redact", "agent-001", "4", "--reason", "GDPR")

    def test_forward_and_back(self):
        self.screen("state so far")
        self.press("3\r")
        self.assertNotIn("incomplete", self.screen("#3 "))
        self.press("n")
        self.screen("state so far, incomplete: redacted was #4")
        self.press("b")
        self.assertNotIn("incomplete", self.screen("#3 "))
        self.press("G")
        self.screen("state so far, incomplete: redacted was #4")
        self.press("g")
        self.assertNotIn("incomplete", self.screen("#1 "))
        self.press("5\r")
        self.screen("state so far, incomplete: redacted was #4")


if __name__ == "__main__":
    main()
