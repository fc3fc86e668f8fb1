import os
import subprocess
import unittest

from support import Case, main, make_go_folder

READING = [["sessions"], ["replay", "s"], ["state", "s"], ["stats", "s"], ["stats"], ["export", "s"],
           ["verify"]]


class Folders(Case):
    def test_missing(self):
        for words in READING:
            self.refused(3, *words, saying=str(self.store))

    def test_no_folder_or_of_something_else(self):
        self.store.write_text("a file")
        for words in READING + [["create"]]:
            self.refused(2, *words, saying=str(self.store))
        self.store.unlink()
        self.store.mkdir()
        (self.store / "holiday.jpg").write_text("x")
        for words in READING + [["create"]]:
            self.refused(2, *words, saying=str(self.store))
        self.assertEqual(["holiday.jpg"], os.listdir(self.store))

    @unittest.skipUnless(os.geteuid() == 0, "needs root, to become another user")
    def test_unreadable(self):
        self.create("s")
        self.append("s", "x")
        for words in READING:
            self.refused(5, *words, **self.as_nobody())

    def test_a_newer_format_is_refused(self):
        self.create("s")
        (self.store / "agentstore.json").write_text('{"format":99}\n')
        self.refused(2, "sessions", saying="format")


class Names(Case):
    def test_ids_that_can_never_be(self):
        self.create("first")
        for bad in ("a/b", "..", "../x", ".hidden", "-x", "a b", "ü", "x" * 129, "x" * 200, "a\x1b[0m",
                    "a\nb", "agentstore.x", "_x"):
            with self.subTest(bad=bad):
                outcome = self.refused(2, "create", "--", bad)
                self.assertNotIn("\x1b", outcome.err)
        self.assertEqual(["first.json"], os.listdir(self.store / "sessions"))
        self.assertEqual(0, self.run_it("create", "x" * 128).status)

    def test_reading_them_touches_nothing(self):
        self.create("first")
        for bad in ("..", "a\x1b", "x" * 200, "x" * 5000, "a\nb"):
            with self.subTest(bad=bad):
                self.refused(3, "replay", bad)
                self.assertIn(self.run_it("append", bad, "--type", "x").status, (2, 3))

    def test_types(self):
        self.create("s")
        for bad in ("agentstore.x", "", "a b", "1a", "x" * 129, "ä", "a\nb"):
            with self.subTest(bad=bad):
                self.refused(2, "append", "s", f"--type={bad}")
        self.assertEqual([], self.events("s"))


class Payloads(Case):
    def setUp(self):
        super().setUp()
        self.create("s")
        self.append("s", "first")

    def tearDown(self):
        self.assertEqual(["first"], [event["type"] for event in self.events("s")])
        self.assertEqual(0, self.run_it("verify", "s").status)
        super().tearDown()

    def test_what_a_payload_may_not_be(self):
        deep = "[" * 5000 + "]" * 5000
        for bad in ("", "{", "nul", "{'a':1}", "01", '{"a":1,"a":2}', '{"a":{"b":1,"\\u0062":2}}',
                    '"\x01"', "[1,]", "{} {}", "NaN", deep, "[" * 201 + "]" * 201, '"\\x"'):
            with self.subTest(bad=bad[:20]):
                self.refused(2, "append", "s", "--type", "x", f"--payload={bad}")
                if "\n" not in bad:
                    outcome = self.refused(2, "append", "s", "-", saying="stdin:1",
                                           stdin='{"type":"x","payload":' + bad + "}\n")
                    self.assertLess(len(outcome.err), 2000)

    def test_invalid_utf8(self):
        for bad in (b'"\xff"', b'"\xc0\xaf"', b'"\xed\xa0\x80"', b'"\xf4\x90\x80\x80"'):
            line = b'{"type":"x","payload":' + bad + b"}\n"
            self.refused(2, "append", "s", "-", stdin=line, saying="stdin:1")
            self.refused(2, "append", "s", "--type", "x", "--payload", bad.decode(errors="surrogateescape"))

    def test_metadata(self):
        for bad in ("[]", "1", "null", '{"tokens_in":"many"}', '{"extra":{"a":1}}', '{"a":1,"a":1}'):
            with self.subTest(bad=bad):
                self.refused(2, "append", "s", "--type", "x", "--metadata", bad)

    def test_a_draft_line_that_is_too_long(self):
        def lines():
            yield b'{"type":"x","payload":"'
            for _ in range(80):
                yield b"y" * (1 << 20)
            yield b'"}\n'
        process = self.start("append", "s", "-", stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                             stderr=subprocess.PIPE)
        try:
            for part in lines():
                process.stdin.write(part)
            process.stdin.close()
        except BrokenPipeError:
            pass
        self.assertEqual(2, process.wait(60))
        self.assertIn("stdin:1", process.stderr.read().decode())

    def test_a_batch_that_is_too_long(self):
        line = b'{"type":"x","payload":"' + b"y" * 1000 + b'"}\n'
        self.refused(2, "append", "s", "-", "--batch", stdin=line * 70_000, saying="64 MiB")


