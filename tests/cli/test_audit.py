"""Audits: what each rule finds and lets pass, what never passes, how answers are written."""

import json
import os
import re
import shutil
import unittest
import xml.etree.ElementTree as XML
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from support import Case, go_line, main

ROOT = Path(__file__).resolve().parents[2]
FIXTURES = ROOT / "tests/cli/audit"
SAMPLE = ROOT / "sample-data"
CORPUS = os.environ.get("AGENTSTORE_CORPUS")
ALONE = ("--no-rule", "*", "--rule")


class AuditCase(Case):
    def setUp(self):
        super().setUp()
        self.sound = False

    def write(self, session, drafts, labels=None, name="", store=None):
        """A session as the Go library writes it, without a process."""
        store = store or self.store
        for folder in ("events", "sessions"):
            (store / folder).mkdir(parents=True, exist_ok=True)
        times = [one.get("timestamp", f"2026-03-07T12:00:{n % 60:02}Z") for n, one in enumerate(drafts)]
        lines = [go_line(session, n, one["type"], json.dumps(one.get("payload", {})), time,
                         json.dumps(one.get("metadata", {})))
                 for n, (one, time) in enumerate(zip(drafts, times), 1)]
        (store / "events" / f"{session}.jsonl").write_text("".join(lines))
        (store / "sessions" / f"{session}.json").write_text(json.dumps({
            "id": session, "name": name, "labels": labels or {}, "created_at": times[0] if times else
            "2026-03-07T12:00:00Z", "updated_at": times[-1] if times else "2026-03-07T12:00:00Z",
            "event_count": len(drafts)}))

    def audit(self, status, *words, **more):
        outcome = self.run_it("audit", "--json", *words, **more)
        self.assertEqual(status, outcome.status, str(outcome))
        return outcome.json()

    def found(self, status, *words, **more):
        """(session, event) of each finding."""
        return [(one["session_id"], one["sequence_number"])
                for one in self.audit(status, *words, **more)["findings"]]


