"""Audits: what each rule finds and lets pass, what never passes, what a baseline knows."""

import json
import shutil
from pathlib import Path

from support import Case, go_line, main

ROOT = Path(__file__).resolve().parents[2]
FIXTURES = ROOT / "tests/cli/audit"
SAMPLE = ROOT / "sample-data"
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

    def test_sub_agents_that_only_their_parent_tells_of_count_too(self):
        def told(tokens, **more):
            return {"type": "llm_response", "metadata": {
                "tokens_in": tokens, "tokens_out": 0, **more,
                "extra": {"response": f"r{tokens}", "sub_agent": "a1"}}}
        self.write("s", [{"type": "llm_response", "metadata": {"cost_usd": 0.3, "tokens_in": 5}},
                         told(7, cost_usd=0.1)])
        self.write("unpriced", [{"type": "llm_response", "metadata": {"cost_usd": 0.3, "tokens_in": 5}},
                                told(3, model="nobody-knows")])
        alone = ("--no-rule", "*")
        self.assertEqual([], self.found(0, "s", *alone, "--max-cost", "0.4", "--max-tokens", "12"))
        self.assertEqual([("s", None)], self.found(1, "s", *alone, "--max-cost", "0.39"))
        self.assertEqual([("s", None)], self.found(1, "s", *alone, "--max-tokens", "11"))
        self.assertEqual([], self.found(7, "unpriced", *alone, "--max-cost", "1"))
        self.assertEqual([("unpriced", None)], self.found(1, "unpriced", *alone, "--max-cost", "0.2"))

    def test_hosts_of_a_command_whatever_its_name(self):
        for number, args in enumerate(({"commandLine": "curl http://evil.test/"}, "curl http://evil.test/",
                                       ["curl", "http://evil.test/"])):
            self.write(f"s{number}", [{"type": "tool_called", "payload": {"tool": "run", "args": args}}])
        self.assertEqual([("s0", 1), ("s1", 1), ("s2", 1)],
                         self.found(1, *ALONE, "allowed-hosts", "--allow-host", "example.com"))

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

    def test_up_to_an_event_what_sub_agents_did_until_then(self):
        at = [{"type": "note", "timestamp": f"2026-03-07T12:{minute:02}:00Z"} for minute in (0, 5, 10, 20)]
        self.write("parent", [at[0], at[2], at[3]])
        self.write("child", [at[1], at[3]], {"parent_session": "parent"})
        self.write("late", [at[3]], {"parent_session": "parent"})
        budget = (*ALONE, "event-budget", "--max-events")
        self.assertEqual([], self.found(0, "parent@2", *budget, "3"))
        self.assertEqual([("parent", None)], self.found(1, "parent@2", *budget, "2"))
        self.assertEqual([], self.found(0, "parent", *budget, "6"))
        self.assertEqual([("parent", None)], self.found(1, "parent", *budget, "5"))

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
        for rule, flag in (("forbidden-tools", "--forbid-tool"), ("allowed-tools", "--allow-tool")):
            answer = self.audit(7, *ALONE, rule, flag, "b")
            self.assertEqual(([], [(rule, 1)]),
                             (answer["findings"], [(one["rule"], one["sequence_number"]) for one in answer["unjudged"]]))
        # Its result does not find it any more: that proves nothing.
        answer = self.audit(7)
        self.assertEqual(([], 2), (answer["findings"], len(answer["unjudged"])))

    def test_calls_that_are_redacted_are_not_the_same_call(self):
        self.create("s")
        self.append("s", *[{"type": "tool_called", "payload": {"tool": f"t{n}", "args": {"n": n}}} for n in range(6)])
        self.assertEqual(0, self.run_it("redact", "s", "1", "2", "3", "4", "5", "--reason", "r").status)
        self.assertEqual([], self.audit(7, *ALONE, "loops", "--loop", "3")["findings"])

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

    def test_budgets_of_what_is_left_of_a_log(self):
        budgets = ("--max-cost", "9", "--max-tokens", "9", "--max-time", "9h", "--max-tool-calls", "9")
        self.log_of("whole").write_bytes(self.logs["damaged"])
        self.audit(0, "--on-corrupt", "prefix", "--max-events", "1", *budgets)
        self.assertEqual([("whole", None)], self.found(1, "--on-corrupt", "prefix", "--max-events", "0", *budgets))
        self.create("empty")
        self.log_of("whole").unlink()
        (self.store / "sessions/whole.json").unlink()
        self.audit(0, "--allow-empty", "--max-events", "0", *budgets)

    def test_a_sum_that_does_not_fit_is_no_pass(self):
        self.write("s", [{"type": "llm_response", "metadata": {"tokens_in": 9 * 10**18}}] * 2, store=self.folder / "go")
        outcome = self.run_it("audit", "--store", self.folder / "go", *ALONE, "token-budget", "--max-tokens", "5")
        self.assertEqual(1, outcome.status, str(outcome))
        for budget in ("--max-events", "--max-time"):
            outcome = self.run_it("audit", "--store", self.folder / "go", "--no-rule", "*", budget, "9h" if "time" in budget else "9")
            self.assertNotEqual(0, outcome.status, str(outcome))

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

    def test_what_was_not_asked_is_not_gone(self):
        for session in ("a", "b"): self.write(session, [{"type": "error"}])
        base = self.folder / "base.json"
        self.run_it("audit", "--json", "-o", base)
        self.assertEqual({"known": 1, "gone": 0}, self.audit(0, "a", "--baseline", base)["baseline"])
        self.assertEqual({"known": 0, "gone": 0}, self.audit(0, *ALONE, "secrets", "--baseline", base)["baseline"])
        self.write("a", [{"type": "note"}])
        self.assertEqual({"known": 1, "gone": 1}, self.audit(0, "--baseline", base)["baseline"])

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


