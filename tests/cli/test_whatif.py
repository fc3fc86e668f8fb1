"""What a session would have come to, had something been otherwise."""

import json
import os
import unittest
from decimal import Decimal
from pathlib import Path

from casino import import_database, make_account
from support import Case, go_line, main, make_go_folder

CORPUS = os.environ.get("AGENTSTORE_CORPUS")


class WhatIf(Case):
    def setUp(self):
        super().setUp()
        make_account(self)
        self.before = self.log_of("agent-001").read_bytes()

    def tearDown(self):
        self.assertEqual(self.before, self.log_of("agent-001").read_bytes())
        super().tearDown()

    def ask(self, *words, **more):
        return self.ok("whatif", "agent-001", *words, "--json", **more).json()

    def value(self, answer, field):
        found = answer["fields"][field]
        return found["actual"], found["counterfactual"], found["difference"]

    def test_without_an_event(self):
        answer = self.ask("--without", "evt-bad-trade")
        self.assertEqual("agentstore/whatif/1", answer["schema"])
        self.assertEqual({"actual": 7, "counterfactual": 6}, answer["events"])
        self.assertEqual(5, answer["first_divergence"])
        self.assertEqual([{"sequence_number": 5, "event_id": "evt-bad-trade",
                           "why": "left out"}], answer["dropped"])
        self.assertEqual([], answer["warnings"])
        self.assertEqual((749.85, 1090.4, 340.55), self.value(answer, "by_asset_PFLEA"))
        self.assertEqual((None, None, None), self.value(answer, "balance"))
        self.assertEqual((2, 1, -1), self.value(answer, "bet_count"))
        self.assertEqual((0.1, 0.1, 0), self.value(answer, "total_fees"))
        for name in (5, "id:evt-bad-trade"):
            self.assertEqual(answer, self.ask("--without", name))

    def test_for_people(self):
        text = self.ok("whatif", "agent-001", "--without", "5")
        self.assertEqual("Without #5 BetPlaced 340.55 (evt-bad-trade): 7 → 6 events, "
                         "first divergence at #5, 2026-03-01 00:00:04 UTC", text.lines()[0])
        self.assertEqual(["ACTUAL", "WITHOUT", "DIFFERENCE"], text.lines()[1].split())
        self.assertRegex(text.out, r"(?m)^by_asset_PFLEA +749\.85 +1,090\.40 +\+340\.55$")
        self.assertEqual("Later events are taken as recorded; nothing was re-executed.",
                         text.lines()[-1])
        nothing = self.ok("whatif", "agent-001", "--replace", '5={"amount": 340.55}')
        self.assertIn("nothing is altered", nothing.lines()[0])
        self.assertIn("No field of balance, pnl changes.", nothing.out)
        replaced = self.ok("whatif", "agent-001", "--replace", '5={"amount":1}').out
        self.assertRegex(replaced, r"(?m)^ +ACTUAL +WHAT IF +DIFFERENCE$")

    def test_long_values_do_not_take_the_names_away(self):
        self.create("talk")
        self.append("talk", *({"type": "user_message", "payload": {"content": "word " * 20}}
                              for _ in range(2)))
        text = self.ok("whatif", "talk", "--without", 1, "--projection", "conversation").out
        self.assertRegex(text, r"(?m)^transcript +\[")

    def test_what_was_redacted_is_named_once(self):
        make_account(self, "other")
        self.run_it("redact", "other", "3", "--reason", "GDPR")
        for left_out in (2, 3):  # before it, and itself: what was recorded lacks it, too
            outcome = self.run_it("whatif", "other", "--without", left_out, "--json")
            self.assertEqual((7, [3]), (outcome.status, outcome.json()["incomplete"]))
            self.assertEqual(1, outcome.err.count("#3: its payload was redacted"))

    def test_types_of_a_damaged_log_are_left_out_of_what_can_be_read(self):
        self.sound = False
        make_account(self, "other")
        log = self.log_of("other")
        log.write_bytes(log.read_bytes().replace(b"340.55", b"340.56", 1))
        self.refused(1, "whatif", "other", "-T", "FeeCharged")
        outcome = self.run_it("whatif", "other", "-T", "FeeCharged", "--on-corrupt", "skip", "--json")
        self.assertEqual((7, 6), (outcome.status, outcome.json()["events"]["actual"]), str(outcome))

    def test_cascade(self):
        kept = self.ask("--without", "evt-b-1")
        self.assertEqual([{"sequence_number": 4,
                           "text": "was caused by a dropped event (evt-b-1 of #3), kept"}],
                         kept["warnings"])
        answer = self.ask("--without", "evt-b-1", "--cascade")
        self.assertEqual([3, 4, 6], [one["sequence_number"] for one in answer["dropped"]])
        self.assertEqual("was caused by a dropped event (evt-won of #4)",
                         answer["dropped"][2]["why"])
        self.assertIn("dropped  #4  was caused", self.ok(
            "whatif", "agent-001", "--without", "3", "--cascade").out)

    def test_what_was_dropped_stands_in_columns(self):
        self.create("long")
        self.append("long", *({"type": "custom"} for _ in range(12)))
        text = self.ok("whatif", "long", "--without", 9, 10).out
        self.assertIn("dropped  #9   left out\ndropped  #10  left out\n", text)

    def test_a_cascade_knows_ids_that_are_numbers(self):
        self.create("ids")
        self.append("ids", {"type": "tool_called", "payload": {"tool": "t", "call_id": 7}},
                    {"type": "tool_result", "payload": {"call_id": 7}},
                    {"type": "BetPlaced", "payload": {"bet_id": 7, "amount": 1}},
                    {"type": "BetWon", "payload": {"bet_id": 7, "amount": 2}})
        for number in (1, 3):
            answer = self.ok("whatif", "ids", "--without", number, "--cascade", "--json").json()
            self.assertEqual([number, number + 1],
                             [one["sequence_number"] for one in answer["dropped"]])

    def test_an_event_beyond_the_end_is_named_with_the_last(self):
        for words in (("--without", 99), ("--replace", "99={}"), ("--without", 3, 99)):
            self.refused(3, "whatif", "agent-001", *words, saying=["no event #99", "its last is #7"])

    def test_a_cascade_that_takes_everything_says_so(self):
        self.create("chain")
        self.append("chain", {"type": "custom", "event_id": "one"},
                    {"type": "custom", "event_id": "two", "metadata": {"causation_id": "one"}},
                    {"type": "custom", "metadata": {"causation_id": "two"}})
        answer = self.ok("whatif", "chain", "--without", "1", "--cascade", "--json").json()
        self.assertEqual(0, answer["events"]["counterfactual"])
        self.assertEqual([{"sequence_number": None,
                           "text": "nothing is left: every event is dropped"}],
                         answer["warnings"])
        self.assertIn("nothing is left", self.ok("whatif", "chain", "--without", "1",
                                                 "--cascade").out)

    def test_other_alterations(self):
        self.assertEqual((749.85, 1090.4, 340.55),
                         self.value(self.ask("--replace", '5={"amount":0}'), "by_asset_PFLEA"))
        payload = self.folder / "payload.json"
        payload.write_text('{"amount": 1}')
        self.assertEqual((749.85, 1089.4, 339.55),
                         self.value(self.ask("--replace", f"evt-bad-trade=@{payload}"),
                                    "by_asset_PFLEA"))
        more = '{"type":"FundsDeposited","payload":{"amount":0.05}}'
        inserted = self.ask("--insert-after", f"0={more}", "--insert-after", f"evt-btc={more}")
        self.assertEqual({"actual": 7, "counterfactual": 9}, inserted["events"])
        self.assertEqual((749.85, 749.95, 0.1), self.value(inserted, "by_asset_PFLEA"))
        self.assertEqual([3, 4, 5, 6], [one["sequence_number"] for one in self.ask(
            "--without-type", "Bet*,FeeCharged")["dropped"]])
        ended = self.ask("--until", "2026-03-01T00:00:03Z")
        self.assertEqual({"actual": 7, "counterfactual": 4}, ended["events"])
        both = self.ask("--without", 3, 5)
        self.assertEqual({"actual": 7, "counterfactual": 5}, both["events"])
        self.assertEqual(both, self.ask("--without", 3, "--without", 5))

    def test_overdrafts(self):
        answer = self.ask("--without", "evt-faucet")
        self.assertIn({"sequence_number": 3, "text": "would overdraw by 100 PFLEA"},
                      answer["warnings"])
        added = self.ask("--insert-after", '3={"type":"FundsWithdrawn","payload":{"amount":1000}}')
        self.assertEqual({"sequence_number": 3,
                          "text": "the FundsWithdrawn added here would overdraw by 100 PFLEA"},
                         added["warnings"][0])

    def test_projections_and_fail_on(self):
        self.assertEqual({"holdings_BTC", "holdings_PFLEA"}, set(
            self.ask("--without", 5, "--projection", "portfolio")["fields"]))
        fine = self.ask("--without", 5, "--fail-on", "by_asset_PFLEA < 0 OR event_count < 6")
        self.assertEqual({"balance", "by_asset_PFLEA", "total_wagered"},
                         {"balance", "by_asset_PFLEA", "total_wagered"} & set(fine["fields"]))
        self.assertNotIn("event_count", fine["fields"])
        failed = self.run_it("whatif", "agent-001", "--without", 5, "--json",
                             "--fail-on", "by_asset_PFLEA > 1000")
        self.assertEqual(1, failed.status, str(failed))
        self.assertEqual(fine, failed.json())
        self.assertIn("by_asset_PFLEA = 1090.4", failed.err)
        asset = self.run_it("whatif", "agent-001", "--without", 7, "--fail-on",
                            "by_asset_BTC > 0")
        self.assertEqual(0, asset.status, str(asset))

    def test_a_condition_that_is_null_is_not_judged(self):
        outcome = self.run_it("whatif", "agent-001", "--without", "3", "--fail-on",
                              "win_rate > NULL")
        self.assertEqual(7, outcome.status, str(outcome))
        self.assertIn("it is NULL", outcome.err)

    def test_a_session_without_money(self):
        make_go_folder(self.folder / "go")
        answer = self.ok("whatif", "flight-1", "--store", self.folder / "go", "--without", 5,
                         "--json").json()
        self.assertEqual((320, 0, -320), self.value(answer, "tokens_out"))
        self.assertEqual((0.018, 0, -0.018), self.value(answer, "tokens_cost_usd"))
        content = answer["fields"]["data_llm_response_content"]
        self.assertEqual((None, None), (content["counterfactual"], content["difference"]))
        log = self.folder / "go/events/flight-1.jsonl"
        self.assertEqual(answer, self.ok("whatif", log, "--without", 5, "--json").json())

    def test_save_as(self):
        saved = self.ok("whatif", "agent-001", "--without", "evt-b-1", "--cascade", "--save-as",
                        "better", "--json").json()
        self.assertEqual("better", saved["saved_as"])
        events = self.events("better")
        self.assertEqual(4, len(events))
        self.assertEqual({"session_id": "agent-001", "sequence_number": 5,
                          "event_id": "evt-bad-trade"}, events[2]["metadata"]["forked_from"])
        self.assertNotIn("evt-bad-trade", [event["event_id"] for event in events])
        self.assertEqual("2026-03-01T00:00:04.000000000Z", events[2]["timestamp"])
        sessions = {one["id"]: one for one in self.ok("sessions", "--json").json()["sessions"]}
        self.assertEqual("agent-001", sessions["better"]["labels"]["forked_from"])
        self.ok("verify")
        self.refused(4, "whatif", "agent-001", "--without", 5, "--save-as", "better",
                     saying="better")
        self.refused(2, "whatif", "agent-001", "--without", 5, "--save-as", "no good",
                     saying="no good")

    def test_untrusted_content(self):
        self.create("bad")
        self.append("bad", {"type": "custom", "payload": {"x": "\x1b[31m\n::error::"},
                            "event_id": "::set-output"},
                    {"type": "custom", "payload": {"::x\u202e": 1}})
        text = self.ok("whatif", "bad", "--without", 1, "--cascade").out
        self.assertNotIn("\x1b", text)
        self.assertNotIn("\u202e", text)
        self.assertFalse([line for line in text.splitlines() if line.lstrip().startswith("::")])

    def test_bad_input(self):
        make_account(self, "other")
        self.append("other", {"type": "custom", "event_id": "of-other"})
        for status, words, says in [
                (2, [], "nothing is altered"),
                (3, ["--without", 8], "no event #8"),
                (3, ["--without", "of-other"], ("agent-001 has no event", "of-other")),
                (2, ["--replace", "5={"], ("--replace", "no JSON")),
                (2, ["--replace", "5"], "EVENT=JSON"),
                (3, ["--replace", "9={}"], "no event #9"),
                (2, ["--insert-after", '5={"payload":{}}'], "type"),
                (2, ["--insert-after", '5={"type":"T","x":1}'], "x"),
                (2, ["--without", 5, "--replace", "5={}"], "both"),
                (2, ["--without", 5, "--projection", "balnce"], "balnce"),
                (2, ["--without", 5, "--fail-on", "balance >"], "--fail-on"),
                (2, ["--without", 5, "--fail-on", "balence > 1"], ("balence", "balance")),
                (2, ["--without", 5, "--fail-on", "balance"], "--fail-on"),
                (2, ["--until", "2026-13-01"], "2026-13-01"),
                (2, ["evt-fee"], "evt-fee")]:
            with self.subTest(words=words):
                self.refused(status, "whatif", "agent-001", *words, saying=says)
        self.refused(3, "whatif", "nobody", "--without", 1, saying="nobody")

    def test_damage(self):
        self.sound = False
        log = self.folder / "damaged.jsonl"
        lines = [go_line("s", n, "custom", "{}", "2026-03-01T00:00:00Z") for n in range(1, 5)]
        log.write_text("".join([*lines[:2], "{}\n", *lines[3:]]))
        self.refused(1, "whatif", log, "--without", 2, saying="damaged.jsonl")


