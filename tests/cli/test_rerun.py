"""Turns answered once more by a candidate, and held against what was recorded."""

import json
import os
import shutil
import subprocess
import sys
import textwrap
import unittest
import xml.etree.ElementTree as ElementTree
from pathlib import Path

from reruns.cases import ECHO, RerunCase, answered, said
from support import main

TOP = Path(__file__).resolve().parents[2]


class Protocol(RerunCase):
    def test_what_is_asked_and_what_is_stored(self):
        self.make("s", said("one"), {"type": "tool_called", "payload": {"tool": "get", "args": {"n": 1}}},
                  {"type": "tool_result", "payload": {"tool": "get", "result": 7}},
                  answered("seven"), said("two"), answered("bye"))
        before = self.log_of("s").read_bytes()
        (self.folder / "prompt.txt").write_text("Be kind.\n")
        command = self.candidate("c.py", """
            for line in sys.stdin:
                turn = json.loads(line)
                with open("questions.jsonl", "a") as file:
                    file.write(line)
                if turn["turn"] == 1:
                    say(type="tool_called", payload={"tool": "get", "args": {"n": 1.0}})
                    with open("questions.jsonl", "a") as file:
                        file.write(sys.stdin.readline())
                say(type="llm_response", payload={"content": "seven"},
                    metadata={"tokens_in": 5, "cost_usd": 0.5})
                end(turn=turn["turn"])
        """)
        made = self.rerun("s", "--exec", command, "--prompt", "prompt.txt", "--candidate", "kind")
        self.assertEqual(("agentstore/rerun-made/1", 2, 0), (made["schema"], made["asked"], made["failed"]))
        first, result, second = map(json.loads, (self.folder / "questions.jsonl").read_text().splitlines())
        self.assertEqual({"turn": 1, "prompt": "Be kind.\n", "input": "one", "history": [],
                          "tools": "recorded"}, first)
        self.assertEqual({"tool_result": {"tool": "get", "result": 7}}, result)
        self.assertEqual([{"role": "user", "text": "one"}, {"role": "assistant", "text": "seven"}],
                         second["history"])
        rerun = made["sessions"][0]["session_id"]
        labels = {one["id"]: one["labels"] for one in
                  self.ok("sessions", "--json").json()["sessions"]}[rerun]
        hash_of_prompt = subprocess.run(["sha256sum", "prompt.txt"], cwd=self.folder,
                                        capture_output=True, text=True).stdout.split()[0]
        self.assertEqual({"rerun_of": "s", "candidate": "kind", "command": command,
                          "prompt_sha256": hash_of_prompt}, labels)
        events = self.events(rerun)
        self.assertEqual(["user_message", "tool_called", "tool_result", "llm_response",
                          "user_message", "llm_response"], [one["type"] for one in events])
        self.assertEqual({"session_id": "s", "sequence_number": 1}, {
            key: events[0]["metadata"]["forked_from"][key] for key in ("session_id", "sequence_number")})
        self.assertEqual(events[1]["event_id"], events[2]["metadata"]["causation_id"])
        self.assertEqual(3, events[2]["metadata"]["forked_from"]["sequence_number"])
        self.assertEqual(before, self.log_of("s").read_bytes())
        self.assertEqual(0, self.run_it("verify").status)

    def test_results_that_are_near_or_missing_are_marked(self):
        self.make("s", said("go"), {"type": "tool_called", "payload": {"tool": "get", "args": {"n": 1}}},
                  {"type": "tool_result", "payload": {"tool": "get", "result": 7}})
        command = self.candidate("c.py", """
            read()
            got = []
            for tool, args in (("get", {"n": 2}), ("get", {"n": 1}), ("put", {})):
                say(type="tool_called", payload={"tool": tool, "args": args})
                got.append(read())
            say(type="llm_response", payload={"content": json.dumps(got)})
            end()
        """)
        self.rerun("s", "--exec", command)
        turn, = self.report()["results"][0]["details"]
        self.assertEqual([{"tool_result": {"tool": "get", "result": 7}, "approximate": True},
                          {"unmatched": True}, {"unmatched": True}], json.loads(turn["rerun"]["text"]))
        self.assertEqual("tool_calls_changed", turn["verdict"])
        self.assertEqual([{"tool": "get", "result": 7}, None, None],
                         [call["result"] for call in turn["rerun"]["tool_calls"]])

    def test_live_tools_are_its_own(self):
        self.make("s", said("go"), {"type": "tool_called", "payload": {"tool": "get", "args": {"n": 1}}},
                  {"type": "tool_result", "payload": {"tool": "get", "result": 7}}, answered("x"))
        command = self.candidate("c.py", """
            assert read()["tools"] == "live"
            say(type="tool_called", payload={"tool": "get", "args": {"n": 1}})
            say(type="tool_result", payload={"tool": "get", "result": 8})
            say(type="llm_response", payload={"content": "x"})
            end()
        """)
        self.rerun("s", "--exec", command, "--tools", "live")
        self.assertEqual(1, self.report()["turns"]["tool_calls_changed"])
        self.assertEqual(1, self.report("--ignore", "/result")["turns"]["same"])

    def test_history_is_what_was_recorded_or_its_own(self):
        self.make()
        command = self.candidate("c.py", """
            for line in sys.stdin:
                turn = json.loads(line)
                say(type="llm_response", payload={"content": " | ".join(
                    [one["text"] for one in turn["history"]] + [turn["input"]]) + "!"})
                end()
        """)
        self.rerun("s", "--exec", command, "--candidate", "a")
        self.rerun("s", "--exec", command, "--candidate", "b", "--history", "rerun")
        self.assertEqual({"a": "one | echo one | two!", "b": "one | one! | two!"}, {
            one["labels"]["candidate"]: one["details"][1]["rerun"]["text"]
            for one in self.report()["results"]})

    def test_every_vocabulary_and_every_source(self):
        for asks, answers in (("message_received", "llm_response"),
                              ("user.utterance.v1", "agent.utterance.v1")):
            self.make(asks, {"type": asks, "payload": {"text": "hi"}},
                      {"type": answers, "payload": {"text": "echo hi"}})
        transcript = next((TOP / "sample-data/transcripts/claude").rglob("5b0d*.jsonl"))
        command = self.candidate("c.py", ECHO)
        self.rerun("message_received", "user.utterance.v1", transcript, "--exec", command)
        found = self.report()
        self.assertEqual((3, 2), (found["sessions"], found["turns"]["same"]))
        self.assertGreater(sum(found["turns"].values()), 2)
        codex = TOP / "sample-data/transcripts/codex"
        made = self.rerun("--all", "--store", f"codex:{codex}", "--to", "there", "--exec", command)
        self.assertGreater(made["asked"], 0)
        found = self.run_it("rerun", "--report", "--json", "--store", "there", "--store",
                            f"codex:{codex}")
        self.assertEqual(made["asked"], sum(found.json()["turns"].values()), str(found))

    def test_a_beginning_is_a_rerun_of_its_own(self):
        self.make()
        command = self.candidate("c.py", ECHO)
        self.assertEqual(1, self.rerun("s@2", "--exec", command)["asked"])
        found = self.report("--fail-on", "unanswered > 0")
        self.assertEqual((1, 0), (found["turns"]["same"], found["unanswered"]))