class Rules(AuditCase):
    def test_every_rule_has_a_red_and_a_green_fixture(self):
        names = {rule["name"] for rule in self.ok("audit", "--list", "--json").json()["rules"]}
        self.assertGreaterEqual(len(names), 20)
        self.assertEqual(names - {"integrity"}, {file.stem for file in FIXTURES.glob("*.json")})

    def test_red_is_found_where_it_is_and_green_is_not(self):
        for file in sorted(FIXTURES.glob("*.json")):
            for run in json.loads(file.read_text()):
                with self.subTest(rule=file.stem, flags=run.get("flags")):
                    self.check(file.stem, run)

    def check(self, rule, run):
        words = [*ALONE, rule, *run.get("flags", [])]
        labels = run.get("labels")
        self.assertTrue(run["red"] and run["green"])
        shutil.rmtree(self.store, ignore_errors=True)
        for number, drafts in enumerate(run["green"]):
            self.write(f"green-{number}", drafts, labels)
        answer = self.audit(0, *words)
        self.assertEqual(([], []), (answer["findings"], answer["unjudged"]))
        self.assertEqual(["integrity", rule], answer["applied"])
        expected = []
        for number, red in enumerate(run["red"]):
            self.assertTrue(red["found"])
            self.write(f"red-{number}", red["drafts"], labels)
            expected += [(f"red-{number}", seq) for seq in red["found"]]
        answer = self.audit(1, *words)
        self.assertEqual(expected, sorted(((one["session_id"], one["sequence_number"])
                                           for one in answer["findings"]),
                                          key=lambda pair: (pair[0], pair[1] or 0)))
        self.assertEqual({rule}, {one["rule"] for one in answer["findings"]})
        self.assertEqual(len(expected), len({one["fingerprint"] for one in answer["findings"]}))
        if "unjudged" not in run: return
        shutil.rmtree(self.store)
        for number, drafts in enumerate(run["unjudged"]):
            self.write(f"unjudged-{number}", drafts, labels)
        answer = self.audit(7, *words)
        self.assertEqual([], answer["findings"])
        self.assertEqual(len(run["unjudged"]), len(answer["unjudged"]))

    def test_what_is_on_by_default(self):
        rules = self.ok("audit", "--list", "--json").json()["rules"]
        self.assertEqual({"integrity", "call-without-result", "result-without-call", "unanswered-error",
                          "not-closed", "secrets", "balance", "escrow"},
                         {rule["name"] for rule in rules if rule["on"]})
        rules = self.ok("audit", "--list", "--json", "--max-cost", "1", "--loop", "3", "--no-rule", "secrets",
                        "--rule", "win-without-bet", "--forbid-tool", "x").json()["rules"]
        on = {rule["name"] for rule in rules if rule["on"]}
        self.assertLessEqual({"cost-budget", "loops", "win-without-bet", "forbidden-tools"}, on)
        self.assertNotIn("secrets", on)
        listed = self.ok("audit", "--list", "--severity", "error").out
        self.assertRegex(listed, r"not-closed +warning +\S")
        self.assertIn("--forbid-tool", listed)

    def test_a_limit_that_is_given_is_never_left_out_without_a_word(self):
        self.write("s", [{"type": "note", "timestamp": "2026-03-07T12:00:00Z"}, {"type": "note", "timestamp": "2026-03-07T13:00:00Z"}])
        self.assertEqual([("s", None)], self.found(1, "--no-rule", "*", "--max-events", "1"))
        outcome = self.run_it("audit", "--max-gap", "5m", "--severity", "error")
        self.assertEqual(0, outcome.status)
        self.assertIn("the rule gaps is a warning, and left out by --severity", outcome.err)

    def test_a_rule_is_shown_as_the_file_that_it_is(self):
        shown = self.ok("audit", "--show", "loops").out
        self.assertEqual((ROOT / "lib/query/rules/loops.sql").read_text(), shown)
        mine = self.folder / "mine.sql"
        mine.write_text(shown.replace("name: loops", "name: my-loops").replace("default: off", "default: on"))
        self.assertEqual(mine.read_text(), self.ok("audit", "--rules", mine, "--show", "my-loops").out)
        self.write("s", [{"type": "tool_called", "payload": {"tool": "x"}}] * 6)
        self.assertEqual([("s", 1)], self.found(1, "--no-rule", "*", "--rules", mine, "--rule", "my-loops"))

    def test_sub_agents_count_with_who_started_them(self):
        self.write("parent", [{"type": "llm_response", "metadata": {"cost_usd": 0.3, "tokens_in": 5}}])
        for name, parent in (("child", "parent"), ("grandchild", "child")):
            self.write(name, [{"type": "llm_response", "metadata": {"cost_usd": 0.1, "tokens_in": 5}},
                              {"type": "tool_called", "payload": {"tool": "rm"}}],
                       {"parent_session": parent})
        self.write("other", [{"type": "note"}])
        budgets = ("--no-rule", "*", "--rule", "*-budget")
        for words in ((), ("parent",)):
            with self.subTest(words=words):
                self.assertEqual([], self.found(0, *words, *budgets, "--max-cost", "0.5"))
                self.assertEqual([("parent", None)], self.found(1, *words, *budgets, "--max-cost", "0.49"))
                self.assertEqual([("parent", None)], self.found(1, *words, *budgets, "--max-tool-calls", "1"))
                self.assertEqual([("parent", None)], self.found(1, *words, *budgets, "--max-events", "4"))
                self.assertEqual([("parent", None)], self.found(1, *words, *budgets, "--max-tokens", "14"))
                self.assertEqual([("child", 2), ("grandchild", 2)],
                                 sorted(self.found(1, *words, *ALONE, "forbidden-tools", "--forbid-tool", "rm")))
        self.assertEqual([("child", None)], self.found(1, "child", *budgets, "--max-cost", "0.15"))

    def test_parents_in_a_circle_are_each_their_own(self):
        for one, other in (("a", "b"), ("b", "a")):
            self.write(one, [{"type": "note"}] * 3, {"parent_session": other})
        self.assertEqual([("a", None), ("b", None)],
                         sorted(self.found(1, *ALONE, "event-budget", "--max-events", "2")))

    def test_what_a_redacted_payload_hides_is_not_judged(self):
        self.create("s")
        self.append("s", {"type": "tool_called", "payload": {"tool": "a", "args": {"k": "ghp_0Zk3QpV7mWx1Lr9Tn5Yb2Hd8Js4Fc6GaE1u2"}, "call_id": "1"}},
                    {"type": "tool_result", "payload": {"tool": "a", "call_id": "1"}})
        self.assertEqual([("s", 1)], self.found(1))
        self.assertEqual(0, self.run_it("redact", "s", "1", "--reason", "r").status)
        self.assertEqual([], self.found(0, *ALONE, "secrets"))
        answer = self.audit(7, *ALONE, "forbidden-tools", "--forbid-tool", "b")
        self.assertEqual([("forbidden-tools", 1)],
                         [(one["rule"], one["sequence_number"]) for one in answer["unjudged"]])
        # Its result does not find it any more: that proves nothing.
        answer = self.audit(7)
        self.assertEqual(([], 2), (answer["findings"], len(answer["unjudged"])))


    def test_an_amount_that_is_gone_or_is_none_is_not_judged(self):
        self.create("s")
        self.append("s", {"type": "FundsDeposited", "payload": {"amount": 5}}, {"type": "FundsWithdrawn", "payload": {"amount": 4}})
        self.audit(0)
        self.assertEqual(0, self.run_it("redact", "s", "1", "--reason", "r").status)
        answer = self.audit(1)
        # What is left is below zero; whether it was is not known.
        self.assertEqual([("balance", 2)], [(one["rule"], one["sequence_number"]) for one in answer["findings"]])
        self.assertIn(("balance", 1), [(one["rule"], one["sequence_number"]) for one in answer["unjudged"]])


