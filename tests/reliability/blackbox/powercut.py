"""Power cuts on a real ext4: a copy of its block device, taken in one instant while writers work, is
mounted as after a reboot. Acknowledged events are there; the log is clean, or torn and mended.

The device is a loop over a file in an XFS, whose reflink copies are atomic: what the device had not
been given by then is lost, as it is when the power goes. One more writer asks for no fsync: it has
to lose acknowledged events, or the cuts prove nothing.
"""

import fcntl
import os
import random
import shutil
import subprocess
import threading
import time
from pathlib import Path

from blackbox.store import NotHere, Store, Violation, acknowledged, check, draft, to_lines

FICLONE = 0x40049409
TOOLS = ("losetup", "mkfs.ext4", "mkfs.xfs", "mount", "umount")
SESSIONS = {"synced": (), "batches": ("--batch",), "unsynced": ("--durability", "none")}


def call(*words):
    subprocess.run([str(word) for word in words], check=True, capture_output=True)


class Disks:
    """The XFS, the ext4 in it, and the ext4 after a cut."""

    def __init__(self, folder):
        self.folder = Path(folder)
        self.mounted = []
        self.host, self.live, self.after = (self.folder / name for name in ("host", "live", "after"))
        for each in (self.host, self.live, self.after):
            each.mkdir()

    def mount(self, image, where):
        call("mount", "-o", "loop", image, where)
        self.mounted.append(where)

    def unmount(self, where):
        call("umount", where)
        self.mounted.remove(where)

    def begin(self):
        image = self.folder / "host.img"
        with image.open("wb") as file:
            file.truncate(1 << 30)
        call("mkfs.xfs", "-q", "-m", "reflink=1", image)
        self.mount(image, self.host)
        with (self.host / "disk.img").open("wb") as file:
            file.truncate(256 << 20)
        call("mkfs.ext4", "-q", self.host / "disk.img")
        self.mount(self.host / "disk.img", self.live)

    def cut(self):
        with (self.host / "disk.img").open("rb") as disk, (self.host / "cut.img").open("wb") as cut:
            fcntl.ioctl(cut.fileno(), FICLONE, disk.fileno())

    def end(self):
        for where in reversed(self.mounted[:]):
            subprocess.run(["umount", "-l", where], capture_output=True)
        shutil.rmtree(self.folder, True)


class Writer(threading.Thread):
    """Keeps one session busy; `acks` holds what was acknowledged by now."""

    def __init__(self, store, session, flags, rng):
        super().__init__(daemon=True)
        self.store, self.session, self.flags, self.rng = store, session, flags, rng
        self.acks, self.over, self.problem = [], False, None

    def run(self):
        number = 0
        try:
            while not self.over:
                drafts = [draft(f"{self.session}-{number}-{i}",
                                payload={"text": "x" * self.rng.choice((10, 900, 20_000))})
                          for i in range(self.rng.randint(1, 12))]
                process = self.store.start("append", self.session, "-", *self.flags,
                                           stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                           stderr=subprocess.DEVNULL)
                with process.stdin as stdin:
                    stdin.write(to_lines(drafts))
                with process.stdout as stdout:
                    for line in stdout:
                        self.acks += acknowledged(line)
                check(process.wait() == 0, f"a writer ended with {process.returncode}")
                number += 1
        except (Violation, OSError) as problem:
            self.problem = problem


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


def run(options):
    if os.geteuid() != 0 or not all(shutil.which(tool) for tool in TOOLS):
        raise NotHere("power cuts need root and " + ", ".join(TOOLS))
    counts = {"cuts": 0, "acknowledged before a cut": 0, "torn": 0, "lost without fsync": 0}
    with Store(options.folder) as place:
        disks = Disks(place.folder)
        writers = []
        try:
            try:
                disks.begin()
            except subprocess.CalledProcessError as problem:
                raise NotHere(f"{problem}: {problem.stderr.decode().strip()}") from None
            store = Store(disks.live)
            rng = random.Random(options.seed)
            for number in options.numbers():
                for session in SESSIONS:
                    store.ok("create", f"{session}", "--name", f"n{number}")
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
                counts["cuts"] += 1
                shutil.rmtree(store.data)
        finally:
            for writer in writers:
                writer.over = True
                writer.join()
            disks.end()
    check(counts["lost without fsync"] > 0 or options.runs < 10, "the cuts do not bite")
    return counts
