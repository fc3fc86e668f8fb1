import json
import os
import pty
import subprocess
import time

from support import BIN, Case, main

COMMANDS = ["sessions", "replay", "state", "stats", "whatif", "blame", "diff", "verify", "import",
            "export", "create", "append"]


class CommandLine(Case):
    def test_alone_it_shows_help_on_stderr_with_the_next_thing_to_try(self):
        outcome = self.run_it()
        self.assertEqual((2, ""), (outcome.status, outcome.out))
        for command in COMMANDS:
            self.assertIn(command, outcome.err)
        self.assertIn("agentstore create", outcome.err)
        self.assertLessEqual(outcome.err.count("\n"), 24, "one screen")

    def test_help_goes_to_stdout_and_lists_only_what_exists(self):
        outcome = self.ok("--help")
        for later in ("hook", "record"):
            self.assertNotIn(later, outcome.out)

    def test_every_command_has_help_with_examples(self):
        for command in COMMANDS:
            for words in ([command, "--help"], ["help", command]):
                with self.subTest(words=words):
                    outcome = self.ok(*words)
                    self.assertIn("--store", outcome.out)
                    self.assertIn(f"  agentstore {command}", outcome.out)

    def test_version(self):
        self.assertRegex(self.ok("--version").out, r"^agentstore \d+\.\d+\.\d+\n$")

    def test_an_unknown_command_names_the_nearest(self):
        self.refused(2, "reply", saying="agentstore replay")
        self.refused(2, "sesions", saying="agentstore sessions")
        self.refused(2, "frobnicate", saying="--help")

    def test_an_unknown_flag_names_the_nearest(self):
        self.refused(2, "replay", "x", "--formt", "json", saying=["--formt", "--format"])
        self.refused(2, "sessions", "--jsn", saying="--json")
        self.refused(2, "sessions", "extra", saying="extra")

    def test_flags_of_one_command_are_no_flags_of_another(self):
        self.refused(2, "sessions", "--follow", saying="--follow")

    def test_common_flags_stand_before_or_after_the_command(self):
        other = self.folder / "other"
        for words in (["--store", other, "create"], ["create", "--store", other],
                      [f"--store={other}", "create"], ["--data-dir", other, "create"],
                      ["create", f"--data-dir={other}"]):
            self.ok(*words)
        self.assertEqual(5, len(self.ok("--json", "sessions", "--store", other).json()["sessions"]))
        self.assertEqual(5, len(self.ok("--store", other, "--json", "sessions").json()["sessions"]))

    def test_the_flag_wins_over_the_environment_which_wins_over_the_default(self):
        self.create("in-env")
        self.ok("create", "in-flag", "--store", self.folder / "flag")
        self.ok("create", "in-default", env={"AGENTSTORE_STORE": ""})
        self.assertTrue((self.folder / "agent-data/events").exists())
        self.assertEqual(["in-flag"], self.ids("--store", self.folder / "flag"))
        self.assertEqual(["in-env"], self.ids())
        self.assertEqual(["in-default"], self.ids(env={"AGENTSTORE_STORE": ""}))

    def ids(self, *words, **more):
        return [s["id"] for s in self.ok("sessions", "--json", *words, **more).json()["sessions"]]

    def test_a_value_may_be_empty_or_begin_with_a_dash(self):
        self.ok("create", "a", "--name=", "--json")
        self.assertEqual("", self.ok("sessions", "--json").json()["sessions"][0]["name"])
        self.append("a", "x")
        self.assertEqual(1, len(self.events("a", "-S", "-3h")))
        self.assertEqual(1, len(self.events("a", "--since", "-3h")))

    def test_a_flag_with_a_value_does_not_eat_what_follows(self):
        self.create("a", "--label", "k=v", "--label", "l=w")
        self.append("a", "x", "y", "z")
        outcome = self.ok("replay", "--type", "x", "--type", "y,z", "a", "--format", "jsonl")
        self.assertEqual(3, len(outcome.lines()))

    def test_errors_are_objects_too_where_json_is_asked_for(self):
        self.create()
        outcome = self.run_it("replay", "nobody", "--json")
        self.assertEqual((3, ""), (outcome.status, outcome.out))
        error = json.loads(outcome.err)["error"]
        self.assertEqual({"code", "kind", "message", "hint", "retryable"}, set(error))
        self.assertEqual((3, "not_found", False),
                         (error["code"], error["kind"], error["retryable"]))

    def test_every_flag_without_its_value_is_refused(self):
        for flag in ("--store", "--data-dir", "--tz", "--color", "--format"):
            self.refused(2, flag, saying=[flag, "value"])
        for command in COMMANDS + ["balance", "bisect", "submit", "repair", "redact", "checkpoint"]:
            valued = set()
            for line in self.ok(command, "--help").lines():
                names, _, rest = line.strip().partition(" ")
                if names.startswith("-") and rest[:1].isalpha() and rest.split()[0].isupper():
                    valued.update(names.split(","))
            self.assertIn("--store", valued)
            for flag in valued - {"--prices", "--fields"}:
                with self.subTest(command=command, flag=flag):
                    outcome = self.run_it(command, "x", flag)
                    self.assertEqual(2, outcome.status, str(outcome))
                    self.assertIn("needs a value", outcome.err)

    def test_two_dashes_end_the_flags(self):
        self.create("a")
        self.append("a", "custom")
        for words in (["--", "stats", "a"], ["stats", "--", "a"], ["stats", "--json", "--", "a"],
                      ["--json", "--", "stats", "a"], ["replay", "--", "a"], ["verify", "--", "a"]):
            self.ok(*words)
        self.assertEqual(3, self.run_it("stats", "--", "--json").status)
        self.assertEqual(2, self.run_it("sessions", "--", "--json").status)
        self.ok("append", "a", "--", "-", stdin='{"type":"custom"}\n')

    def test_a_flag_before_no_command_names_the_nearest(self):
        self.refused(2, "--sotre", "x", "sessions", saying=['"--sotre"', "--store"])
        self.refused(2, "--jsn", saying="--json")
        self.refused(2, "-x", saying='"-x"')

    def test_with_json_all_that_is_said_is_an_object_a_line(self):
        self.create("a")
        self.append("a", "custom")
        (self.folder / "t.jsonl").write_text("{}\n")
        for words in ([], ["nosuch"], ["--sotre", "x"], ["--store"], ["stats", "--typ", "x"],
                      ["stats", "--type"], ["stats", "nosuch"], ["stats", "a", "a"],
                      ["stats", "a", "--type", "customm"], ["stats", "a", "--assert", "events = 9"],
                      ["stats", "--assert", "x =", "a"], ["replay", "./t.jsonl"], ["state", "-"],
                      ["append", "a", "-"], ["create", "a"], ["--tz", "No/Where", "stats"]):
            with self.subTest(words=words):
                outcome = self.run_it("--json", *words, stdin="no JSON\n")
                lines = outcome.err.splitlines()
                self.assertTrue(lines, str(outcome))
                for line in lines:
                    (kind, said), = json.loads(line).items()
                    self.assertIn(kind, ("error", "warning", "note"))
                    if kind == "error":
                        self.assertEqual(["code", "kind", "message", "hint", "retryable"], list(said))
                        self.assertEqual(outcome.status, said["code"])
                    else:
                        self.assertEqual(["message"], list(said))

    def test_standard_input_is_called_by_its_dash(self):
        for words in (["replay", "-"], ["stats", "-"], ["state", "-"], ["verify", "-"]):
            with self.subTest(words=words):
                outcome = self.run_it(*words, stdin='{"session_id":"s","sequence_number":1,"x\n')
                self.assertNotIn("/stdin", outcome.err)
                self.assertNotIn("/tmp", outcome.err)

    def test_what_a_user_typed_is_escaped_and_cut_in_messages(self):
        self.create()
        outcome = self.refused(3, "replay", "\x1b[31m" + "x" * 5000, saying="\\u{1b}[31m")
        self.assertNotIn("\x1b", outcome.err)
        self.assertLess(len(outcome.err), 2000)

    def test_colour_is_for_terminals_or_for_who_asks(self):
        self.create("a")
        self.append("a", "error")
        self.assertNotIn("\x1b", self.ok("replay", "a").out)
        self.assertIn("\x1b", self.ok("replay", "a", "--color", "always").out)
        self.assertIn("\x1b", self.ok("replay", "a", env={"FORCE_COLOR": "1"}).out)
        both = {"FORCE_COLOR": "1", "NO_COLOR": "1"}
        self.assertNotIn("\x1b", self.ok("replay", "a", env=both).out)
        self.refused(2, "replay", "a", "--color", "sometimes", saying="sometimes")

    def on_terminal(self, *words, env=None):
        ours, theirs = pty.openpty()
        process = subprocess.Popen([BIN, *words], stdin=theirs, stdout=theirs, stderr=theirs,
                                   env=self.environment({"TERM": "xterm", **(env or {})}))
        os.close(theirs)
        text = b""
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline:
            try:
                part = os.read(ours, 65536)
            except OSError:
                break
            if not part:
                break
            text += part
        os.close(ours)
        return process.wait(20), text.decode(errors="replace")

    def test_a_pager_that_is_not_installed_is_done_without(self):
        self.create("a")
        self.append("a", "user_message")
        empty = self.folder / "no-programs"
        empty.mkdir()
        for given in ({"PATH": str(empty)}, {"AGENTSTORE_PAGER": "no-such-pager -x"},
                      {"PAGER": "/no/such/pager"}):
            with self.subTest(given=given):
                status, text = self.on_terminal("replay", "a", env=given)
                self.assertEqual(0, status)
                self.assertIn("Total: 1 event", text)
                self.assertNotIn("not found", text)

    def test_a_terminal_gets_the_pager_that_was_chosen(self):
        self.create("a")
        self.append("a", "x")
        status, text = self.on_terminal("replay", "a", env={"AGENTSTORE_PAGER": "sed s/^/paged:/"})
        self.assertEqual(0, status)
        self.assertIn("paged:", text)
        # Without a locale less would show the bytes of UTF-8 in hex.
        for given, shown in (({}, "utf-8"), ({"LESSCHARSET": "latin1"}, "latin1")):
            _, text = self.on_terminal("replay", "a", env={
                "AGENTSTORE_PAGER": "cat >/dev/null; echo charset=$LESSCHARSET", **given})
            self.assertIn("charset=" + shown, text)
        status, text = self.on_terminal("replay", "a", "--no-pager",
                                        env={"AGENTSTORE_PAGER": "sed s/^/paged:/"})
        self.assertEqual(0, status)
        self.assertNotIn("paged:", text)
        status, text = self.on_terminal("replay", "a", env={"AGENTSTORE_PAGER": "true"})
        self.assertEqual(0, status, text)


if __name__ == "__main__":
    main()