class Integrity(AuditCase):
    def setUp(self):
        super().setUp()
        self.create("whole")
        for n in range(4): self.append("whole", {"type": "note", "payload": {"n": n}})
        log = self.log_of("whole").read_bytes()
        lines = log.splitlines(keepends=True)
        self.logs = {"torn": log + lines[-1][:60].replace(b":4", b":5"),
                     "damaged": log.replace(b'"n":1', b'"n":7'),
                     "lost": b"".join(lines[:2]),
                     "extract": lines[0] + lines[2]}

    def test_what_is_not_whole_never_passes(self):
        self.ok("audit", "whole")
        for kind, status in (("torn", 7), ("damaged", 1), ("lost", 1)):
            with self.subTest(kind=kind):
                self.log_of("whole").write_bytes(self.logs[kind])
                for words in ((), ("whole",), (*ALONE, "loops"), ("--severity", "error")):
                    answer = self.audit(status, *words)
                    told = answer["findings"] + answer["unjudged"]
                    self.assertEqual(["integrity"], [one["rule"] for one in told])
                    self.assertIn(kind, told[0]["message"])
                    self.assertEqual(status == 1, bool(answer["findings"]))
                self.assertEqual(status, self.run_it("audit", "-q").status)
                self.assertEqual(7, self.run_it("audit", "--on-corrupt", "skip").status)
                outcome = self.run_it("audit", "--on-corrupt", "prefix")
                self.assertEqual(0, outcome.status, str(outcome))
                self.assertIn(kind, outcome.err)

    def test_an_extract_and_nothing(self):
        path = self.folder / "x.jsonl"
        path.write_bytes(self.logs["extract"])
        self.audit(7, path)
        self.audit(0, path, "--extract")
        self.create("empty")
        self.assertEqual("integrity", self.audit(7)["unjudged"][0]["rule"])
        self.audit(7, "empty")
        self.audit(0, "empty", "--allow-empty")
        other = self.folder / "other"
        self.ok("--store", other, "create", "x")
        self.audit(7, "--store", other)
        self.ok("create", "y", "--store", self.folder / "third")
        self.audit(7, "--label", "k=v")
        self.audit(7, "--since", "2099-01-01")
        self.audit(0, "whole", "--since", "2020-01-01")

    def test_rule_0_cannot_be_taken_out(self):
        self.refused(2, "audit", "--no-rule", "integrity", saying="--on-corrupt prefix")

    def test_what_is_not_there(self):
        self.refused(3, "audit", "nobody")
        self.refused(3, "audit", "--store", self.folder / "nowhere")
        self.assertEqual(3, self.run_it("audit", "whole", "nobody").status)
        self.refused(2, "audit", "--all", "whole", saying="give one of them")

    def test_parts_of_a_transcript_that_were_not_read(self):
        path = self.folder / "t.jsonl"
        shutil.copy(next((SAMPLE / "transcripts/claude/shop").glob("5b*.jsonl")), path)
        before = self.run_it("audit", path)
        self.assertNotEqual(7, before.status, str(before))
        with path.open("a") as file: file.write('{"type":"assistant","mess\n{"type":"user"}\n')
        answer = self.audit(7, path, *ALONE, "loops")
        self.assertIn("integrity", [one["rule"] for one in answer["unjudged"]])


