#!/usr/bin/env python3
"""Attacks the real binary from outside: faults, kills, processes, full disks, power cuts.

    blackbox.py CAMPAIGN --bin PATH [--runs N | --long] [--seconds N] [--seed S] [--folder DIR]

CAMPAIGN is inject, sigkill, processes, enospc, cuts, filesystems, lock or powercut. Each prints its seed and what it
counted. Exit status: 0 it held, 1 a violation (and the line that repeats it), 77 not possible here.
"""

import argparse
import importlib
import itertools
import os
import random
import sys
import time

CAMPAIGNS = {  # quick and long runs
    "inject": (60, 630),
    "sigkill": (200, 20_000),
    "processes": (4_000, 500_000),
    "enospc": (32, 128),
    "cuts": (20, 2_000),
    "filesystems": (8, 400),
    "lock": (8, 200),
    "powercut": (4, 100),
}


def arguments():
    parser = argparse.ArgumentParser(usage=__doc__)
    parser.add_argument("campaign", choices=CAMPAIGNS)
    parser.add_argument("--bin", required=True)
    parser.add_argument("--runs", type=int)
    parser.add_argument("--long", action="store_true")
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(1 << 32))
    parser.add_argument("--seconds", type=int, default=1 << 31, help="begin no run after so many")
    parser.add_argument("--folder", help="where the stores are made [a temporary folder]")
    options = parser.parse_args()
    end = time.monotonic() + options.seconds
    options.numbers = lambda: itertools.takewhile(lambda _: time.monotonic() < end,
                                                  range(options.runs))
    if options.runs is None:
        options.runs = CAMPAIGNS[options.campaign][options.long]
    return options


def main():
    options = arguments()
    sys.dont_write_bytecode = True
    os.environ["AGENTSTORE_BIN"] = os.path.abspath(options.bin)
    from blackbox import store  # Looks at the environment when it is imported.
    campaign = importlib.import_module("blackbox." + options.campaign)
    again = f"blackbox.py {options.campaign} --runs {options.runs} --seed {options.seed}"
    print(f"{options.campaign}: {options.runs} runs, seed {options.seed}", flush=True)
    start = time.monotonic()
    try:
        counts = campaign.run(options)
    except store.Violation as violation:
        print(f"VIOLATION: {violation}\nagain: {again} --bin {options.bin}")
        return 1
    except store.NotHere as reason:
        print(f"SKIPPED: {reason}")
        return 77
    except Exception:
        print(f"again: {again} --bin {options.bin}")
        raise
    counted = ", ".join(f"{count:,} {name}" for name, count in counts.items())
    print(f"{options.campaign}: {counted}; 0 violations; {time.monotonic() - start:.0f} s")
    return 0


if __name__ == "__main__":
    sys.exit(main())