class Asking(RerunCase):
    def test_nothing_runs_without_exec(self):
        self.make()
        self.refused(2, "rerun", "s", saying="nothing is run without --exec")
        self.refused(2, "rerun", "s", "--prompt", "p", saying="--exec")
        self.refused(2, "rerun", "--exec", "true", saying="no session is named")
        self.refused(2, "rerun", "s", "--all", "--exec", "true", saying="beside --all")
        self.refused(2, "rerun", "s", "--exec", " ", saying="no command")
        self.refused(2, "rerun", "s", "--exec", "true", "--jobs", "0", saying="--jobs")
        self.refused(2, "rerun", "s", "--exec", "true", "--rate", "fast", saying="--rate")
        self.refused(2, "rerun", "s", "--exec", "true", "--format", "junit", saying="--report")
        self.refused(3, "rerun", "s", "--exec", "true", "--prompt", "missing.txt", saying="missing.txt")
        self.refused(3, "rerun", "none", "--exec", "true")
        self.refused(3, "rerun", "--report", saying="there is no rerun")
        self.refused(2, "rerun", "--report", "--ignore", "x", saying="pointer")
        self.assertEqual(["s"], [one["id"] for one in self.ok("sessions", "--json").json()["sessions"]])

    def test_all_takes_no_reruns_and_since_what_is_new(self):
        self.make("old", {**said("x"), "timestamp": "2020-01-01T00:00:00Z"})
        self.make("new")
        command = self.candidate("c.py", ECHO)
        self.assertEqual(["new"], [one["rerun_of"] for one in self.rerun(
            "--since", "2024-01-01", "--exec", command)["sessions"]])
        for _ in range(2):
            made = self.rerun("--all", "--exec", command)
            self.assertEqual({"old", "new"}, {one["rerun_of"] for one in made["sessions"]})
        self.assertEqual(0, made["asked"])
        self.ok("label", "old", "team=a")
        self.assertEqual(["old"], [one["rerun_of"] for one in self.rerun(
            "--label", "team=a", "--exec", command)["sessions"]])

    def test_what_is_answered_is_not_asked_again(self):
        self.make()
        command = self.candidate("c.py", """
            for line in sys.stdin:
                turn = json.loads(line)
                with open("asked.txt", "a") as file:
                    file.write(f"{turn['turn']}\\n")
                if turn["turn"] == 2 and not os.path.exists("mended"):
                    sys.exit(3)
                say(type="llm_response", payload={"content": "echo " + turn["input"]})
                end()
        """)
        made = self.rerun("s", "--exec", command, status=1)
        self.assertEqual((2, 1), (made["asked"], made["failed"]))
        self.assertIn("exit status 3", made["sessions"][0]["error"])
        self.assertEqual(1, self.report()["turns"]["error"])
        (self.folder / "mended").touch()
        # What failed is asked again, and what did not is not.
        made = self.rerun("s", "--exec", command)
        self.assertEqual((1, 1), (made["asked"], made["already"]))
        self.assertEqual({"same": 1, "reworded": 0, "changed": 1, "tool_calls_changed": 0, "error": 0},
                         self.report()["turns"])
        self.append("s", said("three"))
        self.assertEqual((1, 2), (lambda made: (made["asked"], made["already"]))(
            self.rerun("s", "--exec", command)))
        self.assertEqual(["1", "2", "2", "3"], self.asked())
        self.assertEqual(3, self.rerun("s", "--exec", command, "--again")["asked"])
        self.assertEqual(2, self.report()["sessions"])

    def test_one_process_a_turn_will_do(self):
        self.make("s", *[said(str(number)) for number in range(9)])
        # It ends without an error after each answer, some without a last line break.
        command = self.candidate("c.py", """
            turn = read()["turn"]
            say(type="llm_response", payload={"content": f"{os.getpid()}"})
            sys.stdout.write('{"turn_end":true}' + "\\n" * (turn % 2))
        """)
        made = self.rerun("s", "--exec", command)
        self.assertEqual((9, 0), (made["asked"], made["failed"]))
        answers = {turn["rerun"]["text"] for turn in self.report()["results"][0]["details"]}
        self.assertEqual(9, len(answers))

    def test_what_a_candidate_leaves_behind_is_not_waited_for(self):
        self.make()
        command = self.candidate("c.py", """
            import subprocess
            read()
            say(type="llm_response", payload={"content": "one"})
            subprocess.Popen(["sleep", "1000"])
            os._exit(4)
        """)
        made = self.rerun("s", "--exec", command, status=1)
        self.assertEqual(2, made["failed"])
        self.assertEqual("turn 1: the candidate ended with exit status 4", made["sessions"][0]["error"])

    def test_half_a_line_is_no_answer(self):
        self.make()
        command = self.candidate("c.py", """
            read()
            sys.stdout.write('{"turn_end":tr')
        """)
        made = self.rerun("s", "--exec", command, status=1)
        self.assertEqual((2, 2), (made["asked"], made["failed"]))
        self.assertIn("exit status 0", made["sessions"][0]["error"])

    def test_a_command_that_is_none_leaves_no_session(self):
        self.make()
        outcome = self.run_it("rerun", "s", "--exec", "./there-is-no-such-command")
        self.assertEqual(3, outcome.status)
        self.assertIn("check what --exec names", outcome.err)
        self.assertEqual(["s"], [one["id"] for one in self.ok("sessions", "--json").json()["sessions"]])
        self.refused(3, "rerun", "--report", saying="there is no rerun here")

    def test_what_cannot_be_written_to_says_where_answers_may_go(self):
        words = ("rerun", "--all", "--exec", self.candidate("c.py", ECHO), "--store",
                 f"claude:{TOP}/sample-data/transcripts/claude")
        self.refused(2, *words, saying="--to STORE names another one for the answers")
        self.ok(*words, "--to", self.folder / "answers")

    def test_a_kill_loses_no_finished_turn_and_asks_none_again(self):
        self.make("s", *[said(str(number)) for number in range(8)])
        command = self.candidate("c.py", """
            for line in sys.stdin:
                turn = json.loads(line)
                with open("asked.txt", "a") as file:
                    file.write(f"{turn['turn']}\\n")
                if turn["turn"] == 5 and not os.path.exists("go"):
                    sys.stdin.read()  # For ever, as far as anybody can tell.
                say(type="llm_response", payload={"content": "x"})
                end()
        """)
        process = self.start("rerun", "s", "--exec", command)
        while self.asked()[-1:] != ["5"]:
            self.assertIsNone(process.poll())
        process.kill()
        process.wait()
        (self.folder / "go").touch()
        made = self.rerun("s", "--exec", command)
        self.assertEqual((4, 4), (made["asked"], made["already"]))
        self.assertEqual(["1", "2", "3", "4", "5", "5", "6", "7", "8"], self.asked())
        self.assertEqual(0, self.report("--fail-on", "unanswered > 0")["unanswered"])

    def test_sessions_side_by_side(self):
        for number in range(12):
            self.make(f"s{number}", *[said(f"{number} {turn}") for turn in range(3)])
        # Each waits for the other two: they have to run at a time.
        command = self.candidate("c.py", """
            open(f"up-{os.getpid()}", "w").close()
            while len([name for name in os.listdir() if name.startswith("up-")]) < 3:
                pass
            for line in sys.stdin:
                say(type="llm_response", payload={"content": "echo " + json.loads(line)["input"]})
                end()
        """)
        made = self.rerun("--all", "--exec", command, "--jobs", "3", "--rate", "1000/s")
        self.assertEqual((36, 0), (made["asked"], made["failed"]))
        for result in self.report()["results"]:
            self.assertEqual([f"echo {turn['input']}" for turn in result["details"]],
                             [turn["rerun"]["text"] for turn in result["details"]])

    def test_a_prompt_that_changed_is_told(self):
        self.make()
        command = self.candidate("c.py", ECHO)
        prompt = self.folder / "prompt.txt"
        prompt.write_text("a")
        self.ok("rerun", "s", "--exec", command, "--prompt", prompt)
        prompt.write_text("b")
        outcome = self.run_it("rerun", "s", "--exec", command, "--prompt", prompt)
        self.assertEqual(0, outcome.status)
        self.assertIn("the prompt is another one than before (sha256 3e23e816…, was ca978112…)", outcome.err)
        self.assertIn("2 turns asked", outcome.out)
        prompt.write_text("a")
        self.assertIn("0 turns asked", self.ok("rerun", "s", "--exec", command, "--prompt", prompt).out)

    def test_two_at_once_never_answer_a_turn_twice(self):
        self.make("s", *[said(str(number)) for number in range(6)])
        # Both are at the first turn before either answers it.
        command = self.candidate("c.py", """
            for line in sys.stdin:
                turn = json.loads(line)["turn"]
                open(f"at-{turn}-{os.getpid()}", "w").close()
                while turn == 1 and not os.path.exists("go"):
                    pass
                say(type="llm_response", payload={"content": "x"})
                end()
        """)
        both = []
        for number in (1, 2):
            both.append(self.start("rerun", "s", "--exec", command, "--json", stdout=subprocess.PIPE,
                                   stderr=subprocess.PIPE))
            while len(list(self.folder.glob("at-1-*"))) < number:
                self.assertIsNone(both[-1].poll())
        (self.folder / "go").touch()
        done = [(one.communicate(timeout=60), one.returncode) for one in both]
        self.assertEqual([0, 4], sorted(status for _, status in done), str(done))
        self.assertIn(b"another rerun", b"".join(err for (_, err), _ in done))
        rerun = self.report()["results"][0]["session_id"]
        turns = [one["metadata"]["rerun"]["turn"] for one in self.events(rerun) if "rerun" in one["metadata"]]
        self.assertEqual([1, 2, 3, 4, 5, 6], turns)


