"""What the program takes at most, whatever it is given: time, memory, and room for copies."""

import json
import os
import resource
import shutil
import subprocess
import sys
import unittest

from support import BIN, Case, main

MIB = 1 << 20
COPIED_MIB_MAX = 65  # a line of 64 MiB, and what came before it

# What is asked, the payload's form, and how much memory it may take, in sizes of the payload.
PAYLOAD_MIB = 18
PAYLOAD_SIZES_MAX = 8
MEMORY = [
    (json.dumps({"text": "a\nb " * (PAYLOAD_MIB * MIB // 5)}),
     [(0, ["replay", "big", "--patch"]), (1, ["diff", "big", "small"])]),
    ('{"text":"' + "\\u4e2d" * (PAYLOAD_MIB * MIB // 6) + '"}',
     [(0, ["diff", "big", "big"])]),
    (json.dumps([{"number": number} for number in range(PAYLOAD_MIB * MIB // 21)]),
     [(0, ["replay", "big", "--state"]), (1, ["diff", "big", "small"])]),
]

MEASURE = """
import os, subprocess, sys
process = subprocess.Popen(sys.argv[1:], stdout=subprocess.DEVNULL)
_, ended, usage = os.wait4(process.pid, 0)
print(usage.ru_maxrss)
sys.exit(os.waitstatus_to_exitcode(ended))
"""

TREE_DEPTH = 20_000
TREE_MIB_MAX = 64


class Limits(Case):
    def least_memory(self):
        """What a limit on memory is held to has to be above what the program takes to start; a
        sanitizer takes more than any."""
        if self.run_it("--version", preexec_fn=self.with_memory(1024)).status != 0:
            self.skipTest("a sanitizer needs more memory than this leaves")

    @staticmethod
    def with_memory(mib):
        return lambda: resource.setrlimit(resource.RLIMIT_AS, (mib * MIB, mib * MIB))

    def peak_mib(self, status, *words):
        """Measured by a small program: a process begins with the peak of the one it came from."""
        done = self.run_it("-c", MEASURE, BIN, *words, program=sys.executable)
        self.assertEqual(status, done.status, str(done))
        return int(done.out) / 1024

    def append_text(self, session, payload):
        path = self.folder / "payload.json"
        path.write_text(payload)
        self.ok("append", session, "--type", "custom", "--payload", f"@{path}")


class Time(Limits):
    def test_an_expression_that_explodes_is_stopped(self):
        self.create("s")
        self.append_text("s", json.dumps({"text": "a" * (8 * MIB)}))
        many = "GLOB '*" + "[ab]" * 200 + "c'"
        # All at once: each is stopped after two seconds.
        asked = [(["replay", "s", "--where", f"payload {many}"], "--where"),
                 (["bisect", "s", f"data_custom_text {many}"], "the condition")]
        started = [(self.start(*words, stdout=subprocess.PIPE, stderr=subprocess.PIPE), words, whose)
                   for words, whose in asked]
        for process, words, whose in started:
            out, err = process.communicate(timeout=30)
            self.assertEqual((2, b""), (process.returncode, out), words)
            self.assertIn(f"{whose} takes more than 2 seconds for one event", err.decode())


class Copies(Limits):
    """What comes through a pipe is copied, and a line that does not end is not copied for ever."""

    def setUp(self):
        super().setUp()
        self.create("s")
        self.append("s", {"type": "user_message", "payload": {"content": "hi"}})
        self.event = self.log_of("s").read_bytes()
        self.record = (b'{"type":"user","sessionId":"t","uuid":"u","timestamp":'
                       b'"2026-03-07T12:00:00Z","message":{"role":"user","content":"hi"}}\n')
        self.copies = self.folder / "copies"
        self.copies.mkdir()

    def refused_early(self, stdin, *words, saying):
        """Of an input of `stdin` and zeros without end."""
        def little_room():
            resource.setrlimit(resource.RLIMIT_FSIZE, (COPIED_MIB_MAX * MIB,) * 2)
        endless = subprocess.Popen(["sh", "-c", 'cat "$0" /dev/zero', stdin], stdout=subprocess.PIPE,
                                   stderr=subprocess.DEVNULL)
        self.addCleanup(self.stop, endless)
        outcome = self.run_it(*words, stdin=endless.stdout, preexec_fn=little_room,
                              env={"TMPDIR": str(self.copies)})
        self.assertEqual(2, outcome.status, str(outcome))
        self.assertIn(saying, outcome.err)
        self.assertEqual([], os.listdir(self.copies))

    def test_a_line_without_end(self):
        path = self.folder / "input"
        for begin, commands in ((self.event, (["verify", "-"], ["import", "-"])),
                                (self.record, (["replay", "-", "-q"], ["import", "-", "--json"])),
                                (b"", (["verify", "-"],))):
            path.write_bytes(begin)
            for words in commands:
                with self.subTest(begin=begin, words=words):
                    saying = "line 2 is longer than 64 MiB" if begin else "no line of it is JSON"
                    self.refused_early(path, *words, saying=saying)

    def test_a_compressed_line_without_end(self):
        if shutil.which("zstd") is None:
            self.skipTest("there is no zstd")
        path = self.folder / "bomb.jsonl.zst"
        with open(path, "wb") as bomb:
            made = subprocess.Popen(["zstd", "-q", "-c"], stdin=subprocess.PIPE, stdout=bomb)
            made.stdin.write(self.event)
            for _ in range(80):
                made.stdin.write(bytes(MIB))
            made.stdin.close()
            self.assertEqual(0, made.wait())
        for words in (["verify", path], ["replay", path, "-q"], ["import", path]):
            with self.subTest(words=words):
                self.refused(2, *words, saying="bomb.jsonl.zst")


class Memory(Limits):
    def test_long_payloads(self):
        self.least_memory()
        self.create("small")
        self.append("small", {"type": "custom", "payload": {"text": "a"}})
        for number, (payload, asked) in enumerate(MEMORY):
            self.create(f"big-{number}")
            self.append_text(f"big-{number}", payload)
            for status, words in asked:
                with self.subTest(form=number, words=words):
                    words = [f"big-{number}" if word == "big" else word for word in words]
                    self.assertLess(self.peak_mib(status, *words), PAYLOAD_SIZES_MAX * PAYLOAD_MIB)

    def test_sessions_of_sessions_of_sessions(self):
        self.least_memory()
        self.create("s-0")
        for number in range(1, TREE_DEPTH):
            (self.store / f"sessions/s-{number}.json").write_text(json.dumps({
                "id": f"s-{number}", "labels": {"parent_session": f"s-{number - 1}"},
                "created_at": "2026-03-07T12:00:00Z", "updated_at": "2026-03-07T12:00:00Z",
                "event_count": 0}))
        self.assertLess(self.peak_mib(0, "sessions", "--tree"), TREE_MIB_MAX)

    def test_without_memory(self):
        self.least_memory()
        self.create("s")
        self.append_text("s", json.dumps({"text": "a" * (4 * MIB)}))
        for words in (["replay", "s", "--json"], ["diff", "s", "s"], ["verify", "s"],
                      ["replay", "s", "--where", "payload LIKE '%b%'"], ["stats", "s"],
                      ["append", "s", "--type", "t", "--payload", f"@{self.folder / 'payload.json'}"]):
            seen = set()
            for mib in (24, 64, 80, 96, 144):
                with self.subTest(words=words, mib=mib):
                    outcome = self.run_it(*words, preexec_fn=self.with_memory(mib))
                    seen.add(outcome.status)
                    self.assertIn(outcome.status, (0, 5), str(outcome))
                    if outcome.status == 5:
                        self.assertIn("out of memory", outcome.err)
            self.assertIn(5, seen, words)
        self.ok("verify", "s")


if __name__ == "__main__":
    main()
