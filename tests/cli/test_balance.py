"""Balances: exact, at any point in time, per asset, as a register, over all sessions."""

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
        self.assertEqual("1090.5 PFLEA   before 2026-02-28T20:00:00Z, up to #4 of 8\n",
                         self.ok("balance", "a", "--before", "2026-02-28T20:00:00Z").out)
        self.assertEqual("900 PFLEA   up to #3 of 8\n", self.ok("balance", "a@3").out)
        self.assertEqual("0 PFLEA   up to #0 of 8\n", self.ok("balance", "a", "--seq", "0").out)

    def test_several_assets_are_a_line_each(self):
        self.assertEqual("  0.20 BTC\n749.85 PFLEA\nup to #8 of 8\n", self.ok("balance", "a").out)
        self.assertEqual("0.2 BTC   up to #8 of 8\n",
                         self.ok("balance", "a", "--asset", "BTC").out)
        outcome = self.run_it("balance", "a", "--asset", "BTCC")
        self.assertEqual((0, "0 BTCC   up to #8 of 8\n"), (outcome.status, outcome.out))
        self.assertIn('note: no event up to #8 moves "BTCC"', outcome.err)

    def test_json_has_the_documented_shape(self):
        self.assertEqual(
            '{"schema":"agentstore/balance/1","session_id":"a","at":"2026-03-01T23:59:59.999999999Z",'
            '"before":null,"last_sequence_number":8,"incomplete":[],"balance":750.05,'
            '"by_asset":{"BTC":0.2,"PFLEA":749.85}}\n',
            self.ok("balance", "a", "--json", "--at", "2026-03-01").out)
        one = self.ok("balance", "a", "--json", "--asset", "BTC").json()
        self.assertEqual((0.2, {"BTC": 0.2}), (one["balance"], one["by_asset"]))
        self.assertEqual({}, self.ok("balance", "a", "--json", "--seq", "1").json()["by_asset"])

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
2  2026-02-27 23:00:00  FaucetClaimed      +1000.00     1000.00   fx-1
3  2026-02-28 06:00:00  BetPlaced           -100.00      900.00   blackjack b-1
4  2026-02-28 13:00:00  BetWon              +190.50     1090.50   blackjack b-1
5  2026-02-28 20:00:00  BetPlaced           -340.55      749.95
""", self.ok("balance", "a", "--each", "event", "--seq", "6").out)
        rows = self.ok("balance", "a", "--each", "event", "--json").json()["rows"]
        self.assertEqual([2, 3, 4, 5, 7, 8], [row["sequence_number"] for row in rows])
        self.assertEqual({"sequence_number": 7, "timestamp": "2026-03-01T10:00:00.000000000Z",
                          "type": "FundsDeposited", "asset": "BTC", "change": 0.2,
                          "balance": 750.15, "asset_balance": 0.2}, rows[4])

    def test_the_register_of_days_and_hours(self):
        self.assertEqual("""\
#  TIME                  EVENTS      CHANGE     BALANCE  ASSET
2  2026-02-27                 1    +1000.00     1000.00  PFLEA
5  2026-02-28                 3     -250.05      749.95  PFLEA
7  2026-03-01                 1       +0.20        0.20  BTC
8  2026-03-01                 1       -0.10      749.85  PFLEA
""", self.ok("balance", "a", "--each", "day").out)
        in_tokyo = self.ok("balance", "a", "--each", "day", "--tz", "Asia/Tokyo", "--json").json()
        self.assertEqual([("2026-02-28", 990.5 + 100, 3), ("2026-03-01", 0.2, 1),
                          ("2026-03-01", -340.65, 2)],
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
        self.assertEqual((None, None, 750.1, {"BTC": 0.2, "PFLEA": 749.9}),
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
        outcome = self.run_it("balance", "a", "--assert", "balance >= 800")
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
        outcome = self.run_it("balance", "--all-sessions", "--assert", "balance >= 0")
        self.assertEqual((1, 1), (outcome.status, outcome.err.count("not true")), str(outcome))
        self.assertIn("of session e", outcome.err)

    def test_an_assertion_that_cannot_be_asked_is_refused_before_the_answer(self):
        self.refused(2, "balance", "a", "--assert", "balance >=", saying="character 11")
        self.refused(2, "balance", "a", "--assert", "balnce > 0", saying="balnce")
        self.refused(2, "balance", "a", "--assert", "balance", saying="boolean")

    def test_what_is_incomplete_is_said(self):
        self.run_it("redact", "a", "4", "--reason", "GDPR")
        for words in (["a"], ["--all-sessions"], ["a", "--each", "event"]):
            outcome = self.run_it("balance", *words, "--json")
            self.assertEqual(7, outcome.status, str(outcome))
            self.assertIn("#4: its payload was redacted", outcome.err)
        self.assertEqual([4], self.run_it("balance", "a", "--json").json()["incomplete"])
        every = self.run_it("balance", "--all-sessions", "--json")
        self.assertIn("warning: a: #4: its payload", every.err)
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
        return self.ok("whatif", "n", "--without", "1").out

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
        self.refused(2, "balance", saying="--all-sessions")
        self.refused(2, "balance", "a", "--all-sessions", saying="--all-sessions")
        self.refused(2, "balance", "--all-sessions", "--each", "day", saying="one session")
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
