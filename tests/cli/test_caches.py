"""Caches are signed by a key of the user's: with it, without it or with another's, answers are the
same; what decides counts no line whose seal was not checked."""

import json
import shutil
import stat

from support import Case, main

EVENTS = 1200


class Caches(Case):
    def setUp(self):
        super().setUp()
        self.create("s")
        drafts = "".join(json.dumps({"type": "FundsDeposited", "payload": {"amount": 1}}) + "\n"
                         for _ in range(EVENTS))
        self.ok("append", "s", "-", "--batch", stdin=drafts)

    def key(self, home=None):
        return (home or self.home) / ".local/state/agentstore/cache.key"

    def answers(self, **more):
        asked = (["state", "s", "--json"], ["balance", "s", "--json"], ["stats", "s", "--json"],
                 ["balance", "s", "--seq", "1100"], ["sessions"], ["verify", "s"])
        return [self.ok(*words, **more).out for words in asked]

    def forget(self):
        for part in ("snapshots", "folds", "cache"):
            shutil.rmtree(self.store / part, ignore_errors=True)

    def test_a_key_is_made_for_its_user_alone(self):
        self.assertEqual(32, self.key().stat().st_size)
        self.assertEqual(0o600, stat.S_IMODE(self.key().stat().st_mode))
        kept = self.key().read_bytes()
        self.answers()
        self.assertEqual(kept, self.key().read_bytes())
        for file in self.store.rglob("*"):
            if file.is_file():
                self.assertNotIn(kept, file.read_bytes())

    def test_every_home_gives_the_same_answers(self):
        expected = self.answers()
        homes = {"new": self.folder / "new", "none": None, "missing": self.folder / "missing",
                 "closed": self.folder / "closed"}
        homes["new"].mkdir()
        homes["closed"].mkdir(mode=0o500)
        (homes["closed"] / ".local").write_text("in the way")
        for name, home in homes.items():
            for _ in range(2):
                with self.subTest(home=name):
                    env = {} if home is None else {"HOME": str(home)}
                    self.assertEqual(expected, self.with_env(env))
        self.assertIn("nothing is cached",
                      self.run_it("state", "s", "-v", env={"AGENTSTORE_CACHE_KEY": "/dev/null"}).err)
        self.assertTrue(self.key(homes["new"]).exists())
        self.assertFalse(homes["missing"].exists())
        self.assertEqual(expected, self.answers(env={"AGENTSTORE_CACHE_KEY": "/dev/null"}))
        elsewhere = self.folder / "elsewhere.key"
        self.assertEqual(expected, self.answers(env={"AGENTSTORE_CACHE_KEY": str(elsewhere)}))
        self.assertTrue(elsewhere.exists())

    def with_env(self, env):
        usual = self.environment
        self.environment = lambda extra=None: {
            **{k: v for k, v in usual(extra).items() if k != "HOME"}, **env}
        try:
            return self.answers()
        finally:
            self.environment = usual

    def test_two_users_in_turn_keep_their_own(self):
        other = self.folder / "other"
        other.mkdir()
        expected = self.answers()
        for _ in range(2):
            self.assertEqual(expected, self.answers(env={"HOME": str(other)}))
            self.assertEqual(expected, self.answers())
        keys = {name.name.split(".")[1] for name in (self.store / "folds/s/balance").iterdir()}
        self.assertEqual(2, len(keys))
        outcome = self.run_it("verify", "s", "--caches")
        self.assertEqual(0, outcome.status, str(outcome))
        self.assertIn("not of our key", outcome.err)

    def test_deleted_snapshots_come_back(self):
        expected = self.answers()
        self.forget()
        self.assertEqual(expected, self.answers())
        self.assertTrue(self.cached(f"folds/s/session/{EVENTS}.json").exists())
        self.assertTrue(self.cached(f"folds/s/balance/{EVENTS}.json").exists())
        self.forget()
        self.append("s", "custom")  # It costs what it costs on a short log: nothing is folded for it.
        self.assertFalse((self.store / "folds/s").exists())
        self.answers()
        for projection in ("session", "balance"):
            self.assertTrue(self.cached(f"folds/s/{projection}/{EVENTS + 1}.json").exists())
        self.ok("verify", "s", "--caches")

    def test_a_folder_that_is_read_only_or_the_go_librarys_gets_none(self):
        self.forget()
        (self.store / "agentstore.json").unlink()
        self.answers()
        self.assertFalse((self.store / "folds").exists())

    def test_a_forged_cache_is_named_and_not_believed(self):
        expected = self.answers()
        for name, old, new in ((f"folds/s/balance/{EVENTS}.json", '"balance":1200', '"balance":9999'),
                               (f"folds/s/session/{EVENTS}.json", '"errors":0', '"errors":7')):
            with self.subTest(name=name):
                cache = self.cached(name)
                good = cache.read_text()
                cache.write_text(good.replace(old, new))
                self.assertEqual(expected, self.answers())
                cache.write_text(good.replace(old, new))  # A reader may have made it anew.
                outcome = self.run_it("verify", "s", "--caches")
                self.assertEqual(1, outcome.status, str(outcome))
                self.assertIn("forged", outcome.out)
                cache.write_text(good)
        # Without a key's name it is none of ours.
        foreign = self.store / f"folds/s/balance/{EVENTS}.json"
        foreign.write_text('{"version":1200,"state":{"balance":9999}}')
        self.assertEqual(expected, self.answers())
        self.assertEqual(0, self.run_it("verify", "s", "--caches").status)

    def test_a_redaction_removes_the_caches_of_every_key(self):
        other = self.folder / "other"
        other.mkdir()
        self.append("s", {"type": "custom", "payload": {"secret": "the secret word"}})
        self.forget()
        for home in (self.home, other):
            self.ok("state", "s", env={"HOME": str(home)})
        self.assertEqual(2, len(list((self.store / "folds/s/session").iterdir())))
        outcome = self.run_it("redact", "s", EVENTS + 1, "--reason", "a test")
        self.assertEqual(0, outcome.status, str(outcome))
        for file in self.store.rglob("*"):
            if file.is_file():
                self.assertNotIn(b"the secret word", file.read_bytes(), file)


