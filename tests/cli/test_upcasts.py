"""Older events read as if they were of a newer schema; the log stays as it is."""

import json

from support import Case, main

RULES = {"rules": [{"type": "BetPlaced", "defaults": {"/game": "unknown"}},
                   {"type": "bet_won", "rename": {"/sum": "amount"}, "rename_type": "BetWon"}]}


class Upcasts(Case):
    def setUp(self):
        super().setUp()
        self.create("agent-001")
        self.append("agent-001",
                    {"type": "BetPlaced", "payload": {"amount": 340.55}},
                    {"type": "BetPlaced", "payload": {"amount": 12.5, "game": "dice"}},
                    {"type": "bet_won", "payload": {"sum": 25}},
                    {"type": "BetPlaced", "payload": {"amount": 1},
                     "metadata": {"schema_version": 2}})
        self.rules = self.folder / "rules.json"
        self.rules.write_text(json.dumps(RULES))

    def payloads(self, *words):
        return [(event["type"], event["payload"]) for event in self.events("agent-001", *words)]

    AS_READ = [("BetPlaced", {"amount": 340.55, "game": "unknown"}),
               ("BetPlaced", {"amount": 12.5, "game": "dice"}), ("BetWon", {"amount": 25}),
               ("BetPlaced", {"amount": 1})]

    def test_rules_given_change_what_is_read_and_not_what_is_stored(self):
        before = self.log_of("agent-001").read_bytes()
        self.assertEqual(self.AS_READ, self.payloads("--upcasts", self.rules))
        upcast = self.events("agent-001", "--upcasts", self.rules)
        self.assertEqual([2, 2, 2, 2], [event["metadata"]["schema_version"] for event in upcast])
        self.assertNotIn("hash", upcast[0])
        self.assertIn("hash", upcast[3])
        self.assertEqual(before, self.log_of("agent-001").read_bytes())
        self.assertEqual(before, self.ok("replay", "agent-001", "--upcasts", self.rules, "--raw",
                                         "--format", "jsonl").bytes)
        self.ok("verify", "agent-001")

    def test_rules_of_the_store(self):
        (self.store / "upcasts.json").write_text(json.dumps(RULES))
        log = self.log_of("agent-001").read_bytes()
        self.assertEqual(log, self.ok("replay", "agent-001", "--format", "jsonl").bytes)
        shown = self.run_it("replay", "agent-001")
        self.assertIn("unknown", shown.lines()[1])
        self.assertIn("note: by the rules in", shown.err)
        self.assertNotIn("unknown", self.ok("replay", "agent-001", "--raw").out)
        self.assertIn("bet_won", self.ok("replay", "agent-001", "--raw").out)
        self.assertEqual([3], [event["sequence_number"]
                               for event in self.events("agent-001", "-t", "BetWon")])
        self.assertEqual([3], [event["sequence_number"] for event in
                               self.ok("replay", "--all", "-t", "BetWon", "--json").json()])
        self.assertEqual([], self.events("agent-001", "-t", "BetWon", "--raw"))
        state = self.ok("state", "agent-001", "--json").json()["state"]
        self.assertEqual({"amount": 25}, state["data"]["BetWon"])
        self.assertEqual({"BetPlaced": 3, "BetWon": 1},
                         self.ok("stats", "agent-001", "--json").json()["by_type"])
        exported = self.ok("export", "agent-001").json()
        self.assertEqual("bet_won", exported["events"][2]["type"])
        empty = self.folder / "none.json"
        empty.write_text('{"rules":[]}')
        state = self.ok("state", "agent-001", "--json", "--upcasts", empty).json()["state"]
        self.assertIn("bet_won", state["data"])

    def test_logs_by_path(self):
        log = self.folder / "alone.jsonl"
        log.write_bytes(self.log_of("agent-001").read_bytes())
        state = self.ok("state", log, "--json", "--upcasts", self.rules).json()["state"]
        self.assertEqual({"amount": 25}, state["data"]["BetWon"])

    def test_snapshots_do_not_bypass_the_rules(self):
        self.append("agent-001", *["user_message"] * 1000)
        self.assertTrue((self.store / "snapshots/agent-001.json").exists())
        state = self.ok("state", "agent-001", "--json", "--upcasts", self.rules).json()["state"]
        self.assertEqual({"amount": 25}, state["data"]["BetWon"])
        self.assertIn("bet_won", self.ok("state", "agent-001", "--json").json()["state"]["data"])

    def test_a_rule_that_does_not_fit(self):
        self.rules.write_text('{"rules":[{"type":"BetPlaced","remove":["/game"]}]}')
        self.refused(2, "state", "agent-001", "--upcasts", self.rules,
                     saying=("BetPlaced from version 1", "event #1 of session agent-001",
                             "/game is not there"))
        kept = self.run_it("replay", "agent-001", "--upcasts", self.rules, "--seq", "2..3")
        self.assertEqual(0, kept.status, str(kept))

    def test_files_that_are_no_rules(self):
        for text, says in {"{": "byte 1", '{"rules":[{"type":"T","default":{}}]}': '"default"',
                           '{"rules":[{"type":"agentstore.x"}]}': "reserved"}.items():
            self.rules.write_text(text)
            self.refused(2, "state", "agent-001", "--upcasts", self.rules,
                         saying=(says, "rules.json"))
        self.refused(3, "replay", "agent-001", "--upcasts", "missing.json", saying="missing.json")
        self.refused(2, "append", "agent-001", "--upcasts", self.rules, saying="--upcasts")

    def test_broken_rules_of_the_store_stop_no_writer_and_no_verifier(self):
        (self.store / "upcasts.json").write_text("{")
        self.refused(2, "state", "agent-001", saying="upcasts.json")
        self.refused(2, "replay", "--all", saying="upcasts.json")
        self.append("agent-001", "user_message")
        self.ok("verify", "agent-001")
        self.ok("export", "agent-001")
        self.ok("replay", "agent-001", "--raw")


if __name__ == "__main__":
    main()
