"""whatif and bisect over several sessions: one history, in order of time."""

import json

from support import Case, main


def event(kind, day, amount, **more):
    bet = {"bet_id": "b-1"} if kind.startswith("Bet") else {}
    return {"type": kind, "payload": {"amount": amount, **bet}, "timestamp": f"2026-03-0{day}T00:00:00Z", **more}


class SeveralSessions(Case):
    def setUp(self):
        super().setUp()
        for name, label, events in [
                ("alpha", "team=x", [event("FundsDeposited", 1, 100, event_id="d1"),
                                     event("BetPlaced", 3, 30, event_id="e1"), event("BetWon", 6, 60)]),
                ("beta", "team=x", [event("BetPlaced", 2, 10, event_id="e1"),
                                    event("BetWon", 4, 25, metadata={"causation_id": "e1"})]),
                ("gamma", "project=p", [event("FundsDeposited", 5, 7, metadata={"causation_id": "d1"})])]:
            self.ok("create", name, "--name", name + "-run", "--label", label)
            self.ok("append", name, "-", stdin="".join(json.dumps(one) + "\n" for one in events))
        self.logs = {name: self.log_of(name).read_bytes() for name in ("alpha", "beta", "gamma")}

    def tearDown(self):
        if self.sound:
            self.assertEqual(self.logs, {name: self.log_of(name).read_bytes() for name in self.logs})
        super().tearDown()

    def ask(self, *words):
        answer = self.ok("whatif", *words, "--json").json()
        self.assertEqual(("agentstore/whatif/1", None), (answer["schema"], answer["session_id"]))
        return answer

    def value(self, answer, field):
        return tuple(answer["fields"][field][side] for side in ("actual", "counterfactual", "difference"))

    def test_without_an_event_by_either_name(self):
        answer = self.ask("--all", "--without", "alpha#2")
        self.assertEqual((3, {"actual": 6, "counterfactual": 5}), (answer["sessions"], answer["events"]))
        self.assertEqual((152, 182, 30), self.value(answer, "balance"))
        self.assertEqual((40, 10, -30), self.value(answer, "total_wagered"))
        self.assertEqual(("alpha", 2), (answer["first_divergence_session_id"], answer["first_divergence"]))
        self.assertEqual([{"session_id": "alpha", "sequence_number": 2, "event_id": "e1", "why": "left out"}],
                         answer["dropped"])
        self.assertEqual([{"session_id": "alpha", "sequence_number": 3,
                           "text": "belongs to a dropped bet (b-1 of alpha#2), kept"}], answer["warnings"])
        for name in ("alpha#e1", "alpha-run#2", "al#2", "alpha#id:e1"):
            self.assertEqual(answer, self.ask("--all", "--without", name))

    def test_the_actual_side_is_what_state_says(self):
        for projection in ("pnl", "session", "summary", "totals"):
            state = self.run_it("state", "--all", "--projection", projection, "--json").json()["state"]
            fields = self.ask("--all", "--without", "d1", "--projection", projection)["fields"]
            shared = [name for name in state if name in fields]
            self.assertTrue(shared)
            for name in shared:
                self.assertEqual(state[name], fields[name]["actual"], (projection, name))

    def test_causes_reach_into_other_sessions_and_bets_do_not(self):
        answer = self.ask("--all", "--without", "d1", "--cascade")
        self.assertEqual([("alpha", 1, "left out"), ("gamma", 1, "was caused by a dropped event (d1 of alpha#1)")],
                         [(one["session_id"], one["sequence_number"], one["why"]) for one in answer["dropped"]])
        answer = self.ask("--label", "team=x", "--without", "alpha#2", "--cascade")
        self.assertEqual([("alpha", 2), ("alpha", 3)],
                         [(one["session_id"], one["sequence_number"]) for one in answer["dropped"]])
        self.assertEqual(2, answer["sessions"])

    def test_several_events_types_and_an_end(self):
        answer = self.ask("--all", "--without", "d1", "alpha#2", "beta#1", "--projection", "pnl")
        self.assertEqual([("alpha", 1), ("beta", 1), ("alpha", 2)],
                         [(one["session_id"], one["sequence_number"]) for one in answer["dropped"]])
        answer = self.ask("--all", "-T", "BetWon", "-U", "2026-03-04")
        self.assertEqual([("beta", 2), ("gamma", 1), ("alpha", 3)],
                         [(one["session_id"], one["sequence_number"]) for one in answer["dropped"]])
        answer = self.ask("--all", "--replace", 'beta#1={"amount":1}', "--insert-after",
                          'gamma#1={"type":"BetPlaced","payload":{"amount":500}}')
        self.assertEqual(("beta", 1), (answer["first_divergence_session_id"], answer["first_divergence"]))
        self.assertEqual([("gamma", 1, "the BetPlaced added here would overdraw by 399 PFLEA")],
                         [(one["session_id"], one["sequence_number"], one["text"]) for one in answer["warnings"]])

    def test_for_people(self):
        text = self.ok("whatif", "--all", "--without", "alpha#2", "--cascade").out
        self.assertIn("6 → 4 events of 3 sessions, first divergence at alpha#2, 2026-03-03", text)
        self.assertRegex(text, r"(?m)^dropped  alpha#3  belongs to a dropped bet \(b-1 of alpha#2\)$")
        text = self.ok("whatif", "--all", "--without", "alpha#2").out
        self.assertRegex(text, r"(?m)^warning  alpha#3 belongs to a dropped bet \(b-1 of alpha#2\), kept$")

    def test_assertions(self):
        asked = ("whatif", "--all", "--without", "alpha#2")
        self.ok(*asked, "--assert", "balance = 182")
        self.assertEqual(1, self.run_it(*asked, "--assert", "balance = 152").status)
        outcome = self.run_it(*asked, "--fail-on", "net_pnl = 75")
        self.assertEqual(1, outcome.status)
        self.assertIn("true: net_pnl = 75", outcome.err)

    def test_what_is_refused(self):
        for status, words, says in [
                (2, ("--all", "--without", "3"), "of several sessions each has an event"),
                (4, ("--all", "--without", "e1"), "that of beta#1 and of alpha#2"),
                (3, ("--all", "--without", "alpha#9"), "its last is #3"),
                (3, ("--all", "--without", "alpah#1"), 'there is no session "alpah"'),
                (3, ("--all", "--without", "nope"), "no session has an event"),
                (3, ("alpha", "--all", "--without", "d1"), 'no session has an event "alpha"'),
                (2, ("alpha", "--all", "-T", "BetWon"), "a session and --all"),
                (2, ("--all", "--without", "d1", "--save-as", "x"), "--save-as writes one session"),
                (2, ("--all", "--replace", "alpha#1={}", "--without", "alpha#1"),
                 "alpha#1 is both left out and replaced"),
                (2, ("--all",), "nothing is altered")]:
            with self.subTest(words):
                self.refused(status, "whatif", *words, saying=[says])

    def test_what_is_damaged_is_told(self):
        self.sound = False
        log = self.log_of("beta")
        log.write_bytes(log.read_bytes().replace(b'"amount":25', b'"amount":26'))
        self.refused(1, "whatif", "--all", "--without", "d1", saying=["beta", "agentstore verify beta"])
        skipped = self.run_it("whatif", "--all", "--without", "d1", "--on-corrupt", "skip", "--json")
        self.assertEqual((7, 5, True), (skipped.status, skipped.json()["events"]["actual"],
                                        bool(skipped.json()["incomplete"])), str(skipped))
        self.ok("whatif", "--project", "p", "--without", "gamma#1")

    def test_a_redacted_payload_is_named_by_its_session(self):
        self.sound = False
        self.assertEqual(0, self.run_it("redact", "beta", "2", "--reason", "GDPR").status)
        for words in (("whatif", "--all", "--without", "d1"), ("state", "--all", "--projection", "pnl")):
            outcome = self.run_it(*words, "--json")
            self.assertEqual((7, ["session beta: #2"]), (outcome.status, outcome.json()["incomplete"]), str(outcome))
            self.assertIn("session beta: #2: its payload was redacted", outcome.err)

    def test_bisect(self):
        answer = self.ok("bisect", "--all", "balance > 90", "--json").json()
        first = answer["first"]
        self.assertEqual((None, 3, 6), (answer["session_id"], answer["sessions"], answer["events"]))
        self.assertEqual(("alpha", 1, "d1"), (first["session_id"], first["sequence_number"], first["event_id"]))
        self.assertEqual([("beta", 1, False), ("gamma", 1, True)],
                         [(one["session_id"], one["sequence_number"], one["answer"]) for one in answer["later_flips"]])
        self.assertIn("first true at alpha#1", self.ok("bisect", "--all", "balance > 90").out)
        self.refused(2, "bisect", "--all", saying=["neither an expression nor --exec"])
        asked = self.folder / "asked"
        command = f'echo $AGENTSTORE_SESSION_ID $AGENTSTORE_SEQUENCE_NUMBER >> "{asked}"; grep -q \'"total_wagered":10[,}}]\''
        answer = self.ok("bisect", "--label", "team=x", "--projection", "pnl", "--exec", command, "--json").json()
        self.assertEqual(("alpha", 2), (answer["first"]["session_id"], answer["first"]["sequence_number"]))
        self.assertIn("alpha 3", asked.read_text())


if __name__ == "__main__":
    main()