class RuleFiles(AuditCase):
    HEAD = "-- name: mine\n-- severity: error\n-- why: W.\n-- fix: F.\n"

    def setUp(self):
        super().setUp()
        self.write("s", [{"type": "note", "payload": {"a": 1}}])
        self.mine = self.folder / "mine.sql"

    def wrong(self, text, *saying, words=()):
        self.mine.write_text(text)
        outcome = self.run_it("audit", "--rules", self.mine, *words)
        self.assertEqual((2, ""), (outcome.status, outcome.out), str(outcome))
        for word in ("mine.sql", *saying): self.assertIn(word, outcome.err)

    def test_a_rule_of_ones_own(self):
        self.mine.write_text(self.HEAD + "-- param: most = 0\nSELECT session_id, seq, 'a' AS message FROM events WHERE seq > :most\n")
        self.assertEqual([("s", 1)], self.found(1, "--rules", self.mine))
        self.assertEqual([("s", 1)], self.found(1, "--rules", self.folder))
        self.assertEqual([], self.found(0, "--rules", self.mine, "--param", "most=1"))
        self.refused(2, "audit", "--rules", self.mine, "--param", "mots=1", saying="did you mean most?")
        self.mine.write_text(self.HEAD + "-- param: most\nSELECT session_id, seq, 'a' AS message FROM events WHERE seq > :most\n")
        self.assertEqual([], self.found(0, "--rules", self.mine))
        self.refused(2, "audit", "--rules", self.mine, "--rule", "mine", saying="--param most=VALUE")

    def test_a_head_that_is_none(self):
        self.wrong("SELECT 1", ":1:", "name")
        self.wrong(self.HEAD.replace("error", "fatal") + "SELECT 1", ":2:", '"fatal"', "note, warning or error")
        self.wrong(self.HEAD.replace("why", "wyh") + "SELECT 1", ":3:", "did you mean why?")
        self.wrong(self.HEAD + "-- name: again\nSELECT 1", ":5:", "twice")
        self.wrong(self.HEAD.replace("mine", "Mine!") + "SELECT 1", ":1:", "small letters")
        self.wrong(self.HEAD, "no SQL")
        self.wrong(self.HEAD.replace("mine", "loops") + "SELECT 1", "built in")

    def test_sql_that_does_not_parse_or_writes(self):
        self.wrong(self.HEAD + "SELECT *\n  FORM events", "line 6, column 3")
        self.wrong(self.HEAD + "SELECT session_id, seq, nix AS message FROM events", "no such column")
        self.wrong(self.HEAD + "DELETE FROM events", "changes a table", "only reads")
        self.wrong(self.HEAD + "CREATE TABLE t (a)", "CREATE TABLE")
        self.wrong(self.HEAD + "SELECT 1; SELECT 2", "more than one statement")
        self.wrong(self.HEAD + "SELECT session_id, seq FROM events", "no column message")
        self.wrong(self.HEAD + "SELECT session_id, seq, :x AS message FROM events", ":x", "-- param: NAME")
        self.wrong(self.HEAD + "SELECT session_id, seq, abs(seq - 1 - 9223372036854775807 - 1) AS message FROM events", "overflow")
        self.wrong(self.HEAD + "SELECT session_id, 'one' AS seq, '' AS message FROM events", "seq is no number")

    def test_one_that_never_ends_is_no_pass(self):
        endless = self.HEAD + "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n)\nSELECT NULL AS session_id, NULL AS seq, max(i) AS message FROM n"
        self.wrong(endless, "more than 1 seconds", words=("--timeout", "1"))
        again = self.HEAD + "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n)\nSELECT 's' AS session_id, NULL AS seq, count(*) AS message FROM n, events WHERE seq = i % 2"
        self.wrong(again, "more than 1 seconds", words=("--timeout", "1", "--json"))

    def test_files_that_are_not_there(self):
        self.refused(3, "audit", "--rules", self.folder / "none.sql")
        (self.folder / "rules").mkdir()
        self.refused(2, "audit", "--rules", self.folder / "rules", saying="no .sql file")

    def test_names_and_values_that_are_wrong(self):
        self.refused(2, "audit", "--rule", "loosp", saying="did you mean loops?")
        self.refused(2, "audit", "--no-rule", "secret", saying="secrets")
        self.refused(2, "audit", "--rule", "loops", "--no-rule", "loops", saying="both")
        self.refused(2, "audit", "--rule", "forbidden-tools", saying="--forbid-tool")
        self.refused(2, "audit", "--rule", "forbidden-*", saying="needs --forbid-tool")
        self.refused(2, "audit", "--no-rule", "cost-budget", "--max-cost", "1", saying="a limit of it is given")
        for words in (("--max-cost", "cheap"), ("--max-tokens", "-1"), ("--max-events", ""), ("--max-time", "soon"),
                      ("--loop", "x"), ("--forbid-command", "("), ("--forbid-tool", ""), ("--param", "max_turns=many"),
                      ("--severity", "bad"), ("--format", "pdf"), ("--also", "x.pdf"), ("--timeout", "0"),
                      ("--since", "soonish"), ("--show", "nothing"), ("--on-corrupt", "maybe")):
            with self.subTest(words=words):
                self.refused(2, "audit", *words)


