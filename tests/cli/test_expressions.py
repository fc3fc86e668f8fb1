"""Expressions on the command line: assertions that hold and that must fail, and events by --where."""

import json

from support import Case, main, make_go_folder


class Assertions(Case):
    def setUp(self):
        super().setUp()
        make_go_folder(self.store)

    def fails(self, expression, *saying, words=()):
        """The assertion is not true: status 1, the answer on stdout, the values on stderr."""
        outcome = self.run_it("stats", "flight-1", "--assert", expression, *words)
        self.assertEqual(1, outcome.status, str(outcome))
        self.assertIn("events", outcome.out)
        self.assertIn(f"not true: {expression}" if "--json" in words
                      else f"agentstore: stats: not true: {expression}", outcome.err)
        for word in saying:
            self.assertIn(word, outcome.err)
        return outcome

    def test_an_assertion_that_holds_changes_nothing(self):
        plain = self.ok("stats", "flight-1")
        held = self.ok("stats", "flight-1", "--assert", "cost_usd <= 0.50 AND errors = 1")
        self.assertEqual(plain.out, held.out)

    def test_one_that_fails_says_the_values(self):
        self.fails("cost_usd <= 0.50 AND errors = 0", "(cost_usd = 0.018, errors = 1)")

    def test_the_names_of_stats_stand_in_every_condition(self):
        for name in ("events", "event_count", "tool_calls", "errors", "tool_errors", "tokens_in",
                     "tokens_out", "cost_usd", "tokens_cost_usd", "cost_total_usd", "duration_ms",
                     "by_type_error"):
            holds = f"{name} >= 0"
            self.ok("stats", "flight-1", "--assert", holds)
            self.ok("state", "flight-1", "--assert", holds)
            self.ok("state", "flight-1", "--projection", "cost", "--assert", holds)
            self.ok("balance", "flight-1", "--assert", holds)
            self.ok("whatif", "flight-1", "--without", "1", "--assert", holds)
            self.ok("bisect", "flight-1", f"coalesce({name}, -1) >= 0 AND events > 1")

    def test_their_values_are_those_of_stats_at_the_last_event(self):
        stats = self.ok("stats", "flight-1", "--json").json()
        totals = self.ok("state", "flight-1", "--projection", "totals", "--json").json()["state"]
        self.assertEqual({key: stats[key] for key in totals}, totals)

    def test_a_text_in_double_quotes_is_told_of_everywhere(self):
        for words in (("stats", "flight-1", "--assert"), ("state", "flight-1", "--assert"),
                      ("balance", "flight-1", "--assert"), ("bisect", "flight-1"),
                      ("whatif", "flight-1", "--without", "1", "--fail-on")):
            outcome = self.run_it(*words, 'session_id = "llm_response"')
            self.assertEqual(2, outcome.status, str(outcome))
            self.assertIn("a text stands in single quotes: 'llm_response'", outcome.err)

    def test_all_of_several_have_to_hold(self):
        outcome = self.fails("errors = 0", words=["--assert", "cost_usd < 0.01", "--assert", "1 = 1"])
        self.assertEqual(2, outcome.err.count("not true"))

    def test_numbers_are_exact(self):
        for expression in ("cost_usd < 0.018", "cost_usd != 0.018", "cost_usd + 0.002 < 0.02",
                           "cost_usd * 3 > 0.054", "tokens_in / 4 * 4 != 850"):
            self.fails(expression)
        self.ok("stats", "flight-1", "--assert", "cost_usd + 0.002 = 0.02")

    def test_a_text_is_no_number(self):
        self.fails("cost_usd <= '0.50'", "it is NULL")

    def test_null_fails_and_is_said(self):
        for expression in ("tokens_cache_read <= 1", "NOT (tokens_cache_read > 1)"):
            self.fails(expression, "tokens_cache_read = null", "it is NULL")

    def test_json(self):
        outcome = self.fails("errors = 0", words=["--json"])
        self.assertEqual(6, outcome.json()["events"])
        error = json.loads(outcome.err.splitlines()[-1])["error"]
        self.assertEqual((1, "finding"), (error["code"], error["kind"]))
        self.assertIn("errors = 1", error["message"])

    def test_of_all_sessions_the_sum_counts(self):
        self.ok("stats", "--assert", "sessions = 2 AND events = 8")

    def test_times_are_compared_as_instants(self):
        self.ok("stats", "flight-1", "--assert", "first_event_at = '2026-03-07T14:00:00+02:00'")
        self.ok("stats", "flight-1", "--assert", "first_event_at >= '2026-03-07T12:00:00Z'")

    def test_what_is_refused_prints_nothing(self):
        for expression, *saying in (
                ("cost_usd <=", "character 12, its end", "a value is missing"),
                ("errors = 0; x", "character 11", "semicolon"),
                ("errors", "is not a boolean: it is 1"),
                ("cost_usd + 1", "not a boolean"),
                ("cost_usb <= 1", "no field \"cost_usb\"", "did you mean cost_usd?"),
                ("cost_usd <= 0.500000000000000001", "character 13", "more digits"),
                ("(SELECT count(*) FROM sqlite_master) = 0", "character 2"),
                ("readfile('x') = ''", "no such function"),
                ("", "there is no expression")):
            with self.subTest(expression):
                self.refused(2, "stats", "flight-1", "--assert", expression, saying=saying)
                self.refused(2, "stats", "flight-1", "--assert", expression, "--json", saying=saying)

    def test_a_cost_that_cannot_be_held_is_refused(self):
        self.create("long")
        self.append("long", {"type": "llm_response"})
        self.ok("append", "long", "--type", "llm_response", "--metadata",
                '{"cost_usd":0.500000000000000001}')
        self.refused(2, "stats", "long", "--assert", "cost_usd <= 0.5",
                     saying=["cost_usd: the number 0.500000000000000001", "exactly"])

    def test_control_characters_of_an_expression_are_escaped(self):
        self.refused(2, "stats", "flight-1", "--assert", "\x1b[31m = 1", saying="\\u{1b}[31m")


