"""States of every projection, at points in time, on ledgers that this project did not write."""

import json
import os
import shutil
import unittest
from decimal import Decimal
from pathlib import Path

from casino import import_database
from support import Case, go_line, main, make_go_folder

CORPUS = os.environ.get("AGENTSTORE_CORPUS")


def deposit(amount, at=None, kind="FundsDeposited", **more):
    draft = {"type": kind, "payload": {"amount": amount, **more}}
    return {**draft, "timestamp": at} if at else draft


class Ledgers(Case):
    def state(self, session, projection, *words):
        return self.ok("state", session, "--projection", projection, "--json", *words).json()

    def make_session(self, *drafts, name="a"):
        self.create(name)
        self.append(name, *drafts)

    def test_every_projection_answers_for_every_session(self):
        make_go_folder(self.store)
        for session in ("flight-1", "bet-1"):
            for name in ("session", "balance", "pnl", "portfolio", "conversation", "summary",
                         "progress", "status"):
                with self.subTest(session=session, projection=name):
                    answer = self.state(session, name)
                    self.assertEqual((session, name), (answer["session_id"], answer["projection"]))
                    self.assertEqual([], answer["incomplete"])
                    by_path = self.ok("state", self.log_of(session), "--projection", name, "--json")
                    self.assertEqual(answer, by_path.json())

    def test_without_a_projection_it_is_session(self):
        make_go_folder(self.store)
        self.assertEqual(self.ok("state", "flight-1", "--json").out,
                         self.ok("state", "flight-1", "--json", "--projection", "session").out)

    def test_money_is_written_with_all_its_digits(self):
        self.make_session(*[deposit(0.1)] * 120)
        answer = self.ok("state", "a", "--projection", "balance", "--json")
        self.assertIn('"state":{"balance":12,"by_asset":{"PFLEA":12}}', answer.out)

    def test_what_does_not_count_is_told(self):
        self.make_session(deposit(5), deposit("7 PFLEA"), {"type": "BetWon"}, deposit(-1))
        outcome = self.run_it("state", "a", "--projection", "balance", "--json")
        self.assertEqual((7, [2, 3]), (outcome.status, outcome.json()["incomplete"]), str(outcome))
        self.assertEqual(4, outcome.json()["state"]["balance"])
        self.assertEqual([
            '#2: FundsDeposited has an amount that is not a number, "7 PFLEA": it does not count',
            "#3: BetWon has no /amount: it does not count",
            "#4: FundsDeposited has a negative amount, -1: it counts as it is written",
        ], [json.loads(line)["warning"]["message"] for line in outcome.err.splitlines()])

    def test_a_redacted_amount_makes_the_answer_incomplete(self):
        self.make_session(deposit(5), deposit(7), deposit(9))
        self.assertEqual(0, self.run_it("redact", "a", "2", "--reason", "GDPR").status)
        outcome = self.run_it("state", "a", "--projection", "balance", "--json")
        self.assertEqual(7, outcome.status, str(outcome))
        self.assertEqual([2], outcome.json()["incomplete"])
        self.assertEqual(14, outcome.json()["state"]["balance"])
        self.assertIn('{"warning":{"message":"#2: its payload was redacted', outcome.err)
        self.assertEqual([], self.state("a", "balance", "--seq", "1")["incomplete"])
        session = self.run_it("state", "a", "--json")
        self.assertEqual((0, ""), (session.status, session.err), str(session))

    def test_an_overflow_names_the_event(self):
        self.make_session()
        self.ok("append", "a", "-", stdin='{"type":"BetWon","payload":{"amount":1e60}}\n'
                                          '{"type":"BetWon","payload":{"amount":1e-60}}\n')
        self.refused(1, "state", "a", "--projection", "balance", saying=["event #2", "digits"])

    def test_an_unknown_projection_is_refused(self):
        self.make_session()
        self.refused(2, "state", "a", "--projection", "balnce", saying=["balnce", "balance, pnl"])

    def test_another_ledger(self):
        self.make_session({"type": "llm_response", "payload": {"usage": {"cost": 0.25}}},
                          deposit(100))
        ledger = self.folder / "costs.json"
        ledger.write_text('{"default_asset":"USD","types":'
                          '{"llm_response":{"sign":-1,"amount":"/usage/cost"}}}')
        answer = self.state("a", "balance", "--ledger", ledger)
        self.assertEqual({"balance": -0.25, "by_asset": {"USD": -0.25}}, answer["state"])
        self.assertEqual(100, self.state("a", "balance")["state"]["balance"])
        shutil.copy(ledger, self.store / "ledger.json")
        self.assertEqual(-0.25, self.state("a", "balance")["state"]["balance"])
        self.assertEqual({"PFLEA": 100}, self.state("a", "portfolio")["state"]["holdings"])
        ledger.write_text('{"default_asset":"USD"}')
        self.refused(2, "state", "a", "--projection", "balance", "--ledger", ledger,
                     saying=["--ledger", "types"])
        self.refused(3, "state", "a", "--projection", "balance", "--ledger", "nowhere.json")
        shutil.copy(ledger, self.store / "ledger.json")
        self.refused(2, "state", "a", "--projection", "balance", saying="ledger.json")