class Reporting(RerunCase):
    def fill(self):
        self.make()
        self.make("other", said("one"), answered("echo one"))
        self.command = self.candidate("c.py", ECHO)
        self.rerun("--all", "--exec", self.command, "--candidate", "a")

    def test_verdicts_decide(self):
        self.fill()
        found = self.report()
        self.assertEqual(("agentstore/rerun/1", 2), (found["schema"], found["sessions"]))
        self.assertEqual({"same": 2, "reworded": 0, "changed": 1, "tool_calls_changed": 0, "error": 0},
                         found["turns"])
        self.assertEqual("s", found["results"][0]["rerun_of"])  # the worst first
        self.assertEqual([["-", "something else"], ["+", "echo two"]],
                         found["results"][0]["details"][1]["words"])
        outcome = self.run_it("rerun", "--report", "--fail-on", "changed > 0")
        self.assertEqual(1, outcome.status)
        self.assertIn("changed = 1", outcome.err)
        self.assertEqual(0, self.run_it("rerun", "--report", "--fail-on", "tool_calls_changed > 0").status)
        self.assertEqual(1, self.run_it("rerun", "--report", "--assert", "same = turns").status)
        self.refused(2, "rerun", "--report", "--fail-on", "no_such > 0", saying="no_such")
        self.append("s", said("three"))
        self.assertEqual(7, self.run_it("rerun", "--report", "--fail-on", "error > 0").status)

    def test_a_gate_over_nothing_is_no_pass(self):
        self.make()
        gate = ("--fail-on", "changed > 99")
        self.assertEqual(3, self.run_it("rerun", "--report").status)
        self.assertEqual(7, self.run_it("rerun", "--report", *gate).status)
        self.assertEqual(0, self.run_it("rerun", "--report", *gate, "--allow-empty").status)
        self.rerun("s", "--exec", self.candidate("c.py", ECHO), "--candidate", "a")
        self.assertEqual(0, self.run_it("rerun", "--report", "candidate=a", *gate).status)
        self.assertEqual(7, self.run_it("rerun", "--report", "candidate=a", "candidate=b", *gate).status)
        self.assertEqual(7, self.run_it("rerun", "--report", "candidate=b", *gate).status)
        self.assertEqual(3, self.run_it("rerun", "--report", "candidate=b").status)
        # Without --report nothing would be compared.
        self.refused(2, "rerun", "s", "--exec", "false", *gate, saying="for --report")

    def test_which_reruns(self):
        self.fill()
        self.rerun("s", "--exec", self.command, "--candidate", "b")
        rerun = self.report("candidate=b")["results"][0]["session_id"]
        for words, sessions in ((["candidate=a"], 2), (["s"], 2), (["other"], 1), ([rerun], 1),
                                (["s", "other"], 3), ([], 3)):
            self.assertEqual(sessions, self.report(*words)["sessions"], words)
        self.refused(3, "rerun", "--report", "candidate=c", saying="no rerun of")
        groups = self.report("--by", "rerun_of")["groups"]
        self.assertEqual({"s": 2, "other": 1}, {one["by"]["rerun_of"]: one["sessions"] for one in groups})

    def test_a_source_that_is_another_now_is_no_baseline(self):
        self.sound = False
        self.fill()
        rerun = self.report("s")["results"][0]["session_id"]
        log = self.log_of("s")
        log.unlink()
        (self.store / "sessions/s.json").unlink()
        outcome = self.run_it("rerun", "--report", rerun)
        self.assertEqual(3, outcome.status, str(outcome))
        self.make("s", said("another"), answered("x"))
        found = self.report(rerun)
        self.assertEqual(1, found["turns"]["error"])
        self.assertIn("another message", found["results"][0]["details"][0]["rerun"]["error"])

    def test_a_rerun_of_another_version_is_told(self):
        self.make()
        self.create("newer", "--label", "rerun_of=s", "--label", "candidate=c")
        self.append("newer", {**said("one"), "metadata": {"rerun": {"version": 2, "turn": 1}}})
        outcome = self.run_it("rerun", "--report", "--fail-on", "error > 0")
        self.assertEqual(7, outcome.status, str(outcome))
        self.assertIn("another version", outcome.err)

    def test_pages_are_whole_and_nothing_in_them_runs(self):
        hostile = "::error::x\n##[warning]<script>&\"'\ufffe\u202e @someone `code`"
        self.make("s", said(hostile), answered(hostile), said("two"), answered("b"))
        command = self.candidate("c.py", f"""
            for line in sys.stdin:
                say(type="llm_response", payload={{"content": {hostile[::-1]!r}}})
                if json.loads(line)["turn"] == 2:
                    sys.exit(1)
                end()
        """)
        self.rerun("s", "--exec", command, "--candidate", hostile, status=1)
        for format in ("text", "markdown", "junit"):
            outcome = self.run_it("rerun", "--report", "--format", format)
            self.assertEqual(0, outcome.status, str(outcome))
            for line in outcome.out.splitlines():
                self.assertFalse(line.lstrip().startswith("::"), line)
            for text in ("\u202e", "##[", *(["<script>"] if format == "junit" else [])):
                self.assertNotIn(text, outcome.out)
            # A row of a table is a line, and a heading, too.
            for line in outcome.out.splitlines() if format == "markdown" else []:
                self.assertEqual(line.startswith("| "), line.endswith(" |"), line)
        tree = ElementTree.fromstring(outcome.out)
        self.assertEqual(("2", "1", "1"), tuple(tree.get(key) for key in ("tests", "failures", "errors")))
        self.assertEqual(2, len(tree.findall("testsuite/testcase")))

    def test_one_command_runs_and_reports(self):
        self.make()
        outcome = self.run_it("rerun", "s", "--exec", self.candidate("c.py", ECHO), "--report",
                              "--fail-on", "changed > 0", "--format", "junit", "-o", "report.xml")
        self.assertEqual(1, outcome.status, str(outcome))
        self.assertEqual("", outcome.out)
        ElementTree.parse(self.folder / "report.xml")