class Seals(Case):
    def setUp(self):
        super().setUp()
        self.sound = False
        self.create("a")
        self.ok("submit", "a", "RegisterAgent", "--data", '{"agent_type":"x"}')
        self.ok("submit", "a", "DepositFunds", "--data", '{"amount":10}')
        self.ok("submit", "a", "ChargeFee", "--data", '{"fee":1}')

    def edit(self):
        log = self.log_of("a")
        text = log.read_text()
        self.assertIn('"amount":10', text)
        log.write_text(text.replace('"amount":10', '"amount":99'))

    def test_an_edited_amount_is_not_counted(self):
        self.edit()
        before = self.log_of("a").read_bytes()
        for words in (["balance", "a"], ["state", "a"], ["state", "a", "--projection", "pnl"],
                      ["whatif", "a", "--without", "3"], ["blame", "a", "/amount"],
                      ["bisect", "a", "total_fees > 0"], ["stats", "a", "--assert", "events > 0"],
                      ["stats", "a"], ["balance", "a", "--assert", "balance > 0"]):
            with self.subTest(words=words):
                outcome = self.run_it(*words)
                self.assertEqual(1, outcome.status, str(outcome))
                self.assertIn("seal", outcome.err)
        self.assertEqual(1, self.run_it("submit", "a", "WithdrawFunds", "--data",
                                        '{"amount":90}').status)
        self.assertEqual(before, self.log_of("a").read_bytes())


class Submit(Case):
    def test_a_command_is_decided_the_same_from_a_snapshot_and_without(self):
        self.create("a")
        self.ok("submit", "a", "RegisterAgent", "--data", '{"agent_type":"x"}')
        self.ok("submit", "a", "DepositFunds", "--data", '{"amount":100}')
        for bet in ("open", "settled"):
            self.ok("submit", "a", "PlaceBet", "--data",
                    json.dumps({"bet_id": bet, "amount": 10, "game": "dice"}))
        self.ok("submit", "a", "SettleBet", "--data", '{"bet_id":"settled","outcome":"lost"}')
        self.ok("submit", "a", "LockEscrow", "--data", '{"amount":5}')
        self.append("a", *["custom"] * 1100)
        asked = (("SettleBet", {"bet_id": "settled", "outcome": "lost"}),
                 ("PlaceBet", {"bet_id": "open", "amount": 1, "game": "dice"}),
                 ("WithdrawFunds", {"amount": 76}), ("ReleaseEscrow", {"amount": 6}))

        def answers():
            return [str(self.run_it("submit", "a", command, "--data", json.dumps(data)))
                    for command, data in asked]

        first = answers()
        self.assertTrue(list((self.store / "folds/a/casino").iterdir()))
        self.assertEqual(first, answers())
        shutil.rmtree(self.store / "folds")
        self.assertEqual(first, answers())
        self.ok("submit", "a", "WithdrawFunds", "--data", '{"amount":75}')


if __name__ == "__main__":
    main()
