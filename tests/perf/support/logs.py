"""The logs that are scanned: made once for a size and a form, and kept beside the build."""

import json
import os
import shutil
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

PROGRAMS = Path(os.environ.get("AGENTSTORE_PERF_BIN", "."))


@dataclass
class Log:
    """A store with one session, and what has to be found in it."""
    folder: Path
    form: str
    truth: dict

    @property
    def session(self):
        return self.truth["session"]

    @property
    def path(self):
        return self.folder / "events" / f"{self.session}.jsonl"

    @property
    def size_bytes(self):
        return self.path.stat().st_size

    def prime(self, state):
        """Puts the page cache into state r or a; see perf_prime."""
        subprocess.run([PROGRAMS / "perf_prime", state, self.path], check=True)

    def forget(self):
        """Deletes whatever was derived from the log."""
        shutil.rmtree(self.folder / "cache", ignore_errors=True)

    def remember(self, program):
        """Runs the program once it can leave what counts: of a log that changed moments ago it
        leaves only what is of use when that has grown."""
        settled_s = 3
        time.sleep(max(0, self.path.stat().st_ctime + settled_s - time.time()))
        subprocess.run(program.words, stdout=subprocess.DEVNULL, check=True)


def log_of(form, events):
    folder = Path(os.environ.get("TMPDIR", ".")) / f"log-{form}-{events}"
    truth = folder.with_suffix(".json")
    if not truth.exists():
        shutil.rmtree(folder, ignore_errors=True)
        made = subprocess.run([PROGRAMS / "perf_generate", form, folder, str(events)],
                              stdout=subprocess.PIPE, text=True, check=True)
        truth.write_text(made.stdout, encoding="utf-8")
    return Log(folder, form, json.loads(truth.read_text(encoding="utf-8")))
