from support import Case, main, make_go_folder


class Select(Case):
    def setUp(self):
        super().setUp()
        make_go_folder(self.store)

    def chosen(self, word):
        return self.ok("state", word, "--json").json()["session_id"]

    def test_by_id_name_and_prefix(self):
        for word in ("flight-1", "flight-search", "fl", "f"):
            self.assertEqual("flight-1", self.chosen(word))

    def test_by_age(self):
        self.assertEqual("flight-1", self.chosen("@"))
        self.assertEqual("bet-1", self.chosen("@~1"))
        self.refused(3, "state", "@~2", saying="@~2")
        self.refused(2, "state", "@~x", saying="@~x")

    def test_an_exact_id_wins_over_names_and_prefixes(self):
        self.create("flight-search")
        self.create("flight")
        self.assertEqual("flight-search", self.chosen("flight-search"))
        self.assertEqual("flight", self.chosen("flight"))

    def test_an_ambiguous_word_lists_at_most_ten(self):
        for number in range(15):
            self.create(f"run-{number:02}", "--name", "twin")
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

    def test_a_missing_store_is_named(self):
        for words in (["sessions"], ["replay", "x"], ["stats"], ["verify"], ["state", "x"],
                      ["append", "x", "--type", "y"], ["export", "x"]):
            self.refused(3, *words, env={"AGENTSTORE_STORE": "no-such-folder"},
                         saying="no-such-folder")


if __name__ == "__main__":
    main()
