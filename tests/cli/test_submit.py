"""Commands: what the account allows becomes an event, and what it does not is refused without one."""

import json
import subprocess
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal

from support import BIN, Case, main

INCOMING = {"FundsDeposited", "BetWon", "EscrowReleased", "FaucetClaimed"}
OUTGOING = {"FundsWithdrawn", "BetPlaced", "EscrowLocked", "FeeCharged"}


class Submit(Case):
    def setUp(self):
        super().setUp()
        self.create("acc")
        self.submit("RegisterAgent", agent_type="dice")
        self.submit("DepositFunds", amount=100)

    def submit(self, command, *flags, **data):
        outcome = self.ok("submit", "acc", command, "--data", json.dumps(data), *flags)
        return [json.loads(line) for line in outcome.lines()]

    def refuse(self, command, saying, status=4, **data):
        """It is refused, and no event is written."""
        before = self.log_of("acc").read_bytes()
        self.refused(status, "submit", "acc", command, "--data", json.dumps(data), saying=saying)
        self.refused(status, "submit", "acc", command, "--data", json.dumps(data), "--json", saying=saying)
        self.assertEqual(before, self.log_of("acc").read_bytes())

    def balances(self):
        """By asset, added up apart from the program."""
        held = {}
        for event in (json.loads(line, parse_float=Decimal, parse_int=Decimal)
                      for line in self.ok("replay", "acc", "--format", "jsonl").lines()):
            sign = (event["type"] in INCOMING) - (event["type"] in OUTGOING)
            if sign:
                payload = event["payload"]
                asset = payload.get("asset", "PFLEA")
                held[asset] = held.get(asset, 0) + sign * payload.get("fee", payload.get("amount"))
        return held

    def test_a_life_of_an_account(self):
        self.submit("ClaimFaucet", amount=50)
        self.submit("PlaceBet", bet_id="b-1", amount=120, game="dice")
        receipts = self.submit("SettleBet", bet_id="b-1", outcome="won", amount=228, fee=2)
        self.assertEqual([5, 6], [receipt["sequence_number"] for receipt in receipts])
        self.submit("LockEscrow", amount=200)
        self.submit("ReleaseEscrow", amount=60)
        self.submit("WithdrawFunds", amount=16)
        self.assertEqual({"PFLEA": 100}, self.balances())
        self.assertEqual(["AgentRegistered", "FundsDeposited", "FaucetClaimed", "BetPlaced", "BetWon",
                          "FeeCharged", "EscrowLocked", "EscrowReleased", "FundsWithdrawn"],
                         [event["type"] for event in self.events("acc")])
        won, fee = self.events("acc", "--seq", "5..6")
        self.assertEqual(won["batch"], fee["batch"])
        self.assertEqual({"amount": 228, "asset": "PFLEA", "game": "dice", "bet_id": "b-1"}, won["payload"])

    def test_what_the_account_does_not_allow(self):
        self.refuse("RegisterAgent", "registered already", agent_type="dice")
        self.refuse("WithdrawFunds", "insufficient funds: 100 PFLEA of 100.5", amount=100.5)
        self.refuse("PlaceBet", "insufficient funds: 0 BTC of 1", bet_id="b", amount=1, asset="BTC")
        self.refuse("SettleBet", "there is no bet \"b\"", bet_id="b", outcome="lost")
        self.refuse("ChargeFee", "there is no bet \"b\"", fee=1, bet_id="b")
        self.refuse("ReleaseEscrow", "more than is locked: 0 PFLEA of 1", amount=1)
        self.refuse("DepositFunds", "refused: the amount 0 is not positive", amount=0)
        self.refuse("DepositFunds", "is not positive", amount=-5)
        self.submit("PlaceBet", bet_id="b", amount=1)
        self.refuse("PlaceBet", "a bet \"b\" already", bet_id="b", amount=1)
        self.submit("SettleBet", bet_id="b", outcome="lost")
        self.refuse("SettleBet", "settled already", bet_id="b", outcome="won", amount=2)

    def test_an_agent_that_is_not_registered(self):
        self.create("new")
        self.refused(4, "submit", "new", "DepositFunds", "--data", '{"amount":1}',
                     saying=["not registered", "RegisterAgent"])
        self.assertEqual([], self.events("new"))

    def test_data_that_cannot_be_read(self):
        self.refuse("DepositFunds", "lacks \"amount\"", status=2)
        self.refuse("DepositFunds", "did you mean \"amount\"?", status=2, ammount=5)
        self.refuse("DepositFunds", "that is not a number", status=2, amount="5")
        self.refuse("PlaceBte", "did you mean PlaceBet?", status=2)
        for data, saying in (("", "not JSON"), ("{", "not JSON, at byte 1"), ("[]", "not a JSON object"),
                             ("@missing.json", "missing.json")):
            self.refused(3 if "missing" in data else 2, "submit", "acc", "DepositFunds", "--data", data,
                         saying=saying)
        self.refused(2, "submit", "acc", "DepositFunds", saying="lacks \"amount\"")
        self.refused(2, "submit", "acc", saying="COMMAND")
        self.refused(3, "submit", "nobody", "DepositFunds", "--data", '{"amount":1}', saying="nobody")

    def test_data_from_a_file(self):
        (self.folder / "data.json").write_text('{ "amount" : 7.50 }\n')
        self.ok("submit", "acc", "DepositFunds", "--data", "@data.json")
        self.assertIn('"payload":{"amount":7.50,"asset":"PFLEA"}', self.log_of("acc").read_text())

    def test_an_id_and_a_time_of_the_callers(self):
        for duplicate in (False, True):
            receipt, = self.submit("DepositFunds", "--event-id", "dep-7", "--timestamp", "2026-03-01",
                                   amount=7)
            self.assertEqual(("dep-7", duplicate), (receipt["event_id"], receipt["duplicate"]))
        self.assertEqual("2026-03-01T00:00:00.000000000Z", self.events("acc")[-1]["timestamp"])
        self.refused(4, "submit", "acc", "DepositFunds", "--event-id", "dep-7", "--data", '{"amount":8}',
                     saying="dep-7")

    def test_eight_processes_at_once_never_overdraw(self):
        self.submit("DepositFunds", amount=1, asset="BTC")

        def work(number):
            statuses = []
            for turn in range(6):
                command, data = (
                    ("WithdrawFunds", {"amount": 9}),
                    ("PlaceBet", {"amount": 0.3, "asset": "BTC", "bet_id": f"b-{number}-{turn}"}),
                    ("LockEscrow", {"amount": 5.5}))[turn % 3]
                done = subprocess.run([BIN, "submit", "acc", command, "--data", json.dumps(data)],
                                      env=self.environment(), capture_output=True, timeout=120)
                statuses.append((command, done.returncode))
                self.assertIn(done.returncode, (0, 4), done.stderr.decode())
            return statuses

        with ThreadPoolExecutor(8) as pool:
            done = [one for statuses in pool.map(work, range(8)) for one in statuses]
        accepted = sum(status == 0 for _, status in done)
        self.assertEqual(3 + accepted, len(self.events("acc")))
        self.assertEqual(3, sum(one == ("PlaceBet", 0) for one in done))
        held = self.balances()
        self.assertEqual(Decimal("0.1"), held["BTC"])
        # As much was taken as could be: what is left pays for neither.
        self.assertTrue(0 <= held["PFLEA"] < Decimal("5.5"), held)
        self.ok("verify", "acc")


if __name__ == "__main__":
    main()
