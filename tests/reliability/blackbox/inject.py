"""System calls that fail, by strace: the k-th call of a kind that touches the store gets an error.

Every place is found first by tracing the same work without a fault; then one fault a run, that
strikes once, or (k+) from there on, as a disk that is dead.
"""

import errno
import os
import random
import re
import shutil

from blackbox.scenarios import SCENARIOS
from blackbox.store import NotHere, Store, Violation, check

FAULTS = {
    "openat": ("EIO", "EROFS", "EACCES", "EMFILE"),
    "pread64": ("EIO", "EINTR"),
    "write": ("EIO", "ENOSPC", "EDQUOT", "EROFS", "EINTR"),
    "fdatasync": ("EIO", "ENOSPC", "EDQUOT"),
    "fsync": ("EIO", "ENOSPC"),
    "ftruncate": ("EIO", "EROFS"),
    "rename": ("EIO", "ENOSPC", "EROFS"),
    "flock": ("EIO", "ENOLCK", "EINTR"),
    "mkdir": ("EIO", "ENOSPC", "EROFS"),
}
CALL = re.compile(r"^(?:\d+ +)?(\w+)\(")


def strace(*more):
    return ("strace", "-f", "-qq", "-y", "-o", "trace", *more)


def places_of(options, name):
    """(scenario, system call, k) of every call that touches the store."""
    scenario = SCENARIOS[name]
    with Store(options.folder) as store:
        scenario.begin(store)
        store.run(*scenario.words, stdin=scenario.stdin,
                  before=strace("-e", "trace=" + ",".join(FAULTS)))
        seen = dict.fromkeys(FAULTS, 0)
        for line in (store.folder / "trace").read_text(errors="replace").splitlines():
            call = CALL.match(line)
            if not call or call.group(1) not in seen:
                continue
            seen[call.group(1)] += 1
            # Not those of the loader and of OpenSSL, nor standard output, which is no store.
            if str(store.data) in line:
                yield name, call.group(1), seen[call.group(1)]


def run_once(options, name, call, when, fault):
    scenario = SCENARIOS[name]
    with Store(options.folder) as store:
        scenario.begin(store)
        outcome = store.run(*scenario.words, stdin=scenario.stdin, before=strace(
            "-e", "trace=" + call, "-e", f"inject={call}:error={fault}:when={when}"))
        where = f"{name}: {call} {when} {fault}:\n{outcome}\n"
        trace = (store.folder / "trace").read_text(errors="replace")
        bit = "(INJECTED)" in trace
        if not bit:
            return False, outcome.status
        if fault == "EINTR":
            check(outcome.status == 0, f"{where}an interrupted call is made again")
        check(outcome.status in scenario.statuses, f"{where}expected a status of {scenario.statuses}")
        if outcome.status != 0:
            check(outcome.err.startswith("agentstore: ") or "\nagentstore: " in outcome.err,
                  f"{where}no message")
            check(os.strerror(getattr(errno, fault)) in outcome.err, f"{where}it does not say why")
        try:
            scenario.judge(store, outcome)
        except Violation as problem:
            raise Violation(f"{where}{problem}") from None
        return True, outcome.status


def run(options):
    if not shutil.which("strace"):
        raise NotHere("there is no strace")
    rng = random.Random(options.seed)
    places = [place for name in SCENARIOS for place in places_of(options, name)]
    check(places, "no system call touched the store")
    sites = [(name, call, f"{k}{more}", fault) for name, call, k in places
             for fault in FAULTS[call] for more in ("", "+")
             if not more or (fault != "EINTR" and call != "write")]  # It has to say why, too.
    rng.shuffle(sites)
    counts = {"places": len(places), "sites": len(sites), "runs": 0, "faults that struck": 0,
              "failures": 0, "borne": 0}
    for number in options.numbers():
        struck, status = run_once(options, *sites[number % len(sites)])
        counts["runs"] += 1
        counts["faults that struck"] += struck
        counts["failures"] += status == 5
        counts["borne"] += struck and status == 0
    check(counts["faults that struck"] * 10 >= counts["runs"] * 9, "the faults do not strike")
    return counts