class Candidates(RerunCase):
    """Those of sample-data, which nothing but what they name is needed for."""

    def setUp(self):
        super().setUp()
        self.make("s", said("hi"), answered("hello"), said("and now?"), answered("good bye"))
        self.bin = self.folder / "bin"
        self.bin.mkdir()

    def fake(self, name, code):
        path = self.bin / name
        path.write_text(f"#!{sys.executable}\nimport json, sys\n" + textwrap.dedent(code))
        path.chmod(0o755)

    def texts(self, name, **env):
        outcome = self.run_it("rerun", "s", "--exec", f"exec {TOP}/sample-data/candidates/{name}",
                              "--prompt", TOP / "sample-data/candidates/prompt-a.txt", "--report",
                              "--json", env={"PATH": f"{self.bin}:{os.environ['PATH']}", **env})
        self.assertEqual(0, outcome.status, str(outcome))
        result, = outcome.json()["results"]
        return [turn["rerun"]["text"] for turn in result["details"]], result["rerun"]

    def test_the_stand_in_of_the_tour(self):
        self.assertEqual(["", ""], self.texts("stand-in")[0])

    @unittest.skipUnless(shutil.which("jq"), "jq is not there")
    def test_a_chat_endpoint(self):
        self.fake("curl", """
            assert "http://there/v1" in sys.argv and "Authorization: Bearer secret" in sys.argv
            asked = json.load(sys.stdin)
            print(json.dumps({"model": asked["model"], "usage": {"prompt_tokens": 7, "completion_tokens": 2},
                "choices": [{"message": {"content": " | ".join(
                    f"{one['role']}: {one['content'][:7]}" for one in asked["messages"])}}]}))
        """)
        texts, figures = self.texts("chat-endpoint", CHAT_URL="http://there/v1", CHAT_MODEL="m",
                                    CHAT_KEY="secret")
        self.assertEqual("system: You are | user: hi | assistant: hello | user: and now", texts[1])
        self.assertEqual((14, 4), (figures["tokens_in"], figures["tokens_out"]))

    @unittest.skipUnless(shutil.which("jq"), "jq is not there")
    def test_claude(self):
        self.fake("claude", """
            assert sys.argv[1:4] == ["-p", "--output-format", "json"], sys.argv
            assert sys.argv[4] == "--system-prompt" and sys.argv[5].startswith("You are")
            assert sys.argv[6:] == ["--tools", ""], sys.argv
            print(json.dumps({"result": sys.stdin.read().strip(), "duration_ms": 40, "total_cost_usd": 0.25,
                "usage": {"input_tokens": 1, "cache_read_input_tokens": 2, "output_tokens": 3}}))
        """)
        texts, figures = self.texts("claude")
        self.assertEqual("user: hi\n\nassistant: hello\n\nand now?", texts[1])
        self.assertEqual((6, 6, 0.5, 80), tuple(figures[key] for key in (
            "tokens_in", "tokens_out", "cost_total_usd", "latency_ms")))


