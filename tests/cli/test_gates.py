"""What a decision says of inputs that are torn, damaged, empty, mistyped or read in part: the exit
status of every deciding command over every kind of input."""

import gzip
import json
import os
import shutil
import unittest

from support import Case, main

USAGE = '"model":"m","usage":{"input_tokens":100,"output_tokens":1}'


def answer(number, usage=USAGE, session="s-1"):
    return (f'{{"type":"assistant","sessionId":"{session}","uuid":"u{number}",'
            f'"timestamp":"2026-03-07T12:00:0{number}Z","message":{{"id":"m{number}",'
            f'"role":"assistant","content":[{{"type":"text","text":"hi"}}],{usage}}}}}\n')


def assertion(session, true=True):
    """Each deciding command, asking what is true of each input, or false."""
    return {
        "stats": ["stats", session, "--assert", "tokens_in <= 500" if true else "tokens_in < 0"],
        "balance": ["balance", session, "--assert", "balance >= 0" if true else "balance < 0"],
        "whatif": ["whatif", session, "--insert-after", '0={"type":"custom"}', "--fail-on",
                   "balance < 0" if true else "balance >= 0"],
        "bisect": ["bisect", session, "balance > 5" if true else "balance > 500"],
        "diff": ["diff", session, session if true else session + "@1"],
        "quiet": ["replay", session, "-q", "-t", "Funds*" if true else "error"],
        "audit": ["audit", session, "--max-events", "50" if true else "1"],
    }


# Statuses of stats, balance, whatif, bisect, diff, quiet, audit, in that order.
COMMANDS = ["stats", "balance", "whatif", "bisect", "diff", "quiet", "audit"]
TRUE = {
    "whole": [0, 0, 0, 0, 0, 0, 0],
    "torn": [7, 7, 7, 7, 7, 7, 7],
    "damaged": [1, 1, 1, 1, 1, 1, 1],
    "lost": [1, 1, 1, 1, 1, 1, 1],
    "extract": [7, 7, 7, 7, 7, 7, 7],
    "empty": [7, 7, 7, 7, 7, 1, 7],
    "redacted": [0, 7, 7, 7, 7, 0, 7],
}
FALSE = {
    "whole": [1, 1, 1, 1, 1, 1, 1],
    "torn": [1, 1, 1, 1, 1, 7, 1],
    "damaged": [1, 1, 1, 1, 1, 1, 1],
    "lost": [1, 1, 1, 1, 1, 1, 1],
    "extract": [1, 1, 1, 1, 1, 7, 1],
}


