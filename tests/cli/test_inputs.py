import gzip
import json

from support import Case, main, make_go_folder


class Inputs(Case):
    """What a path or a pipe holds: logs, exports, arrays, extracts; read alike by every command."""

    def setUp(self):
        super().setUp()
        self.create("s", "--name", "shop")
        for kind, payload in (("FundsDeposited", {"amount": 100}), ("BetPlaced", {"amount": 25.5}),
                              ("user_message", {"content": "},\n{ \"\u2028"}),
                              ("BetWon", {"amount": 51}), ("FundsWithdrawn", {"amount": 20})):
            self.append("s", {"type": kind, "payload": payload})
        self.log = self.log_of("s").read_text()
        self.lines = self.log.splitlines(keepends=True)

    def forms(self):
        """Every form in which the whole session can be given."""
        array = self.ok("replay", "s", "--json").out
        return {
            "log": self.log,
            "document": self.ok("export", "s", "--json").out,
            "lines": self.ok("export", "s", "--format", "jsonl").out,
            "array": array,
            "array on one line": "[" + ",".join(line.strip() for line in self.lines) + "]",
        }

    def asked(self, word, stdin=b""):
        """What each command says of an input."""
        verified = self.ok("verify", word, "--json", stdin=stdin).json()["sessions"][0]
        return {
            "verify": verified,
            "replay": self.ok("replay", word, "--format", "jsonl", stdin=stdin).out,
            "newest": self.ok("replay", word, "--format", "jsonl", "-n", "2", stdin=stdin).out,
            "state": self.ok("state", word, "--json", stdin=stdin).json(),
            "balance": self.ok("balance", word, "--json", stdin=stdin).json(),
            "stats": self.ok("stats", word, "--json", stdin=stdin).json()["by_type"],
            "blame": self.ok("blame", word, "/version", stdin=stdin).out,
            "export": self.ok("export", word, "--format", "jsonl", stdin=stdin).lines()[1:],
            "whatif": self.ok("whatif", word, "--without", "2", "--json", stdin=stdin).json()["fields"],
            "diff": self.ok("diff", word, "s", stdin=stdin).status,
        }

    def test_every_form_is_read_alike_by_path_and_through_a_pipe(self):
        path = self.folder / "whole"
        path.write_text(self.log)
        expected = None
        for name, text in self.forms().items():
            path = self.folder / "whole.jsonl"
            path.write_text(text)
            packed = self.folder / "packed.jsonl.gz"
            packed.write_bytes(gzip.compress(text.encode()))
            with self.subTest(form=name):
                answers = self.asked(path)
                self.assertEqual("clean", answers["verify"]["verdict"])
                self.assertEqual(self.log, answers["replay"])
                self.assertEqual("".join(self.lines[-2:]), answers["newest"])
                expected = expected or answers
                self.assertEqual(expected, answers)
            for word, stdin in (("-", text), (packed, b""), ("-", gzip.compress(text.encode()))):
                with self.subTest(form=name, word=word):
                    verified = self.ok("verify", word, "--json", stdin=stdin).json()["sessions"][0]
                    self.assertEqual(expected["verify"], verified)
                    self.assertEqual(expected["balance"],
                                     self.ok("balance", word, "--json", stdin=stdin).json())

    def test_every_form_is_imported_byte_for_byte(self):
        for at, (name, text) in enumerate(self.forms().items()):
            for word, stdin in ((self.folder / "in.jsonl", b""), ("-", text)):
                with self.subTest(form=name, word=word):
                    (self.folder / "in.jsonl").write_text(text)
                    other = self.folder / f"other-{at}-{word == '-'}"
                    env = {"AGENTSTORE_STORE": str(other)}
                    outcome = self.run_it("import", word, stdin=stdin, env=env)
                    self.assertEqual(0, outcome.status, str(outcome))
                    self.assertEqual(self.log, (other / "events/s.jsonl").read_text())

    def test_a_seal_in_an_export_is_checked(self):
        for name, text in self.forms().items():
            with self.subTest(form=name):
                edited = text.replace('"amount":51', '"amount":91')
                outcome = self.run_it("verify", "-", "--json", stdin=edited)
                self.assertEqual(1, outcome.status, str(outcome))
                found, = outcome.json()["sessions"]
                self.assertEqual("damaged", found["verdict"])
                self.assertEqual(4, found["findings"][0]["sequence_number"])
                self.assertEqual(5 if name == "lines" else 4, found["findings"][0]["line"])

    def test_an_export_laid_out_anew_is_read_and_never_clean(self):
        text = json.dumps(json.loads(self.forms()["document"]), indent=2)
        outcome = self.run_it("verify", "-", "--json", stdin=text)
        self.assertEqual(1, outcome.status, str(outcome))
        self.assertEqual("damaged", outcome.json()["sessions"][0]["verdict"])
        self.assertEqual("layout", outcome.json()["sessions"][0]["findings"][0]["kind"])
        outcome = self.run_it("replay", "-", "--format", "jsonl", stdin=text)
        self.assertEqual((0, self.log), (outcome.status, outcome.out), str(outcome))
        self.assertIn("another program laid out its events anew", outcome.err)

    def test_an_export_of_another_session_than_it_says(self):
        text = self.forms()["lines"].replace('"id":"s"', '"id":"other"', 1)
        outcome = self.run_it("verify", "-", "--json", stdin=text)
        self.assertEqual(1, outcome.status, str(outcome))
        self.assertEqual("session", outcome.json()["sessions"][0]["findings"][0]["kind"])

    def test_an_export_cut_off_is_refused(self):
        text = self.forms()["document"]
        self.refused(2, "verify", "-", stdin=text[:len(text) // 2], saying=('"-"', "ends early"))
        self.refused(2, "stats", "-", stdin=text + "{}", saying="something follows the end")

    def test_empty_standard_input_is_nothing_to_verify(self):
        for text in ("", "[]\n"):
            with self.subTest(text=text):
                outcome = self.run_it("verify", "-", stdin=text)
                self.assertEqual(7, outcome.status, str(outcome))
                self.assertIn("nothing was verified", outcome.err)

    def test_a_log_of_the_go_library(self):
        go = make_go_folder(self.folder / "go")
        text = (go / "events/flight-1.jsonl").read_text()
        for form in (text, json.dumps([json.loads(line) for line in text.splitlines()], indent=1)):
            self.assertEqual("unsealed", self.run_it("verify", "-", "--json", stdin=form).json()
                             ["sessions"][0]["verdict"])

    def test_a_path_into_a_store_is_that_store_s_session(self):
        other = {"AGENTSTORE_STORE": str(self.folder / "other")}
        by_path = self.ok("stats", self.log_of("s"), "--json", env=other).json()
        self.assertEqual("shop", by_path["name"])
        self.log_of("s").write_text("".join(self.lines[2:]))
        self.sound = False
        outcome = self.run_it("verify", self.log_of("s"), "--json", "--extract", env=other)
        self.assertEqual(1, outcome.status, str(outcome))
        self.assertIn(outcome.json()["sessions"][0]["verdict"], ("damaged", "lost"))


class Extracts(Case):
    def setUp(self):
        super().setUp()
        self.create("s")
        for n in range(1, 9):
            self.append("s", {"type": "tool_called" if n % 3 == 0 else "user_message",
                              "payload": {"content": f"line {n}", "amount": n}})
        self.append("s", "a", "b", "c", "d")
        self.lines = self.log_of("s").read_text().splitlines(keepends=True)

    def extract(self, *numbers):
        return "".join(self.lines[n - 1] for n in numbers)

    def verdict(self, text, status, *words):
        outcome = self.run_it("verify", "-", "--json", *words, stdin=text)
        self.assertEqual(status, outcome.status, str(outcome))
        found, = outcome.json()["sessions"]
        return found

    CASES = {  # numbers, and those that are absent
        (3, 6): [[1, 2], [4, 5]],
        (2, 3, 4): [[1, 1]],
        (1, 2, 8): [[3, 7]],
        (10, 11): [[1, 9], [12, 12]],
        (1, 10, 12): [[2, 9], [11, 11]],
        (9, 10): [[1, 8], [11, 12]],
        (1, 2, 3, 4, 5, 6, 7, 8, 9, 10): [[11, 12]],
        (12,): [[1, 11]],
    }

    def test_what_is_absent_is_named_and_the_rest_is_read(self):
        for numbers, ranges in self.CASES.items():
            with self.subTest(numbers=numbers):
                text = self.extract(*numbers)
                found = self.verdict(text, 1)
                self.assertEqual("extract", found["verdict"])
                self.assertEqual(ranges, found["absent"]["ranges"])
                self.assertEqual(sum(b - a + 1 for a, b in ranges), found["absent"]["events"])
                self.assertEqual([], found["findings"])
                self.assertEqual(found, self.verdict(text, 0, "--extract"))
                outcome = self.run_it("replay", "-", "--format", "jsonl", stdin=text)
                self.assertEqual((0, text), (outcome.status, outcome.out), str(outcome))
                self.assertIn("agentstore: replay: note: - is an extract: ", outcome.err)
                newest = self.run_it("replay", "-", "--format", "jsonl", "-n", "2", stdin=text)
                self.assertEqual(self.extract(*numbers[-2:]), newest.out, str(newest))
                stats = self.run_it("stats", "-", "--json", stdin=text)
                self.assertEqual((0, len(numbers)), (stats.status, stats.json()["events"]))

    def test_the_first_events_of_a_log_are_a_log(self):
        self.assertEqual("clean", self.verdict(self.extract(1, 2, 3), 0)["verdict"])

    def test_what_replay_filters_is_an_extract(self):
        text = self.ok("replay", "s", "-t", "tool_called", "--format", "jsonl").out
        self.assertEqual(2, self.verdict(text, 1)["events"])
        array = self.ok("replay", "s", "-t", "tool_called", "--json").out
        self.assertEqual("extract", self.verdict(array, 1)["verdict"])

    def test_an_edited_line_of_an_extract_is_damage(self):
        text = self.extract(3, 5, 6, 7).replace("line 6", "line 9")
        self.assertEqual("damaged", self.verdict(text, 1, "--extract")["verdict"])

    def test_numbers_that_do_not_rise_are_damage(self):
        for numbers in ((5, 3), (3, 3), (2, 3, 2)):
            with self.subTest(numbers=numbers):
                self.assertEqual("damaged", self.verdict(self.extract(*numbers), 1)["verdict"])

    def test_neighbors_are_held_to_the_chain(self):
        self.create("t")
        for n in range(1, 9):
            self.append("t", {"type": "user_message", "payload": {"content": f"other {n}"}})
        other = self.log_of("t").read_text().replace('"session_id":"t"', '"session_id":"s"')
        text = self.extract(3) + other.splitlines(keepends=True)[3] + self.extract(8)
        self.assertEqual("damaged", self.verdict(text, 1, "--extract")["verdict"])

    def test_a_fold_says_what_is_absent(self):
        for command in (["state"], ["balance"], ["whatif", "--without", "3"]):
            with self.subTest(command=command):
                words = [command[0], "-", *command[1:], "--json"]
                outcome = self.run_it(*words, stdin=self.extract(2, 3, 5))
                self.assertEqual(0, outcome.status, str(outcome))
                self.assertIn("is an extract: 2 events are absent (#1, #4)", outcome.err)

    def test_import_takes_whole_logs(self):
        env = {"AGENTSTORE_STORE": str(self.folder / "other")}
        outcome = self.run_it("import", "-", stdin=self.extract(2, 3), env=env)
        self.assertEqual(7, outcome.status, str(outcome))
        self.assertIn("is an extract", outcome.err)
        self.assertFalse((self.folder / "other/events/s.jsonl").exists())

    def test_what_is_no_input_is_refused_by_every_command(self):
        for words in (["verify", "-"], ["replay", "-"], ["replay", "-", "-q"], ["replay", "-", "--json"],
                      ["stats", "-"], ["state", "-"], ["balance", "-"], ["diff", "-", "s"],
                      ["bisect", "-", "event_count > 3"], ["export", "-"], ["import", "-"]):
            with self.subTest(words=words):
                self.refused(2, *words, stdin='{"type', saying='"-": its format is not known')

    def test_nothing_repairs_standard_input(self):
        for words in (["replay", "-"], ["stats", "-", "--json"]):
            outcome = self.run_it(*words, stdin=self.log_of("s").read_bytes()[:-9])
            self.assertIn("cut off", outcome.err)
            self.assertNotIn("repairs it", outcome.err)

    def test_redactions_are_held_to_what_is_there(self):
        self.assertEqual(0, self.run_it("redact", "s", "2", "--reason", "asked").status)
        lines = self.log_of("s").read_text().splitlines(keepends=True)
        self.assertEqual([], self.verdict(lines[1], 1)["findings"])
        self.assertEqual([], self.verdict(lines[12], 1)["findings"])
        self.assertEqual([], self.verdict(lines[1] + lines[12], 1)["findings"])
        standing = self.extract(2) + lines[12]
        self.assertEqual("redaction", self.verdict(standing, 1)["findings"][0]["kind"])

    def test_a_pipe_that_cannot_be_read_is_refused_by_whatever_reads_it(self):
        for words in (["replay", "-"], ["replay", "-", "--json"], ["stats", "-"], ["state", "-"],
                      ["balance", "-"], ["verify", "-"], ["whatif", "-", "--without", "1"],
                      ["bisect", "-", "events > 0"], ["blame", "-", "/a"], ["import", "-"]):
            with self.subTest(words=words):
                outcome = self.run_it(*words, stdin="no JSON\n")
                self.assertEqual(2, outcome.status, str(outcome))
                self.assertIn("-", outcome.err)


if __name__ == "__main__":
    main()
