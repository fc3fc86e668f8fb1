#!/usr/bin/env python3
"""How long the program takes to start, against ripgrep's start: each in turn, medians.

    start.py [ROUNDS]      environment: AGENTSTORE_BIN, TMPDIR
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from statistics import median

BIN = os.environ["AGENTSTORE_BIN"]
SESSIONS = 5


def fill(folder):
    for number in range(SESSIONS):
        name = f"run-{number}"
        subprocess.run([BIN, "create", name, "--store", folder, "--label", "env=prod"],
                       check=True, stdout=subprocess.DEVNULL)
        drafts = '{"type":"user_message","payload":{"content":"hello"}}\n' * 10
        subprocess.run([BIN, "append", name, "-", "--batch", "--store", folder], input=drafts,
                       text=True, check=True, stdout=subprocess.DEVNULL)


def start_ms(command):
    """From the call to the end of the process; what it prints is thrown away."""
    quiet = [(os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0)]
    start = time.perf_counter()
    child = os.posix_spawnp(command[0], command, os.environ, file_actions=quiet)
    status = os.waitpid(child, 0)[1]
    taken = time.perf_counter() - start
    if status != 0:
        sys.exit(f"start.py: {command} ended with status {status}")
    return taken * 1e3


def main():
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 300
    with tempfile.TemporaryDirectory() as folder:
        fill(folder)
        asked = {"--version": ([BIN, "--version"], 1 / 1.5),
                 f"sessions, in a folder of {SESSIONS}": ([BIN, "sessions", "--store", folder], 1 / 2),
                 "replay of 10 events": ([BIN, "replay", "run-0", "--store", folder], None)}
        commands = {name: command for name, (command, _) in asked.items()}
        if shutil.which("rg"):
            commands["rg"] = ["rg", "--version"]
        times = {name: [] for name in commands}
        for _ in range(rounds):
            for name, command in commands.items():
                times[name].append(start_ms(command))
    peer = median(times["rg"]) if "rg" in times else None
    for name, (_, aim) in asked.items():
        ours = median(times[name])
        print(json.dumps({"benchmark": "start", "work": name, "ours": round(ours, 4), "unit": "ms",
                          "peer": "rg --version", "peer_value": peer and round(peer, 4),
                          "ratio": peer and round(peer / ours, 3), "aim": aim and round(aim, 3),
                          "state": "", "note": ""}))


if __name__ == "__main__":
    main()