class Baselines(AuditCase):
    def test_only_what_is_new_is_told_as_the_log_grows(self):
        drafts = [{"type": "tool_called", "payload": {"tool": "x", "call_id": "1"}}]
        self.write("s", drafts)
        base = self.folder / "base.json"
        self.assertEqual(1, self.run_it("audit", "-o", base).status)
        self.assertEqual(1, len(json.loads(base.read_text())["findings"]))
        self.assertEqual([], self.found(0, "--baseline", base))
        drafts += [{"type": "note"}, {"type": "error", "payload": {"message": "no"}}]
        self.write("s", drafts)
        self.write("t", drafts[:1])
        self.assertEqual([("s", 3), ("t", 1)], sorted(self.found(1, "--baseline", base)))
        answer = self.audit(1, "--baseline", base)
        self.assertEqual({"known": 1, "gone": 0}, answer["baseline"])
        text = self.run_it("audit", "--baseline", base).out
        self.assertIn("2 new findings in 2 of 2 sessions: 2 errors; 1 in the baseline", text)
        self.write("s", [{"type": "note"}])
        outcome = self.run_it("audit", "s", "--baseline", base)
        self.assertEqual(0, outcome.status, str(outcome))
        self.assertIn("1 finding of the baseline", outcome.err)

    def test_a_budget_that_is_known_stays_known(self):
        words = (*ALONE, "event-budget", "--max-events", "1")
        base = self.folder / "base.json"
        self.write("s", [{"type": "note"}] * 2)
        self.run_it("audit", *words, "--json", "-o", base)
        self.write("s", [{"type": "note"}] * 9)
        self.assertEqual([], self.found(0, *words, "--baseline", base))

    def test_damage_is_never_known(self):
        self.create("s")
        self.append("s", *({"type": "note", "payload": {"n": n}} for n in range(3)))
        self.log_of("s").write_bytes(self.log_of("s").read_bytes().replace(b'"n":1', b'"n":7'))
        base = self.folder / "base.json"
        self.run_it("audit", "-o", base)
        self.assertEqual(1, len(self.audit(1, "--baseline", base)["findings"]))

    def test_what_is_no_baseline(self):
        self.write("s", [{"type": "note"}])
        base = self.folder / "base.json"
        for text, saying in (("", "not JSON"), ("{}", "no answer of an audit"), ('{"schema":"agentstore/audit/2","findings":[]}', "agentstore/audit/2"),
                             ('{"schema":"agentstore/audit/1"}', "no findings"),
                             ('{"schema":"agentstore/audit/1","findings":[{"rule":"x"}]}', "no fingerprint")):
            base.write_text(text)
            self.refused(2, "audit", "--baseline", base, saying=saying)
        self.refused(3, "audit", "--baseline", self.folder / "none.json")


def unescaped(text):
    return text.replace("%0A", "\n").replace("%0D", "\r").replace("%3A", ":").replace("%2C", ",").replace("%25", "%")


