"""Candidates that do what they should not: each costs its turn, and no other."""

import subprocess
import textwrap
from pathlib import Path

from reruns.cases import ECHO, RerunCase, answered, said
from support import main


class BadCandidates(RerunCase):
    def fails(self, code, saying, *words):
        """A candidate that answers turn 2 well and turn 1 so: that turn has failed, and no other."""
        name = self.id().rsplit(".", 1)[1]
        self.make(name)
        command = self.candidate("c.py", f"""
            for line in sys.stdin:
                turn = json.loads(line)
                if turn["turn"] == 2:
                    say(type="llm_response", payload={{"content": "fine"}})
                    end()
                    continue
{textwrap.indent(textwrap.dedent(code), ' ' * 16)}
        """)
        made = self.rerun(name, "--exec", command, *words, status=1)
        self.assertEqual((2, 1), (made["asked"], made["failed"]), made)
        self.assertIn(saying, made["sessions"][0]["error"])
        found = self.report()["results"][0]["details"]
        self.assertEqual(["error", "changed"], [turn["verdict"] for turn in found])
        self.assertIn(saying, found[0]["rerun"]["error"])
        self.assertEqual(0, self.run_it("verify").status)

    def test_one_that_hangs(self):
        self.fails("time.sleep(1000)", "no answer in time", "--timeout", "1")

    def test_one_that_ends(self):
        self.fails("print('out of luck', file=sys.stderr); sys.exit(3)",
                   "ended with exit status 3: out of luck")

    def test_one_that_is_killed(self):
        self.fails("os.kill(os.getpid(), 9)", "ended by signal 9")

    def test_one_that_ends_without_an_end(self):
        self.fails("say(type='llm_response', payload={'content': 'half'}); sys.exit(0)",
                   "ended with exit status 0")

    def test_rubbish(self):
        self.fails("print('thinking…', flush=True)", "line 1 of the answer: not JSON")

    def test_json_that_is_no_draft(self):
        self.fails("say(answer=42)", "unknown key")

    def test_a_draft_that_cannot_be_stored(self):
        self.fails("say(type='no such type', payload={}); end()", "cannot be stored")

    def test_a_message_in_the_place_of_the_user(self):
        self.fails("say(type='user_message', payload={'content': 'me'})", "messages are the recorded ones")

    def test_a_result_of_its_own(self):
        self.fails("say(type='tool_result', payload={})", "tools are recorded")

    def test_an_event_of_the_store(self):
        self.fails("say(type='agentstore.redacted', payload={})", "the store's own")

    def test_another_turn(self):
        self.fails("end(turn=7)", "it ends turn 7, and was asked turn 1")

    def test_a_closed_output(self):
        self.fails("os.close(1); time.sleep(1000)", "closed its output")

    def test_a_gigabyte(self):
        self.fails("""
            block = "x" * (1 << 20)
            for _ in range(1024):
                sys.stdout.write(block)
            """, "longer than 16 MiB")

    def test_a_gigabyte_of_lines(self):
        self.fails("""
            line = json.dumps({"type": "custom", "payload": {"x": "y" * 100000}}) + "\\n"
            for _ in range(10000):
                sys.stdout.write(line)
            """, "longer than 16 MiB")

    def test_an_event_id_that_another_session_has(self):
        self.make("a")
        command = self.candidate("c.py", """
            for line in sys.stdin:
                say(type="llm_response", event_id="mine", payload={"content": "x"})
                end()
        """)
        made = self.rerun("a", "--to", "sqlite:there.db", "--exec", command, status=1)
        self.assertEqual((2, 1), (made["asked"], made["failed"]))
        self.assertIn("is not new", made["sessions"][0]["error"])
        self.make("b")
        made = self.rerun("b", "--to", "sqlite:there.db", "--exec", command, status=1)
        self.assertIn("cannot be stored", made["sessions"][0]["error"])

    def test_a_closed_input(self):
        self.make("s", said("x" * 300_000))
        command = self.candidate("c.py", "sys.stdin.close(); os.close(0); time.sleep(1000)")
        made = self.rerun("s", "--exec", command, status=1)
        self.assertIn("closed its input", made["sessions"][0]["error"])

    def test_an_answer_before_it_is_asked(self):
        self.make()
        command = self.candidate("c.py", """
            for line in sys.stdin:
                print(json.dumps({"turn_end": True}) + "\\n" + json.dumps({"turn_end": True}), flush=True)
        """)
        made = self.rerun("s", "--exec", command, status=1)
        self.assertIn("not asked for", made["sessions"][0]["error"])

    def test_one_that_cannot_be_run_stops_everything(self):
        self.make("a")
        self.make("b")
        outcome = self.run_it("rerun", "--all", "--exec", "no-such-candidate")
        self.assertEqual(3, outcome.status, str(outcome))
        self.assertIn("cannot run the candidate", outcome.err)

    def test_sessions_in_which_there_is_nothing_to_ask(self):
        self.make("quiet", answered("hello?"))
        outcome = self.run_it("rerun", "quiet", "--exec", "true")
        self.assertEqual(7, outcome.status, str(outcome))
        self.assertIn("no message of a user", outcome.err)
        self.make("s")
        self.append("s", said("secret"))
        self.assertEqual(0, self.run_it("redact", "s", "5", "--reason", "asked").status)
        outcome = self.run_it("rerun", "s", "--exec", self.candidate("c.py", ECHO))
        self.assertEqual(7, outcome.status, str(outcome))
        self.assertIn("redacted", outcome.err)
        self.assertIn("2 turns asked, 1 redacted", outcome.out)

    def test_a_session_that_is_damaged_is_not_asked(self):
        self.sound = False
        self.make()
        log = self.log_of("s").read_text()
        self.log_of("s").write_text(log.replace("echo one", "echo 1ne"))
        outcome = self.run_it("rerun", "s", "--exec", self.candidate("c.py", ECHO))
        self.assertEqual(1, outcome.status, str(outcome))
        self.assertEqual([], self.asked())

    def test_signals_end_the_candidates(self):
        self.make()
        command = self.candidate("c.py", """
            read()
            open("pid", "w").write(str(os.getpid()))
            while True:
                pass
        """)
        process = self.start("rerun", "s", "--exec", command, stderr=subprocess.DEVNULL)
        pid = self.folder / "pid"
        while not (pid.exists() and pid.read_text()):
            self.assertIsNone(process.poll())
        process.terminate()
        process.wait()
        # Whoever adopts it has to reap it; until then it is a zombie.
        while True:
            try:
                if Path(f"/proc/{pid.read_text()}/stat").read_text().split(") ")[1][0] == "Z":
                    break
            except FileNotFoundError:
                break


if __name__ == "__main__":
    main()
