"""Balances: exact, at any point in time, per asset, as a register, over all sessions."""

import hashlib
import subprocess

from support import BIN, Case, main

LEDGER = [
    ("AgentRegistered", {"agent": "a"}, "2026-02-27T16:00:00Z"),
    ("FaucetClaimed", {"amount": 1000, "asset": "PFLEA", "tx_id": "fx-1"}, "2026-02-27T23:00:00Z"),
    ("BetPlaced", {"amount": 100, "game": "blackjack", "bet_id": "b-1"}, "2026-02-28T06:00:00Z"),
    ("BetWon", {"amount": 190.5, "game": "blackjack", "bet_id": "b-1"}, "2026-02-28T13:00:00Z"),
    ("BetPlaced", {"amount": 340.55}, "2026-02-28T20:00:00Z"),
    ("user_message", {"content": "and?"}, "2026-02-28T21:00:00Z"),
    ("FundsDeposited", {"amount": 0.2, "asset": "BTC"}, "2026-03-01T10:00:00Z"),
    ("FeeCharged", {"fee": 0.1}, "2026-03-01T13:00:00Z"),
]


class Balance(Case):
    def setUp(self):
        super().setUp()
        self.make("a", LEDGER)

    def make(self, session, events):
        self.create(session)
        self.append(session, *({"type": kind, "payload": payload, "timestamp": at}
                               for kind, payload, at in events))

    def test_one_asset_is_one_line(self):
        self.assertEqual("749.95 PFLEA   as of 2026-03-01T00:00:00Z inclusive, up to #6 of 8\n",
                         self.ok("balance", "a", "--at", "2026-03-01T00:00:00Z").out)
        self.assertEqual("1,090.5 PFLEA   before 2026-02-28T20:00:00Z, up to #4 of 8\n",
                         self.ok("balance", "a", "--before", "2026-02-28T20:00:00Z").out)
        self.assertEqual("900 PFLEA   up to #3 of 8\n", self.ok("balance", "a@3").out)
        self.assertEqual("nothing: no ledger event   up to #0 of 8\n",
                         self.ok("balance", "a", "--seq", "0").out)

    def test_several_assets_are_a_line_each(self):
        self.assertEqual("  0.20 BTC\n749.85 PFLEA\nup to #8 of 8\n", self.ok("balance", "a").out)
        self.assertEqual("0.2 BTC   up to #8 of 8\n",
                         self.ok("balance", "a", "--asset", "BTC").out)
        outcome = self.run_it("balance", "a", "--asset", "BTCC")
        self.assertEqual((0, "nothing of BTCC   up to #8 of 8\n"), (outcome.status, outcome.out))
        self.assertIn('note: no event up to #8 moves "BTCC"; did you mean "BTC"?', outcome.err)
        answer = self.run_it("balance", "a", "--asset", "BTCC", "--json").json()
        self.assertEqual((None, {}), (answer["balance"], answer["by_asset"]))

    def test_json_has_the_documented_shape(self):
        self.assertEqual(
            '{"schema":"agentstore/balance/1","session_id":"a","at":"2026-03-01T23:59:59.999999999Z",'
            '"before":null,"last_sequence_number":8,"incomplete":[],"rules":null,"balance":null,'
            '"by_asset":{"BTC":0.2,"PFLEA":749.85}}\n',
            self.ok("balance", "a", "--json", "--at", "2026-03-01").out)
        one = self.ok("balance", "a", "--json", "--asset", "BTC").json()
        self.assertEqual((0.2, {"BTC": 0.2}), (one["balance"], one["by_asset"]))
        none = self.ok("balance", "a", "--json", "--seq", "1").json()
        self.assertEqual((None, {}), (none["balance"], none["by_asset"]))
        self.assertEqual(749.95, self.ok("balance", "a@6", "--json").json()["balance"])

    def test_a_script_sees_a_negative_balance(self):
        self.make("b", [("FundsDeposited", {"amount": 5}, "2026-03-01T00:00:00Z"),
                        ("FeeCharged", {"fee": 5.2}, "2026-03-01T00:00:01Z")])
        answer = self.ok("balance", "b", "--json")
        self.assertIn('"balance":-0.2,', answer.out)
        jq = subprocess.run(["jq", "-e", ".balance >= 0"], input=answer.bytes, capture_output=True)
        self.assertEqual((1, b"false\n"), (jq.returncode, jq.stdout))
        self.assertEqual("-0.2 PFLEA   up to #2 of 2\n", self.ok("balance", "b").out)

    def test_the_register_has_a_row_for_each_change(self):
        self.assertEqual("""\
#  TIME                 TYPE                 CHANGE     BALANCE
2  2026-02-27 23:00:00  FaucetClaimed     +1,000.00    1,000.00   fx-1
3  2026-02-28 06:00:00  BetPlaced           -100.00      900.00   blackjack b-1
4  2026-02-28 13:00:00  BetWon              +190.50    1,090.50   blackjack b-1
5  2026-02-28 20:00:00  BetPlaced           -340.55      749.95
""", self.ok("balance", "a", "--each", "event", "--seq", "6").out)
        rows = self.ok("balance", "a", "--each", "event", "--json").json()["rows"]
        self.assertEqual([2, 3, 4, 5, 7, 8], [row["sequence_number"] for row in rows])
        self.assertEqual({"sequence_number": 7, "timestamp": "2026-03-01T10:00:00.000000000Z",
                          "type": "FundsDeposited", "asset": "BTC", "change": 0.2,
                          "balance": None, "asset_balance": 0.2}, rows[4])
        self.assertEqual([1000, 900, 1090.5, 749.95, None, None],
                         [row["balance"] for row in rows])

    def test_the_register_of_days_and_hours(self):
        self.assertEqual("""\
#  TIME                  EVENTS      CHANGE     BALANCE  ASSET
2  2026-02-27                 1   +1,000.00    1,000.00  PFLEA
5  2026-02-28                 3     -250.05      749.95  PFLEA
7  2026-03-01                 1       +0.20        0.20  BTC
8  2026-03-01                 1       -0.10      749.85  PFLEA
""", self.ok("balance", "a", "--each", "day").out)
        in_tokyo = self.ok("balance", "a", "--each", "day", "--tz", "Asia/Tokyo", "--json").json()
        self.assertEqual([("2026-02-28", 990.5 + 100, 3), ("2026-03-01", -340.65, 2),
                          ("2026-03-01", 0.2, 1)],
                         [(row["period"], row["change"], row["events"])
                          for row in in_tokyo["rows"]])
        hours = self.ok("balance", "a", "--each", "hour", "--asset", "BTC").lines()
        self.assertEqual(2, len(hours))
        self.assertIn("2026-03-01 10:00", hours[1])

    def test_all_sessions(self):
        self.make("b", [("FundsDeposited", {"amount": 0.05}, "2026-03-01T00:00:00Z")])
        self.create("empty")
        outcome = self.ok("balance", "--all-sessions")
        self.assertEqual([["b", "#1", "0.05", "PFLEA"], ["a", "#8", "0.20", "BTC"],
                          ["a", "#8", "749.85", "PFLEA"], ["total", "0.20", "BTC"],
                          ["total", "749.90", "PFLEA"]],
                         [line.split() for line in outcome.lines()[2:]])
        answer = self.ok("balance", "--all-sessions", "--json").json()
        self.assertEqual((None, None, None, {"BTC": 0.2, "PFLEA": 749.9}),
                         (answer["session_id"], answer["last_sequence_number"], answer["balance"],
                          answer["by_asset"]))
        self.assertEqual([("empty", 0), ("b", 1), ("a", 8)],
                         [(one["session_id"], one["last_sequence_number"])
                          for one in answer["sessions"]])
        self.assertEqual(0.2, self.ok("balance", "--all-sessions", "--asset", "BTC", "--json")
                         .json()["balance"])

    def test_an_assertion_names_the_event_that_breaks_it(self):
        self.assertEqual("900 PFLEA   up to #3 of 8\n",
                         self.ok("balance", "a@3", "--assert", "balance >= 0").out)
        outcome = self.run_it("balance", "a", "--asset", "PFLEA", "--assert", "balance >= 800")
        self.assertEqual(1, outcome.status)
        self.assertIn("not true: balance >= 800 (balance = 749.95): broken by #5 "
                      "2026-02-28T20:00:00Z BetPlaced 340.55", outcome.err)
        self.assertIn("749.85 PFLEA", outcome.out)  # the answer stands all the same
        self.ok("balance", "a", "--at", "2026-02-28T13:00:00Z", "--assert", "balance >= 800")

    def test_an_assertion_breaks_though_the_balance_recovers(self):
        self.make("d", [("BetPlaced", {"amount": 0.2}, "2026-03-01T00:00:00Z"),
                        ("BetWon", {"amount": 5}, "2026-03-02T00:00:00Z")])
        outcome = self.run_it("balance", "d", "--assert", "balance >= 0")
        self.assertEqual((1, True), (outcome.status, "broken by #1" in outcome.err), str(outcome))
        # Before it is first true nothing is broken; but it has to become true.
        self.ok("balance", "d", "--assert", "balance > 1")
        outcome = self.run_it("balance", "d", "--assert", "balance > 100")
        self.assertEqual((1, True), (outcome.status, "at no event" in outcome.err), str(outcome))

    def test_assertions_are_of_the_asset_and_of_each_session(self):
        self.ok("balance", "a", "--asset", "BTC", "--assert", "balance <= 0.2")
        outcome = self.run_it("balance", "a", "--assert", "by_asset_BTC > 1",
                              "--assert", "bet_count < 2")
        self.assertEqual(1, outcome.status)
        self.assertIn("by_asset_BTC = 0.2", outcome.err)
        self.assertIn("broken by #5", outcome.err)
        self.make("e", [("BetPlaced", {"amount": 1}, "2026-03-01T00:00:00Z")])
        outcome = self.run_it("balance", "--all-sessions", "--asset", "PFLEA",
                              "--assert", "balance >= 0")
        self.assertEqual((1, 1), (outcome.status, outcome.err.count("not true")), str(outcome))
        self.assertIn("of session e", outcome.err)

    def test_an_assertion_that_cannot_be_asked_is_refused_before_the_answer(self):
        self.refused(2, "balance", "a", "--assert", "balance >=", saying="character 11")
        self.refused(2, "balance", "a", "--assert", "balnce > 0", saying="balnce")
        self.refused(2, "balance", "a@2", "--assert", "balance", saying="boolean")

    def test_several_assets_have_no_common_balance_in_a_condition(self):
        for words in (["balance", "a", "--assert", "balance >= 0"],
                      ["balance", "--all-sessions", "--assert", "balance >= 0"],
                      ["balance", "a", "--at", "2026-03-01", "--assert", "balance = 750.05"],
                      ["bisect", "a", "balance < 0"],
                      ["bisect", "a", "balance < 0", "--projection", "balance"],
                      ["whatif", "a", "--without", "3", "--fail-on", "balance < 0"],
                      ["whatif", "a", "--without", "3", "--fail-on", "balance < 0",
                       "--projection", "balance"]):
            self.refused(2, *words, saying=["by_asset_BTC or by_asset_PFLEA", "not added up"])
        self.ok("balance", "a@6", "--assert", "balance > 0")
        self.ok("balance", "a", "--assert", "by_asset_BTC > 0")
        self.assertEqual(1, self.run_it("bisect", "a", "by_asset_PFLEA < 0").status)
        self.assertIn("at #7", self.ok("bisect", "a", "by_asset_BTC > 0").out)
        self.ok("whatif", "a", "--without", "7", "--fail-on", "balance < 0")

    def test_no_answer_holds_a_sum_over_assets_but_that_of_the_article(self):
        fields = self.ok("whatif", "a", "--without", "3", "--json").json()["fields"]
        self.assertEqual({"actual": None, "counterfactual": None, "difference": None},
                         fields["balance"])
        self.assertEqual(849.85, fields["by_asset_PFLEA"]["counterfactual"])
        fields = self.ok("whatif", "a", "--without", "7", "--json").json()["fields"]
        self.assertEqual({"actual": None, "counterfactual": 749.85, "difference": None},
                         fields["balance"])
        self.assertIsNone(self.ok("blame", "a", "/balance", "--json").json()["value"])
        changes = self.ok("replay", "a", "--state", "--json").json()[6]
        self.assertNotIn("750.15", str(changes))
        outcome = self.run_it("state", "a", "--projection", "balance", "--json")
        self.assertEqual((0, 750.05), (outcome.status, outcome.json()["state"]["balance"]))
        self.assertIn("the sum of the amounts of 2 different assets", outcome.err)
        self.ok("state", "a", "--projection", "balance", "--seq", "6", "--json")

    def test_pnl_says_where_it_adds_up_several_assets(self):
        self.make("p", [("BetPlaced", {"amount": 1, "asset": "USD"}, "2026-03-01T00:00:00Z"),
                        ("BetWon", {"amount": 2, "asset": "BTC"}, "2026-03-01T00:00:01Z")])
        outcome = self.run_it("state", "p", "--projection", "pnl", "--json")
        self.assertEqual((0, ["BTC", "USD"]), (outcome.status, outcome.json()["state"]["assets"]))
        self.assertIn('#2: the sums of pnl are over several assets', outcome.err)
        self.assertIn("over several assets", self.run_it("bisect", "p", "net_pnl > 0").err)

    def test_an_account_without_an_event_holds_nothing_and_nothing_is_judged(self):
        self.create("empty")
        for words in ([], ["--asset", "BTC"], ["--at", "2026-03-01"]):
            outcome = self.run_it("balance", "empty", *words, "--assert", "balance >= 0")
            self.assertEqual((7, True), (outcome.status, outcome.out.startswith("nothing")))
            self.assertIn("not judged: balance >= 0: ", outcome.err)
        outcome = self.run_it("balance", "a", "--assert", "by_asset_BTCC < 9")
        self.assertEqual(7, outcome.status)
        self.assertIn('no event moves "BTCC"; did you mean "BTC"?', outcome.err)
        self.assertEqual(7, self.run_it("balance", "a@1", "--assert", "balance = 0").status)
        # Among sessions that hold something it is one that was not asked about.
        self.assertEqual(0, self.run_it("balance", "--all-sessions", "--asset", "BTC", "--assert",
                                        "balance >= 0").status)
        outcome = self.run_it("balance", "--all-sessions", "--asset", "ETH", "--assert", "balance >= 0")
        self.assertEqual(7, outcome.status)
        self.assertEqual(1, outcome.err.count("not judged"))
        judged = ["balance", "empty", "--assert", "event_count = 0"]
        self.assertEqual(7, self.run_it(*judged).status)
        self.assertEqual(0, self.run_it(*judged, "--allow-empty").status)

    def test_an_assertion_at_a_point_is_about_that_point(self):
        self.make("h", [("FundsDeposited", {"amount": 7}, "2026-03-01T10:00:00Z"),
                        ("FundsWithdrawn", {"amount": 4}, "2026-03-02T10:00:00Z"),
                        ("FundsDeposited", {"amount": 4}, "2026-03-03T10:00:00Z"),
                        ("FundsWithdrawn", {"amount": 7}, "2026-03-04T10:00:00Z")])
        for point, balance in ((["--at", "2026-03-03"], 7), (["--at", "2026-03-04"], 0),
                               (["--before", "2026-03-03"], 3), (["--seq", "1"], 7),
                               (["--before", "2026-03-09"], 0)):
            self.ok("balance", "h", *point, "--assert", f"balance = {balance}")
            outcome = self.run_it("balance", "h", *point, "--assert", f"balance = {balance + 1}")
            self.assertEqual(1, outcome.status)
            self.assertIn(f"(balance = {balance}), as of #", outcome.err)
        self.ok("balance", "h@3", "--assert", "balance = 7", "--assert", "event_count = 3")
        outcome = self.run_it("balance", "h", "--assert", "balance = 7")
        self.assertEqual((1, True), (outcome.status, "broken by #2" in outcome.err), str(outcome))

    def test_amounts_that_are_texts(self):
        self.create("t")
        for amount in ("12.50", 3):
            self.append("t", {"type": "FundsDeposited", "payload": {"amount": amount}})
        answer = self.ok("balance", "t", "--json")
        self.assertIn('"incomplete":[],"rules":null,"balance":15.5,', answer.out)
        outcome = self.run_it("balance", "t", "--assert", "balance = 3")
        self.assertEqual((1, True), (outcome.status, "balance = 15.5" in outcome.err), str(outcome))
        self.append("t", {"type": "FundsDeposited", "payload": {"amount": "1,000.50"}})
        self.append("t", {"type": "FundsWithdrawn", "payload": {"amount": "$5"}})
        for words in (["balance", "t"], ["state", "t", "--projection", "balance"],
                      ["state", "t", "--projection", "portfolio"], ["whatif", "t", "--without", "1"],
                      ["blame", "t", "/balance"], ["bisect", "t", "balance > 10"],
                      ["balance", "t", "--assert", "balance > 10"],
                      ["balance", "t", "--each", "day"]):
            outcome = self.run_it(*words, "--json")
            self.assertEqual((7, [3, 4]), (outcome.status, outcome.json()["incomplete"]), str(outcome))
            self.assertIn('#3: FundsDeposited has an amount that is not a number',
                          outcome.err)
        self.append("t", {"type": "AgentRegistered", "payload": {"agent": "t"}})
        self.refused(4, "submit", "t", "DepositFunds", "--data", '{"amount":1}', saying="event #3")
        self.make("fresh", [("AgentRegistered", {"agent": "fresh"}, "2026-03-01T00:00:00Z")])
        self.refused(2, "submit", "fresh", "DepositFunds", "--data", '{"amount":"1"}', saying="number")

    def test_a_transaction_of_unknown_kind_is_a_note(self):
        self.make("u", [("FundsDeposited", {"amount": 5}, "2026-03-01T00:00:00Z"),
                        ("UnknownTransaction", {"amount": 2}, "2026-03-02T00:00:00Z"),
                        ("UnknownTransaction", {"memo": "x"}, "2026-03-02T00:00:00Z")])
        outcome = self.run_it("balance", "u", "--assert", "balance = 5")
        self.assertEqual((0, 1), (outcome.status, outcome.err.count("\n")), str(outcome))
        self.assertIn("note: #2: an UnknownTransaction of 2 is not counted", outcome.err)

    def test_a_period_has_one_row_though_times_run_backwards(self):
        self.make("r", [("FundsDeposited", {"amount": 1}, "2026-03-01T00:00:00Z"),
                        ("FundsDeposited", {"amount": 16}, "2026-03-02T00:00:00Z"),
                        ("FundsDeposited", {"amount": 32}, "2026-03-01T06:00:00Z"),
                        ("FundsDeposited", {"amount": 2, "asset": "EUR"}, "2026-03-02T01:00:00Z"),
                        ("FundsWithdrawn", {"amount": 4}, "2026-02-27T23:30:00Z"),
                        ("FundsDeposited", {"amount": 8, "asset": "EUR"}, "2026-03-01T06:59:59Z")])
        rows = self.ok("balance", "r", "--each", "day", "--json").json()["rows"]
        self.assertEqual([("2026-02-27", "PFLEA", -4, -4), ("2026-03-01", "PFLEA", 33, None),
                          ("2026-03-01", "EUR", 8, None), ("2026-03-02", "PFLEA", 16, None),
                          ("2026-03-02", "EUR", 2, None)],
                         [(row["period"], row["asset"], row["change"], row["balance"])
                          for row in rows])
        for zone in ("UTC", "Asia/Kolkata", "America/New_York"):
            for each, end in (("day", ""), ("hour", ":59.999999999")):
                rows = self.ok("balance", "r", "--each", each, "--tz", zone, "--json").json()["rows"]
                self.assertEqual(len(rows), len({(row["period"], row["asset"]) for row in rows}))
                self.assertEqual([row["period"] for row in rows],
                                 sorted(row["period"] for row in rows))
                for row in rows:
                    at = row["period"].replace(":00", ":59") + end
                    held = self.ok("balance", "r", "--at", at, "--tz", zone, "--json").json()
                    self.assertEqual((row["balance"], row["asset_balance"]),
                                     (held["balance"], held["by_asset"][row["asset"]]), str(row))
        one = self.ok("balance", "r", "--each", "day", "--asset", "EUR", "--json").json()["rows"]
        self.assertEqual([("2026-03-01", 8), ("2026-03-02", 10)],
                         [(row["period"], row["balance"]) for row in one])
        self.assertEqual([1, 2, 3, 4, 5, 6], [row["sequence_number"] for row in self.ok(
            "balance", "r", "--each", "event", "--json").json()["rows"]])

    def test_days_at_the_ends_of_the_calendar(self):
        self.make("z", [("FundsDeposited", {"amount": 1}, "0000-01-01T00:00:00Z"),
                        ("FundsDeposited", {"amount": 2}, "9999-12-31T23:59:59Z")])
        for zone, days in (("UTC", ["0000-01-01", "9999-12-31"]),
                           ("America/New_York", ["-0001-12-31", "9999-12-31"]),
                           ("Asia/Tokyo", ["0000-01-01", "+10000-01-01"]),
                           ("Pacific/Kiritimati", ["-0001-12-31", "+10000-01-01"])):
            rows = self.ok("balance", "z", "--each", "day", "--tz", zone, "--json").json()["rows"]
            self.assertEqual(days, [row["period"] for row in rows])
            groups = self.ok("stats", "z", "--by", "day", "--tz", zone, "--json").json()["groups"]
            self.assertEqual(days, [group["by"]["day"] for group in groups])
            for at, balance in (("0000-01-01", 1), ("9999-12-31", 3)):
                if at in days:
                    self.ok("balance", "z", "--at", at, "--tz", zone, "--assert",
                            f"balance = {balance}")
        hours = self.ok("balance", "z", "--each", "hour", "--tz", "Pacific/Kiritimati").lines()
        self.assertIn("+10000-01-01 13:00", hours[2])
        self.refused(2, "balance", "z", "--at", "9999-12-31 23:30", "--tz", "America/New_York",
                     saying=["9999-12-31 23:30", "0000 to 9999"])
        self.ok("balance", "z", "--before", "0000-01-01", "--tz", "Pacific/Kiritimati")

    def copy_of(self, session):
        """A log outside of the store, which has no rules."""
        path = self.folder / "copy.jsonl"
        path.write_bytes(self.log_of(session).read_bytes())
        return path

    def test_rules_in_force_are_named(self):
        flipped = '{"default_asset":"PFLEA","types":{"FundsDeposited":{"sign":-1,"amount":"/amount"}}}'
        self.make("f", [("FundsDeposited", {"amount": 6}, "2026-03-01T00:00:00Z"),
                        ("AgentRegistered", {"agent": "f"}, "2026-03-01T00:00:00Z")])
        (self.store / "ledger.json").write_text(flipped)
        (self.store / "upcasts.json").write_text('{"rules":[]}')
        own = {"ledger": {"file": str(self.store / "ledger.json"),
                          "sha256": hashlib.sha256(flipped.encode()).hexdigest()},
               "upcasts": {"file": str(self.store / "upcasts.json"),
                           "sha256": hashlib.sha256(b'{"rules":[]}').hexdigest()}}
        reading = {"ledger": None, "upcasts": own["upcasts"]}
        for words, rules in ((["balance", "f"], own), (["balance", "--all-sessions"], own),
                             (["balance", "f", "--each", "day"], own), (["verify"], own),
                             (["verify", "f"], own), (["whatif", "f", "--without", "1"], own),
                             (["blame", "f", "/balance"], own), (["blame", "f", "--all"], own),
                             (["bisect", "f", "balance < 0"], own), (["stats", "f"], reading),
                             (["stats"], reading), (["diff", "f", "f"], reading),
                             (["state", "f"], reading),
                             (["state", "f", "--projection", "balance"], own),
                             (["balance", self.copy_of("f")], None)):
            self.assertEqual(rules, self.ok(*words, "--json").json()["rules"], str(words))
            err = self.run_it(*words).err
            self.assertEqual(rules is not None, own["upcasts"]["sha256"] in err, err)
        self.assertIn(own["upcasts"]["sha256"], self.run_it("replay", "f").err)
        self.assertIn("not sealed, and in force: the rules in", self.run_it("verify").err)
        given = self.folder / "given.json"
        given.write_text(flipped.replace("-1", "1"))
        answer = self.ok("balance", "f", "--ledger", given, "--json").json()
        self.assertEqual((6, str(given)), (answer["balance"], answer["rules"]["ledger"]["file"]))
        # What `balance` shows is what `submit` goes by.
        withdraw = ["submit", "f", "WithdrawFunds", "--data", '{"amount":6}']
        self.refused(4, *withdraw, saying="insufficient funds: -6 PFLEA of 6")
        outcome = self.refused(4, *withdraw, "--ledger", given, saying="does not count FundsWithdrawn")
        (self.store / "ledger.json").unlink()
        outcome = self.run_it(*withdraw)
        self.assertEqual(0, outcome.status, str(outcome))

    def test_what_is_incomplete_is_said(self):
        self.run_it("redact", "a", "4", "--reason", "GDPR")
        for words in (["a"], ["--all-sessions"], ["a", "--each", "event"]):
            outcome = self.run_it("balance", *words, "--json")
            self.assertEqual(7, outcome.status, str(outcome))
            self.assertIn("#4: its payload was redacted", outcome.err)
        self.assertEqual([4], self.run_it("balance", "a", "--json").json()["incomplete"])
        every = self.run_it("balance", "--all-sessions", "--json")
        self.assertIn('{"warning":{"message":"a: #4: its payload', every.err)
        self.assertIsNone(every.json()["incomplete"])
        self.assertIn([4], [one["incomplete"] for one in every.json()["sessions"]])

    def test_a_session_that_is_not_known_is_listed_and_left_out_of_the_sum(self):
        self.make("huge", [("BetWon", {"amount": 1}, "2026-03-01T00:00:00Z")])
        self.ok("append", "huge", "--type", "BetWon", "--payload", '{"amount":1e999999}')
        self.refused(1, "balance", "huge", saying="event #2 of session huge")
        outcome = self.run_it("balance", "--all-sessions", "--asset", "PFLEA")
        self.assertEqual((1, ["huge", "not", "known"]),
                         (outcome.status, outcome.lines()[2].split()), str(outcome))
        self.assertEqual(["total", "749.85", "PFLEA"], outcome.lines()[-1].split())
        every = self.run_it("balance", "--all-sessions", "--json")
        self.assertEqual(1, every.status)
        huge, known = every.json()["sessions"]
        self.assertEqual(("huge", None, None, None), tuple(huge[key] for key in (
            "session_id", "last_sequence_number", "balance", "by_asset")))
        self.assertIn("out of range at event #2", huge["error"])
        self.assertIsNone(known["error"])

    def test_one_point_is_one(self):
        for words in (["balance", "a@3", "--seq", "4"], ["state", "a@3", "--seq", "3"]):
            self.refused(2, *words, saying=["its event 3", "--seq"])
        self.refused(2, "balance", "a@3", "--at", "2026-03-01T00:00:00Z", saying="--at")

    def test_an_asset_without_a_name_is_seen(self):
        self.make("n", [("BetWon", {"amount": 2, "asset": ""}, "2026-03-01T00:00:00Z")])
        self.assertEqual('2 ""   up to #1 of 1\n', self.ok("balance", "n").out)
        self.assertIn('total                    2.00  ""',
                      self.ok("balance", "--all-sessions").out)
        self.append("n", {"type": "BetWon", "payload": {"amount": 1, "asset": "X"}})
        self.assertRegex(self.ok("balance", "n", "--each", "event").lines()[1], ' 2  ""$')
        self.assertIn('would overdraw by 1 ""', self.overdrawn())

    def overdrawn(self):
        self.append("n", {"type": "BetPlaced", "payload": {"amount": 1, "asset": ""}})
        return self.run_it("whatif", "n", "--without", "1").out

    def test_damage_gives_no_balance(self):
        self.sound = False
        self.create("b")
        for amount in (1, 2, 4):  # a write each
            self.append("b", {"type": "BetWon", "payload": {"amount": amount}})
        log = self.log_of("b")
        log.write_bytes(log.read_bytes().replace(b'"amount":2', b'"amount":"'))
        self.refused(1, "balance", "b", saying="line 2")
        self.refused(1, "balance", "b", "--each", "event", saying="line 2")
        for how, balance, status in (("prefix", 1, 0), ("skip", 5, 7)):
            outcome = self.run_it("balance", "b", "--json", "--on-corrupt", how)
            self.assertEqual((status, balance), (outcome.status, outcome.json()["balance"]))

    def test_content_is_made_safe(self):
        self.make("c", [("BetWon", {"amount": 1, "asset": "::x\x1b[31m", "game": "\u202eg"},
                         "2026-03-01T00:00:00Z"),
                        ("BetWon", {"amount": 1}, "2026-03-01T00:00:00Z")])
        for words in (["c"], ["c", "--each", "event"], ["c", "--each", "day"], ["--all-sessions"]):
            text = self.ok("balance", *words).out
            self.assertNotIn("\x1b", text)
            self.assertNotIn("\u202e", text)
            self.assertIn("\\u{1b}", text)

    def test_bad_words(self):
        self.refused(2, "balance", saying="--all")
        self.refused(2, "balance", "a", "--all", saying="--all")
        self.refused(2, "balance", "--all", "--each", "day", saying="one session")
        self.refused(2, "balance", "a", "--each", "week", saying=["week", "event, hour or day"])
        self.refused(2, "balance", "a", "--at", "2026-03-01", "--seq", "3", saying="one of them")
        self.refused(2, "balance", "a", "--at", "soon", saying="soon")
        self.refused(3, "balance", "a@9", saying=["#9", "#8"])
        self.refused(3, "balance", "nobody", saying="nobody")

    def test_a_log_by_path_and_by_pipe(self):
        whole = self.ok("balance", "a", "--json").json()
        self.assertEqual(whole, self.ok("balance", self.log_of("a"), "--json").json())
        piped = self.ok("balance", "-", "--json", stdin=self.log_of("a").read_bytes())
        self.assertEqual(whole, piped.json())
        rows = self.ok("balance", "-", "--each", "event", "--json",
                       stdin=self.log_of("a").read_bytes()).json()["rows"]
        self.assertEqual(6, len(rows))


if __name__ == "__main__":
    main()
