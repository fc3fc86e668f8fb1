"""One vocabulary over the events of all sources: kinds, parts of payloads, labels, costs."""

import json

from support import Case, main
from test_import import CLAUDE, CODEX

PARTS = ("type", "text", "tool_name", "tool_args", "file", "command", "failed")
# What people's own agents and frameworks write: (type, payload) and what its parts are.
SPELLINGS = [
    ("user_message", {"content": "hi"}, {"text": "hi"}),
    ("message_received", {"role": "user", "content": "hi"}, {"text": "hi"}),
    ("user.utterance.v1", {"text": "hi"}, {"text": "hi"}),
    ("agent.utterance.v1", {"text": [{"type": "text", "text": "a"}, {"type": "text", "text": "b"}]},
     {"text": "a\nb"}),
    ("llm_response", {"response": "yes"}, {"text": "yes"}),
    ("llm_request", {"messages": [{"role": "user", "content": "old"},
                                  {"role": "user", "content": "new"}]}, {"text": "new"}),
    ("tool_called", {"tool": "search", "query": "BER"},
     {"tool_name": "search", "tool_args": {"query": "BER"}}),
    ("tool_called", {"tool": "read", "args": {"path": "a.txt"}},
     {"tool_name": "read", "tool_args": {"path": "a.txt"}, "file": "a.txt"}),
    ("tool_called", {"name": "shell", "arguments": '{"command": ["bash", "-lc", "ls -l"]}'},
     {"tool_name": "shell", "tool_args": {"command": ["bash", "-lc", "ls -l"]},
      "command": "ls -l"}),
    ("tool_called", {"function": {"name": "sum", "arguments": '{"n": 1.50}'}},
     {"tool_name": "sum", "tool_args": {"n": 1.5}}),
    ("tool_called", {"name": "apply_patch", "input": "*** Begin Patch\n*** Update File: a.c\n"},
     {"tool_name": "apply_patch", "file": "a.c",
      "tool_args": {"input": "*** Begin Patch\n*** Update File: a.c\n"}}),
    ("tool.call.v1", {"tool_name": "run", "args": {"cmd": "make"}},
     {"tool_name": "run", "tool_args": {"cmd": "make"}, "command": "make"}),
    ("tool.result.v1", {"tool_name": "run", "result": "done"},
     {"tool_name": "run", "text": "done", "failed": False}),
    ("tool_result", {"tool": "run", "error": {"code": 2, "message": "no rule"}},
     {"tool_name": "run", "text": "no rule", "failed": True}),
    ("tool_result", {"tool": "run", "output": "x", "exit_code": 2},
     {"tool_name": "run", "text": "x", "failed": True}),
    ("error_occurred", {"error": "out of paper"}, {"text": "out of paper", "failed": True}),
    ("error", {"error": {"message": "busy", "code": 429}}, {"text": "busy", "failed": True}),
    ("plan_created", {"steps": [{"title": "look"}, "leap"]}, {"text": "look\nleap"}),
    ("decision_made", {"decision": "refund"}, {"text": "refund"}),
    ("task_completed", {}, {}),
]