class Table(Case):
    def setUp(self):
        super().setUp()
        self.sound = False
        self.create("whole")
        self.append("whole", *[{"type": "FundsDeposited", "payload": {"amount": n}}
                               for n in (10, 20, 30)])
        before = self.store / "before"
        shutil.copytree(self.store / "events", before)
        log = self.log_of("whole")
        size = log.stat().st_size
        whole = self.folder / "whole"
        shutil.copytree(self.store, whole)
        self.append("whole", {"type": "FundsWithdrawn", "payload": {"amount": 1}})
        cut = log.read_bytes()[size:-40]
        shutil.rmtree(self.store)
        shutil.copytree(whole, self.store)
        shutil.rmtree(self.store / "before")

        self.at = {"whole": self.store}
        for kind in ("torn", "damaged", "lost", "redacted", "empty"):
            self.at[kind] = self.folder / kind
            shutil.copytree(self.store, self.at[kind])
        torn = self.at["torn"] / "events/whole.jsonl"
        torn.write_bytes(torn.read_bytes() + cut)
        damaged = self.at["damaged"] / "events/whole.jsonl"
        damaged.write_bytes(damaged.read_bytes().replace(b'"amount":20', b'"amount":2}', 1))
        lost = self.at["lost"] / "events/whole.jsonl"
        lines = lost.read_bytes().splitlines(keepends=True)
        lost.write_bytes(b"".join(lines[:2]))
        self.named = {"extract": self.folder / "extract.jsonl"}
        self.named["extract"].write_bytes(lines[0] + lines[2])
        self.at["extract"] = self.store
        self.run_it("--store", self.at["redacted"], "redact", "whole", "2", "--reason", "r")
        shutil.rmtree(self.at["empty"])
        self.ok("--store", self.at["empty"], "create", "whole")

    def check(self, table, true):
        for kind, statuses in table.items():
            for command, status in zip(COMMANDS, statuses):
                with self.subTest(kind=kind, command=command, true=true):
                    words = assertion(str(self.named.get(kind, "whole")), true)[command]
                    outcome = self.run_it("--store", self.at[kind], *words)
                    self.assertEqual(status, outcome.status, str(outcome))
                    if status:
                        self.assertTrue(outcome.err or command in ("quiet", "diff", "audit"))
                    if status == 7:
                        self.assertIn("could not be judged", outcome.err, str(outcome))

    def test_what_is_true(self):
        self.check(TRUE, True)

    def test_what_is_false(self):
        self.check(FALSE, False)

    def test_the_words_that_accept_it(self):
        for command, words in assertion("whole").items():
            with self.subTest(command=command):
                outcome = self.run_it("--store", self.at["torn"], *words, "--on-corrupt", "prefix")
                self.assertEqual(0, outcome.status, str(outcome))
                self.assertIn("warning", outcome.err)
                if command in ("stats", "balance", "whatif", "diff"):
                    outcome = self.run_it("--store", self.at["empty"], *words, "--allow-empty")
                    self.assertEqual(0, outcome.status, str(outcome))

    def test_an_extract_is_what_was_asked_about(self):
        for true in (True, False):
            for command, words in assertion(str(self.named["extract"]), true).items():
                with self.subTest(command=command, true=true):
                    outcome = self.run_it(*words, "--extract")
                    self.assertEqual(0 if true else 1, outcome.status, str(outcome))

    def test_answers_say_what_they_lack(self):
        for words in (["stats", "whole"], ["state", "whole"], ["balance", "whole"],
                      ["diff", "whole", "whole"], ["bisect", "whole", "balance > 5"],
                      ["blame", "whole"], ["whatif", "whole", "--without", "1"]):
            with self.subTest(words=words):
                torn = self.run_it("--store", self.at["torn"], *words, "--json")
                self.assertIn(":4: ", torn.json()["incomplete"][0])
                self.assertEqual([], self.run_it(*words, "--json").json()["incomplete"])
        redacted = self.run_it("--store", self.at["redacted"], "balance", "whole", "--json")
        self.assertEqual([2], redacted.json()["incomplete"])

    def test_without_a_decision_nothing_changes(self):
        for words in (["stats", "whole"], ["state", "whole"], ["balance", "whole"],
                      ["replay", "whole"], ["whatif", "whole", "--without", "1"]):
            for kind in ("torn", "empty"):
                with self.subTest(words=words, kind=kind):
                    if kind == "empty" and words[0] == "whatif":
                        continue
                    outcome = self.run_it("--store", self.at[kind], *words)
                    self.assertEqual(0, outcome.status, str(outcome))


