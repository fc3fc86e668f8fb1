import json

from support import Case, main, make_go_folder


class Damage(Case):
    """A sealed log of ours, and a log of the Go library, hurt in every way that happens."""

    def setUp(self):
        super().setUp()
        self.sound = False
        self.create("s")
        for number in range(1, 7):
            self.append("s", {"type": "t", "payload": {"n": number}})
        self.log = self.log_of("s")
        self.lines = self.log.read_bytes().splitlines(keepends=True)

    def write(self, *lines):
        self.log.write_bytes(b"".join(lines))

    def verdict(self, status):
        outcome = self.run_it("verify", "s", "--json")
        self.assertEqual(status, outcome.status, str(outcome))
        return outcome.json()["sessions"][0]

    def numbers(self, outcome):
        return [json.loads(line)["sequence_number"] for line in outcome.lines()]

    def replay(self, *words):
        return self.run_it("replay", "s", "--format", "jsonl", *words)

    def test_a_clean_log(self):
        answer = self.verdict(0)
        self.assertEqual(("clean", 6, 0, []), (answer["verdict"], answer["events"],
                                               answer["unsealed"], answer["findings"]))
        self.ok("verify", "--require-sealed")

    def forget_synced(self):
        """As if the session file had been written before the last event was acknowledged."""
        for path in (self.store / "sessions").glob("*.json"):
            session = json.loads(path.read_text())
            session.pop("synced_events", None)
            path.write_text(json.dumps(session))

    def test_a_torn_tail_is_weather(self):
        self.write(*self.lines[:5], self.lines[5][:100])
        self.forget_synced()
        self.assertEqual("torn", self.verdict(1)["verdict"])
        outcome = self.replay()
        self.assertEqual((0, [1, 2, 3, 4, 5]), (outcome.status, self.numbers(outcome)))
        self.assertIn("cut off", outcome.err)
        state = self.run_it("state", "s", "--json")
        self.assertEqual((0, 5), (state.status, state.json()["last_sequence_number"]), str(state))
        appended = self.run_it("append", "s", "--type", "after")
        self.assertEqual(0, appended.status, str(appended))
        self.assertTrue(appended.err, "the repair is told")
        self.assertEqual("clean", self.verdict(0)["verdict"])
        self.assertEqual(["t"] * 5 + ["agentstore.log_repaired", "after"],
                         [event["type"] for event in self.events("s")])

    def test_damage_in_the_middle_is_named_and_never_skipped_silently(self):
        bad = self.lines[2].replace(b'"n":3', b'"n":3"')
        self.write(*self.lines[:2], bad, *self.lines[3:])
        answer = self.verdict(1)
        self.assertEqual("damaged", answer["verdict"])
        finding = answer["findings"][0]
        self.assertEqual(3, finding["line"])
        before = len(self.lines[0] + self.lines[1])
        self.assertIn(finding["offset"], range(before, before + len(bad)))

        outcome = self.replay()
        self.assertEqual((1, [1, 2]), (outcome.status, self.numbers(outcome)), str(outcome))
        self.assertIn("s.jsonl", outcome.err)
        outcome = self.replay("--on-corrupt", "prefix")
        self.assertEqual((0, [1, 2]), (outcome.status, self.numbers(outcome)), str(outcome))
        self.assertIn("warning", outcome.err)
        outcome = self.replay("--on-corrupt", "skip")
        self.assertEqual((7, [1, 2, 4, 5, 6]), (outcome.status, self.numbers(outcome)), str(outcome))
        self.assertIn("line 3", outcome.err)

        for words in (["state", "s"], ["stats", "s"], ["export", "s", "-o", "x"]):
            with self.subTest(words=words):
                self.refused(1, *words)
        self.assertEqual(bad, self.log.read_bytes().splitlines(keepends=True)[2])

    def test_a_changed_byte_that_parses_is_found_by_verify(self):
        self.write(*self.lines[:2], self.lines[2].replace(b'"n":3', b'"n":9'), *self.lines[3:])
        self.assertEqual("damaged", self.verdict(1)["verdict"])
        text = self.run_it("verify").out
        self.assertIn("DAMAGED", text.upper())

    def test_a_missing_line_and_a_line_twice(self):
        for lines in (self.lines[:2] + self.lines[3:], self.lines[:3] + self.lines[2:],
                      self.lines[:2] + [self.lines[3], self.lines[2]] + self.lines[4:]):
            self.write(*lines)
            self.assertEqual("damaged", self.verdict(1)["verdict"])
            self.assertEqual(1, self.replay().status)

    def test_what_refuses_names_the_command_that_helps_and_what_is_stored(self):
        self.write(*self.lines[:5], b'{"x":1}\n')
        drafts = '{"type":"a"}\n{"type":"b"}\n'
        self.refused(1, "append", "s", "--batch", "-", stdin=drafts,
                     saying=["agentstore verify s", "nothing of this batch is stored"])
        self.refused(1, "append", "s", "-", stdin=drafts,
                     saying=["agentstore verify s", "events before stdin:1 are stored"])
        self.refused(1, "repair", "s", saying="agentstore repair --salvage s")
        self.write(*self.lines[:3])
        self.refused(1, "repair", "s", saying="agentstore repair --accept-loss s")

    def test_one_damaged_session_does_not_stop_the_others(self):
        self.write(*self.lines[:2], b"garbage\n", *self.lines[3:])
        self.create("other")
        self.append("other", "x", "y")
        outcome = self.run_it("stats", "--json")
        self.assertEqual((1, 2), (outcome.status, outcome.json()["events"]), str(outcome))
        self.assertIn("s.jsonl", outcome.err)
        outcome = self.run_it("verify")
        self.assertEqual(1, outcome.status)
        self.assertIn("1 of 2", outcome.out)
        self.assertIn("other", self.run_it("sessions").out)

    def test_by_path_the_same_is_found(self):
        self.write(*self.lines[:2], b"garbage\n", *self.lines[3:])
        self.assertEqual(1, self.run_it("verify", self.log).status)
        self.assertEqual(1, self.run_it("replay", self.log).status)

    def test_what_was_never_sealed_is_said_to_be(self):
        go = self.folder / "go"
        make_go_folder(go)
        env = {"AGENTSTORE_STORE": str(go)}
        answer = self.ok("verify", "--json", env=env).json()["sessions"]
        self.assertEqual({("unsealed", 6), ("unsealed", 2)},
                         {(one["verdict"], one["unsealed"]) for one in answer})
        self.assertEqual(1, self.run_it("verify", "--require-sealed", env=env).status)


if __name__ == "__main__":
    main()
