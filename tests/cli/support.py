"""What the black-box tests share: a fresh folder for each, and the binary named by AGENTSTORE_BIN.

Where AGENTSTORE_VERIFIER names an independent verifier (a script: LOG SESSION-ID, status 0 = sound),
every log that a test leaves behind in a store of ours has to pass it, too.
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

BIN = os.environ.get("AGENTSTORE_BIN", "agentstore")
VERIFIER = os.environ.get("AGENTSTORE_VERIFIER")
NOBODY = 65534  # A user who owns nothing.

FOREIGN = ("AGENTSTORE_STORE", "AGENTSTORE_CACHE_KEY", "XDG_STATE_HOME", "XDG_CACHE_HOME", "AGENTSTORE_PAGER", "PAGER", "NO_COLOR", "FORCE_COLOR", "COLUMNS", "TZ")


def go_line(session, number, kind, payload, timestamp, metadata="{}"):
    """A line as the Go library writes it."""
    return (f'{{"session_id":"{session}","sequence_number":{number},"type":"{kind}",'
            f'"payload":{payload},"timestamp":"{timestamp}","metadata":{metadata}}}\n')


FLIGHT = [
    ("user_message", '{"content":"Find flights","role":"user"}', "2026-03-07T12:00:00Z", "{}"),
    ("tool_called", '{"args":{"to":"MUC"},"tool":"search"}', "2026-03-07T12:00:00.5Z",
     '{"tool_name":"search"}'),
    ("tool_result", '{"error":"rate limit","result":null}', "2026-03-07T12:00:01Z",
     '{"tool_name":"search","duration_ms":500}'),
    ("llm_request", '{"prompt":"Which one?"}', "2026-03-07T12:00:02Z",
     '{"tokens_in":850,"model":"model-a"}'),
    ("llm_response", '{"content":"Take EW456 at \\u20ac65.10"}', "2026-03-08T00:00:00Z",
     '{"tokens_out":320,"model":"model-a","cost_usd":0.018}'),
    ("error", '{"message":"timeout"}', "2026-03-08T00:00:01Z", "{}"),
]


def make_go_folder(folder):
    """A data folder of the Go library: everything in it is fixed, so answers about it are, too."""
    for name in ("events", "sessions", "snapshots"):
        (folder / name).mkdir(parents=True)
    lines = [go_line("flight-1", n, *event) for n, event in enumerate(FLIGHT, 1)]
    (folder / "events/flight-1.jsonl").write_text("".join(lines))
    (folder / "sessions/flight-1.json").write_text(json.dumps({
        "id": "flight-1", "name": "flight-search", "labels": {"env": "prod"},
        "created_at": "2026-03-07T12:00:00Z", "updated_at": "2026-03-08T00:00:01Z",
        "event_count": 6}))
    lines = [go_line("bet-1", 1, "BetPlaced", '{"amount":25.5}', "2026-03-01T09:12:41Z"),
             go_line("bet-1", 2, "BetWon", '{"amount":51}', "2026-03-01T09:13:00Z")]
    (folder / "events/bet-1.jsonl").write_text("".join(lines))
    (folder / "sessions/bet-1.json").write_text(json.dumps({
        "id": "bet-1", "created_at": "2026-03-01T09:12:41Z",
        "updated_at": "2026-03-01T09:13:00Z", "event_count": 2}))
    return folder


class Outcome:
    """What one run of the program came to."""

    def __init__(self, words, done):
        self.words = words
        self.status = done.returncode
        self.bytes = done.stdout or b""
        self.out = self.bytes.decode(errors="replace")
        self.err = (done.stderr or b"").decode(errors="replace")

    def json(self):
        return json.loads(self.out)

    def lines(self):
        return self.out.splitlines()

    def __str__(self):
        return (f"agentstore {' '.join(map(str, self.words))}\nstatus {self.status}\n"
                f"stdout: {self.out[:3000]}\nstderr: {self.err[:3000]}")


class Case(unittest.TestCase):
    maxDiff = None

    def setUp(self):
        self.folder = Path(tempfile.mkdtemp(prefix="agentstore-test."))
        self.addCleanup(shutil.rmtree, self.folder, True)
        self.store = self.folder / "data"
        # Whose caches are whose depends on it.
        self.home = Path(tempfile.mkdtemp(prefix="agentstore-home."))
        self.addCleanup(shutil.rmtree, self.home, True)
        self.sound = True  # a test that damages its store on purpose says False

    def tearDown(self):
        if VERIFIER and self.sound and (self.store / "agentstore.json").exists():
            for log in (self.store / "events").glob("*.jsonl"):
                done = subprocess.run([sys.executable, VERIFIER, log, log.stem], capture_output=True)
                self.assertEqual(0, done.returncode, done.stdout.decode())

    def environment(self, extra=None):
        env = {key: value for key, value in os.environ.items() if key not in FOREIGN}
        env["AGENTSTORE_STORE"] = str(self.store)
        env["HOME"] = str(self.home)
        env.update(extra or {})
        return env

    def run_it(self, *words, stdin=b"", env=None, timeout=60, program=BIN, **more):
        if isinstance(stdin, str):
            stdin = stdin.encode()
        if isinstance(stdin, bytes):
            more["input"] = stdin
        else:
            more["stdin"] = stdin
        more.setdefault("stdout", subprocess.PIPE)
        more.setdefault("stderr", subprocess.PIPE)
        done = subprocess.run([str(program), *map(str, words)], env=self.environment(env),
                              cwd=more.pop("cwd", self.folder), timeout=timeout, **more)
        return Outcome(words, done)

    def as_nobody(self):
        """What makes `run_it` another user, who may not be let near the folder of the build."""
        self.folder.chmod(0o755)
        copied = self.folder / "agentstore-of-all"
        if not copied.exists():
            shutil.copy(Path(BIN).resolve(), copied)
            copied.chmod(0o755)

        def become_nobody():
            os.setgroups([])
            os.setgid(NOBODY)
            os.setuid(NOBODY)

        return {"preexec_fn": become_nobody, "program": copied}

    def ok(self, *words, **more):
        """Runs it; status 0 and nothing on stderr."""
        outcome = self.run_it(*words, **more)
        self.assertEqual((0, ""), (outcome.status, outcome.err), str(outcome))
        return outcome

    def refused(self, status, *words, saying=(), **more):
        """Runs it; that status, nothing on stdout, and on stderr a line of ours with these words;
        with --json, an error object with them."""
        outcome = self.run_it(*words, **more)
        self.assertEqual(status, outcome.status, str(outcome))
        self.assertEqual("", outcome.out, str(outcome))
        said = outcome.err
        if "--json" in words:
            error = json.loads(said.splitlines()[-1])["error"]
            self.assertEqual(status, error["code"], str(outcome))
            said = f"{error['message']}; {error['hint']}"
        else:
            self.assertTrue(said.startswith("agentstore: "), str(outcome))
        for word in [saying] if isinstance(saying, str) else saying:
            self.assertIn(word, said, str(outcome))
        return outcome

    def start(self, *words, **more):
        process = subprocess.Popen([BIN, *map(str, words)], env=self.environment(),
                                   cwd=self.folder, **more)
        self.addCleanup(self.stop, process)
        return process

    @staticmethod
    def stop(process):
        if process.poll() is None:
            process.kill()
        process.wait()
        for stream in (process.stdin, process.stdout, process.stderr):
            if stream:
                try:
                    stream.close()
                except BrokenPipeError:
                    pass

    def create(self, *words):
        return self.ok("create", *words).out.strip()

    def append(self, session, *drafts):
        """Appends drafts (objects, or types) and gives the acknowledgements."""
        lines = [json.dumps({"type": draft} if isinstance(draft, str) else draft) for draft in drafts]
        outcome = self.ok("append", session, "-", stdin="\n".join(lines) + "\n")
        return [json.loads(line) for line in outcome.lines()]

    def events(self, session, *words):
        return [json.loads(line) for line in
                self.ok("replay", session, "--format", "jsonl", *words).lines()]

    def cached(self, name):
        """The cache of that name but for the id of the key of this home."""
        place = self.store / name
        ending = place.suffix if place.suffix == ".json" else ""
        begin = place.name.removesuffix(ending)
        pattern = begin + "." + "[0-9a-f]" * 16 + ending
        return next(iter(sorted(place.parent.glob(pattern))), place)

    def log_of(self, session):
        return self.store / "events" / f"{session}.jsonl"


def main():
    unittest.main(verbosity=2)
