"""Kills, cut writes and a full disk on other file systems than that of the temporary folder: each
lies in a file on a loop device (tmpfs and overlayfs: in memory), made for the campaign."""

import copy
import subprocess
import tempfile
from pathlib import Path

from blackbox import cuts, enospc, sigkill
from blackbox.store import NotHere, check

# The smallest that mkfs makes; none of them is to be filled slowly.
IMAGES = {"xfs": (300 << 20, ["mkfs.xfs", "-q"]), "btrfs": (114 << 20, ["mkfs.btrfs", "-q"])}
MEMORY_BYTES = 64 << 20


def call(*words):
    try:
        done = subprocess.run([str(word) for word in words], capture_output=True)
    except FileNotFoundError as missing:
        raise NotHere(f"{missing.filename} is not installed") from missing
    if done.returncode != 0:
        raise NotHere(f"{' '.join(map(str, words))}: {done.stderr.decode().strip()}")


def mount_memory(where):
    call("mount", "-t", "tmpfs", "-o", f"size={MEMORY_BYTES}", "none", where)


def mount(kind, folder):
    """Mounts a new, empty file system; gives the folders to unmount, the last one first."""
    disk = folder / "disk"
    disk.mkdir()
    if kind == "tmpfs":
        mount_memory(disk)
        return [disk]
    if kind == "overlay":
        layers = folder / "layers"
        layers.mkdir()
        mount_memory(layers)
        for name in ("lower", "upper", "work"):
            (layers / name).mkdir()
        options = ",".join(f"{name}dir={layers / name}" for name in ("lower", "upper", "work"))
        call("mount", "-t", "overlay", "overlay", "-o", options, disk)
        return [layers, disk]
    size, mkfs = IMAGES[kind]
    image = folder / "image"
    with image.open("wb") as file:
        file.truncate(size)
    call(*mkfs, image)
    call("mount", "-o", "loop", image, disk)
    return [disk]


def attack(kind, options, folder):
    mounted = []
    try:
        mounted = mount(kind, folder)
        on_disk = copy.copy(options)
        on_disk.folder = mounted[-1]
        counts = {}
        for campaign in (sigkill, cuts):
            for name, count in campaign.run(on_disk).items():
                counts[name] = counts.get(name, 0) + count
        counts["full disks"] = enospc.fill_up(on_disk, mounted[-1])
        return counts
    finally:
        for each in reversed(mounted):
            subprocess.run(["umount", "-l", each], check=True)


def run(options):
    total, skipped = {}, []
    for kind in ("tmpfs", "overlay", "xfs", "btrfs"):
        with tempfile.TemporaryDirectory(prefix="blackbox.", dir=options.folder) as folder:
            try:
                counts = attack(kind, options, Path(folder))
            except NotHere as reason:
                skipped.append(kind)
                print(f"SKIPPED: {kind}: {reason}", flush=True)
                continue
        print(f"{kind}: " + ", ".join(f"{count:,} {name}" for name, count in counts.items()),
              flush=True)
        for name, count in counts.items():
            total[name] = total.get(name, 0) + count
    if len(skipped) == 4:
        raise NotHere("no file system can be mounted")
    check(total["cuts"] > 0 and total["full disks"] > 0, "nothing was attacked")
    return total
