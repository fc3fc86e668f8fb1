"""Power cuts on a real ext4: a copy of its block device, taken in one instant while writers work, is
mounted as after a reboot. Acknowledged events are there; the log is clean, or torn and mended.

One more writer asks for no fsync: it has to lose acknowledged events, or the cuts prove nothing.
"""

import os
import random
import shutil
import subprocess
import threading
import time

from blackbox.disks import TOOLS, Disks
from blackbox.store import NotHere, Store, Violation, acknowledged, check, draft, to_lines

SESSIONS = {"synced": (), "batches": ("--batch",), "unsynced": ("--durability", "none")}


class Writer(threading.Thread):
    """Keeps one session busy; `acks` holds what was acknowledged by now. Now and then its program is
    killed, and sends the same again: what was written may be in the page cache alone."""

    def __init__(self, store, session, flags, rng):
        super().__init__(daemon=True)
        self.store, self.session, self.flags, self.rng = store, session, flags, rng
        self.acks, self.over, self.problem = [], False, None

    def run(self):
        number = 0
        try:
            while not self.over:
                lines = to_lines(
                    draft(f"{self.session}-{number}-{i}",
                          payload={"text": "x" * self.rng.choice((10, 900, 20_000))})
                    for i in range(self.rng.randint(1, 12)))
                if self.rng.random() < 0.2:
                    self.append(lines, self.rng.uniform(0, 0.05))
                check(self.append(lines) == 0, "a writer failed")
                number += 1
        except (Violation, OSError) as problem:
            self.problem = problem

    def append(self, lines, seconds=None):
        process = self.store.start("append", self.session, "-", *self.flags, stdin=subprocess.PIPE,
                                   stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        killer = threading.Timer(seconds or 0, process.kill)
        try:
            with process.stdin as stdin:
                stdin.write(lines)
        except BrokenPipeError:
            pass
        if seconds is not None:
            killer.start()
        with process.stdout as stdout:
            for line in stdout:
                self.acks += [each for each in acknowledged(line) if each not in self.acks[-20:]]
        return process.wait()


def judge(store, session, acks, counts):
    """After the cut: what is there, and whether it goes on."""
    verdict = store.verdict(session)
    check(verdict in ("clean", "torn"), f"{session} is {verdict} after a power cut")
    held = store.ids(session)
    lost = len(set(acks) - set(held))
    counts["torn"] += verdict == "torn"
    if session == "unsynced":
        counts["lost without fsync"] += lost
        return
    check(lost == 0, f"{session}: {lost} acknowledged events lost")
    check(held[:len(acks)] == acks, f"{session}: another order after the cut")
    counts["acknowledged before a cut"] += len(acks)
    store.append(session, [draft("after")])
    store.check_clean(session, [*held, "after"])


def cut_once(disks, store, rng, counts):
    """Writes for a while, cuts the power, and looks at what is there after a reboot."""
    for session in SESSIONS:
        store.ok("create", session)
    writers = [Writer(store, session, flags, random.Random(rng.random()))
               for session, flags in SESSIONS.items()]
    for writer in writers:
        writer.start()
    time.sleep(rng.uniform(0.05, 1.5))
    acks = {writer.session: list(writer.acks) for writer in writers}
    disks.cut()
    for writer in writers:
        writer.over = True
    for writer in writers:
        writer.join()
        if writer.problem:
            raise writer.problem
    disks.mount(disks.host / "cut.img", disks.after)
    after = Store(disks.after)
    after.data = disks.after / store.data.relative_to(disks.live)
    for session in SESSIONS:
        judge(after, session, acks[session], counts)
    disks.unmount(disks.after)
    shutil.rmtree(store.data)
    counts["cuts"] += 1


def run(options):
    if os.geteuid() != 0 or not all(shutil.which(tool) for tool in TOOLS):
        raise NotHere("power cuts need root and " + ", ".join(TOOLS))
    counts = {"cuts": 0, "acknowledged before a cut": 0, "torn": 0, "lost without fsync": 0}
    rng = random.Random(options.seed)
    with Store(options.folder) as place:
        disks = Disks(place.folder)
        try:
            disks.begin()
            store = Store(disks.live)
            for _ in options.numbers():
                cut_once(disks, store, rng, counts)
        except subprocess.CalledProcessError as problem:
            raise NotHere(f"{problem}: {problem.stderr.decode().strip()}") from None
        finally:
            disks.end()
    check(counts["lost without fsync"] > 0 or counts["cuts"] < 10, "the cuts do not bite")
    return counts