class Limits(Case):
    def test_negative_and_other_numbers_that_are_none(self):
        self.create("s")
        for words in (["sessions", "-n", "-1"], ["sessions", "--limit=-1"], ["sessions", "--offset", "-2"],
                      ["sessions", "-n", "x"], ["sessions", "-n", "1.5"], ["sessions", "-n", ""],
                      ["replay", "s", "-n", "-1"], ["state", "s", "--seq", "-1"],
                      ["sessions", "-n", "99999999999999999999999"],
                      ["replay", "s", "--since", "2026-02-01", "--until", "2026-01-01"]):
            with self.subTest(words=words):
                self.refused(2, *words)


class Logs(Case):
    """A log that is no file."""

    def setUp(self):
        super().setUp()
        self.sound = False
        self.create("s")
        self.append("s", "x")
        self.log = self.log_of("s")
        self.kept = self.folder / "kept.jsonl"
        os.rename(self.log, self.kept)

    def check(self):
        for words in (["replay", "s"], ["state", "s"], ["stats", "s"], ["export", "s", "-o", "x"],
                      ["append", "s", "--type", "y"]):
            with self.subTest(words=words):
                outcome = self.run_it(*words, timeout=20)
                self.assertIn(outcome.status, (1, 2, 5), str(outcome))
                self.assertTrue(outcome.err.startswith("agentstore: "), str(outcome))
        self.assertIn(self.run_it("sessions", timeout=20).status, (0, 5))
        self.assertNotEqual(0, self.run_it("verify", timeout=20).status)
        self.assertEqual(1, self.kept.read_bytes().count(b"\n"))

    def test_a_fifo(self):
        os.mkfifo(self.log)
        self.check()

    def test_a_folder(self):
        self.log.mkdir()
        self.check()

    def test_a_link(self):
        os.symlink(self.kept, self.log)
        self.check()

    def test_by_path_a_folder_and_nothing(self):
        for path in (f"{self.folder}/", f"{self.folder}/none.jsonl", "/dev/null/x"):
            outcome = self.run_it("replay", path, timeout=20)
            self.assertIn(outcome.status, (2, 3, 5), str(outcome))


class Stdout(Case):
    def setUp(self):
        super().setUp()
        make_go_folder(self.store)
        self.words = [["sessions"], ["replay", "flight-1"], ["replay", "--all", "--json"],
                      ["state", "flight-1"], ["stats"], ["export", "flight-1"], ["verify"],
                      ["--help"], ["--version"]]

    def test_full(self):
        with open("/dev/full", "wb") as full:
            for words in self.words:
                with self.subTest(words=words):
                    outcome = self.run_it(*words, stdout=full)
                    self.assertEqual(5, outcome.status, str(outcome))
                    self.assertIn("standard output", outcome.err)

    def test_closed_by_its_reader(self):
        for words in self.words:
            with self.subTest(words=words):
                read_end, write_end = os.pipe()
                os.close(read_end)
                outcome = self.run_it(*words, stdout=write_end)
                os.close(write_end)
                self.assertEqual((0, ""), (outcome.status, outcome.err), str(outcome))

    def test_closed_from_the_start(self):
        logs = {path: path.read_bytes() for path in (self.store / "events").iterdir()}
        for words in self.words:
            with self.subTest(words=words):
                outcome = self.run_it(*words, stdout=None, preexec_fn=lambda: os.close(1))
                self.assertEqual(5, outcome.status, str(outcome))
        self.assertEqual(logs, {path: path.read_bytes() for path in logs})

    def test_all_three_closed(self):
        def close_all():
            for descriptor in (0, 1, 2):
                os.close(descriptor)
        before = self.log_of("flight-1").read_bytes()
        self.run_it("append", "flight-1", "--type", "x", stdout=None, stderr=None,
                    stdin=subprocess.DEVNULL, preexec_fn=close_all)
        log = self.log_of("flight-1").read_bytes()
        self.assertTrue(log.startswith(before))
        self.assertEqual(7, log.count(b"\n"))
        self.assertEqual(0, self.run_it("replay", "flight-1").status)

    def test_full_while_appending(self):
        with open("/dev/full", "wb") as full:
            outcome = self.run_it("append", "flight-1", "-", stdin='{"type":"x"}\n', stdout=full)
        self.assertEqual(5, outcome.status, str(outcome))
        self.assertIn("stdin:1", outcome.err)
        self.assertEqual(0, self.run_it("replay", "flight-1").status)


if __name__ == "__main__":
    main()