class Points(Case):
    """Instants are compared, never texts."""

    def setUp(self):
        super().setUp()
        self.create("a")
        self.append("a", deposit(1, "2026-02-28T23:59:59.999999999Z"),
                    deposit(2, "2026-03-01T00:00:00Z"),
                    deposit(4, "2026-03-01T00:00:00.000000001Z"),
                    deposit(8, "2026-03-01T23:59:59.999999999Z"),
                    deposit(16, "2026-03-02T00:00:00Z"))

    def balance(self, *words, **more):
        answer = self.ok("state", "a", "--projection", "balance", "--json", *words, **more).json()
        return answer["state"]["balance"], answer["last_sequence_number"]

    def test_an_event_at_the_instant_is_in_with_at_and_out_with_before(self):
        for text in ("2026-03-01T00:00:00Z", "2026-03-01T00:00:00.000+00:00",
                     "2026-03-01T02:00:00+02:00", "2026-02-28T19:00:00.000000000-05:00",
                     "@1772323200", "2026-03-01 00:00"):
            with self.subTest(time=text):
                self.assertEqual((3, 2), self.balance("--at", text))
                self.assertEqual((1, 1), self.balance("--before", text))

    def test_a_date_is_its_whole_day_for_at_and_its_start_for_before(self):
        for zone in ("Asia/Tokyo", "UTC", ""):
            self.assertEqual((15, 4), self.balance("--at", "2026-03-01", env={"TZ": zone}))
            self.assertEqual((1, 1), self.balance("--before", "2026-03-01", env={"TZ": zone}))
        # In Tokyo the first of March ends at 15:00 UTC.
        self.assertEqual((7, 3), self.balance("--at", "2026-03-01", "--tz", "Asia/Tokyo"))
        self.assertEqual((15, 4), self.balance("--before", "2026-03-02 09:00", "--tz", "Asia/Tokyo"))

    def test_a_time_that_the_zone_skips_is_refused(self):
        for command in ("state", "balance"):
            self.refused(2, command, "a", "--at", "2026-03-29 02:30", "--tz", "Europe/Berlin",
                         saying=["skip", "2026-03-29 02:30"])
        self.refused(2, "state", "a", "--at", "2026-02-30", saying="2026-02-30")

    def test_the_answer_echoes_the_instant(self):
        answer = self.ok("state", "a", "--json", "--at", "2026-03-01T02:00:00+02:00").json()
        self.assertEqual("2026-03-01T00:00:00.000000000Z", answer["at"])
        self.assertIsNone(answer["before"])
        self.assertEqual(2, answer["last_sequence_number"])

    def test_numbers_of_events(self):
        self.assertEqual((0, 0), self.balance("--seq", "0"))
        self.assertEqual((7, 3), self.balance("--seq", "3"))
        self.assertEqual(7, self.ok("state", "a@3", "--projection", "balance", "--json").json()
                         ["state"]["balance"])
        self.refused(3, "state", "a", "--seq", "6", saying=["#6", "#5"])
        self.refused(3, "state", "a@6", saying=["#6", "#5"])

    def test_times_that_run_backwards(self):
        self.append("a", deposit(32, "2026-02-01T00:00:00Z"), deposit(64, "2026-04-01T00:00:00Z"),
                    deposit(128, "2025-01-01T00:00:00Z"))
        self.assertEqual((128, 8), self.balance("--before", "2026-02-01"))
        self.assertEqual((160, 8), self.balance("--at", "2026-02-01"))
        self.assertEqual((163, 8), self.balance("--at", "2026-03-01T00:00:00Z"))
        self.assertEqual((191, 8), self.balance("--before", "2026-04-01"))