class OnePath(RerunCase):
    """One path through time: at most four commands from two transcripts to a session to go on with."""

    def test_from_a_difference_to_another_way(self):
        path = TOP / "sample-data/path"
        monday, tuesday = path / "monday.jsonl", path / "tuesday.jsonl"
        found = self.run_it("diff", monday, tuesday, "--json")
        self.assertEqual((1, ""), (found.status, found.err))
        self.assertEqual({"a": 11, "b": 11}, found.json()["first_divergence"])
        blamed = self.ok("blame", monday, "/data/tool_result/content", "--json").json()
        self.assertIn("charged twice", json.dumps(blamed))
        what = self.run_it("whatif", monday, "--without", "19", "22", "--cascade", "--json",
                           "--fail-on", "tool_calls > 5")
        self.assertEqual(0, what.status, str(what))
        self.assertEqual({"actual": 24, "counterfactual": 20}, what.json()["events"])
        self.assertEqual(0, self.run_it("copy", f"{monday}@10", "--id", "again", "--store", "data").status)
        self.assertEqual(0, self.run_it("diff", f"{monday}@10", "again").status)
        # And a candidate may go on from there, too.
        self.assertEqual(1, self.rerun("again", "--exec", self.candidate("c.py", ECHO))["asked"])


if __name__ == "__main__":
    main()
