"""A disk that fills up, at every free size: a clean failure, nothing acknowledged lost."""

import errno
import os
import random
import subprocess
import sys
import tempfile
from pathlib import Path

from blackbox.store import NotHere, Outcome, Store, acknowledged, check, draft, to_lines

DISK_BYTES = 1 << 20
FREE_BYTES_MAX = 128 << 10


def mount(folder):
    """A small tmpfs; where that is not allowed, in a mount namespace of our own."""
    words = ["mount", "-t", "tmpfs", "-o", f"size={DISK_BYTES}", "none", folder]
    done = subprocess.run(words, capture_output=True)
    if done.returncode == 0:
        return
    inside = os.environ.get("BLACKBOX_UNSHARED")
    if not inside and subprocess.run(["unshare", "-rm", "true"], capture_output=True).returncode == 0:
        os.environ["BLACKBOX_UNSHARED"] = "1"
        os.rmdir(folder)
        os.execvp("unshare", ["unshare", "-rm", sys.executable, *sys.argv])
    raise NotHere(f"no tmpfs can be mounted: {done.stderr.decode().strip()}")


def fill(folder, leave_bytes):
    """Leaves so many bytes free (whole pages: a tmpfs has nothing smaller)."""
    filler = folder / "filler"
    with filler.open("wb", buffering=0) as file:
        status = os.statvfs(folder)
        left = max(0, status.f_bavail * status.f_bsize - leave_bytes)
        try:
            while left > 0:
                left -= file.write(b"x" * min(left, 1 << 20))
        except OSError as full:  # What a file system keeps for itself is not always told before.
            if full.errno != errno.ENOSPC:
                raise
    return filler


def append_one_by_one(store, drafts):
    """Gives a draft once the one before is acknowledged: none shares its write with others."""
    words = ("append", "s", "-")
    pipe = subprocess.PIPE
    with store.start(*words, stdin=pipe, stdout=pipe, stderr=pipe) as process:
        out = b""
        for each in drafts:
            process.stdin.write(to_lines([each]))
            process.stdin.flush()
            line = process.stdout.readline()
            out += line
            if not line:
                break
        rest, err = process.communicate(timeout=120)
    return Outcome(words, subprocess.CompletedProcess(words, process.returncode, out + rest, err))


def run_once(options, disk, number):
    rng = random.Random(options.seed * 1_000_003 + number)
    free = number * FREE_BYTES_MAX // options.runs
    with Store(disk) as store:
        store.ok("create", "s")
        first = [draft(f"a{i}", payload={"text": "x" * rng.randint(1, 5_000)})
                 for i in range(rng.randint(0, 5))]
        if first:
            store.append("s", first)
        before = [each["event_id"] for each in first]
        drafts = [draft(f"b{i}", payload={"text": "x" * rng.randint(1, 3_000)})
                  for i in range(FREE_BYTES_MAX // 1_000)]
        flags = ("--batch",) if rng.random() < 0.3 else ()
        filler = fill(disk, free)
        if flags or rng.random() < 0.5:
            full = store.run("append", "s", "-", *flags, stdin=to_lines(drafts))
        else:
            full = append_one_by_one(store, drafts)
        where = f"{free} bytes free {' '.join(flags)}"
        check(full.status == 5, f"{where}: a full disk is exit 5:\n{full}")
        check("No space left" in full.err, f"{where}: the message does not say why:\n{full}")
        acks = acknowledged(full.bytes)
        check(not flags or not acks, f"{where}: a batch that failed was acknowledged")
        check(store.ids("s") == before + acks, f"{where}: readable events are not those acknowledged")
        check(store.verdict("s") == "clean", f"{where}: a failed append left more than it found")
        again = store.run("append", "s", "--type", "note")
        check(again.status in (0, 5), f"{where}: on a full disk:\n{again}")
        extra = acknowledged(again.bytes)
        check((again.status == 0) == bool(extra), f"{where}: exit status and acknowledgement differ")
        filler.unlink()
        store.append("s", [draft("after")])
        store.check_clean("s", before + acks + extra + ["after"])
        return len(acks)


def fill_up(options, disk):
    """Fills any file system, whatever its blocks and reserves are: appends until one is refused, frees
    space, goes on. Gives how often it was full."""
    rounds = max(2, options.runs // 8)
    with Store(disk) as store:
        store.ok("create", "s")
        known = []
        for number in range(rounds):
            filler = fill(disk, 0)
            for _ in range(64):
                drafts = [draft(f"r{number}-{len(known) + i}", payload={"text": "x" * 100_000})
                          for i in range(32)]
                full = store.run("append", "s", "-", stdin=to_lines(drafts))
                known += acknowledged(full.bytes)
                if full.status != 0:
                    break
            check(full.status == 5 and "No space left" in full.err,
                  f"round {number}: a full disk is exit 5, and says so:\n{full}")
            check(store.ids("s") == known, f"round {number}: readable is not what was acknowledged")
            check(store.verdict("s") == "clean", f"round {number}: more is left than was found")
            filler.unlink()
            os.sync()
            known.append(f"freed-{number}")
            store.append("s", [draft(known[-1])])
        store.check_clean("s", known)
    return rounds


def run(options):
    disk = Path(tempfile.mkdtemp(prefix="blackbox.", dir=options.folder))
    mount(disk)
    try:
        acks = [run_once(options, disk, number) for number in options.numbers()]
    finally:
        subprocess.run(["umount", "-l", disk], check=True)
        disk.rmdir()
    check(any(acks) and 0 in acks, "the disk was never full in the middle of the work")
    return {"free sizes": len(acks), "acknowledged before it was full": sum(acks)}