@unittest.skipUnless(CORPUS, "AGENTSTORE_CORPUS is not set")
class Article(Case):
    """The database of an article on event sourcing, taken over event by event."""

    def setUp(self):
        super().setUp()
        self.expected = json.loads((Path(CORPUS) / "sqlite/expected.json").read_text())
        self.streams = import_database(self, Path(CORPUS) / "sqlite/agent_state.db")

    def state(self, session, projection, *words):
        outcome = self.run_it("state", session, "--projection", projection, "--json", *words)
        state = json.loads(outcome.out, parse_float=Decimal, parse_int=Decimal)["state"]
        mixed = projection == "balance" and len(state["by_asset"]) > 1
        self.assertEqual((0, mixed), (outcome.status, "different assets" in outcome.err))
        return state

    def check(self, expected, session, *words):
        self.assertEqual(Decimal(expected["balance"]),
                         self.state(session, "balance", *words)["balance"])
        pnl = self.state(session, "pnl", *words)
        for name in ("total_wagered", "total_won", "total_fees", "net_pnl", "bet_count",
                     "win_count"):
            self.assertEqual(Decimal(expected[name]), pnl[name], name)
        self.assertEqual({asset: Decimal(amount) for asset, amount in expected["holdings"].items()},
                         self.state(session, "portfolio", *words)["holdings"])

    def test_each_stream_comes_to_what_is_expected(self):
        for session in self.streams:
            with self.subTest(session=session):
                self.check(self.expected[session], session)
                self.assertEqual(self.expected[session]["events"],
                                 len(self.events(session)))

    def test_so_does_a_point_in_time(self):
        expected = self.expected["agent-001 at 2026-03-01T00:00:00Z"]
        for at in ("2026-03-01T00:00:00Z", "2026-03-01T00:00:00.000+00:00",
                   "2026-03-01T02:00:00+02:00", "2026-02-28"):
            with self.subTest(at=at):
                self.check(expected, "agent-001", "--at", at)

    def test_so_does_the_counterfactual(self):
        expected = self.expected["agent-001 without evt-bad-trade-uuid"]
        fields = {}
        for name in ("balance", "pnl", "portfolio"):
            outcome = self.ok("whatif", "agent-001", "--without", "evt-bad-trade-uuid",
                              "--projection", name, "--json")
            answer = json.loads(outcome.out, parse_float=Decimal, parse_int=Decimal)
            self.assertEqual((12, expected["events"]), (answer["events"]["actual"],
                                                        answer["events"]["counterfactual"]))
            fields.update(answer["fields"])
        for side, wanted in (("counterfactual", expected), ("actual", self.expected["agent-001"])):
            self.assertIsNone(fields["balance"][side])  # of PFLEA and BTC there is no sum
            self.assertEqual(Decimal(wanted["balance"]),
                             sum(fields[f"by_asset_{asset}"][side] for asset in ("PFLEA", "BTC")))
        for name in ("total_wagered", "total_won", "total_fees", "net_pnl",
                     "bet_count", "win_count"):
            self.assertEqual(Decimal(expected[name]), fields[name]["counterfactual"], name)
            self.assertEqual(Decimal(self.expected["agent-001"][name]), fields[name]["actual"], name)
        for asset, amount in expected["holdings"].items():
            self.assertEqual(Decimal(amount), fields[f"holdings_{asset}"]["counterfactual"])

    def test_so_does_the_balance(self):
        for session in self.streams:
            answer = json.loads(self.ok("balance", session, "--json").out, parse_float=Decimal,
                                parse_int=Decimal)
            held = answer["by_asset"].values()
            self.assertEqual(Decimal(self.expected[session]["balance"]), sum(held))
            self.assertEqual(sum(held) if len(held) == 1 else None, answer["balance"])
        self.assertEqual(
            "749.95 PFLEA   as of 2026-03-01T00:00:00Z inclusive, up to #5 of 12\n",
            self.ok("balance", "agent-001", "--at", "2026-03-01T00:00:00Z").out)

    def test_so_do_rates(self):
        pnl = self.state("agent-001", "pnl")
        self.assertEqual(Decimal("0.666667"), pnl["win_rate"])  # 2 / 3
        self.assertEqual(Decimal("-0.524556"), pnl["roi"])      # -237.65 / 453.05
        self.assertEqual((0, 0), (self.state("agent-002", "pnl")["win_rate"],
                                  self.state("agent-002", "pnl")["roi"]))


if __name__ == "__main__":
    main()
