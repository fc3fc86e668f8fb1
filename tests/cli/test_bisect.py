"""bisect: where an answer about a session's state changed, by an expression or by a command."""

import json

from support import Case, main

CASINO = [("FaucetClaimed", '{"amount":1000.00}'), ("BetPlaced", '{"amount":100.00,"bet_id":"b-1"}'),
          ("BetWon", '{"amount":190.50,"bet_id":"b-1"}'), ("BetPlaced", '{"amount":340.55,"bet_id":"b-2"}'),
          ("FundsDeposited", '{"amount":0.3,"asset":"BTC"}'), ("FundsWithdrawn", '{"amount":700}'),
          ("FundsDeposited", '{"amount":5}')]


class Bisect(Case):
    def setUp(self):
        super().setUp()
        self.create("acc")
        drafts = [f'{{"type":"{kind}","payload":{payload},"event_id":"e-{n}",'
                  f'"timestamp":"2026-03-01T00:00:0{n}Z"}}' for n, (kind, payload) in enumerate(CASINO, 1)]
        self.ok("append", "acc", "-", stdin="\n".join(drafts) + "\n")

    def json(self, *words):
        answer = self.ok("bisect", "acc", *words, "--json").json()
        self.assertEqual("agentstore/bisect/1", answer["schema"])
        return answer

    def exec(self, command, *words, status=0):
        """The answer, and the events whose states the command was asked about."""
        asked = self.folder / "asked"
        asked.write_text("")
        command = f'echo $AGENTSTORE_SEQUENCE_NUMBER >> "{asked}"; {command}'
        outcome = self.run_it("bisect", "acc", "--exec", command, "--json", *words)
        self.assertEqual(status, outcome.status, str(outcome))
        numbers = [int(line) for line in asked.read_text().split()]
        return (outcome.json() if status < 2 else outcome), numbers

    def test_the_first_event_and_the_values(self):
        self.assertEqual("first true at #4  2026-03-01 00:00:04 UTC  BetPlaced 340.55  b-2   "
                         "total_wagered 100 → 440.55; later flips: none\n",
                         self.ok("bisect", "acc", "total_wagered > 400").out)
        answer = self.json("total_wagered > 400")
        self.assertEqual({"sequence_number": 4, "event_id": "e-4", "type": "BetPlaced",
                          "timestamp": "2026-03-01T00:00:04.000000000Z"}, answer["first"])
        self.assertEqual({"total_wagered": {"before": 100, "after": 440.55}}, answer["values"])
        self.assertEqual((7, False, 0, []), (answer["events"], answer["at_start"],
                                             answer["later_flip_count"], answer["later_flips"]))

    def test_later_flips(self):
        answer = self.json("by_asset_PFLEA BETWEEN 700 AND 950")
        self.assertEqual(2, answer["first"]["sequence_number"])
        self.assertEqual([(3, False), (4, True), (6, False)],
                         [(flip["sequence_number"], flip["answer"]) for flip in answer["later_flips"]])
        self.assertIn("later flips: false at #3, true at #4, false at #6",
                      self.ok("bisect", "acc", "by_asset_PFLEA BETWEEN 700 AND 950").out)

    def test_what_is_true_from_the_start(self):
        answer = self.json("by_asset_PFLEA IS NULL OR by_asset_PFLEA < 800")
        self.assertEqual((True, 4), (answer["at_start"], answer["first"]["sequence_number"]))
        self.assertEqual([], answer["later_flips"])
        self.assertIn("it was true from the start until #1", self.ok(
            "bisect", "acc", "by_asset_PFLEA IS NULL OR by_asset_PFLEA < 800").out)
        for expression, saying in (("total_wagered < 9999", "true from the start, after each of 7 events"),
                                   ("by_asset_PFLEA IS NULL", "true from the start until #1, then no more")):
            self.refused(1, "bisect", "acc", expression, saying=saying)

    def test_never_true(self):
        self.refused(1, "bisect", "acc", "by_asset_PFLEA < -1",
                     saying=["never true in 7 events", "in the end by_asset_PFLEA = 54.95"])
        outcome = self.run_it("bisect", "acc", "by_asset_PFLEA < -1", "--json")
        self.assertEqual((1, None), (outcome.status, outcome.json()["first"]))

    def test_names_of_several_projections_and_of_one(self):
        self.assertEqual(6, self.json("by_asset_PFLEA < 500 AND bet_count = 2 AND version > 5")["first"]["sequence_number"])
        self.assertEqual(2, self.json("bet_count > 0", "--projection", "pnl")["first"]["sequence_number"])
        self.assertEqual(5, self.json("by_asset_BTC = 0.3")["first"]["sequence_number"])
        self.assertEqual(3, self.json("data_BetWon_amount > 100")["first"]["sequence_number"])

    def test_of_a_log_by_path(self):
        answer = self.ok("bisect", str(self.log_of("acc")), "total_wagered > 400", "--json").json()
        self.assertEqual(("acc", 4), (answer["session_id"], answer["first"]["sequence_number"]))

    def test_bad_input(self):
        for words, *saying in (
                (["balance <"], "character 10, its end", "a value is missing"),
                (["balance"], "\"balance\" is not a boolean"),
                (["balance + 1"], "not a boolean"),
                (["balanc < 1"], "\"balanc\"", "did you mean \"balance\"?"),
                (["balance < 1", "--projection", "pnl"], "projection pnl has no field \"balance\""),
                (["bet_cuont < 1", "--projection", "pnl"], "did you mean bet_count?"),
                (["balance < 1", "--projection", "nothing"], "\"nothing\""),
                (["balance < 0.500000000000000001"], "more digits"),
                ([], "neither an expression nor --exec"),
                (["balance < 1", "--exec", "true"], "an expression and --exec")):
            with self.subTest(words):
                self.refused(2, "bisect", "acc", *words, saying=saying)
        self.refused(3, "bisect", "nobody", "balance < 1", saying="nobody")

    def test_a_number_that_cannot_be_held_names_the_event(self):
        self.ok("append", "acc", "--type", "FundsDeposited", "--payload", '{"amount":1e-18}')
        self.refused(2, "bisect", "acc", "by_asset_PFLEA > 5000", saying=["by_asset_PFLEA: the number", "after #8"])

    def test_a_command_halves_the_events(self):
        answer, asked = self.exec('jq -e ".by_asset.PFLEA >= 800" > /dev/null')
        self.assertEqual(4, answer["first"]["sequence_number"])
        self.assertEqual(sorted(asked, reverse=True)[0], asked[0])
        self.assertEqual(answer["trials"], len(asked))
        self.assertLessEqual(len(asked), 4)

    def test_a_command_gets_the_state_and_no_grip_on_stdout(self):
        outcome = self.run_it("bisect", "acc", "--projection", "balance", "--exec", "cat; exit 1")
        self.assertEqual(0, outcome.status, str(outcome))
        self.assertTrue(outcome.out.startswith("first bad at #1 "), str(outcome))
        newest = json.loads(outcome.err.splitlines()[0])
        self.assertEqual({"balance": None, "by_asset": {"BTC": 0.3, "PFLEA": 54.95}}, newest)

    def test_a_command_may_skip(self):
        answer, _ = self.exec('n=$AGENTSTORE_SEQUENCE_NUMBER; [ $n -ge 3 ] && [ $n -le 5 ] && exit 125; [ $n -lt 6 ]')
        self.assertEqual((6, [3, 4, 5]), (answer["first"]["sequence_number"], answer["skipped"]))

    def test_a_newest_state_that_is_good(self):
        answer, asked = self.exec("true", status=1)
        self.assertEqual((None, [7]), (answer["first"], asked))

    def test_a_command_that_fails_ends_the_search(self):
        for command, saying in (("exit 2", "exit status 2"), ("kill -9 $$", "signal 9"),
                                ("no-such-command-anywhere", "exit status 127"), ("exit 125", "skipped")):
            self.refused_by(command, saying)

    def refused_by(self, command, saying):
        outcome = self.run_it("bisect", "acc", "--exec", command)
        self.assertEqual((2, ""), (outcome.status, outcome.out), str(outcome))
        self.assertIn(saying, outcome.err)

    def test_the_store_is_only_read(self):
        before = {path: path.read_bytes() for path in self.store.rglob("*") if path.is_file()}
        self.json("total_wagered > 400")
        self.exec("false")
        self.assertEqual(before, {path: path.read_bytes() for path in self.store.rglob("*") if path.is_file()})

    def test_another_ledger(self):
        rules = self.folder / "rules.json"
        rules.write_text('{"default_asset":"USD","types":{"spent":{"sign":-1,"amount":"/usd"}}}')
        self.create("budget")
        self.append("budget", *({"type": "spent", "payload": {"usd": 2}} for _ in range(5)))
        self.refused(1, "bisect", "budget", "balance < -5", saying="never true")
        found = self.ok("bisect", "budget", "balance < -5", "--ledger", rules, "--json").json()
        self.assertEqual(3, found["first"]["sequence_number"])
        self.refused(3, "bisect", "budget", "balance < 0", "--ledger", "none.json", saying="none.json")


if __name__ == "__main__":
    main()
