"""Measures programs in turn: A B C A B C, so that what drifts on the machine hits them all."""

import json
import os
import statistics
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

LAUNCH = Path(os.environ.get("AGENTSTORE_PERF_BIN", ".")) / "perf_launch"
ROUNDS = int(os.environ.get("AGENTSTORE_PERF_ROUNDS", 7))
IDLE_SHARE = 0.02
IDLE_WAIT_S = 20
TRIES = 3


@dataclass
class Program:
    """What to run, and where its output goes: "pipe" (read to its end), or a file that is new."""
    name: str
    words: list
    sink: str = "pipe"
    before: object = None  # called ahead of each run, unmeasured
    own_clock: bool = False  # prints {"seconds":…} itself, without its start
    once: bool = False  # so slow that one run has to do


@dataclass
class Measured:
    times_s: list = field(default_factory=list)
    cpus_s: list = field(default_factory=list)
    memory_mib: float = 0
    output_bytes: int = 0

    @property
    def seconds(self):
        return statistics.median(self.times_s)

    @property
    def cpu_seconds(self):
        return statistics.median(self.cpus_s)


def busy_s():
    """Seconds of processor time that the whole machine has spent."""
    with open("/proc/stat", encoding="utf-8") as stat:
        ticks = [int(it) for it in stat.readline().split()[1:9]]
    return (sum(ticks) - ticks[3] - ticks[4]) / os.sysconf("SC_CLK_TCK")


def wait_for_idle():
    end = time.monotonic() + IDLE_WAIT_S
    while time.monotonic() < end:
        before, start = busy_s(), time.monotonic()
        time.sleep(0.05)
        if busy_s() - before <= IDLE_SHARE * os.cpu_count() * (time.monotonic() - start) + 0.01:
            return


def launch(program):
    done = subprocess.run([LAUNCH, program.sink, *map(str, program.words)], stdout=subprocess.PIPE,
                          text=True, check=True)
    took = json.loads(done.stdout)
    if took["status"] != 0:
        sys.exit(f"{program.name} ended with status {took['status']}: {program.words}")
    return took


def run_once(program):
    """A run that nothing else disturbed, or the last of a few."""
    for _ in range(TRIES):
        if program.before:
            program.before()
        wait_for_idle()
        before = busy_s()
        took = launch(program)
        drained_s = 0.2 * took["wall_s"] if program.sink == "pipe" else 0
        if busy_s() - before - took["cpu_s"] < 0.04 + 0.1 * took["wall_s"] + drained_s:
            break
    return took


def measure(programs, rounds=ROUNDS):
    """Name to Measured; one more round before them does not count."""
    found = {program.name: Measured() for program in programs}
    for number in range(rounds + 1):
        for program in programs:
            if program.once and number > 0:
                continue
            took = run_once(program)
            one = found[program.name]
            one.memory_mib = max(one.memory_mib, took["memory_kib"] / 1024)
            one.output_bytes = took["bytes"]
            if number > 0 or program.once:
                one.cpus_s.append(took["cpu_s"])
                one.times_s.append(own_seconds(program) if program.own_clock else took["wall_s"])
            if program.sink != "pipe":
                Path(program.sink).unlink()
    return found


def own_seconds(program):
    return json.loads(Path(program.sink).read_text(encoding="utf-8"))["seconds"]


def say(**line):
    print(json.dumps(line, ensure_ascii=False), flush=True)


def row(work, ours, unit, peer="", peer_value=None, aim=None, state="", note=""):
    """One line of a table. A unit that ends in /s is better when larger, any other when smaller."""
    ratio = None
    if peer_value is not None:
        ratio = ours / peer_value if unit.endswith("/s") else peer_value / ours
    say(benchmark=os.environ["AGENTSTORE_BENCHMARK"], work=work, ours=ours, unit=unit, peer=peer,
        peer_value=peer_value, ratio=ratio, aim=aim, state=state, note=note)
