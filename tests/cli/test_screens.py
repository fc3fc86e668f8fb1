"""The screens in README.md and sample-data/README.md: every command of a ```console block, run on a
terminal of 80 columns from the top of the project, shows what the document says.
AGENTSTORE_UPDATE_GOLDEN=1 writes into the documents what the commands show now."""

import fcntl
import os
import pty
import re
import select
import shutil
import signal
import struct
import subprocess
import termios
import time
import unittest
from pathlib import Path

from support import BIN, Case, main

TOP = Path(__file__).resolve().parents[2]
UPDATE = os.environ.get("AGENTSTORE_UPDATE_GOLDEN")
BLOCK = re.compile(r"^```console\n(.*?)^```$", re.MULTILINE | re.DOTALL)
COMMAND_COLUMNS_MAX = 60  # of the answer to a question

# What people ask, by the tour's own headings, and a word of each that a help has to know.
QUESTIONS = {
    "What did I spend this week?": "--since",
    "What did I spend per day?": "day",
    "What did I spend per model?": "model",
    "What did I spend per project?": "project",
    "Which session cost most?": "cost",
    "What did it do in the last hour?": "--since",
    "Which tool fails most, and which is slow?": "tool",
    "Which commands ran?": "command",
    "Who edited a file?": "--grep",
    "What changed between two runs?": "--stat",
    "What was said?": "--chat",
    "Where does a word occur, in all sessions?": "--grep",
    "What was in context at a step?": "--context",
    "What is it doing now?": "--follow",
}


def steps_of(block):
    """Pairs of a command and what follows it."""
    found = []
    for line in block.splitlines():
        if line.startswith("$ "):
            found.append((line[2:], []))
        else:
            found[-1][1].append(line)
    return found


def waits(command):
    """Whether a command ends by Control-C alone."""
    return re.search(r"\s(-f|--follow)\b", command) is not None


def on_terminal(script, env, cwd, enough=None):
    """What a terminal of 80 columns gets to see. Where `enough` is given, Control-C is typed once so many
    lines are there and nothing more has come for a second."""
    terminal, inside = pty.openpty()
    fcntl.ioctl(inside, termios.TIOCSWINSZ, struct.pack("HHHH", 50, 80, 0, 0))

    def own_terminal():
        os.setsid()
        fcntl.ioctl(0, termios.TIOCSCTTY, 0)

    process = subprocess.Popen(["bash", "-c", script], stdin=inside, stdout=inside, stderr=inside,
                               env=env, cwd=cwd, preexec_fn=own_terminal)
    os.close(inside)
    got, deadline, stopped, ended = b"", time.monotonic() + 60, enough is None, False
    while time.monotonic() < deadline:
        ready, _, _ = select.select([terminal], [], [], 0 if ended else 0.2 if stopped else 1)
        if not stopped and not ready and got.count(b"\n") >= enough:
            process.send_signal(signal.SIGINT)
            stopped = True
        if ready:
            try:
                got += os.read(terminal, 65536)
            except OSError:  # The other side is closed.
                break
        elif ended:
            break
        else:
            ended = process.poll() is not None  # What it wrote last is read before this ends.
    process.kill()
    process.wait()
    os.close(terminal)
    # Other programs have colours of their own.
    return re.sub(r"\x1b\[[0-9;]*m|\^C", "", got.decode().replace("\r\n", "\n"))


class Screens(Case):
    def prepare(self):
        shutil.copytree(TOP / "sample-data", self.folder / "sample-data",
                        ignore=shutil.ignore_patterns("locks", "snapshots", "cache"))
        binaries = self.folder / "bin"
        binaries.mkdir()
        (binaries / "agentstore").symlink_to(Path(BIN).resolve())
        env = self.environment({"PATH": f"{binaries}:/usr/bin:/bin", "TERM": "xterm-256color",
                                "LANG": "C.UTF-8", "TZ": "UTC", "NO_COLOR": "1", "PAGER": "cat"})
        for name in ("AGENTSTORE_STORE", "CODEX_HOME", "CLAUDE_CONFIG_DIR", "LC_ALL"):
            env.pop(name, None)
        return env

    def shown(self, block, env, exports):
        """The block as it should read."""
        lines = []
        for command, expected in steps_of(block):
            lines.append(f"$ {command}")
            if command.startswith("export "):
                exports.append(command)
                continue
            script = "\n".join([*exports, ("exec " if waits(command) else "") + command])
            # The frame's end and the totals come after Control-C.
            enough = None if not waits(command) else 1 if UPDATE else max(1, len(expected) - 2)
            got = on_terminal(script, env, self.folder, enough)
            lines += [line.rstrip() for line in got.rstrip("\n").split("\n")] if got.strip() else []
        return "\n".join(lines) + "\n"

    def check_document(self, path):
        env, exports = self.prepare(), []
        text = (TOP / path).read_text()
        self.assertRegex(text, BLOCK)
        renewed = BLOCK.sub(lambda match: f"```console\n{self.shown(match[1], env, exports)}```", text)
        if UPDATE:
            (TOP / path).write_text(renewed)
        else:
            self.assertEqual(text, renewed)

    def test_the_readme_shows_what_its_commands_show(self):
        self.check_document("README.md")

    def test_the_tour_shows_what_its_commands_show(self):
        self.check_document("sample-data/README.md")

    def test_the_readme_has_seven_commands_on_its_first_screen(self):
        first = BLOCK.search((TOP / "README.md").read_text())
        commands = [command for command, _ in steps_of(first[1])
                    if not command.startswith("export ")]
        self.assertEqual(7, len(commands))


class Questions(Case):
    """Each question of QUESTIONS has one short command in the tour, whose words stand in the help."""

    def answers(self):
        """Pairs of a question and its command."""
        text = (TOP / "sample-data/README.md").read_text()
        pairs = []
        for question in QUESTIONS:
            found = re.search(rf"^\*\*{re.escape(question)}\*\*.*?```console\n\$ (.*?)\n", text,
                              re.MULTILINE | re.DOTALL)
            self.assertIsNotNone(found, question)
            pairs.append((question, found[1]))
        return pairs

    def help_of(self, command):
        name = command.split()[1]
        all_help = self.ok("--help").out
        self.assertRegex(all_help, rf"\b{name}\b")
        return self.ok(name, "--help").out

    def test_each_question_is_one_short_command(self):
        for _, command in self.answers():
            self.assertTrue(command.startswith("agentstore "))
            self.assertNotRegex(command, r"[|;&]")
            self.assertLessEqual(len(command), COMMAND_COLUMNS_MAX, command)

    def test_its_words_stand_in_the_help(self):
        for question, command in self.answers():
            with self.subTest(question=question, command=command):
                words = command.split()
                due = {QUESTIONS[question], *(word for word in words if word.startswith("-"))}
                due |= {value.split(":")[0] for word, value in zip(words, words[1:]) if word in ("--by", "--sort")}
                said = self.help_of(command)
                for word in due:
                    self.assertRegex(said, rf"(?<![\w-]){re.escape(word)}(?![\w-])")


if __name__ == "__main__":
    main()
