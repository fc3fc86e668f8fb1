"""Every command of the README, in order, as somebody new runs them: an empty home but for the
transcripts of other tools, one shell."""

import gzip
import re
import shutil
import subprocess
import tempfile
import unittest
from pathlib import Path

from support import BIN, Case, main

TOP = Path(__file__).resolve().parents[2]
README = (TOP / "README.md").read_text()

# Words in capitals are the reader's to fill in.
PLACEHOLDERS = {"TRANSCRIPT.jsonl": "transcript.jsonl", "OLD.jsonl.gz": "old.jsonl.gz",
                "RUN.jsonl": "transcript.jsonl"}
# Begin so, and are not run: they change the machine, build, or wait for a key.
NOT_RUN = ("sudo cmake --install", "cpack ", "./bootstrap dist", "sample replay flight-search --step")
# Begin so, and end with another status than 0, as the README says.
STATUS = {
    "agentstore submit hello WithdrawFunds": 4,  # refused
    "agentstore replay hello --quiet --type error": 1,  # there is none
    "sample diff flight-search@10 flight-search": 1,  # they differ
}


def commands():
    """The commands of all shell blocks; one that a here-document belongs to has several lines."""
    for block in re.findall(r"^```sh\n(.*?)^```$", README, re.MULTILINE | re.DOTALL):
        lines = []
        for line in block.splitlines():
            lines.append(line)
            text = "\n".join(lines)
            # A here-document without its end is a warning to bash, and no error.
            done = subprocess.run(["bash", "-n", "-c", text], capture_output=True)
            if done.returncode == 0 and not done.stderr:
                if text.strip():
                    yield text
                lines = []
        if lines:
            raise AssertionError(f"the README has half a command: {lines}")


def stated(table, command):
    return next((each for each in table if command.startswith(each)), None)


class Readme(Case):
    def prepare_home(self):
        home, samples = self.folder / "home", TOP / "sample-data"
        for tool, into in (("claude", ".claude/projects"), ("codex", ".codex/sessions")):
            shutil.copytree(samples / "transcripts" / tool, home / into)
        shutil.copytree(samples, self.folder / "sample-data")
        transcript = next((home / ".claude/projects").rglob("*.jsonl")).read_bytes()
        (self.folder / "transcript.jsonl").write_bytes(transcript)
        (self.folder / "old.jsonl.gz").write_bytes(gzip.compress(transcript))
        (self.folder / "agentstore").symlink_to(Path(BIN).resolve())
        env = self.environment({"HOME": str(home), "PATH": f"{self.folder}:/usr/bin:/bin"})
        for name in ("AGENTSTORE_STORE", "XDG_STATE_HOME", "XDG_CACHE_HOME", "CODEX_HOME",
                     "CLAUDE_CONFIG_DIR", "LANG", "LC_ALL", "LC_CTYPE"):
            env.pop(name, None)
        return env

    def script(self, to_run):
        """Says after each command what its status was, on a descriptor of its own."""
        parts = ["shopt -s expand_aliases"]
        for command in to_run:
            for word, path in PLACEHOLDERS.items():
                command = command.replace(word, path)
            parts.append(f"{command}\necho $? >&3")
        return "\n".join(parts)

    def test_every_command_does_what_it_says(self):
        to_run = [each for each in commands() if not stated(NOT_RUN, each)]
        self.assertGreater(len(to_run), 30)
        for table in (NOT_RUN, STATUS):
            for each in table:
                self.assertTrue(any(command.startswith(each) for command in commands()),
                                f"the README does not say {each!r} any more")
        with tempfile.TemporaryFile() as statuses:
            done = subprocess.run(["bash", "-c", f"exec 3>&{statuses.fileno()}\n{self.script(to_run)}"],
                                  env=self.prepare_home(), cwd=self.folder, timeout=120,
                                  pass_fds=[statuses.fileno()], capture_output=True, text=True,
                                  stdin=subprocess.DEVNULL)
            statuses.seek(0)
            got = [int(line) for line in statuses.read().split()]
        self.assertEqual(len(to_run), len(got), done.stderr)
        for command, status in zip(to_run, got):
            with self.subTest(command=command):
                self.assertEqual(STATUS.get(stated(STATUS, command), 0), status, done.stderr)

    def test_placeholders_are_there(self):
        for word in PLACEHOLDERS:
            self.assertIn(word, README)


if __name__ == "__main__":
    main()
