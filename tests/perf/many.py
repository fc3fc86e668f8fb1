#!/usr/bin/env python3
"""Many transcripts at once: a folder of Claude Code's, searched, replayed, imported.

    many.py FILES      of half a megabyte each; AGENTSTORE_PERF_FOLDER names a folder instead

Processor time, which does not hide behind cores, and peak memory. Peer: ripgrep over the same files.
"""

import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
import uuid
from pathlib import Path

from support.rounds import Program, measure, row

AGENTSTORE = os.environ.get("AGENTSTORE_BIN", "agentstore")
RIPGREP = shutil.which("rg")
RECORDS = 200
NONE, RARE, COMMON = "qqzzxxyy", "rarissimum", "error"
WORDS = ("the", "a", "file", "test", "run", "line", "value", COMMON, "build", "branch", "commit", "merge", "path",
         "return", "string", "const", "fix", "import", "class", "should", "result", "config", "log", "name", "set")
SETTLED_S = 3  # what changed less long ago is not taken from a cache


def text(dice, words):
    return " ".join(dice.choices(WORDS, k=words))


def records(dice, session, files):
    """A prompt, then calls and their results, as Claude Code writes them."""
    for number in range(RECORDS):
        common = {"parentUuid": None, "isSidechain": False, "cwd": f"/w/p{files % 7}", "version": "2.1.0",
                  "sessionId": session, "uuid": f"{session[:24]}{number:012}",
                  "timestamp": f"2026-03-0{1 + files % 9}T{number // 60:02}:{number % 60:02}:00.000Z"}
        usage = {"input_tokens": 9, "output_tokens": number, "cache_read_input_tokens": 1000}
        if number == 0:
            yield {**common, "type": "user", "message": {"role": "user", "content": text(dice, 30)}}
        elif number % 2 == 1:
            yield {**common, "type": "assistant", "requestId": f"req_{session[:8]}{number}", "message": {
                "id": f"msg_{session[:8]}{number}", "role": "assistant", "model": "claude-sonnet-4-6", "usage": usage,
                "content": [{"type": "tool_use", "id": f"toolu_{session[:8]}{number}", "name": "Bash",
                             "input": {"command": text(dice, 12), "description": text(dice, 5)}}]}}
        else:
            said = text(dice, 420)
            yield {**common, "type": "user", "toolUseResult": {"stdout": said, "stderr": "", "interrupted": False},
                   "message": {"role": "user", "content": [
                       {"type": "tool_result", "tool_use_id": f"toolu_{session[:8]}{number - 1}", "content": said}]}}


def fill(folder, files):
    """The rare word is in every hundredth file."""
    dice = random.Random(1)
    for number in range(files):
        session = str(uuid.UUID(int=dice.getrandbits(128), version=4))
        place = folder / f"-w-p{number % 100}"
        place.mkdir(parents=True, exist_ok=True)
        lines = [json.dumps(one, separators=(",", ":")) for one in records(dice, session, number)]
        if number % 100 == 50:
            lines[101] = lines[101].replace('"command":"', f'"command":"{RARE} ')
        (place / f"{session}.jsonl").write_text("\n".join(lines) + "\n")


def check(folder, word, files):
    """So many sessions have the word."""
    found = subprocess.run([AGENTSTORE, "find", word, "--store", f"claude:{folder}", "-l"], capture_output=True,
                           text=True, check=True).stdout.splitlines()
    if len(found) != files:
        sys.exit(f"find {word}: {len(found)} sessions, not {files}")


def searches(folder, words):
    """What a word costs us, and ripgrep, which prints its lines, too."""
    store = f"claude:{folder}"
    programs = []
    for name, word in words.items():
        programs += [Program(f"find {name}", [AGENTSTORE, "find", word, "--store", store]),
                     Program(f"replay {name}", [AGENTSTORE, "replay", "--all", "-g", word, "--store", store])]
        if RIPGREP:
            # Nothing found is no failure here.
            programs.append(Program(f"rg {name}", ["sh", "-c", f"{RIPGREP} -i {word} {folder} || true"]))
    took = measure(programs)
    for name in words:
        peer = took.get(f"rg {name}")
        for what, aim in (("find", 1 / 1.5), ("replay", 1 / 2)):
            shown = "`replay --all -g`" if what == "replay" else "`find`"
            one = took[f"{what} {name}"]
            row(f"{shown}, {name} word: processor time", one.cpu_seconds * 1e3, "ms", aim=aim,
                peer="rg -i" if peer else "", peer_value=peer.cpu_seconds * 1e3 if peer else None)
            row(f"{shown}, {name} word: peak memory", one.memory_mib, "MiB", note="goal: 64 MiB")


def imports(folder, data):
    words = [AGENTSTORE, "import", folder, "--store", data]
    first = measure([Program("first", words, before=lambda: shutil.rmtree(data, ignore_errors=True), once=True)],
                    rounds=1)["first"]
    time.sleep(SETTLED_S)
    subprocess.run(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=True)
    again = measure([Program("again", words)])["again"]
    grown = sorted(folder.rglob("*.jsonl"))[0]
    added = [0]

    def grow():
        added[0] += 1
        record = json.loads(grown.read_text().splitlines()[0])
        record["uuid"] = f"grown-{added[0]}"
        with grown.open("a") as file:
            file.write(json.dumps(record, separators=(",", ":")) + "\n")

    one = measure([Program("grown", words, before=grow)])["grown"]
    row("`import`, first: processor time", first.cpu_seconds, "s", note="goal: 4 s for 1,500 files")
    row("`import`, first: time", first.seconds, "s")
    row("`import`, nothing new", again.seconds * 1e3, "ms", note="goal: 50 ms for 1,500 files")
    row("`import`, one file grown by a line", one.seconds * 1e3, "ms", note="goal: 60 ms for 1,500 files")
    row("`import`, peak memory", max(first.memory_mib, again.memory_mib, one.memory_mib), "MiB")


def main():
    files = int(sys.argv[1]) if len(sys.argv) > 1 else 1500
    given = os.environ.get("AGENTSTORE_PERF_FOLDER")
    words = {"no": NONE, "rare": RARE, "common": COMMON}
    with tempfile.TemporaryDirectory() as parent:
        folder = Path(given) if given else Path(parent) / "projects"
        if given:
            words["rare"] = os.environ.get("AGENTSTORE_PERF_RARE", RARE)
        else:
            fill(folder, files)
            check(folder, NONE, 0)
            check(folder, RARE, len(range(50, files, 100)))
            check(folder, COMMON, files)
        searches(folder, words)
        imports(folder, Path(parent) / "data")


if __name__ == "__main__":
    main()