class Formats(AuditCase):
    HOSTILE = ["::error::pwned", "\n::set-output name=x::y", "\r\n::add-mask::a", "%0A::stop-commands::z", "##[command]rm", "##vso[task.setvariable]x",
               "<script>alert(1)</script>", "]]>", "| a | b |", "`code|x`", "@everyone #1", "\x1b[2J", "\u202e0001", "\u2028::warning::x", "a,title=b::c",
               "=cmd()", "]](http://x)", "\ufffe", "\x00\x01", "https://evil.test/", "--><b>", "'\"&", "\t::debug::x", "\U000e0041", "\ud800"]

    def red(self):
        self.write("s-1", [{"type": "tool_called", "payload": {"tool": "x"}}, {"type": "error", "payload": {"message": "429"}}], name="a run")
        self.write("s-2", [{"type": "session_started"}])
        self.write("s-3", [{"type": "note"}])

    def test_for_people(self):
        self.red()
        outcome = self.run_it("audit")
        self.assertEqual(1, outcome.status)
        self.assertEqual("", outcome.err)
        lines = outcome.lines()
        self.assertEqual("in a run  s-1", lines[0])
        self.assertRegex(lines[1], r"^ +#1  error     call-without-result +x has no result$")
        self.assertRegex(lines[2], r"^ +#2  error     unanswered-error +nothing came after the error: 429$")
        self.assertIn("fix not-closed: Record session_ended", outcome.out)
        self.assertEqual("3 findings in 2 of 3 sessions: 2 errors, 1 warning (8 rules, 4 events)", lines[-1])
        self.assertEqual("no findings in 1 session (8 rules, 1 event)\n", self.ok("audit", "s-3").out)
        self.assertIn("\x1b[31merror", self.run_it("audit", "--color", "always").out)
        self.assertEqual(2, len(self.found(1, "--severity", "error")))
        self.assertEqual("", self.run_it("audit", "-q").out)

    def test_several_files_of_one_audit(self):
        self.red()
        files = [self.folder / name for name in ("a.json", "a.sarif", "a.xml", "a.md", "a.txt")]
        words = [word for file in files for word in ("--also", file)]
        outcome = self.run_it("audit", "--format", "github", *words)
        self.assertEqual(1, outcome.status)
        for file in files:
            alone = self.run_it("audit", "-o", self.folder / ("alone" + file.suffix))
            self.assertEqual(1, alone.status)
            self.assertEqual((self.folder / ("alone" + file.suffix)).read_text(), file.read_text())
        self.ok("create", "x", "--store", self.folder / "ours")
        self.refused(2, "audit", "--also", self.folder / "ours/x.json", saying="in the store")

    def test_sarif(self):
        self.red()
        self.log_of("s-3").write_text("")
        sarif = json.loads(self.run_it("audit", "--format", "sarif").out)
        self.check_sarif(sarif)
        run = sarif["runs"][0]
        error = next(one for one in run["results"] if one["ruleId"] == "unanswered-error")
        place = error["locations"][0]["physicalLocation"]
        self.assertTrue(place["artifactLocation"]["uri"].endswith("/data/events/s-1.jsonl"))
        self.assertEqual({"startLine": 2}, place["region"])
        self.assertFalse(run["invocations"][0]["executionSuccessful"])
        self.assertEqual(["open"], [one["kind"] for one in run["results"] if "kind" in one])
        relative = json.loads(self.run_it("audit", "s-1", "--store", "data", "--format", "sarif").out)
        uri = relative["runs"][0]["results"][0]["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
        self.assertEqual("data/events/s-1.jsonl", uri)

    def check_sarif(self, sarif):
        """What the schema of SARIF 2.1.0 asks of the objects that we write."""
        self.assertEqual({"$schema", "version", "runs"}, set(sarif))
        self.assertEqual("2.1.0", sarif["version"])
        self.assertRegex(sarif["$schema"], r"^https://.*sarif-schema-2\.1\.0\.json$")
        for run in sarif["runs"]:
            self.assertEqual({"tool", "columnKind", "invocations", "results"}, set(run))
            self.assertIn(run["columnKind"], ("utf16CodeUnits", "unicodeCodePoints"))
            driver = run["tool"]["driver"]
            self.assertEqual({"name", "version", "rules"}, set(driver))
            ids = [rule["id"] for rule in driver["rules"]]
            self.assertEqual(len(ids), len(set(ids)))
            for rule in driver["rules"]:
                self.assertEqual({"id", "name", "shortDescription", "fullDescription", "help", "defaultConfiguration"}, set(rule))
                self.assertIn(rule["defaultConfiguration"]["level"], ("none", "note", "warning", "error"))
                for text in ("shortDescription", "fullDescription", "help"):
                    self.assertTrue(rule[text]["text"])
            for call in run["invocations"]:
                self.assertIsInstance(call["executionSuccessful"], bool)
                self.assertIsInstance(call["exitCode"], int)
                for told in call["toolExecutionNotifications"]:
                    self.assertEqual({"level", "message"}, set(told))
            for result in run["results"]:
                self.assertLessEqual(set(result), {"ruleId", "ruleIndex", "level", "kind", "message", "locations", "partialFingerprints", "baselineState"})
                self.assertEqual(result["ruleId"], ids[result["ruleIndex"]])
                self.assertIn(result["level"], ("note", "warning", "error") if "kind" not in result else ("none",))
                self.assertIn(result.get("kind", "fail"), ("fail", "open"))
                self.assertTrue(result["message"]["text"])
                self.assertRegex(result["partialFingerprints"]["agentstoreFinding/v1"], "^[0-9a-f]{32}$")
                for location in result["locations"]:
                    self.assertLessEqual(set(location), {"physicalLocation", "logicalLocations"})
                    if place := location.get("physicalLocation"):
                        self.assertRegex(place["artifactLocation"]["uri"], r"^[A-Za-z0-9._~/%:-]+$")
                        self.assertGreaterEqual(place.get("region", {}).get("startLine", 1), 1)

    def test_junit(self):
        self.red()
        self.log_of("s-3").write_text("")
        suites = XML.fromstring(self.run_it("audit", "--format", "junit").out)
        self.assertEqual(("24", "3", "1"), tuple(suites.get(key) for key in ("tests", "failures", "errors")))
        cases = {(case.get("classname"), case.get("name")): case for case in suites.iter("testcase")}
        self.assertEqual(24, len(cases))
        self.assertEqual("x has no result", cases["s-1", "call-without-result"].find("failure").get("message"))
        self.assertIsNotNone(cases["s-3", "integrity"].find("error"))
        self.assertEqual(0, len(cases["s-1", "secrets"]))

    def hostile(self, count):
        for number in range(count):
            bad = [self.HOSTILE[(number + n * 7) % len(self.HOSTILE)] for n in range(4)]
            self.write(f"h-{number}", [
                {"type": "tool_called", "payload": {"tool": bad[0], "args": {"command": bad[1], "file": "/x" + bad[2]}}},
                {"type": "llm_response", "metadata": {"model": bad[3]}},
                {"type": "FundsWithdrawn", "payload": {"amount": 1, "asset": bad[2]}},
                {"type": "error", "payload": {"message": "".join(bad)}}], {"cwd": bad[1]}, name=f"{bad[3]} {number}")
        return ("--forbid-tool", "*", "--forbid-command", "(?s).", "--forbid-model", "*", "--allow-path", "/srv")

    def test_500_hostile_logs_inject_nothing(self):
        words = self.hostile(500)
        files = {kind: self.folder / f"a.{kind}" for kind in ("json", "sarif", "xml", "md", "txt")}
        outcome = self.run_it("audit", *words, "--format", "github", *(word for file in files.values() for word in ("--also", file)))
        self.assertEqual(1, outcome.status, outcome.err[:2000])
        answer = json.loads(files["json"].read_text())
        self.assertGreater(len(answer["findings"]), 2000)
        self.check_annotations(outcome.out, answer["findings"])
        self.check_sarif(json.loads(files["sarif"].read_text()))
        XML.parse(files["xml"])
        for kind in ("md", "txt"):
            for line in files[kind].read_text().split("\n"):
                self.assertFalse(line.lstrip().startswith("::"), line)
                self.assertNotRegex(line, r"##\[|##vso\[")
        for file in (*files.values(), None):
            text = file.read_text() if file else outcome.out
            if file == files["json"]: continue  # For machines: it has what the log says.
            self.assertNotRegex(text, "[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\U000e0000-\U000e007f]")
        rows = [line for line in files["md"].read_text().split("\n") if line.startswith("| ")]
        for row in rows:
            self.assertEqual(6, len(re.findall(r"(?<!\\)\|", row)), row)
        self.assertNotIn("<script", files["md"].read_text())

    def check_annotations(self, text, findings):
        """As a runner reads them: a line that begins with :: is a command, up to the next ::."""
        told = 0
        for line in re.split(r"\r\n|\r|\n", text):
            self.assertNotRegex(line, r"##\[|##vso\[")
            if not line.lstrip().startswith("::"): continue
            command = re.match(r"^::(error|warning|notice) (title=[^:,]+,file=[^:,]+(?:,line=\d+)?)::(.*)$", line)
            self.assertIsNotNone(command, line)
            title = unescaped(command[2].split(",")[0].removeprefix("title="))
            self.assertEqual("agentstore " + findings[told]["rule"], title)
            told += 1
        self.assertEqual(len(findings), told)

    def test_where_things_stand_in_a_transcript(self):
        file = next((SAMPLE / "transcripts/claude/shop").glob("5b*.jsonl"))
        answer = self.run_it("audit", file, "--json", *ALONE, "forbidden-tools", "--forbid-tool", "*").json()
        self.assertTrue(answer["findings"])
        lines = file.read_text().splitlines()
        for one in answer["findings"]:
            self.assertEqual(str(file), one["file"])
            self.assertIn("tool_use", lines[one["line"] - 1])


    def test_findings_of_no_session_and_of_a_database(self):
        rule = self.folder / "r.sql"
        rule.write_text(RuleFiles.HEAD + "SELECT NULL AS session_id, NULL AS seq, NULL AS message")
        self.red()
        words = ("--rules", rule, "--rule", "mine", "--no-rule", "not-closed")
        sarif = json.loads(self.run_it("audit", *words, "--format", "sarif").out)
        self.check_sarif(sarif)
        self.assertEqual("sessions", sarif["runs"][0]["results"][-1]["locations"][0]["physicalLocation"]["artifactLocation"]["uri"])
        self.assertEqual("W.", sarif["runs"][0]["results"][-1]["message"]["text"])
        suites = XML.fromstring(self.run_it("audit", *words, "--format", "junit").out)
        self.assertEqual(["mine"], [case.get("name") for case in suites.iter("testcase") if case.get("classname") == "all sessions"])
        database = f"sqlite:{self.folder}/x.db"
        self.ok("copy", "--from", SAMPLE, "--to", database, "hostile")
        sarif = json.loads(self.run_it("audit", "--store", database, "--format", "sarif").out)
        self.check_sarif(sarif)
        self.assertEqual({"hostile"}, {one["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] for one in sarif["runs"][0]["results"]})


class Functions(Case):
    def value(self, sql):
        self.store.exists() or self.create("s")
        return self.ok("sql", f"SELECT {sql} AS v", "--format", "json").json()["rows"][0]["v"]

    def test_of_sql(self):
        for sql, expected in (
                ("'rm -rf' REGEXP 'rm\\s'", 1), ("'a' REGEXP 'A'", 0), ("'x\ny' REGEXP '^y'", 1), ("NULL REGEXP 'x'", None),
                ("""paths('{"command":"cat /etc/x $HOME/y --out=/z ../w | tee ''/a b''"}')""", '["/etc/x","~/y","/z","../w"]'),
                ("paths('{\"file_path\":\"a.c\",\"note\":\"see /etc/x\",\"deep\":[{\"path\":\"/p\"}]}')", '["a.c","/p"]'),
                ("paths('no json')", None),
                ("within('/a/../b', '[\"/a\"]', NULL)", 0), ("within('x', '[\"/a\"]', '/a')", 1), ("within('../x', '[\"/a\"]', '/a/b')", 1),
                ("within('../x', '[\"/a\"]', NULL)", 0), ("within('x', '[\".\"]', NULL)", 1), ("within('/ab', '[\"/a\"]', '')", 0), ("within('/x', '[\"/\"]', '')", 1),
                ("hosts('{\"url\":\"HTTP://[::1]:80/\",\"x\":\"ftp://b.c\"}')", '["[::1]","b.c"]'),
                ("json_array_length(secrets('{\"a\":\"AKIAQ3EGRVWX4YZ2BCDE AKIAQ3EGRVWX4YZ2BCDE\"}'))", 1)):
            with self.subTest(sql=sql):
                self.assertEqual(expected, self.value(sql))


@unittest.skipUnless(CORPUS, "AGENTSTORE_CORPUS is not set")
class RealTranscripts(AuditCase):
    SHOWN = ("agent-logs/a-claude-code", "agent-logs/b-codex", "agent-logs/g-event-streams", "other-agents", "transcripts-2026", "cases")
    # What is known to look like a secret and to be none: (file, event).
    FALSE = set()

    def look_at(self, file):
        outcome = self.run_it("audit", file, "--json", *ALONE, "secrets")
        return outcome.json() if outcome.out else None

    def test_no_secret_is_found_in_a_hundred_of_them(self):
        files = [file for folder in self.SHOWN for file in sorted((Path(CORPUS) / folder).rglob("*.jsonl")) if file.stat().st_size]
        with ThreadPoolExecutor(2) as pool: answers = list(pool.map(self.look_at, files))
        read = [answer for answer in answers if answer and answer["events"]]
        self.assertGreaterEqual(sum(answer["sessions"] for answer in read), 100)
        found = {(Path(one["file"]).name, one["sequence_number"]) for answer in read for one in answer["findings"]
                 if one["rule"] == "secrets"}
        self.assertEqual(self.FALSE, found)


if __name__ == "__main__":
    main()
