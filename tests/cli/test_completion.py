"""Completion: what is offered, and the scripts of the shells, each asked as the shell asks it."""

import re
import shutil
import subprocess
import unittest
from pathlib import Path

from support import BIN, Case, main

ROOT = Path(__file__).resolve().parents[2]
SCRIPTS = ROOT / "cmd/completion"
COMMON = {"--store", "--data-dir", "--json", "--tz", "--color", "--no-pager", "--verbose", "--help"}

BASH = 'source "$SCRIPTS/agentstore.bash"; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); ' \
       '_agentstore "$BIN"; printf "%s\\n" "${COMPREPLY[@]}"'
ZSH = 'compadd() { shift; print -rl -- "$@" }; _files() { print -r -- "files $*" }; ' \
      'words=("$BIN" "${@:2}"); CURRENT=$#; source "$SCRIPTS/_agentstore"'
FISH = 'set -p PATH (dirname $BIN); source $SCRIPTS/agentstore.fish; complete -C (string join -- " " $argv)'


class Completion(Case):
    def ask(self, shell, *words, env=None):
        done = subprocess.run([*shell, *words], cwd=self.folder, capture_output=True, text=True,
                              env={**self.environment(env), "SCRIPTS": str(SCRIPTS), "BIN": BIN,
                                   "XDG_CONFIG_HOME": str(self.home)}, timeout=60)
        self.assertEqual((0, ""), (done.returncode, done.stderr))
        return done.stdout.split()

    def offered(self, *words, env=None):
        return self.ask(["bash", "--norc", "-c", BASH, "bash", "agentstore"], *words, env=env)

    def commands(self):
        return re.findall(r"^  (?:[a-z]+)? +([a-z]+)  +[A-Z]", self.ok("--help").out, re.M)

    def test_every_command_is_offered(self):
        commands = self.commands()
        self.assertGreater(len(commands), 15)
        self.assertEqual(sorted(commands), sorted(self.offered("")))
        self.assertEqual(sorted(commands), sorted(self.offered("help", "")))
        self.assertEqual(["replay", "repair", "redact", "restore", "rerun"], self.offered("--json", "re"))
        self.assertEqual(["replay"], self.offered("--store", "x", "repl"))
        self.assertLessEqual(COMMON, set(self.offered("--")))

    def test_every_flag_of_the_help_is_offered(self):
        for command in self.commands():
            with self.subTest(command=command):
                flags = set()
                for names in re.findall(r"^  (-\S+)", self.ok(command, "--help").out, re.M):
                    flags |= set(names.split(","))
                flags -= {"-"}
                self.assertLessEqual(COMMON, flags)
                self.assertEqual(flags, set(self.offered(command, "-")))
                self.assertIn("--store", self.offered(command, "x", "--sto"))

    def test_what_is_offered_for_a_flag_is_what_it_takes(self):
        self.create("s")
        self.append("s", "error")
        for command, flag in (("replay", "--format"), ("replay", "--type"), ("stats", "--not-type"),
                              ("replay", "--on-corrupt"), ("replay", "--color"),
                              ("state", "--projection"), ("balance", "--each"), ("stats", "--by"),
                              ("replay", "--since"), ("replay", "--tz")):
            words = self.offered(command, flag, "")
            self.assertGreater(len(words), 1, (command, flag))
            for word in words:
                with self.subTest(command=command, flag=flag, word=word):
                    self.assertEqual(0, self.run_it(command, "s", flag, word).status)
        for command, flag in (("append", "--durability"), ("import", "--as")):
            self.assertGreater(len(self.offered(command, flag, "")), 1)
        self.assertEqual(["error"], self.offered("replay", "-t", "erro")[:1])

    def test_a_value_may_stand_behind_an_equals_sign_or_a_comma(self):
        self.assertEqual(["json", "jsonl"], self.offered("replay", "--format", "=", "j"))
        self.assertEqual(["json", "jsonl", "timeline"],
                         sorted(self.offered("replay", "--format", "="))[:3])
        self.assertEqual(["--format=json", "--format=jsonl"], self.offered("replay", "--format=j"))
        self.assertLessEqual({"error,tool_called", "error,tool_result"},
                             set(self.offered("replay", "-t", "error,too")))

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
        self.assertEqual(["@"], self.offered("replay", "", env={"AGENTSTORE_STORE": "/nowhere"}))

    def test_types_tools_and_labels_of_the_store_are_offered(self):
        self.create("s", "--label", "env=prod", "--label", "project=shop")
        self.append("s", "my_own_type", {"type": "tool_called", "payload": {"tool": "web_search"}})
        self.assertEqual(["my_own_type"], self.offered("replay", "-t", "my"))
        self.assertEqual(["web_search"], self.offered("replay", "--tool", "w"))
        self.assertEqual(["env=prod"], self.offered("sessions", "--label", "en"))
        self.assertEqual(["shop"], self.offered("stats", "--project", ""))

    def test_sessions_of_transcripts_are_offered(self):
        claude = ROOT / "sample-data/transcripts/claude"
        listed = self.ok("sessions", "--json", "--store", f"claude:{claude}").json()["sessions"]
        one = listed[0]["id"]
        self.assertEqual([one], self.offered("replay", "--store", "claude", ":", str(claude), one[:-1]))
        self.assertIn("Bash", self.offered("replay", "--store", f"claude:{claude}", "--tool", ""))

    def test_a_name_that_is_no_plain_word_is_not_offered(self):
        self.create("good")
        for bad in ("$(touch x)", "`touch x`", "a b", "-x", "x;y", "*"):
            (self.store / "sessions" / f"{bad}.json").write_text('{\n  "name": "$(touch x)",\n}')
        self.assertEqual(["good"], self.offered("replay", "g"))
        self.assertEqual(["@", "good"], self.offered("replay", ""))
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

    def in_another_shell(self, shell):
        self.create("run-1")
        self.append("run-1", "my_own_type")
        self.assertEqual({"replay", "repair", "redact", "restore", "rerun"}, set(self.ask(shell, "re")))
        self.assertIn("--store", self.ask(shell, "replay", "--sto"))
        self.assertEqual(["run-1"], self.ask(shell, "replay", "ru"))
        self.assertEqual(["my_own_type"], self.ask(shell, "replay", "-t", "my"))
        self.assertEqual({"--format=json", "--format=jsonl"},
                         set(self.ask(shell, "replay", "--format=j")))

    @unittest.skipUnless(shutil.which("zsh"), "zsh is not installed")
    def test_in_zsh(self):
        shell = ["zsh", "-f", "-c", ZSH, "zsh", "agentstore"]
        self.in_another_shell(shell)
        self.assertEqual(["files"], self.ask(shell, "import", ""))

    @unittest.skipUnless(shutil.which("fish"), "fish is not installed")
    def test_in_fish(self):
        (self.folder / "some.txt").write_text("")
        shell = ["fish", "--no-config", "-c", FISH, "agentstore"]
        self.in_another_shell(shell)
        self.assertEqual(["some.txt"], self.ask(shell, "import", "so"))


if __name__ == "__main__":
    main()
