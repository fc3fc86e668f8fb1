"""A store seen from outside: the binary, and the log's bytes read without it."""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "cli"))
from support import BIN, FOREIGN, Outcome  # noqa: E402


class Violation(Exception):
    """The program broke a promise."""


class NotHere(Exception):
    """This machine cannot run the campaign."""


def check(holds, what):
    if not holds:
        raise Violation(what)


def draft(event_id, kind="user_message", payload=None):
    return {"type": kind, "payload": payload or {"n": 1}, "event_id": event_id}


def to_lines(drafts):
    return "".join(json.dumps(each) + "\n" for each in drafts).encode()


def acknowledged(text):
    """Event ids of whole acknowledgement lines, in their order; the last line may be cut off."""
    whole = text[:text.rfind(b"\n") + 1]
    return [json.loads(line)["event_id"] for line in whole.splitlines()]


class Store:
    def __init__(self, parent=None):
        self.folder = Path(tempfile.mkdtemp(prefix="blackbox.", dir=parent))
        self.data = self.folder / "data"

    def __enter__(self):
        return self

    def __exit__(self, kind, *_):
        if kind is None:
            shutil.rmtree(self.folder, True)
        else:
            print(f"left as it was: {self.folder}", flush=True)

    def environment(self):
        env = {key: value for key, value in os.environ.items() if key not in FOREIGN}
        return env | {"AGENTSTORE_STORE": str(self.data)}

    def run(self, *words, stdin=b"", before=(), timeout=120, **more):
        done = subprocess.run([*map(str, before), BIN, *map(str, words)], input=stdin,
                              capture_output=True, env=self.environment(), timeout=timeout,
                              cwd=self.folder, **more)
        return Outcome(words, done)

    def ok(self, *words, **more):
        outcome = self.run(*words, **more)
        check(outcome.status == 0, f"expected status 0:\n{outcome}")
        return outcome

    def start(self, *words, **more):
        return subprocess.Popen([BIN, *map(str, words)], env=self.environment(), cwd=self.folder,
                                **more)

    def append(self, session, drafts, *words, **more):
        return self.ok("append", session, "-", *words, stdin=to_lines(drafts), **more)

    def log(self, session):
        return self.data / "events" / f"{session}.jsonl"

    def raw_ids(self, session):
        """Event ids in the log's bytes, lines that are no JSON left out."""
        ids = []
        log = self.log(session)
        for line in log.read_bytes().split(b"\n") if log.exists() else ():
            try:
                ids.append(json.loads(line)["event_id"])
            except ValueError:
                pass
        return ids

    def ids(self, session):
        """Ids of the callers' events, as a fresh process reads them."""
        lines = self.ok("replay", session, "--format", "jsonl").bytes.splitlines()
        events = [json.loads(line) for line in lines]
        numbers = [event["sequence_number"] for event in events]
        check(numbers == list(range(1, len(events) + 1)), f"numbers with a hole: {numbers}")
        return [event["event_id"] for event in events if not event["type"].startswith("agentstore.")]

    def verdict(self, session):
        outcome = self.run("verify", session, "--json")
        check(outcome.status in (0, 1), f"verify could not say:\n{outcome}")
        found = outcome.json()["sessions"][0]
        check((outcome.status == 0) == (found["verdict"] in ("clean", "in_flight")),
              f"status and verdict differ:\n{outcome}")
        return found["verdict"]

    def check_clean(self, session, ids=None):
        check(self.verdict(session) == "clean", f"session {session} is not clean")
        if ids is not None:
            found = self.ids(session)
            check(found == list(ids), f"expected events {list(ids)[-5:]}, found {found[-5:]}")
