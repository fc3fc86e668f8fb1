"""One grammar of flags: what means the same in every command, and the old spellings."""

import json
import re
import shutil
from pathlib import Path

from support import Case, main

ROOT = Path(__file__).resolve().parents[2]
SAMPLE = ROOT / "sample-data"

# Old spelling, new spelling: both are taken, and answer the same.
RENAMED = [
    ("balance --all-sessions", "balance --all"),
    ("whatif S --without-type BetWon", "whatif S --not-type BetWon"),
    ("diff S S@1 --only BetWon", "diff S S@1 --type BetWon"),
    ("verify --snapshots", "verify --caches"),
    ("sessions", "sessions --all"),
    ("verify", "verify -a"),
    ("stats --data-dir STORE", "stats --store STORE"),
    ("balance S --fail-on 'balance < 0'", "balance S --assert 'NOT (balance < 0)'"),
]


class Grammar(Case):
    def setUp(self):
        super().setUp()
        self.create("agent-007", "--name", "S", "--label", "env=prod", "--label", "project=shop")
        self.append("agent-007",
                    {"type": "FundsDeposited", "payload": {"amount": 10},
                     "timestamp": "2026-03-01T00:00:00Z"},
                    {"type": "BetWon", "payload": {"amount": 5},
                     "timestamp": "2026-03-02T00:00:00Z"})
        self.create("agent-008", "--label", "env=test")
        self.append("agent-008", {"type": "note", "timestamp": "2026-03-03T00:00:00Z"})

    def words(self, line):
        import shlex
        return [word.replace("STORE", str(self.store)) for word in shlex.split(line)]

    def ids(self, *words, **more):
        return [one["id"] for one in self.ok("sessions", "--json", *words, **more).json()["sessions"]]

    def test_old_spellings_are_taken_and_hidden(self):
        for old, new in RENAMED:
            with self.subTest(old=old):
                answers = [self.run_it(*self.words(line)) for line in (old, new)]
                self.assertEqual(answers[0].status, answers[1].status, str(answers[0]))
                self.assertEqual(answers[0].out, answers[1].out)
                self.assertLess(answers[0].status, 2, str(answers[0]))
        for flag, command in (("--all-sessions", "balance"), ("--without-type", "whatif"),
                              ("--only", "diff"), ("--snapshots", "verify"), ("--all", "sessions")):
            shown = re.findall(r"^  (-\S+)", self.ok(command, "--help").out, re.M)
            self.assertNotIn(flag, ",".join(shown).split(","), command)

    def test_conditions_in_every_command_that_has_one(self):
        for words, true, false in (
                (("replay", "S"), "seq > 0", "seq > 1"),
                (("state", "S", "--projection", "balance"), "balance = 15", "balance = 16"),
                (("stats", "S"), "events = 2", "events = 3"),
                (("balance", "S"), "balance >= 0", "balance > 100"),
                (("whatif", "S", "--without", "1"), "balance = 5", "balance = 6")):
            with self.subTest(command=words[0]):
                self.assertEqual(0, self.run_it(*words, "--assert", true).status)
                self.assertEqual(1, self.run_it(*words, "--assert", false).status)
                self.assertEqual(0, self.run_it(*words, "--fail-on", f"NOT ({true})").status)
                self.assertEqual(1, self.run_it(*words, "--fail-on", true).status)
                told = self.run_it(*words, "--fail-on", true).err
                self.assertIn(": true", told)
                self.assertIn(true, told)
                for word in ("--assert", "NOT (", "not true"):
                    self.assertNotIn(word, told)
                self.assertIn("not true", self.run_it(*words, "--assert", false).err)
                both = self.run_it(*words, "--assert", true, "--fail-on", true)
                self.assertEqual(1, both.status, str(both))
                self.refused(2, *words, "--fail-on", "1 +", saying="--fail-on")

    def test_an_answer_may_go_to_a_file_or_nowhere(self):
        for words in (["sessions"], ["state", "S"], ["stats", "S"], ["balance", "S"],
                      ["whatif", "S", "--without", "1"], ["blame", "S", "/balance"],
                      ["bisect", "S", "balance > 1"], ["diff", "S", "S"], ["verify"],
                      ["replay", "S"], ["export", "S"]):
            with self.subTest(command=words[0]):
                shown = self.ok(*words).out
                self.assertEqual("", self.ok(*words, "-o", "answer").out)
                self.assertEqual(shown, (self.folder / "answer").read_text())
                if words[0] != "export":
                    self.assertEqual("", self.ok(*words, "-q").out)

    def test_an_answer_is_not_written_over_what_is_read(self):
        log = self.folder / "log.jsonl"
        log.write_bytes(self.log_of("agent-007").read_bytes())
        self.refused(2, "stats", log, "-o", log, saying="the file that is read")
        self.refused(2, "stats", "S", "-o", self.log_of("agent-007"), saying="in the store")

    def test_labels_and_projects_choose_among_all_sessions(self):
        for words in (["--label", "env=prod"], ["--project", "shop"],
                      ["--project", "shop", "--label", "env=prod"]):
            self.assertEqual(["agent-007"], self.ids(*words))
            self.assertEqual(2, self.ok("stats", "--json", *words).json()["events"])
            lines = self.ok("replay", "--all", "--format", "jsonl", *words).lines()
            self.assertEqual({"agent-007"}, {json.loads(line)["session_id"] for line in lines})
            found = self.ok("verify", "--json", *words).json()["sessions"]
            self.assertEqual(["agent-007"], [one["session_id"] for one in found])
            found = self.ok("balance", "--all", "--json", *words).json()["sessions"]
            self.assertEqual(["agent-007"], [one["session_id"] for one in found])
        self.assertEqual(7, self.run_it("stats", "--label", "env=none", "--assert",
                                        "events >= 0").status)

    def test_several_stores_are_read_as_one(self):
        other = self.folder / "other"
        self.ok("create", "b-1", "--store", other)
        self.ok("append", "b-1", "--type", "note", "--store", other)
        both = ["--store", self.store, "--store", other]
        self.assertEqual({"agent-007", "agent-008", "b-1"}, set(self.ids(*both)))
        listed = self.ok("sessions", "--json", *both).json()["sessions"]
        self.assertEqual({"b-1": str(other), "agent-007": str(self.store),
                          "agent-008": str(self.store)},
                         {one["id"]: one["store"] for one in listed})
        self.assertNotIn("store", self.ok("sessions", "--json").json()["sessions"][0])
        self.assertEqual((3, 4), tuple(self.ok("stats", "--json", *both).json()[key]
                                       for key in ("sessions", "events")))
        self.assertEqual(4, len(self.ok("replay", "--all", "--format", "jsonl", *both).lines()))
        self.assertEqual(3, len(self.ok("verify", "--json", *both).json()["sessions"]))
        self.assertEqual(2, len(self.ids(*both, "-n", "2")))
        for word in ("b-1", "b", "@"):
            self.assertEqual("b-1", self.ok("state", word, "--json", *both).json()["session_id"])
        self.assertEqual("agent-007",
                         self.ok("state", "S@1", "--json", *both).json()["session_id"])

    def test_a_session_of_two_stores_is_ambiguous(self):
        other = self.folder / "other"
        self.ok("create", "agent-007", "--store", other)
        both = ["--store", self.store, "--store", other]
        for word in ("agent-007", "agent-007@0"):
            self.refused(3, "replay", word, *both, saying=[str(self.store), str(other)])
        self.ok("replay", "agent-007", "--store", other)

    def test_a_session_of_two_stores_counts_once_in_sums(self):
        other = self.folder / "other"
        shutil.copytree(self.store, other)
        self.ok("append", "agent-007", "--type", "note", "--store", other)
        alone = self.ok("stats", "--json", "--store", other).json()
        both = self.run_it("stats", "--json", "--store", self.store, "--store", other)
        self.assertEqual([alone["sessions"], alone["events"]],
                         [both.json()["sessions"], both.json()["events"]])
        self.assertIn("counts once", both.err)

    def test_each_store_has_its_own_ledger(self):
        other = self.folder / "other"
        self.ok("create", "b-1", "--store", other)
        self.ok("append", "b-1", "--type", "Paid", "--payload", '{"amount":5}', "--store", other)
        (other / "ledger.json").write_text('{"default_asset":"PFLEA","types":{"Paid":{"sign":1,"amount":"/amount"}}}')
        first, second, both = (
            self.ok("balance", "--all", "--json", *words).json()["by_asset"]["PFLEA"]
            for words in (["--store", self.store], ["--store", other],
                          ["--store", self.store, "--store", other]))
        self.assertEqual((5, first + 5), (second, both))

    def test_writing_is_done_in_one_store(self):
        for words in (["append", "S", "--type", "x"], ["create", "x"], ["label", "S", "a=b"],
                      ["repair", "S"], ["redact", "S", "1", "--reason", "x"]):
            self.refused(2, *words, "--store", self.store, "--store", self.folder / "other",
                         saying="several stores")
            self.refused(2, *words, "--store", "all", saying="several stores")

    def claude(self):
        projects = self.home / ".claude/projects"
        projects.mkdir(parents=True)
        for file in (SAMPLE / "transcripts/claude").rglob("*.jsonl"):
            (projects / file.name).write_bytes(file.read_bytes())
        return projects

    def test_all_that_is_on_this_machine(self):
        projects = self.claude()
        listed = self.ok("sessions", "--json", "--store", "all").json()["sessions"]
        self.assertEqual({str(self.store), f"claude:{projects}"}, {one["store"] for one in listed})
        one = next(one["id"] for one in listed if one["store"].startswith("claude:"))
        self.assertEqual(one, self.ok("state", one, "--store", "all", "--json").json()["session_id"])
        self.ok("stats", "--store", "all", "--by", "model")
        nothing = {"AGENTSTORE_STORE": "", "HOME": str(self.folder)}
        self.refused(3, "sessions", "--store", "all", env=nothing, saying="no store on this machine")

    def test_home_is_expanded(self):
        self.claude()
        (self.home / "data").symlink_to(self.store)
        self.assertEqual(2, len(self.ids("--store", "~/data")))
        self.assertEqual(2, len(self.ids("--store=~/data")))
        self.assertEqual(2, len(self.ids(env={"AGENTSTORE_STORE": "~/data"})))
        self.assertEqual(self.ids("--store", "claude:"), self.ids("--store", "claude:~/.claude/projects"))
        log = self.home / "log.jsonl"
        log.write_bytes(self.log_of("agent-007").read_bytes())
        self.assertEqual(2, len(self.ok("replay", "~/log.jsonl", "--format", "jsonl").lines()))
        self.ok("stats", "S", "-o", "~/answer")
        self.assertTrue((self.home / "answer").exists())

    def test_the_format_of_a_file_may_be_said(self):
        file = next((SAMPLE / "transcripts/claude").rglob("*.jsonl"))
        for words in (["replay"], ["stats"], ["state"], ["diff", file], ["export"]):
            self.assertEqual(self.ok(*words, file).out,
                             self.ok(*words, file, "--as", "claude-code").out)
        self.refused(2, "stats", file, "--as", "word", saying="claude-code")


if __name__ == "__main__":
    main()