@unittest.skipUnless(CORPUS, "AGENTSTORE_CORPUS is not set")
class OfTheCorpus(Case):
    def test_the_figures_that_are_expected(self):
        import_database(self, Path(CORPUS) / "sqlite/agent_state.db")
        expected = json.loads((Path(CORPUS) / "sqlite/expected.json").read_text())
        without = expected["agent-001 without evt-bad-trade-uuid"]
        fields, events = {}, None
        for name in ("balance", "pnl", "portfolio"):
            answer = json.loads(self.ok("whatif", "agent-001", "--without", "evt-bad-trade-uuid",
                                        "--projection", name, "--json").out, parse_float=Decimal)
            fields.update(answer["fields"])
            events = answer["events"]
        self.assertEqual({"actual": expected["agent-001"]["events"],
                          "counterfactual": without["events"]}, events)
        for side, figures in (("actual", expected["agent-001"]), ("counterfactual", without)):
            held = sum(pair[side] or 0 for name, pair in fields.items()
                       if name.startswith("by_asset_"))
            self.assertEqual(Decimal(figures["balance"]), held)
            for name in ("total_wagered", "total_won", "total_fees", "net_pnl",
                         "bet_count", "win_count"):
                self.assertEqual(Decimal(figures[name]), fields[name][side], name)
            for asset, amount in figures["holdings"].items():
                self.assertEqual(Decimal(amount), fields[f"holdings_{asset}"][side], asset)

    def test_an_older_bet_gets_its_game(self):
        import_database(self, Path(CORPUS) / "sqlite/agent_state.db")
        (self.store / "upcasts.json").write_text(
            '{"rules":[{"type":"BetPlaced","defaults":{"/game":"unknown"}}]}')
        state = self.ok("state", "agent-001", "--seq", "5", "--json").json()["state"]
        self.assertEqual({"amount": 340.55, "game": "unknown"}, state["data"]["BetPlaced"])
        state = self.ok("state", "agent-001", "--seq", "3", "--json").json()["state"]
        self.assertEqual("blackjack", state["data"]["BetPlaced"]["game"])


if __name__ == "__main__":
    main()
