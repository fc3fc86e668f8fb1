import json

from support import Case, main, make_go_folder


class Select(Case):
    def setUp(self):
        super().setUp()
        make_go_folder(self.store)

    def chosen(self, word):
        return self.ok("state", word, "--json").json()["session_id"]

    def session_file(self, session):
        return self.store / "sessions" / f"{session}.json"

    def test_by_id_name_and_prefix(self):
        for word in ("flight-1", "flight-search", "fl", "f"):
            self.assertEqual("flight-1", self.chosen(word))

    def test_by_age(self):
        self.assertEqual("flight-1", self.chosen("@"))
        self.assertEqual("bet-1", self.chosen("@~1"))
        self.refused(3, "state", "@~2", saying="@~2")
        self.refused(2, "state", "@~x", saying="@~x")

    def test_an_exact_id_wins_over_names_and_prefixes(self):
        log = self.log_of("bet-1").read_text()  # an older store's: today no id is another's name
        self.log_of("flight-search").write_text(log.replace("bet-1", "flight-search"))
        self.session_file("flight-search").write_text(
            self.session_file("bet-1").read_text().replace("bet-1", "flight-search"))
        self.create("flight")
        self.assertEqual("flight-search", self.chosen("flight-search"))
        self.assertEqual("flight", self.chosen("flight"))

    def test_an_ambiguous_word_lists_at_most_ten(self):
        for number in range(15):
            self.create(f"run-{number:02}")
            file = self.session_file(f"run-{number:02}")
            file.write_text(json.dumps({**json.loads(file.read_text()), "name": "twin"}))
        outcome = self.refused(3, "replay", "run-", saying="more than one")
        self.assertEqual(10, outcome.err.count("run-0") + outcome.err.count("run-1"), outcome.err)
        self.assertIn("5 more", outcome.err)
        self.refused(3, "replay", "twin", saying="more than one")
        self.refused(3, "append", "twin", "--type", "x", saying="more than one")

    def test_an_unknown_word_names_the_nearest(self):
        self.refused(3, "replay", "flihgt-1", saying="flight-1")
        self.refused(3, "replay", "flight-serach", saying="flight-search")
        self.refused(3, "replay", "completely-different", saying="agentstore sessions")
        self.refused(2, "replay", "", saying="")

    def test_what_looks_like_a_path_is_one(self):
        self.assertEqual("flight-1", self.chosen(self.log_of("flight-1")))
        self.refused(3, "replay", "no/such", saying="no/such")
        self.refused(3, "replay", "nosuch.jsonl", saying="nosuch.jsonl")

    def test_a_session_at_an_event(self):
        at = {"flight-1@3": 3, "flight-search@3": 3, "fl@2": 2, "@@4": 4, "@~1@1": 1, "flight-1@0": 0,
              f"{self.log_of('flight-1')}@5": 5}
        for word, number in at.items():
            with self.subTest(word):
                state = self.ok("state", word, "--json").json()
                self.assertEqual(number, state["last_sequence_number"])
                self.assertEqual(number, self.ok("stats", word, "--json").json()["events"])
                self.assertEqual(number, len(self.ok("replay", word, "--json").json()))
                self.assertEqual(number, len(self.ok("export", word, "--json").json()["events"]))
        log = self.log_of("flight-1").read_bytes()
        self.assertEqual(4, self.ok("stats", "--json", "--", "-@4", stdin=log).json()["events"])
        self.assertEqual(["#2", "#3"], [line.split()[1] for line in
                         self.ok("replay", "flight-1@3", "-n", "2").lines()[1:-2]])

    def test_every_reader_stops_at_the_event(self):
        exported = self.ok("export", "flight-1@4", "--json").json()
        self.assertEqual((4, "2026-03-07T12:00:02.000000000Z"),
                         (exported["session"]["event_count"], exported["session"]["updated_at"]))
        what = self.ok("whatif", "flight-1@4", "--without", "2", "--json").json()
        self.assertEqual({"actual": 4, "counterfactual": 3}, what["events"])
        self.refused(3, "whatif", "flight-1@4", "--without", "6", saying="6")
        self.assertIn("#3", self.ok("blame", "flight-1@3", "/version").out)
        self.refused(1, "bisect", "flight-1@5", "errors > 0", saying="never true in 5 events")
        self.assertIn("first true at #6", self.ok("bisect", "flight-1@6", "errors > 0").out)
        self.assertEqual(-25.5, self.ok("balance", "bet-1@1", "--json").json()["balance"])
        self.ok("balance", "bet-1@1", "--assert", "balance < 0")
        self.ok("diff", "flight-1@4", "flight-1@4")
        self.assertEqual(1, self.run_it("diff", "flight-1@4", "flight-1").status)
        self.ok("whatif", "bet-1@1", "--without", "1", "--save-as", "fork")
        self.assertEqual([], self.events("fork"))

    def test_an_event_beyond_the_end_is_not_found(self):
        for words in (["state"], ["stats"], ["replay"], ["export"], ["balance"], ["blame"],
                      ["diff", "flight-1"], ["whatif", "--without", "1"], ["bisect", "--exec", "true"]):
            for word in ("flight-1@7", "flight-1@99999999999999999999999", f"{self.log_of('flight-1')}@7"):
                self.refused(3, words[0], *words[1:2] if words[0] == "diff" else [], word,
                             *words[1:] if words[0] != "diff" else [], saying="its last is #6")
        self.refused(3, "state", "nobody@1", saying="nobody")

    def test_two_points_are_refused(self):
        for words in (["state", "--seq", "2"], ["state", "--at", "2026-03-08"], ["balance", "--before", "now"],
                      ["replay", "--seq", "1..2"], ["stats", "--seq", "2"]):
            self.refused(2, words[0], "flight-1@3", *words[1:], saying="give one point")
        self.refused(2, "replay", "-f", "flight-1@3", saying="leave out @3")
        self.refused(2, "verify", "flight-1@3", saying="as a whole")
        self.ok("replay", "flight-1@3", "--until", "2026-03-07T12:00:00Z")

    def test_an_id_that_looks_like_a_point(self):
        log = self.log_of("flight-1").read_text().replace('"flight-1"', '"u@2"')
        (self.store / "events/u@2.jsonl").write_text(log)
        self.assertEqual(6, self.run_it("stats", "u@2", "--json").json()["events"])
        (self.store / "events/u.jsonl").write_text(log.replace('"u@2"', '"u"'))
        self.refused(3, "stats", "u@2", saying=["more than one", "u@2, u"])
        path = self.folder / "kept.jsonl@2"
        path.write_text(log)
        self.assertEqual(6, self.ok("stats", path, "--json").json()["events"])

    def test_a_missing_store_is_named(self):
        for words in (["sessions"], ["replay", "x"], ["stats"], ["verify"], ["state", "x"],
                      ["append", "x", "--type", "y"], ["export", "x"]):
            self.refused(3, *words, env={"AGENTSTORE_STORE": "no-such-folder"},
                         saying="no-such-folder")


if __name__ == "__main__":
    main()