class LongLog(Case):
    """Over 64 MiB, those who only look at a log leave its seals to `verify`; who decides does not."""

    def test_an_edited_event_of_a_long_log(self):
        self.sound = False
        self.create("s")
        self.append("s", *[{"type": "FundsDeposited", "payload": {"amount": n}} for n in (1, 2)])
        payload = self.folder / "payload.json"
        payload.write_text('"' + "word " * (33 * 2**20 // 5) + '"')
        for _ in range(2):
            self.ok("append", "s", "--type", "note", "--payload", f"@{payload}")
        self.assertGreater(self.log_of("s").stat().st_size, 64 << 20)
        with open(self.log_of("s"), "r+b") as log:
            log.seek(16 << 20)
            log.write(b"W")
        told = self.run_it("stats", "s", "--json")
        self.assertEqual((0, 4), (told.status, told.json()["events"]), str(told))
        self.assertIn("seals were not checked", told.err)
        for words in (["stats", "s", "--assert", "events = 4"],
                      ["balance", "s", "--assert", "balance >= 0"],
                      ["whatif", "s", "--insert-after", '0={"type":"note"}', "--fail-on", "balance < 0"],
                      ["bisect", "s", "balance > 1"], ["diff", "s", "s"],
                      ["replay", "s", "-q", "-t", "FundsDeposited"]):
            with self.subTest(words=words):
                outcome = self.run_it(*words)
                self.assertEqual(1, outcome.status, str(outcome))
                self.assertIn("line 3", outcome.err)


class NothingMatches(Case):
    def setUp(self):
        super().setUp()
        self.create("a")
        self.append("a", {"type": "user_message"}, {"type": "FundsDeposited", "payload": {"amount": 5}})
        self.create("b")
        self.append("b", {"type": "llm_response", "payload": {"content": "x"}})

    def test_a_gate_over_nothing_is_not_passed(self):
        for words in (["stats", "a", "--type", "nosuch", "--assert", "errors = 0"],
                      ["stats", "a", "--since", "2099-01-01", "--assert", "errors = 0"],
                      ["stats", "a", "--seq", "100..", "--assert", "errors = 0"],
                      ["diff", "a", "b", "--only", "nosuch"],
                      ["balance", "a", "--asset", "NOPE", "--assert", "balance >= 0"],
                      ["balance", "a", "--before", "1999-01-01", "--assert", "balance >= 0"],
                      ["whatif", "a", "--without-type", "nosuch", "--fail-on", "balance < 0"]):
            with self.subTest(words=words):
                outcome = self.run_it(*words)
                self.assertEqual(7, outcome.status, str(outcome))
                self.assertIn("could not be judged", outcome.err)
                allowed = self.run_it(*words, "--allow-empty")
                self.assertEqual(0, allowed.status, str(allowed))

    def test_an_asset_that_no_event_moves(self):
        self.append("a", {"type": "FundsDeposited", "payload": {"amount": 5, "asset": "EUR"}})
        for words in (["whatif", "a", "--without", "1", "--fail-on", "by_asset_EURO < 0"],
                      ["bisect", "a", "by_asset_EURO > 5"],
                      ["balance", "a", "--asset", "EURO", "--assert", "balance >= 0"],
                      ["balance", "a", "--assert", "by_asset_EURO >= 0"]):
            with self.subTest(words=words):
                outcome = self.run_it(*words)
                self.assertEqual(7, outcome.status, str(outcome))
                self.assertEqual(1, outcome.err.count('moves "EURO"; did you mean "EUR"?'), str(outcome))
                allowed = self.run_it(*words, "--allow-empty")
                self.assertEqual(1 if words[0] == "bisect" else 0, allowed.status, str(allowed))
        outcome = self.run_it("whatif", "b", "--without", "1", "--fail-on", "balance < 0")
        self.assertEqual(7, outcome.status, str(outcome))
        self.assertIn("no event of the ledger", outcome.err)

    def test_a_store_without_sessions(self):
        shutil.rmtree(self.store / "events")
        shutil.rmtree(self.store / "sessions")
        (self.store / "events").mkdir()
        (self.store / "sessions").mkdir()
        self.assertEqual(7, self.run_it("stats", "--assert", "errors = 0").status)

    def test_a_run_that_wrote_nothing(self):
        run = self.create()
        outcome = self.run_it("append", run, "-", stdin="")
        self.assertEqual(0, outcome.status, str(outcome))
        self.assertEqual(7, self.run_it("stats", run, "--assert", "errors = 0").status)

    def test_one_of_the_known_types_counts_zero(self):
        self.ok("stats", "a", "--type", "error", "--assert", "events = 0")

    def test_one_of_several_types_is_mistyped(self):
        outcome = self.run_it("stats", "a", "-t", "user_message,user_mesage", "--assert", "events = 1")
        self.assertEqual(7, outcome.status, str(outcome))
        self.assertIn('"user_mesage"', outcome.err)
        self.assertIn('did you mean "user_message"?', outcome.err)

    def test_the_empty_answer_names_the_nearest(self):
        for words in (["replay", "a", "--type", "FundsDepositd"],
                      ["replay", "--all", "--type", "FundsDepositd"],
                      ["replay", "a", "--state", "--type", "FundsDepositd"],
                      ["stats", "a", "--type", "FundsDepositd"],
                      ["stats", "a", "--not-type", "FundsDepositd"],
                      ["diff", "a", "a", "--only", "FundsDepositd"],
                      ["whatif", "a", "--without-type", "FundsDepositd"]):
            with self.subTest(words=words):
                outcome = self.run_it(*words)
                self.assertIn('no event is of type "FundsDepositd"', outcome.err, str(outcome))
                self.assertIn('did you mean "FundsDeposited"?', outcome.err, str(outcome))
                self.assertEqual(7 if words[0] == "diff" else 0, outcome.status, str(outcome))

    def test_a_range_beyond_the_end(self):
        for words in (["replay", "a", "--seq", "100.."], ["stats", "a", "--seq", "100..200"]):
            outcome = self.run_it(*words)
            self.assertEqual(0, outcome.status, str(outcome))
            self.assertIn("there is no event #100", outcome.err)
            self.assertIn("#2", outcome.err)

    def test_a_label_that_no_session_has(self):
        self.create("--label", "env=prod", "c")
        outcome = self.run_it("sessions", "--label", "evn=prod")
        self.assertEqual(0, outcome.status)
        self.assertIn('no session has the label "evn"', outcome.err)
        self.assertIn('did you mean "env"?', outcome.err)
        outcome = self.run_it("sessions", "--label", "env=prd")
        self.assertIn('did you mean "env=prod"?', outcome.err)

    def test_an_asset_that_nothing_moves(self):
        self.append("a", {"type": "FundsDeposited", "payload": {"amount": 5, "asset": "EUR"}})
        outcome = self.run_it("balance", "a", "--asset", "EURO")
        self.assertEqual(0, outcome.status)
        self.assertIn('did you mean "EUR"?', outcome.err)


class Transcripts(Case):
    def setUp(self):
        super().setUp()
        self.root = self.folder / "claude"
        (self.root / "p").mkdir(parents=True)
        (self.root / "p/a.jsonl").write_text(answer(1))
        self.gate = ["--store", f"claude:{self.root}", "stats", "--assert", "tokens_in <= 1000"]

    def held(self, status, naming=None, words=None):
        outcome = self.run_it(*(words or self.gate))
        self.assertEqual(status, outcome.status, str(outcome))
        if naming:
            self.assertIn(naming, outcome.err, str(outcome))
        return outcome

    def test_a_whole_folder(self):
        self.held(0)

    def test_a_transcript_that_cannot_be_read(self):
        broken = gzip.compress(answer(2, session="s-2").encode())[:-12]
        (self.root / "p/b.jsonl.gz").write_bytes(broken)
        self.held(7, "b.jsonl.gz")
        told = self.run_it("--store", f"claude:{self.root}", "stats", "--json")
        self.assertIn("b.jsonl.gz", told.json()["incomplete"][0])
        for words in (["stats"], ["stats", "--json"], ["sessions"], ["sessions", "-l", "--json"], ["find", "hi"],
                      ["find", "hi", "-c"], ["find", "hi", "-q"], ["replay", "-a"], ["replay", "-a", "-q"],
                      ["replay", "s-1"], ["state", "s-1"], ["verify"]):
            with self.subTest(words):
                outcome = self.run_it("--store", f"claude:{self.root}", *words)
                self.assertEqual(7, outcome.status, str(outcome))
                self.assertIn("b.jsonl.gz", outcome.err, str(outcome))
        (self.root / "p/a.jsonl").unlink()
        self.held(5, "b.jsonl.gz")

    @unittest.skipIf(os.geteuid() != 0, "needs to become another user")
    def test_files_and_folders_of_others(self):
        (self.root / "p/b.jsonl").write_text(answer(2, session="s-2"))
        (self.root / "p/b.jsonl").chmod(0)
        self.folder.chmod(0o755)
        nobody = self.as_nobody()
        outcome = self.run_it(*self.gate, **nobody)
        self.assertEqual(7, outcome.status, str(outcome))
        self.assertIn("b.jsonl", outcome.err)
        (self.root / "p/b.jsonl").unlink()
        (self.root / "q").mkdir(mode=0o700)
        outcome = self.run_it(*self.gate, **nobody)
        self.assertEqual(7, outcome.status, str(outcome))
        self.assertIn("claude/q", outcome.err)

    def test_a_file_of_zeros_may_have_been_one(self):
        (self.root / "p/b.jsonl").write_bytes(bytes(512))
        self.held(7, "b.jsonl")

    def test_other_files_are_none(self):
        (self.root / "p/notes.jsonl").write_text('{"project":"x"}\n')
        (self.root / "p/index.json").write_text("[1,2]\n")
        (self.root / "p/empty.jsonl").write_text("")
        self.held(0)

    def test_lines_that_were_skipped(self):
        for bad in (answer(2).replace(":100", ":NaN"), answer(2).replace("hi", "h\x01"),
                    answer(2)[:-30] + "\n", answer(2)[:-30]):
            with self.subTest(bad=bad):
                (self.root / "p/a.jsonl").write_text(answer(1) + bad)
                self.held(7)
                self.held(7, words=["stats", self.root / "p/a.jsonl", *self.gate[-2:]])
                told = self.run_it("stats", self.root / "p/a.jsonl", "--json")
                self.assertEqual(0, told.status)
                self.assertIn("a.jsonl:2: ", told.json()["incomplete"][0])

    def test_usage_that_could_not_be_read(self):
        for token in ('"100"', "-5", "null", "1.5", "1e30", "true"):
            with self.subTest(token=token):
                usage = USAGE.replace(":100", ":" + token)
                (self.root / "p/a.jsonl").write_text(answer(1) + answer(2, usage))
                outcome = self.held(7, "a.jsonl:2: ")
                self.assertIn("input_tokens", outcome.err)
                told = self.run_it("stats", self.root / "p/a.jsonl", "--json").json()
                self.assertEqual(1, len(told["incomplete"]), told)

    def test_whole_numbers_in_another_form(self):
        usage = USAGE.replace(":100", ":10.0").replace(":1}", ":1e2}")
        (self.root / "p/a.jsonl").write_text(answer(1, usage))
        self.held(0)
        told = self.run_it("stats", self.root / "p/a.jsonl", "--json").json()
        self.assertEqual((10, 100), (told["tokens_in"], told["tokens_out"]))

    def test_a_record_with_a_key_twice(self):
        twice = answer(2).replace('"role"', '"id":"m9","role"')
        (self.root / "p/a.jsonl").write_text(answer(1) + twice)
        self.held(7, "a.jsonl:2: ")

    def test_an_import_keeps_what_was_not_read(self):
        (self.root / "p/a.jsonl").write_text(answer(1) + answer(2, USAGE.replace(":100", ':"100"')))
        self.run_it("import", self.root)
        outcome = self.run_it("stats", "--assert", "tokens_in <= 1000")
        self.assertEqual(7, outcome.status, str(outcome))
        self.assertIn("input_tokens", outcome.err)


class NamedTwice(Case):
    def setUp(self):
        super().setUp()
        self.create("a")
        self.append("a", {"type": "llm_response", "metadata": {"tokens_in": 7}})

    def test_counts_once(self):
        link = self.folder / "link.jsonl"
        link.hardlink_to(self.log_of("a"))
        other = self.folder / "other"
        other.symlink_to(self.store)
        for words in (["a", "a"], ["a", "@"], ["a", self.log_of("a")], [link, self.log_of("a")],
                      [link, "a", "@"], ["a", other / "events/a.jsonl"],
                      [self.log_of("a"), "data/events/../events/a.jsonl"]):
            with self.subTest(words=words):
                outcome = self.run_it("stats", *words, "--json")
                self.assertEqual(0, outcome.status, str(outcome))
                self.assertEqual((7, 1), (outcome.json()["tokens_in"], outcome.json()["sessions"]))
                self.assertEqual("a", outcome.json()["session_id"])
                self.assertIn("counts once", json.loads(outcome.err.splitlines()[0])["note"]["message"])
                outcome = self.run_it("verify", *words, "--json")
                self.assertEqual(1, len(outcome.json()["sessions"]), str(outcome))

    def test_two_points_of_one_session_are_a_contradiction(self):
        self.append("a", {"type": "llm_response"})
        for words in (["a@1", "a@2"], ["a@1", "a"], ["a", "a@1"], ["a@2", "@@1"]):
            with self.subTest(words=words):
                self.refused(2, "stats", *words, saying=["is named at two points", "#1"])
        outcome = self.run_it("stats", "a@1", "a@1", "--json")
        self.assertEqual((0, 1), (outcome.status, outcome.json()["events"]), str(outcome))

    def test_two_logs_that_are_alike_are_two(self):
        copy = self.folder / "copy.jsonl"
        shutil.copy(self.log_of("a"), copy)
        self.assertEqual(14, self.ok("stats", "a", copy, "--json").json()["tokens_in"])


if __name__ == "__main__":
    main()
