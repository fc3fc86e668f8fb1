"""What the tests of reruns share: candidates that are written for a test, and their answers."""

import sys
import textwrap

from support import Case

# What each candidate of the tests begins with.
HEAD = """
import json, os, sys, time
def say(**line):
    print(json.dumps(line), flush=True)
def end(**more):
    say(turn_end=True, **more)
def read():
    return json.loads(sys.stdin.readline())
"""
ECHO = """
for line in sys.stdin:
    turn = json.loads(line)
    say(type="llm_response", payload={"content": "echo " + turn["input"]})
    end()
"""


def said(text):
    return {"type": "user_message", "payload": {"content": text}}


def answered(text):
    return {"type": "llm_response", "payload": {"content": text}}


class RerunCase(Case):
    def candidate(self, name, code):
        """A candidate's command."""
        path = self.folder / name
        path.write_text(HEAD + textwrap.dedent(code))
        return f"exec {sys.executable} -I -S {path}"

    def make(self, session="s", *events):
        self.create(session)
        self.append(session, *(events or (said("one"), answered("echo one"), said("two"),
                                          answered("something else"))))

    def rerun(self, *words, status=0, **more):
        outcome = self.run_it("rerun", *words, "--json", **more)
        self.assertEqual(status, outcome.status, str(outcome))
        return outcome.json()

    def report(self, *words, status=0, **more):
        return self.rerun("--report", *words, status=status, **more)

    def asked(self):
        """The turns that a candidate wrote down that it was asked."""
        path = self.folder / "asked.txt"
        return path.read_text().split() if path.exists() else []
