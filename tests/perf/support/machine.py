"""What the figures were measured on, and with which versions of the peers."""

import os
import platform
import re
import shutil
import subprocess

# A peer's name in the rows, and what prints its version.
PEERS = {
    "ripgrep": ["rg", "--version"],
    "jq": ["jq", "--version"],
    "coreutils (cat, wc)": ["cat", "--version"],
    "SQLite": ["sqlite3", "--version"],
}


def output(*command, cwd=None):
    return subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=True).stdout


def commit(source):
    short = output("git", "rev-parse", "--short=10", "HEAD", cwd=source).strip()
    changed = output("git", "status", "--porcelain", "--", "cmd", "formats", "lib", cwd=source)
    return short + " with changes" if changed.strip() else short


def cpu():
    with open("/proc/cpuinfo", encoding="utf-8") as lines:
        names = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    return f"{names[0] if names else platform.machine()}, {os.cpu_count()} cores"


def memory_gib():
    return round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30)


def file_system(folder):
    return output("df", "--output=fstype", str(folder)).split()[-1]


def describe(folder):
    return {"cpu": cpu(), "memory": f"{memory_gib()} GiB", "kernel": platform.release(),
            "file system": file_system(folder)}


def peer_versions():
    """Name to version; None where the peer is missing."""
    found = {}
    for name, command in PEERS.items():
        found[name] = None
        if shutil.which(command[0]):
            number = re.search(r"\d+(\.\d+)+", output(*command))
            found[name] = number.group() if number else "?"
    return found
