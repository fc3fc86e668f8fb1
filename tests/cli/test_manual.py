"""The manual page and the program name the same commands and flags."""

import re
from pathlib import Path

from support import Case, main

MANUAL = Path(__file__).resolve().parents[2] / "man/agentstore.1"


def sections():
    """The lines of each section and subsection."""
    found, lines = {}, []
    for line in MANUAL.read_text().splitlines():
        if heading := re.fullmatch(r"\.S[hs] (.*)", line):
            lines = found.setdefault(heading[1], [])
        lines.append(line)
    return found


def flags_in(lines):
    """Those that a list describes or a synopsis shows: mdoc writes `Fl -json` for --json."""
    found = set()
    for line in lines:
        if line.startswith((".It Fl", ".Op Fl", ".Fl", ".Ar")):
            found |= {"-" + flag for flag in re.findall(r"Fl (-?[A-Za-z][\w-]*)", line)}
            found |= {"-" + flag for flag in re.findall(r"\| (-[a-z][\w-]*)", line)}
    return found


class Manual(Case):
    def setUp(self):
        super().setUp()
        self.sections = sections()
        self.commands = re.findall(r"^  (?:[a-z]+)? +([a-z]+)  +[A-Z]", self.ok("--help").out, re.M)
        self.common = flags_in(self.sections["DESCRIPTION"]) | {"-h", "--data-dir"}
        self.common |= flags_in(self.sections["Paths and standard input"])

    def flags_of(self, command):
        found = set()
        for names in re.findall(r"^  (-\S+)", self.ok(command, "--help").out, re.M):
            found |= set(names.split(","))
        return found

    def test_every_command_has_its_section(self):
        described = {name for name in self.sections if name.islower()}
        self.assertEqual(set(self.commands), described)

    def test_every_flag_is_described(self):
        for command in self.commands:
            with self.subTest(command=command):
                lines = self.sections[command]
                described = flags_in(lines) | self.common
                if ".Op Ar filters" in lines:
                    described |= flags_in(self.sections["FILTERS"])
                self.assertEqual(set(), self.flags_of(command) - described)

    def test_every_flag_that_is_described_is_there(self):
        for command in self.commands:
            with self.subTest(command=command):
                own = flags_in(line for line in self.sections[command]
                               if line.startswith((".It Fl", ".Op Fl")))
                self.assertEqual(set(), own - self.flags_of(command))
        for flag in self.common - {"-h"}:
            self.assertTrue(any(flag in self.flags_of(command) for command in self.commands), flag)


if __name__ == "__main__":
    main()