class Copies(AuditCase):
    """Logs of one session in two places: of each either every event is looked at, or it is told."""

    CALL = {"type": "tool_called", "payload": {"tool": "bash", "args": {"command": "rm -rf /"}}}
    FLAGS = (*ALONE, "forbidden-commands", "--forbid-command", "rm -rf")

    def setUp(self):
        super().setUp()
        self.create("s")
        for n in range(2): self.append("s", {"type": "note", "payload": {"n": n}})

    def copy(self, name):
        shutil.copytree(self.store, self.folder / name)
        return self.folder / name

    def both(self, status, other, *words):
        """The answer is the same, whichever store is named first."""
        answers = [self.audit(status, "--store", one, "--store", two, *words)
                   for one, two in ((self.store, other), (other, self.store))]
        for answer in answers: self.assertEqual(1, answer["sessions"])
        return answers[0]

    def test_one_that_is_behind_counts_once(self):
        other = self.copy("other")
        self.append("s", self.CALL)
        answer = self.both(1, other, *self.FLAGS)
        self.assertEqual(["forbidden-commands"], [one["rule"] for one in answer["findings"]])
        self.assertEqual(4 - 1, answer["events"])
        self.both(0, other, *ALONE, "event-budget", "--max-events", "3")

    def test_one_that_went_on_otherwise_is_a_finding(self):
        other = self.copy("other")
        self.ok("append", "s", "--store", other, "--type", "tool_called", "--payload", json.dumps(self.CALL["payload"]))
        for n in range(2): self.append("s", {"type": "note", "payload": {"n": n}})
        for one in self.both(1, other, *self.FLAGS)["findings"]:
            self.assertEqual(("integrity", "s", 3), (one["rule"], one["session_id"], one["sequence_number"]))
            self.assertRegex(one["message"], "^in .*: differs from .* from event #3 on")

    def test_one_that_is_damaged_or_cut_is_told_beside_the_whole_one(self):
        other = self.copy("other")
        log = other / "events/s.jsonl"
        whole = log.read_bytes()
        for bad, verdict, status in ((whole.replace(b'"n":1', b'"n":7'), "damaged", 1),
                                     (whole.splitlines(keepends=True)[0], "lost", 1),
                                     (whole + whole.splitlines()[-1][:60].replace(b":2", b":3"), "torn", 7)):
            with self.subTest(verdict=verdict):
                log.write_bytes(bad)
                answer = self.both(status, other, *self.FLAGS)
                told = (answer["findings"] + answer["unjudged"])[0]
                self.assertIn(f"in {other}: {verdict}", told["message"])
                self.assertEqual(str(log), told["file"])

    def test_a_payload_that_is_redacted_in_one_alone_is_not_judged(self):
        self.append("s", self.CALL)
        other = self.copy("other")
        self.append("s", {"type": "note", "payload": {}})
        self.assertEqual(0, self.run_it("redact", "s", "3", "--reason", "r").status)
        self.assertEqual("integrity", self.both(7, other, *ALONE, "secrets")["unjudged"][0]["rule"])

    def test_files_of_one_session_are_not_added_up(self):
        self.append("s", self.CALL)
        other = self.copy("other") / "events/s.jsonl"
        budget = (*ALONE, "*-budget", "--max-events", "4", "--max-tool-calls", "1", "--loop", "2")
        self.audit(0, self.log_of("s"), other, *budget)
        self.append("s", self.CALL)
        self.assertEqual(4, self.audit(1, other, self.log_of("s"), *budget)["events"])

    def test_sessions_that_only_have_one_id_are_not_judged(self):
        for name in ("a", "b"):
            self.write("s", [{"type": "note", "payload": {"store": name}}], store=self.folder / name)
        answer = self.audit(7, "--store", self.folder / "a", "--store", self.folder / "b")
        self.assertEqual(([], ["integrity"]), (answer["findings"], [one["rule"] for one in answer["unjudged"]]))

    def test_sessions_that_files_share_are_not_judged(self):
        """A file with the records of two sessions, and one of them once more."""
        def record(session):
            return json.dumps({"type": "user", "uuid": f"u-{session}", "parentUuid": None, "sessionId": session, "version": "2.0.0",
                               "timestamp": "2026-03-07T12:00:00Z", "message": {"role": "user", "content": "hi"}}) + "\n"
        a, b = "11111111-1111-4111-8111-111111111111", "22222222-2222-4222-8222-222222222222"
        both, one = self.folder / "both.jsonl", self.folder / "one.jsonl"
        both.write_text(record(a) + record(b))
        one.write_text(record(b))
        answer = self.audit(7, both, one, *ALONE, "secrets")
        self.assertEqual([("integrity", b)], [(told["rule"], told["session_id"]) for told in answer["unjudged"]])
        self.audit(0, both, *ALONE, "secrets")