class Vocabulary(Case):
    def fill(self, session, events, *words):
        self.create(session, *words)
        drafts = (dict(zip(("type", "payload", "metadata"), event)) for event in events)
        self.ok("append", session, "-", stdin="\n".join(map(json.dumps, drafts)))

    def parts(self, *words):
        shown = self.ok("replay", *words, "--json", "--fields", ",".join(PARTS)).json()
        return [{key: value for key, value in one.items() if value is not None} for one in shown]

    def test_parts_have_one_name_whatever_the_source_called_them(self):
        self.fill("own", [(kind, payload) for kind, payload, _ in SPELLINGS])
        wanted = [{"type": kind, **parts} for kind, _, parts in SPELLINGS]
        self.assertEqual(wanted, self.parts("own"))
        log = self.folder / "go.jsonl"  # as the Go library writes it
        log.write_text("".join(
            json.dumps({"session_id": "g", "sequence_number": number, "type": kind,
                        "timestamp": "2026-03-01T00:00:00Z", "payload": payload, "metadata": {}})
            + "\n" for number, (kind, payload, _) in enumerate(SPELLINGS, 1)))
        self.assertEqual(wanted, self.parts(log))

    def test_transcripts_have_them_too(self):
        for path, tool, command in ((CLAUDE, "Bash", "npm test"),
                                    (CODEX, "shell_command", "npm test")):
            with self.subTest(tool=tool):
                calls = [one for one in self.parts(path) if "command" in one]
                self.assertEqual([(tool, command)],
                                 [(one["tool_name"], one["command"]) for one in calls])
                results = [one for one in self.parts(path) if one["type"] == "tool_result"]
                self.assertEqual(1, sum(one["failed"] for one in results))
                self.assertTrue(all(isinstance(one["tool_args"], dict)
                                    for one in self.parts(path) if one["type"] == "tool_called"))

    def test_where_knows_them(self):
        self.fill("s", [(kind, payload) for kind, payload, _ in SPELLINGS])

        def found(expression):
            shown = self.ok("replay", "s", "--where", expression, "--format", "jsonl").lines()
            return [json.loads(line)["sequence_number"] for line in shown]

        self.assertEqual([1, 2, 3], found("text = 'hi'"))
        self.assertEqual([9, 12], found("command IN ('ls -l', 'make')"))
        self.assertEqual([8, 11], found("file IS NOT NULL"))
        self.assertEqual([14, 15, 16, 17], found("failed"))
        self.assertEqual([8], found("tool_args_path = 'a.txt'"))
        self.assertEqual([7, 8, 9, 10, 11, 12], found("tool_args IS NOT NULL"))

    def test_tools_by_name(self):
        self.fill("s", [(kind, payload) for kind, payload, _ in SPELLINGS])

        def found(*words):
            shown = self.ok("replay", "s", "--tool", *words, "--format", "jsonl").lines()
            return [json.loads(line)["sequence_number"] for line in shown]

        self.assertEqual([12, 13, 14, 15], found("run"))
        self.assertEqual([12], found("run", "--type", "tool.call.v1"))
        self.assertEqual([7, 9, 10], found("s*"))
        self.assertEqual([8, 12, 13, 14, 15], found("read,run"))
        self.assertEqual(4, self.ok("stats", "s", "--tool", "run", "--json").json()["events"])
        for words in (["replay", "s", "--tool", "serch"], ["stats", "s", "--tool", "serch"]):
            mistyped = self.run_it(*words)
            self.assertEqual(0, mistyped.status, str(mistyped))
            self.assertIn('no event is of the tool "serch"; did you mean "search"?', mistyped.err)
        self.assertEqual(7, self.run_it("stats", "s", "--tool", "serch", "--assert",
                                        "tool_calls = 0").status)
        self.run_it("redact", "s", "12", "--reason", "a test")
        self.assertEqual(7, self.run_it("stats", "s", "--tool", "run", "--assert",
                                        "tool_calls = 0").status)

    def test_fields_are_those_that_were_asked_for(self):
        self.fill("s", [("user_message", {"content": "hi", "n": 1}, {"model": "m"})])
        shown = self.ok("replay", "s", "--format", "jsonl", "--fields", "seq,payload_n,model,text")
        self.assertEqual('{"seq":1,"payload_n":1,"model":"m","text":"hi"}\n', shown.out)
        every = self.ok("replay", "s", "--json", "--fields").json()[0]
        self.assertEqual(["sequence_number", "event_id", "type", "timestamp", "text", "tool_name",
                          "tool_args", "file", "command", "failed", "cost_total_usd"], list(every))
        unknown = self.run_it("replay", "s", "--json", "--fields", "modle")
        self.assertEqual((0, [{"modle": None}]), (unknown.status, unknown.json()))
        self.assertIn("did you mean model?", unknown.err)
        self.refused(2, "replay", "s", "--fields", "text", saying="--json")

    def test_errors_and_calls_are_counted_alike_everywhere(self):
        self.fill("s", [("error", {}), ("error_occurred", {}), ("tool_called", {"tool": "a"}),
                        ("tool.call.v1", {"name": "a"}), ("tool.result.v1", {"error": "no"}),
                        ("message_received", {"role": "agent"}), ("message_received", {}),
                        ("user_message", {}), ("decision_made", {})])
        stats = self.ok("stats", "s", "--json").json()
        self.assertEqual((2, 2, 1), (stats["errors"], stats["tool_calls"], stats["tool_errors"]))
        summary = self.ok("state", "s", "--projection", "summary", "--json").json()["state"]
        self.assertEqual((2, 2, 3, 1), (summary["errors"], summary["tool_calls"],
                                        summary["user_messages"], summary["decisions"]))
        progress = self.ok("state", "s", "--projection", "progress", "--json").json()["state"]
        self.assertEqual((2, True), (progress["tools_invoked"], progress["had_error"]))
        listed = self.ok("sessions", "-l", "--json").json()["sessions"][0]
        self.assertEqual((2, 1), (listed["errors"], listed["tool_errors"]))
        total = self.ok("replay", "s").lines()[-1]
        self.assertIn("2 tool calls, 1 failed | 2 errors", total)
        self.ok("stats", "s", "--assert", "errors = 2 AND tool_calls = 2")

    def test_types_of_the_vocabulary_count_0_and_others_may_be_mistyped(self):
        self.fill("s", [("user_message", {}), ("my.type", {})])
        self.ok("stats", "s", "--assert", "by_type_error = 0", "--assert", 'by_type_tool_called = 0',
                "--assert", '"by_type_tool.call.v1" = 0', "--assert", '"by_type_my.type" = 1')
        self.assertEqual(1, self.run_it("stats", "s", "--assert", "by_type_error > 0").status)
        for expression in ("by_type_user_mesage = 0", "by_type_user_mesage > 0"):
            judged = self.run_it("stats", "s", "--assert", expression)
            self.assertEqual(7, judged.status, str(judged))
            self.assertIn('did you mean "user_message"?', judged.err)
        self.assertEqual(0, self.run_it("stats", "s", "--assert", "by_type_nosuch = 0",
                                        "--allow-empty").status)

    def test_labels_say_who_acts_until_an_event_does(self):
        self.fill("s", [("session_started", {}), ("user_message", {})],
                  "--label", "agent_id=a1", "--label", "agent_type=bot", "--label", "user_id=u1")

        def state(projection):
            return self.ok("state", "s", "--projection", projection, "--json").json()["state"]

        status = state("status")
        self.assertEqual(("a1", "bot", "u1"),
                         (status["agent_id"], status["agent_type"], status["user_id"]))
        for projection in ("summary", "progress"):
            self.assertEqual("a1", state(projection)["agent_id"])
        self.ok("label", "s", "agent_id=a2", "user_id=")
        status = state("status")
        self.assertEqual(("a2", "bot", None),
                         (status["agent_id"], status["agent_type"], status["user_id"]))
        self.assertEqual("a2", state("summary")["agent_id"])
        self.ok("append", "s", "--type", "user_message", "--metadata", '{"agent_id":"a3"}')
        self.assertEqual(("a3", "a3"), (state("status")["agent_id"], state("summary")["agent_id"]))
        self.ok("label", "s", "agent_id=a4")
        self.assertEqual("a3", state("progress")["agent_id"])

    def costs(self, session):
        stats = self.ok("stats", session, "--json").json()
        return stats["cost_known_usd"], stats["cost_total_usd"], stats["cost_unknown_responses"]

    def test_a_cost_is_known_or_it_is_said_that_it_is_not(self):
        model = {"model": "claude-haiku-4-5", "tokens_in": 1_000_000, "tokens_out": 0}
        self.fill("none", [("user_message", {})])
        self.fill("recorded", [("llm_response", {}, {"cost_usd": 0.25, "tokens_in": 5})])
        self.fill("computed", [("llm_response", {}, {"cost_usd": 0.25}), ("llm_response", {}, model)])
        self.fill("unknown", [("llm_response", {}, {"cost_usd": 0.25}),
                              ("llm_response", {}, {**model, "model": "nobody's"})])
        self.fill("silent", [("llm_response", {}, {"cost_usd": 0.25}), ("llm_response", {})])
        self.fill("nothing", [("llm_response", {}, {"model": "<none>", "tokens_in": 0,
                                                   "tokens_out": 0})])
        known = {"none": (0, 0, 0), "recorded": (0.25, 0.25, 0), "computed": (1.25, 1.25, 0),
                 "unknown": (0.25, None, 1), "silent": (0.25, None, 1), "nothing": (0, 0, 0)}
        for session, wanted in known.items():
            with self.subTest(session=session):
                self.assertEqual(wanted, self.costs(session))
                state = self.ok("state", session, "--projection", "cost", "--json").json()["state"]
                self.assertEqual(wanted, (state["cost_known_usd"], state["cost_total_usd"],
                                          state["cost_unknown_responses"]))
                judged = self.run_it("stats", session, "--assert", "cost_total_usd <= 1")
                self.assertEqual(0 if wanted[1] is not None and wanted[1] <= 1 else 1,
                                 judged.status, str(judged))
                listed = self.ok("sessions", "-l", "--json").json()["sessions"]
                self.assertEqual(wanted[1], next(one["cost_total_usd"] for one in listed
                                                 if one["id"] == session))
        stats = self.ok("stats", "--json").json()
        self.assertEqual((2, None, 2), (stats["cost_known_usd"], stats["cost_total_usd"],
                                        stats["cost_unknown_responses"]))

    def test_the_total_has_one_name_in_every_question(self):
        self.fill("s", [("llm_response", {}, {"cost_usd": 0.25}), ("user_message", {}),
                        ("llm_response", {}, {"cost_usd": 0.5})])
        self.fill("other", [("llm_response", {}, {"cost_usd": 0.25})])
        shown = self.ok("replay", "s", "--where", "cost_total_usd > 0.3", "--format", "jsonl").lines()
        self.assertEqual([3], [json.loads(line)["sequence_number"] for line in shown])
        flipped = self.ok("bisect", "s", "cost_total_usd > 0.5", "--json").json()
        self.assertEqual(3, flipped["first"]["sequence_number"])
        altered = self.ok("whatif", "s", "--without", "3", "--json").json()["fields"]
        self.assertEqual({"actual": 0.75, "counterfactual": 0.25, "difference": -0.5},
                         altered["cost_total_usd"])
        self.assertEqual(1, self.run_it("whatif", "s", "--without", "2", "--fail-on",
                                        "cost_total_usd > 0.5").status)
        compared = self.run_it("diff", "s", "other", "--json").json()
        self.assertEqual([0.75, 0.25], [compared["totals"]["cost_total_usd"][side]
                                        for side in ("a", "b")])

    def test_transcripts_have_a_cost_with_their_sub_agents(self):
        stats = self.ok("stats", CLAUDE, "--json").json()
        self.assertAlmostEqual(stats["cost_known_usd"] + stats["sub_agents"]["cost_total_usd"],
                               stats["cost_total_usd"])
        self.assertEqual(0, stats["cost_unknown_responses"])
        self.ok("stats", CODEX, "--assert", "cost_total_usd < 0.5 AND cost_unknown_responses = 0")

    def test_assertions_about_each_event(self):
        self.fill("s", [("tool_called", {"tool": "sh", "args": {"command": "ls"}}),
                        ("tool_called", {"tool": "sh", "args": {"command": "rm -rf /"}}),
                        ("user_message", {"content": "rm"})])
        calls = ("replay", "s", "-q", "--type", "tool_called", "--assert")
        self.ok(*calls, "tool_name = 'sh'")
        broken = self.run_it(*calls, "command NOT LIKE '%rm -rf%'")
        self.assertEqual((1, ""), (broken.status, broken.out))
        self.assertIn('#2 of session s (command = "rm -rf /")', broken.err)
        self.assertEqual(1, self.run_it("replay", "s", "-q", "--assert", "command != 'x'").status)
        mistyped = self.run_it(*calls, "comand != 'x'")
        self.assertEqual(7, mistyped.status, str(mistyped))
        self.assertIn("did you mean command?", mistyped.err)
        self.assertEqual(7, self.run_it("replay", "s", "-q", "--type", "error", "--assert",
                                        "failed").status)
        self.run_it("redact", "s", "2", "--reason", "a test")
        self.assertEqual(7, self.run_it(*calls, "command NOT LIKE '%rm -rf%'").status)
        self.refused(2, *calls, "nonsense (", saying="--assert")
        self.refused(2, "replay", "s", "-n", "1", "--assert", "failed", saying="--newest")


if __name__ == "__main__":
    main()
