"""Completion in bash: the script is asked as bash asks it."""

import re
import subprocess
from pathlib import Path

from support import BIN, Case, main

SCRIPT = Path(__file__).resolve().parents[2] / "cmd/completion/agentstore.bash"
ASK = 'source "$SCRIPT"; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _agentstore "$BIN"; ' \
      'printf "%s\\n" "${COMPREPLY[@]}"'
COMMON = {"--store", "--data-dir", "--json", "--tz", "--color", "--no-pager", "--verbose", "--help"}


class Completion(Case):
    def offered(self, *words, env=None):
        done = subprocess.run(["bash", "--norc", "-c", ASK, "bash", "agentstore", *words],
                              env={**self.environment(env), "SCRIPT": str(SCRIPT), "BIN": BIN},
                              cwd=self.folder, capture_output=True, text=True, timeout=60)
        self.assertEqual((0, ""), (done.returncode, done.stderr))
        return done.stdout.split()

    def commands(self):
        return re.findall(r"^  (?:[a-z]+)? +([a-z]+)  +[A-Z]", self.ok("--help").out, re.M)

    def test_every_command_is_offered(self):
        commands = self.commands()
        self.assertGreater(len(commands), 15)
        self.assertEqual(commands, self.offered(""))
        self.assertEqual(commands, self.offered("help", ""))
        self.assertEqual(["replay", "repair", "redact"], self.offered("--json", "re"))
        self.assertEqual(["replay"], self.offered("--store", "x", "repl"))
        self.assertLessEqual(COMMON, set(self.offered("--")))

    def test_every_flag_of_the_help_is_offered(self):
        for command in self.commands():
            with self.subTest(command=command):
                flags = set()
                for names in re.findall(r"^  (-\S+)", self.ok(command, "--help").out, re.M):
                    flags |= set(names.split(","))
                self.assertLessEqual(COMMON, flags)
                self.assertEqual(flags, set(self.offered(command, "-")))
                self.assertIn("--store", self.offered(command, "x", "--sto"))

    def test_what_is_offered_for_a_flag_is_what_it_takes(self):
        self.create("s")
        self.append("s", "error")
        for command, flag, session in (
                ("replay", "--format", "s"), ("export", "--format", "s"), ("replay", "--type", "s"),
                ("stats", "--not-type", "s"), ("replay", "--on-corrupt", "s"),
                ("replay", "--color", "s"), ("state", "--projection", "s"),
                ("balance", "--each", "s"), ("stats", "--by", "s"),
                ("append", "--durability", None), ("import", "--as", None)):
            words = self.offered(command, flag, "")
            self.assertGreater(len(words), 1, (command, flag))
            for word in words:
                with self.subTest(command=command, flag=flag, word=word):
                    if session: self.ok(command, session, flag, word)
                    else: self.assertIn(word, self.ok(command, "--help").out)
        self.assertEqual(9, len(self.offered("replay", "-t", "")))

    def test_a_value_may_stand_behind_an_equals_sign_or_a_comma(self):
        self.assertEqual(["json", "jsonl"], self.offered("replay", "--format", "=", "j"))
        self.assertEqual(["json", "jsonl", "timeline"], sorted(self.offered("replay", "--format", "=")))
        self.assertEqual(["--format=json", "--format=jsonl"], self.offered("replay", "--format=j"))
        self.assertEqual(["error,tool_called", "error,tool_result"],
                         self.offered("replay", "-t", "error,too"))

    def test_sessions_are_offered_by_id_and_by_name(self):
        for session, name in (("run-1", "flights"), ("run-2", "two words"), ("other", "")):
            self.create(session, "--name", name)
        for command in ("replay", "append", "balance", "verify", "export", "submit"):
            self.assertEqual(["run-1", "run-2"], self.offered(command, "r"))
        self.assertEqual(["flights"], self.offered("state", "f"))
        self.assertEqual(["other"], self.offered("diff", "run-1", "o"))
        self.assertEqual(["other"], self.offered("stats", "run-1", "run-2", "--by", "day", "o"))
        self.assertEqual([], self.offered("replay", "run-1", ""))
        self.assertEqual([], self.offered("create", ""))
        self.assertEqual(["PlaceBet"], self.offered("submit", "run-1", "P"))
        for words in (["--store", str(self.store)], ["--data-dir", "=", str(self.store)]):
            self.assertEqual(["other"], self.offered(*words, "replay", "o",
                                                     env={"AGENTSTORE_STORE": "/nowhere"}))
        self.assertEqual([], self.offered("replay", "", env={"AGENTSTORE_STORE": "/nowhere"}))

    def test_a_name_that_is_no_plain_word_is_not_offered(self):
        self.create("good")
        for bad in ("$(touch x)", "`touch x`", "a b", "-x", "x;y", "*"):
            (self.store / "sessions" / f"{bad}.json").write_text('{\n  "name": "$(touch x)",\n}')
        self.assertEqual(["good"], self.offered("replay", ""))
        self.assertEqual([], self.offered("replay", "$"))
        self.assertFalse((self.folder / "x").exists())

    def test_files_are_offered_where_they_are_taken(self):
        (self.folder / "some").mkdir()
        (self.folder / "some.txt").write_text("")
        both, folder = ["some", "some.txt"], ["some"]
        for words, expected in ((["export", "s", "-o"], both), (["import"], both),
                                (["replay", "s", "--output"], both), (["--data-dir"], folder),
                                (["replay", "--data-dir"], folder), (["balance", "--ledger"], both)):
            self.assertEqual(expected, sorted(self.offered(*words, "so")), words)
        self.assertEqual(["./some", "./some.txt"], sorted(self.offered("replay", "./so")))


if __name__ == "__main__":
    main()
