#!/usr/bin/env python3
"""What an append to a long log costs those who ask next.

    after_append.py EVENTS      that the log has
"""

import os
import subprocess
import sys

from support.logs import log_of
from support.rounds import Program, measure, row

AGENTSTORE = os.environ.get("AGENTSTORE_BIN", "agentstore")
LIMIT_MS = 5


def main():
    events = int(sys.argv[1])
    log = log_of("ours", events)
    store = ["--store", log.folder]
    works = {"`stats`": ["stats"], "`state @`": ["state", "@"], "`sessions -l`": ["sessions", "-l"]}
    programs = [Program(work, [AGENTSTORE, *words, *store]) for work, words in works.items()]
    for program in programs:
        log.remember(program)

    def append():
        subprocess.run([AGENTSTORE, "append", log.session, "--type", "custom", "--payload", "{}", *map(str, store)],
                       stdout=subprocess.DEVNULL, check=True)

    append()
    for program in programs:
        log.remember(program)
        program.before = append
    found = measure(programs)
    for work, one in found.items():
        row(f"{work} after an append to a log of {events:,} events", one.seconds * 1e3, "ms", "limit", LIMIT_MS, 1,
            note=f"{one.memory_mib:.0f} MiB")


if __name__ == "__main__":
    main()