class Where(Case):
    def setUp(self):
        super().setUp()
        make_go_folder(self.store)

    def numbers(self, *words, **more):
        lines = self.ok("replay", "flight-1", "--format", "jsonl", *words, **more).lines()
        return [json.loads(line)["sequence_number"] for line in lines]

    def test_fields_of_events(self):
        for expression, numbers in (
                ("seq > 4", [5, 6]), ("sequence_number = 2", [2]), ("type = 'error'", [6]),
                ("tokens_in >= 850", [4]), ("cost_usd = 0.018", [5]), ("metadata_cost_usd = 0.018", [5]),
                ("payload_tool = 'search'", [2]), ("payload_args_to = 'MUC'", [2]),
                ("payload_result IS NULL AND tool_name = 'search'", [2, 3]),
                ("model LIKE 'MODEL%'", [4, 5]), ("type LIKE 'tool%' AND duration_ms IS NULL", [2]),
                ("timestamp >= '2026-03-08T01:00:00+01:00'", [5, 6]),
                ("session_id = 'flight-1' AND seq IN (1, 3)", [1, 3]),
                ("json_extract(payload, '$.args.to') = 'MUC'", [2])):
            with self.subTest(expression):
                self.assertEqual(numbers, self.numbers("-w", expression))

    def test_with_other_filters_and_itself(self):
        self.assertEqual([3], self.numbers("--where", "tool_name = 'search'", "--where", "seq > 2"))
        self.assertEqual([3], self.numbers("-w", "tool_name = 'search'", "--grep", "rate limit"))

    def test_stats(self):
        self.assertEqual(2, self.ok("stats", "--json", "-w", "model = 'model-a'").json()["events"])

    def test_a_name_that_no_event_has_is_told(self):
        outcome = self.run_it("replay", "flight-1", "--json", "-w", "tokens_inn > 1")
        self.assertEqual((0, "[]\n"), (outcome.status, outcome.out))
        said = json.loads(outcome.err)["note"]["message"]
        self.assertIn("no event has \"tokens_inn\"", said)
        self.assertIn("did you mean tokens_in?", said)

    def test_an_event_of_which_nothing_can_be_said_is_left_out(self):
        outcome = self.run_it("replay", "flight-1", "--json", "-w", "tokens_in")
        self.assertEqual((7, "[]\n"), (outcome.status, outcome.out))
        self.assertIn("left out #4 of session flight-1", outcome.err)

    def test_what_cannot_be_read_is_refused(self):
        self.refused(2, "replay", "flight-1", "-w", "seq >", saying=["--where", "its end"])
        self.refused(2, "stats", "-w", "seq + 1", saying=["--where", "not a boolean"])


if __name__ == "__main__":
    main()
