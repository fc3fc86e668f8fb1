"""state over several sessions: one fold, in order of time."""

import json

from support import Case, main


class StateOfSessions(Case):
    def setUp(self):
        super().setUp()
        for name, label, events in [
                ("a", "team=x", [("FundsDeposited", 100, 1), ("BetPlaced", 30, 3)]),
                ("b", "team=x", [("BetPlaced", 10, 2), ("BetWon", 25, 4)]),
                ("c", "project=p", [("FundsDeposited", 7, 5)])]:
            self.ok("create", name, "--label", label)
            lines = [json.dumps({"type": kind, "payload": {"amount": amount, "n": at},
                                 "timestamp": f"2026-03-0{at}T00:00:00Z"}) for kind, amount, at in events]
            self.ok("append", name, "-", stdin="\n".join(lines) + "\n")

    def state(self, *words):
        outcome = self.run_it("state", *words, "--json")
        self.assertEqual(0, outcome.status, str(outcome))
        answer = outcome.json()
        self.assertEqual(("agentstore/state/1", None, None),
                         (answer["schema"], answer["session_id"], answer["last_sequence_number"]))
        return answer["sessions"], answer["state"]

    def test_all_or_those_with_a_label(self):
        sessions, state = self.state("--all", "--projection", "balance")
        self.assertEqual((3, 92), (sessions, state["balance"]))
        sessions, state = self.state("--label", "team=x", "--projection", "pnl")
        self.assertEqual((2, 40, 25, -15), (sessions, state["total_wagered"], state["total_won"], state["net_pnl"]))
        self.assertEqual((1, {"balance": 7, "by_asset": {"PFLEA": 7}}),
                         self.state("--project", "p", "--projection", "balance"))

    def test_in_order_of_time_at_any_instant(self):
        _, state = self.state("--all", "--at", "2026-03-03T00:00:00Z")
        self.assertEqual({"FundsDeposited": {"amount": 100, "n": 1}, "BetPlaced": {"amount": 30, "n": 3}}, state["data"])
        _, state = self.state("--all", "--before", "2026-03-03T00:00:00Z")
        self.assertEqual({"amount": 10, "n": 2}, state["data"]["BetPlaced"])
        self.assertIn("of 5 events of 3 sessions", self.run_it("state", "--all").err)

    def test_assertions(self):
        self.assertEqual(0, self.run_it("state", "--all", "--projection", "pnl", "--assert", "net_pnl = -15").status)
        outcome = self.run_it("state", "--label", "team=x", "--projection", "pnl", "--assert", "net_pnl >= 0")
        self.assertEqual(1, outcome.status)
        self.assertIn("not true: net_pnl >= 0 (net_pnl = -15)", outcome.err)
        self.assertEqual(1, self.run_it("state", "b", "--projection", "pnl", "--assert", "bet_count = 2").status)
        self.assertEqual(2, self.run_it("state", "b", "--assert", "no_such_field = 2").status)
        nothing = ("state", "--all", "--before", "2020-01-01", "--projection", "pnl", "--assert", "bet_count = 0")
        self.assertEqual(7, self.run_it(*nothing).status)
        self.assertEqual(0, self.run_it(*nothing, "--allow-empty").status)

    def test_what_does_not_go_together(self):
        for words, status, says in [((), 2, "no session is named"), (("a", "--all"), 2, "a session and --all"),
                                    (("a", "--label", "team=x"), 2, "a session and --all"),
                                    (("--all", "--seq", "2"), 2, "--seq goes with one session"),
                                    (("--label", "team=y"), 3, "no session has the label"),
                                    (("--label", "team"), 2, "KEY=VALUE")]:
            outcome = self.run_it("state", *words)
            self.assertEqual((status, ""), (outcome.status, outcome.out), str(outcome))
            self.assertIn(says, outcome.err)

    def test_what_is_damaged_is_told(self):
        self.sound = False
        log = self.log_of("b")
        log.write_bytes(b"{damaged}\n" + log.read_bytes())
        self.assertEqual(1, self.run_it("state", "--all").status)
        self.assertEqual(0, self.run_it("state", "--project", "p").status)
        skipped = self.run_it("state", "--all", "--projection", "balance", "--on-corrupt", "skip", "--json")
        self.assertEqual((7, True), (skipped.status, bool(skipped.json()["incomplete"])), str(skipped))


if __name__ == "__main__":
    main()
