"""Help: what fits on a screen, examples that work, and what `agentstore` alone says."""

import re
import shutil
import subprocess
from pathlib import Path

from support import BIN, Case, main

ROOT = Path(__file__).resolve().parents[2]
SAMPLE = ROOT / "sample-data"
# They need what is not in the sample data, or do not end by themselves.
NOT_RUN = ("--follow", "--step", "~/", "--store claude:", "--store codex:", "--context", "openssl",
           "transcript.jsonl", "./candidate", "rerun --report", "/mnt/", "keep --install")


class Help(Case):
    def commands(self):
        return re.findall(r"^  (?:[a-z]+)? +([a-z]+)  +[A-Z]", self.ok("--help").out, re.M)

    def test_all_commands_fit_on_one_screen(self):
        lines = self.ok("--help").lines()
        self.assertLessEqual(len(lines), 32)  # thirty commands, a line each
        self.assertEqual([], [line for line in lines if len(line) > 80])
        self.assertLessEqual(len(self.commands()), 30)

    def test_the_help_of_each_command_fits_80_columns(self):
        for command in self.commands():
            with self.subTest(command=command):
                lines = self.ok(command, "--help").lines()
                self.assertEqual([], [line for line in lines if len(line) > 80])

    def examples(self, command):
        text = self.ok(command, "--help").out
        self.assertIn("Examples:\n", text, command)
        return [line.strip() for line in text.split("Examples:\n")[1].splitlines() if line.strip()]

    def test_each_command_has_examples_that_work(self):
        for command in self.commands():
            examples = self.examples(command)
            self.assertGreaterEqual(len(examples), 2, command)
            for example in examples:
                tool = re.search(r"\b(jq)\b", example)
                if any(word in example for word in NOT_RUN) or (tool and not shutil.which("jq")):
                    continue
                with self.subTest(example=example):
                    self.check_runs(example)

    def check_runs(self, example):
        store = self.folder / "sample-data"
        shutil.rmtree(store, True)
        shutil.copytree(SAMPLE, store)
        shutil.copytree(SAMPLE / "transcripts/claude", self.home / ".claude/projects", dirs_exist_ok=True)
        if any(name in example for name in ("audit.pem", "a.note", "agent-001.note", "restore 1284")):
            return
        path = f"{Path(BIN).parent}:{self.environment()['PATH']}"
        done = subprocess.run(["bash", "-c", "set -o pipefail; " + example], capture_output=True,
                              text=True, cwd=self.folder, timeout=60,
                              env=self.environment({"AGENTSTORE_STORE": str(store), "PATH": path}))
        # 1 and 4: what was found, such as a difference, or a command that was refused.
        self.assertIn(done.returncode, (0, 1, 4), done.stderr)

    def test_alone_where_there_is_something(self):
        shutil.copytree(SAMPLE, self.store)
        outcome = self.ok()
        self.assertRegex(outcome.out, r"\d+ sessions, \d+ events, ~?\$\d")
        self.assertIn("newest: ", outcome.out)
        self.assertIn("agentstore replay @", outcome.out)
        self.assertEqual(outcome.out.splitlines()[1:],
                         self.ok("--store", self.store, env={"AGENTSTORE_STORE": "/no"}).lines()[1:])

    def test_alone_where_there_is_nothing(self):
        outcome = self.run_it()
        self.assertEqual((2, ""), (outcome.status, outcome.out))
        self.assertIn("agentstore create", outcome.err)
        self.create("s")
        self.ok()
        self.refused(3, "--store", "/nowhere", saying="no store")


if __name__ == "__main__":
    main()