class Functions(Case):
    def value(self, sql):
        self.store.exists() or self.create("s")
        return self.ok("sql", f"SELECT {sql} AS v", "--format", "json").json()["rows"][0]["v"]

    def test_of_sql(self):
        for sql, expected in (
                ("'rm -rf' REGEXP 'rm\\s'", 1), ("'a' REGEXP 'A'", 0), ("'x\ny' REGEXP '^y'", 1), ("NULL REGEXP 'x'", None),
                ("""paths('{"command":"cat /etc/x $HOME/y --out=/z ../w | tee ''/a b''"}')""", '["/etc/x","~/y","/z","../w","/a b"]'),
                ("paths('{\"file_path\":\"a.c\",\"note\":\"see /etc/x\",\"deep\":[{\"path\":\"/p\"}]}')", '["a.c","/p"]'),
                ("paths('no json')", None),
                ("paths('{\"input\":\"*** Begin Patch\\n*** Update File: a.c\\n+/x\\n*** Move to: /b.c\\n\"}')", '["a.c","/b.c"]'),
                ("within('/a/../b', '[\"/a\"]', NULL)", 0), ("within('x', '[\"/a\"]', '/a')", 1), ("within('../x', '[\"/a\"]', '/a/b')", 1),
                ("within('../x', '[\"/a\"]', NULL)", 0),
                ("within('~/x/../y', '[\"~\"]', '/a')", 1), ("within('~/../bob/x', '[\"~\", \".\"]', '/a')", 0), ("within('~bob/x', '[\"~\"]', NULL)", 0), ("within('x', '[\".\"]', NULL)", 1), ("within('/ab', '[\"/a\"]', '')", 0), ("within('/x', '[\"/\"]', '')", 1),
                ("hosts('{\"url\":\"HTTP://[::1]:80/\",\"x\":\"ftp://b.c\"}')", '["[::1]","b.c"]'),
                ("matches('a[b]', 'a[b]')", 1), ("matches('ab', 'a[b]')", 0), ("matches('a?', 'a?')", 1), ("matches('ab', 'a?')", 0),
                ("matches('web_x', 'web_*')", 1), ("matches(NULL, '*')", None),
                ("json_array_length(secrets('{\"a\":\"AKIAQ3EGRVWX4YZ2BCDE AKIAQ3EGRVWX4YZ2BCDE\"}'))", 1)):
            with self.subTest(sql=sql):
                self.assertEqual(expected, self.value(sql))


if __name__ == "__main__":
    main()
