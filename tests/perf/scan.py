#!/usr/bin/env python3
"""Reading a whole session log, warm, against the programs that one would use otherwise.

    scan.py EVENTS       which scan: by AGENTSTORE_BENCHMARK (see run)

Each is measured with the page cache as readahead leaves it (state r) and as a log has it that is
being written (state a), on a log of ours and on the same events as the Go library writes them.
"""

import json
import os
import subprocess
import sys

from support import peers
from support.logs import log_of
from support.rounds import Program, measure, row, say

AGENTSTORE = os.environ.get("AGENTSTORE_BIN", "agentstore")
FOREIGN_SHARE = 0.6  # of each aim, where the Go library wrote the log
MEMORY_MIB = 32
STATES = ("r", "a")
WARM_AIMS = (10, 20)


def ours(log, *words, sink="pipe"):
    """A command of ours on the log, which was derived from nothing but the log."""
    return Program("agentstore", [AGENTSTORE, *words, "--store", log.folder], sink,
                   before=log.forget)


def to_file(log, *words):
    return ours(log, *words, sink=peers.work_folder() / "ours.out")


def replay_of_a_type(log):
    return ours(log, "replay", log.session, "--type", "tool_called", "--format", "jsonl")


def stats(log):
    return ours(log, "stats", log.session, "--json")


def stats_by_type(log):
    return ours(log, "stats", log.session, "--by", "type")


def export(log):
    return to_file(log, "export", log.session, "--format", "json")


def timeline(log):
    return to_file(log, "replay", log.session)


# name: what is done, ours, and the peers with what is aimed at in states r and a
AGAINST_PEERS = {
    "scan-filter": ("`replay --type tool_called --format jsonl` into a pipe", replay_of_a_type,
                    {"rg": (peers.ripgrep, (1.2, 1.8))}),
    "scan-count": ("`stats --by type`", stats_by_type,
                   {"rg -c": (peers.ripgrep_count, (1.3, 2)), "wc -l": (peers.wc, None)}),
    "scan-stats": ("`stats --json`", stats, {"DuckDB": (peers.duckdb_stats, (5, 5))}),
    "scan-jq": ("`stats --json`", stats, {"jq": (peers.jq_stats, (100, 80))}),
    "scan-export": ("`export --format json` to a file", export, {"cat": (peers.cat, (0.8, 0.8))}),
}
# name: what is done, ours, what is asked of it in states r and a
AGAINST_LIMITS = {
    "scan-timeline": ("`replay` to a file", timeline, {"GB/s": (2, 1.5)}),
    "scan-verify": ("`verify`", lambda log: ours(log, "verify", log.session),
                    {"events/s": (1e6, 1e6), "GB/s": (0.8, 0.8)}),
}


def forms(name, events):
    """The logs to scan, and the share of the aims that holds for each. A folder of the Go library
    gets no cached aggregate."""
    yield log_of("ours", events), 1, ""
    if name != "scan-warm":
        yield log_of("go", events), FOREIGN_SHARE, ", the Go library's log"


def scan_against_peers(name, log, share, where, state):
    work, make, others = AGAINST_PEERS[name]
    there = {peer: program(log) for peer, (program, _) in others.items()}
    found = measure([make(log), *filter(None, there.values())])
    mine = found["agentstore"]
    for peer, (_, aims) in others.items():
        value = found[peer].seconds * 1e3 if there[peer] else None
        aim = aims[STATES.index(state)] * share if aims else None
        row(work + where, mine.seconds * 1e3, "ms", peer, value, aim, state,
            f"{log.size_bytes / mine.seconds / 1e9:.2f} GB/s")
    return mine


def scan_against_limits(name, log, share, where, state):
    work, make, limits = AGAINST_LIMITS[name]
    mine = measure([make(log)])["agentstore"]
    rates = {"GB/s": log.size_bytes / 1e9, "events/s": log.truth["events"]}
    for unit, aims in limits.items():
        row(work + where, rates[unit] / mine.seconds, unit, "limit",
            aims[STATES.index(state)] * share, 1, state, f"{mine.seconds * 1e3:.0f} ms")
    return mine


def warm(work, program, log):
    program.name, program.before = f"{work}, cached aggregate warm", lambda: log.remember(program)
    return program


def scan_warm(_name, log, _share, where, state):
    """With the cached aggregate that `stats` leaves: then there is no scan."""
    works = [warm("`stats --by type`", stats_by_type(log), log), warm("`stats --json`", stats(log), log)]
    count = peers.ripgrep_count(log)
    found = measure([*works, *filter(None, [count])])
    peer_ms = found[count.name].seconds * 1e3 if count else None
    for work in works:
        row(work.name + where, found[work.name].seconds * 1e3, "ms", "rg -c", peer_ms,
            WARM_AIMS[STATES.index(state)], state)
    return max((found[work.name] for work in works), key=lambda it: it.memory_mib)


def check(log):
    """Ends the benchmark unless ours answers what was put into the log; `rg -c` does not."""
    def answer(program):
        return subprocess.run(program.words, stdout=subprocess.PIPE, check=True).stdout

    found = json.loads(answer(stats(log)))
    for key, value in log.truth.items():
        if key not in ("session", "by_type") and found[key] != value:
            sys.exit(f"scan: {log.path}: {key} is {found[key]}, not {value}")
    lines = answer(replay_of_a_type(log)).count(b"\n")
    if lines != log.truth["by_type"]["tool_called"] or found["by_type"] != log.truth["by_type"]:
        sys.exit(f"scan: {log.path}: events by type are not what was written")


def growth(events):
    """How long a scan takes by the size of the log, after readahead."""
    makers = {"agentstore stats": stats, "agentstore replay --type": replay_of_a_type,
              "rg": peers.ripgrep, "rg -c": peers.ripgrep_count, "DuckDB": peers.duckdb_stats,
              "jq": peers.jq_stats}
    points = {name: [] for name in makers}
    for size in (events // 100, events // 10, events):
        log = log_of("ours", size)
        log.prime("r")
        programs = {name: make(log) for name, make in makers.items()}
        for name, program in programs.items():
            if program:
                program.name = name
        found = measure(list(filter(None, programs.values())))
        for name, one in found.items():
            points[name].append([log.size_bytes / 1e6, one.seconds * 1e3])
    for name, curve in points.items():
        if curve:
            say(plot="scan time", x_label="MB of log", y_label="ms", series=name, points=curve)


def main():
    name, events = os.environ["AGENTSTORE_BENCHMARK"], int(sys.argv[1])
    if name == "scan-growth":
        growth(events)
        return
    scan = (scan_warm if name == "scan-warm" else
            scan_against_peers if name in AGAINST_PEERS else scan_against_limits)
    memory_mib = 0
    for log, share, where in forms(name, events):
        check(log)
        for state in STATES:
            log.prime(state)
            print(f"{name}{where}, state {state}", file=sys.stderr)
            memory_mib = max(memory_mib, scan(name, log, share, where, state).memory_mib)
    row("peak memory of these", memory_mib, "MiB", "limit", MEMORY_MIB, 1)


if __name__ == "__main__":
    main()
