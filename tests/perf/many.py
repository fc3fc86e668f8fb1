#!/usr/bin/env python3
"""Many transcripts at once: a folder of Claude Code's, counted, listed, searched, replayed, imported; and
the store that it was imported into.

    many.py FILES      of half a megabyte each; AGENTSTORE_PERF_FOLDER names a folder instead, which
                       is called "projects", as Claude Code's is

Processor time, which does not hide behind cores, and peak memory. Peers: ripgrep, ccusage and DuckDB over
the same files.
"""

import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from support import peers, transcripts
from support.rounds import Program, measure, row

AGENTSTORE = os.environ.get("AGENTSTORE_BIN", "agentstore")
NONE = "qqzzxxyy"
SETTLED_S = 3  # what changed less long ago is not taken from a cache
CCUSAGE_AIM, DUCKDB_AIM = 3, 2

# What each response used, counted once, as `stats` counts.
DUCKDB_TOTALS = """
WITH told AS (SELECT message.id AS id, requestId, max(message.usage.input_tokens) AS tokens_in,
    max(message.usage.output_tokens) AS tokens_out, max(message.usage.cache_read_input_tokens) AS cache_read
  FROM read_ndjson('{folder}/**/*.jsonl', ignore_errors = true, maximum_object_size = 67108864,
    columns = {{requestId: 'VARCHAR', message: 'STRUCT(id VARCHAR, "usage" STRUCT(input_tokens BIGINT,
      output_tokens BIGINT, cache_read_input_tokens BIGINT))'}}) WHERE message.id IS NOT NULL GROUP BY 1, 2)
SELECT sum(tokens_in), sum(tokens_out), sum(cache_read), count(*) FROM told
"""


def ours(name, *words, **how):
    return Program(name, [AGENTSTORE, *words], **how)


def settle(*programs):
    """Leaves in the caches what they can hold."""
    time.sleep(SETTLED_S)
    for program in programs:
        subprocess.run([*map(str, program.words)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=True)


def limited(work, ms, limit_ms):
    row(work, ms, "ms", "limit", limit_ms, 1)


def check(folder, word, files):
    """So many sessions have the word."""
    found = subprocess.run([AGENTSTORE, "find", word, "--store", f"claude:{folder}", "-l"], capture_output=True,
                           text=True, check=True).stdout.splitlines()
    if len(found) != files:
        sys.exit(f"find {word}: {len(found)} sessions, not {files}")


def totals(folder, cache):
    """Sums and lists: first, again, and after one file grew by a line."""
    store = ["--store", f"claude:{folder}"]

    def forget():
        shutil.rmtree(cache, ignore_errors=True)

    first = [ours("stats", "stats", *store, before=forget), ours("sessions", "sessions", "-n", "5", *store, before=forget),
             peers.ccusage(folder.parent), peers.duckdb_query(DUCKDB_TOTALS.format(folder=folder))]
    took = measure([one for one in first if one])
    for peer, aim in (("ccusage", CCUSAGE_AIM), ("DuckDB", DUCKDB_AIM)):
        row("`stats --store claude:`, first: processor time", took["stats"].cpu_seconds, "s", peer,
            took[peer].cpu_seconds if peer in took else None, aim)
    row("the same: peak memory", took["stats"].memory_mib, "MiB", note="goal: 64 MiB")
    row("`sessions -n 5`, first: processor time", took["sessions"].cpu_seconds, "s", "`stats` first",
        took["stats"].cpu_seconds, 1)

    again = [ours("stats", "stats", *store), ours("sessions", "sessions", "-n", "5", *store)]
    settle(*again)
    took = measure(again)
    limited("`stats --store claude:`, again", took["stats"].seconds * 1e3, 50)
    row("the same: processor time", took["stats"].cpu_seconds * 1e3, "ms")
    limited("`sessions -n 5`, again", took["sessions"].seconds * 1e3, 20)
    growing = transcripts.Growing(folder)
    one = measure([ours("stats", "stats", *store, before=growing.grow)])["stats"]
    limited("`stats --store claude:`, one file grown by a line", one.seconds * 1e3, 50)


def searches(folder, words):
    """What a word costs us, and ripgrep, which prints its lines, too."""
    store = f"claude:{folder}"
    ripgrep = shutil.which("rg")
    programs = []
    for name, word in words.items():
        programs += [ours(f"find {name}", "find", word, "--store", store),
                     ours(f"replay {name}", "replay", "--all", "-g", word, "--store", store)]
        if ripgrep:
            # Nothing found is no failure here.
            programs.append(Program(f"rg {name}", ["sh", "-c", f"{ripgrep} -i {word} {folder} || true"]))
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
    words = ["import", folder, "--store", data]
    first = measure([ours("first", *words, before=lambda: shutil.rmtree(data, ignore_errors=True), once=True)],
                    rounds=1)["first"]
    settle(ours("again", *words))
    again = measure([ours("again", *words)])["again"]
    growing = transcripts.Growing(folder)
    one = measure([ours("grown", *words, before=growing.grow)])["grown"]
    row("`import`, first: processor time", first.cpu_seconds, "s", note="goal: 4 s for 1,500 files")
    row("`import`, first: time", first.seconds, "s")
    limited("`import`, nothing new", again.seconds * 1e3, 50)
    limited("`import`, one file grown by a line", one.seconds * 1e3, 60)
    row("`import`, peak memory", max(first.memory_mib, again.memory_mib, one.memory_mib), "MiB")


def stored(data):
    """Of the sessions that were imported."""
    stats = ours("stats", "stats", "--store", data)
    settle(stats)
    session = subprocess.run([AGENTSTORE, "sessions", "--json", "-n", "1", "--store", data], capture_output=True,
                             text=True, check=True).stdout.split('"id":"')[1].split('"')[0]

    def append():
        subprocess.run([AGENTSTORE, "append", session, "--type", "custom", "--payload", "{}", "--store", data],
                       stdout=subprocess.DEVNULL, check=True)

    again = measure([stats])["stats"]
    after = measure([ours("after", "stats", "--store", data, before=append)])["after"]
    limited("`stats` of the imported sessions, again", again.seconds * 1e3, 20)
    limited("`stats` of the imported sessions, after one append", after.seconds * 1e3, 20)


def main():
    files = int(sys.argv[1]) if len(sys.argv) > 1 else 1500
    given = os.environ.get("AGENTSTORE_PERF_FOLDER")
    words = {"no": NONE, "rare": transcripts.RARE, "common": transcripts.COMMON}
    with tempfile.TemporaryDirectory() as parent:
        os.environ["XDG_CACHE_HOME"] = f"{parent}/cache"
        folder = Path(given) if given else Path(parent) / "projects"
        if given:
            words["rare"] = os.environ.get("AGENTSTORE_PERF_RARE", transcripts.RARE)
        else:
            transcripts.fill(folder, files)
            check(folder, NONE, 0)
            check(folder, transcripts.RARE, len(range(50, files, 100)))
            check(folder, transcripts.COMMON, files)
        totals(folder, f"{parent}/cache")
        searches(folder, words)
        imports(folder, Path(parent) / "data")
        stored(Path(parent) / "data")


if __name__ == "__main__":
    main()
