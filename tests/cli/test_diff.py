"""Two histories side by side."""

import json

from support import Case, go_line, main


def run_of(city, call, response, cost=0.01):
    return [
        {"type": "user_message", "payload": {"content": "Find flights"}},
        {"type": "tool_called", "payload": {"tool": "search", "args": {"to": city}, "id": call}},
        {"type": "tool_result", "payload": {"tool": "search", "result": {"n": 3, "score": len(call)},
                                            "id": call}},
        {"type": "llm_response", "payload": {"content": response},
         "metadata": {"model": "m", "tokens_in": 5, "tokens_out": 7, "cost_usd": cost}},
    ]


class Diff(Case):
    def make(self, session, drafts):
        self.create(session)
        self.append(session, *drafts)

    def test_runs_that_differ_in_ids_and_times_alone(self):
        self.make("one", run_of("MUC", "call-1", "Take EW456"))
        self.make("two", run_of("MUC", "call-2", "Take EW456"))
        same = self.ok("diff", "one", "two", "--json").json()
        self.assertEqual([True, 4, 4, None, [], []],
                         [same[key] for key in ("same", "common_prefix", "equal",
                                                "first_divergence", "steps", "state")])
        self.assertIn("every event is equal", self.ok("diff", "one", "two").out)

    def test_words_are_no_generated_ids(self):
        def run(*texts):
            return [{"type": "custom", "payload": {"is": text}} for text in texts]
        for number, (one, two) in enumerate((("run_2026-03-01_failed", "run_2026-03-02_succeeded"),
                                             ("call_recording_1", "call_recording_2"),
                                             ("msg_2024report", "msg_2025report"))):
            self.make(f"a{number}", run(one))
            self.make(f"b{number}", run(two))
            self.assertEqual(1, self.run_it("diff", f"a{number}", f"b{number}").status, one)
        ids = ("toolu_01{}9q90qw90lq917835lq9abc", "call_{}B7cD8eF9gH0iJ1kL2mN3oP4q",
               "msg_{}123456789abcdef0123456789abcdef0123456789abcdef",
               "run_{}0000000-1111-2222-3333-444444444444", "toolu_bdrk_01{}123456789abcdefghijkl")
        self.make("ids", run(*(one.format("a") for one in ids)))
        self.make("others", run(*(one.format("b") for one in ids)))
        self.assertIn("every event is equal", self.ok("diff", "ids", "others").out)

    def test_runs_that_share_nothing(self):
        for session, kind in (("x", "custom"), ("y", "error")):
            self.make(session, [{"type": kind, "payload": {"is": session}}])
        self.assertIn("\nno event is equal from the start, first divergence at #1 of ",
                      self.run_it("diff", "x", "y").out)

    def test_where_runs_part(self):
        self.make("one", run_of("MUC", "call-1", "Take EW456"))
        self.make("two", [*run_of("MUC", "call-2", "Take LH1", 0.03),
                          {"type": "error", "payload": {"message": "\x1b[31m\n::error::boom"}}])
        outcome = self.run_it("diff", "one", "two", "--json")
        self.assertEqual((1, ""), (outcome.status, outcome.err), str(outcome))
        found = outcome.json()
        self.assertEqual("agentstore/diff/1", found["schema"])
        self.assertEqual({"a": 4, "b": 4}, found["first_divergence"])
        self.assertEqual(3, found["common_prefix"])
        self.assertEqual([
            {"a": 4, "b": 4, "change": "changed", "type": "llm_response",
             "changes": [{"pointer": "/payload/content", "a": "Take EW456", "b": "Take LH1"}]},
            {"a": None, "b": 5, "change": "only_b", "type": "error", "changes": []}],
            found["steps"])
        self.assertEqual({"a": 0.01, "b": 0.03, "difference": 0.02}, found["totals"]["cost_usd"])
        self.assertIn('"difference":0.02', outcome.out)
        self.assertEqual({"a": 4, "b": 5, "difference": 1}, found["totals"]["events"])
        self.assertIn({"pointer": "/data/llm_response/content", "a": "Take EW456",
                       "b": "Take LH1"}, found["state"])

        text = self.run_it("diff", "one", "two")
        self.assertEqual(1, text.status)
        self.assertNotIn("\x1b", text.out)
        self.assertFalse([line for line in text.lines() if line.lstrip().startswith("::")])
        self.assertRegex(text.out, r"(?m)^the first 3 events are equal, first divergence at #4 of a")
        self.assertRegex(text.out, r"(?m)^~  #4 +#4 +llm_response")
        self.assertRegex(text.out, r'(?m)^ +/payload/content: "Take EW456" → "Take LH1"$')
        self.assertRegex(text.out, r"(?m)^\+ +#5 +error")
        self.assertRegex(text.out, r"(?m)^cost +\$0\.01 +\$0\.03 +\+\$0\.02$")

    def test_results_of_calls_in_flight_together_come_in_any_order(self):
        def run(*order, swapped=False):
            calls = [("a", {"x": 1}, "ra"), ("b", {"y": 2}, "rb")]
            events = [{"type": "user_message", "payload": {"content": "go"}}]
            events += [{"type": "tool_called", "payload": {"tool": tool, "args": args, "tool_call_id": tool}}
                       for tool, args, _ in calls]
            for at in order:
                tool, _, result = calls[at]
                events.append({"type": "tool_result", "payload": {
                    "tool": tool, "result": calls[1 - at][2] if swapped else result, "tool_call_id": tool}})
            return [*events, {"type": "llm_response", "payload": {"content": "done"}}]

        self.make("one", run(0, 1))
        self.make("two", run(1, 0))
        self.make("three", run(1, 0, swapped=True))
        same = self.ok("diff", "one", "two", "--json").json()
        self.assertEqual((True, 6, []), (same["same"], same["equal"], same["steps"]))
        self.assertEqual(1, self.run_it("diff", "one", "three").status)

    def test_costs_alone_are_a_difference(self):
        self.make("one", run_of("MUC", "call-1", "Take EW456"))
        self.make("two", run_of("MUC", "call-2", "Take EW456", 0.02))
        outcome = self.run_it("diff", "one", "two", "--json")
        self.assertEqual(1, outcome.status)
        self.assertEqual([], outcome.json()["steps"])
        self.assertFalse(outcome.json()["same"])

    def test_one_session_at_two_points(self):
        self.make("one", run_of("MUC", "call-1", "Take EW456"))
        found = self.run_it("diff", "one@2", "one@4", "--json")
        self.assertEqual(1, found.status)
        self.assertEqual([(None, 3), (None, 4)],
                         [(step["a"], step["b"]) for step in found.json()["steps"]])
        self.assertEqual(2, found.json()["a"]["last_sequence_number"])
        self.ok("diff", "one@4", "one")
        self.ok("diff", "one@0", "one@0", "--allow-empty")
        self.assertEqual(7, self.run_it("diff", "one@0", "one@0").status)
        self.refused(3, "diff", "one@5", "one", saying="no event #5")

    def test_paths_only_and_ignore(self):
        self.make("one", run_of("MUC", "call-1", "Take EW456"))
        other = self.folder / "other.jsonl"
        other.write_text("".join(
            go_line("elsewhere", number, draft["type"], json.dumps(draft["payload"]),
                    "2026-03-07T12:00:00Z", json.dumps(draft.get("metadata", {})))
            for number, draft in enumerate(run_of("MUC", "call-1+", "Take LH1"), 1)))
        self.assertEqual(1, self.run_it("diff", "one", other).status)
        self.assertEqual(1, self.run_it("diff", "one", other, "--only", "tool_*").status)
        only = self.ok("diff", "one", other, "--only", "tool_*", "--ignore", "/result/score",
                       "--json").json()
        self.assertEqual([2, None], [only["equal"], only["state"]])
        self.ok("diff", "one", other, "--ignore", "/result/score", "--ignore", "/content")
        self.assertEqual("elsewhere", only["b"]["session_id"])
        piped = self.run_it("diff", "one", "-", stdin=other.read_bytes())
        self.assertEqual(1, piped.status, str(piped))

    def test_misuse(self):
        self.make("one", run_of("MUC", "call-1", "x"))
        self.refused(3, "diff", "one", "nobody", saying="nobody")
        self.refused(2, "diff", "one", saying="no second session is named")
        self.refused(2, "diff", "one", "one", "--ignore", "score", saying=("score", "slash"))
        self.refused(3, "diff", "one", self.folder / "missing.jsonl", saying="missing.jsonl")


if __name__ == "__main__":
    main()
