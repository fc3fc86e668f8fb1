"""A lock that somebody keeps, and copies of a folder that is being written to."""

import fcntl
import random
import re
import shutil
import subprocess
import threading
import time
from concurrent.futures import ThreadPoolExecutor

from blackbox.store import Store, check, draft, to_lines


def keep_lock(store, rng):
    """A writer gives up in time, says so, and stores nothing."""
    wait_ms = rng.randint(0, 400)
    before = store.ids("s")
    with (store.data / "locks/s.lock").open("r+") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        start = time.monotonic()
        one = store.run("append", "s", "--type", "note", "--lock-timeout", wait_ms)
        took_ms = (time.monotonic() - start) * 1000
    check(one.status == 6 and one.out == "", f"busy is exit 6:\n{one}")
    check("lock" in one.err and "try again" in one.err, f"busy says what to do:\n{one}")
    check(wait_ms <= took_ms < wait_ms + 8_000, f"waited {took_ms:.0f} ms of {wait_ms}")
    check(store.ids("s") == before, "busy stored something")


def wait_for_lock(store, rng, number):
    """A writer that waits gets the lock when it is free."""
    with (store.data / "locks/s.lock").open("r+") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        writer = store.start("append", "s", "--type", "note", "--event-id", f"w{number}",
                             stdout=subprocess.PIPE)
        time.sleep(rng.uniform(0, 0.3))
        check(writer.poll() is None, "a writer did not wait for the lock")
    writer.communicate()
    check(writer.returncode == 0, "a writer that waited did not get the lock")


def copy_folder(source, target):
    """cp -r; a temporary file that a writer renamed meanwhile is all that may be missing."""
    one = subprocess.run(["cp", "-r", source, target], stderr=subprocess.PIPE, text=True)
    missing = re.findall(r"^cp: .*\.tmp'.*: No such file or directory\n", one.stderr, re.MULTILINE)
    check("".join(missing) == one.stderr, f"cp failed:\n{one.stderr}")


def copy_alive(store, rng, number):
    """cp -r while writers work: the copy is clean, or torn in its last write; it goes on."""
    stop = threading.Event()

    def write(who):
        for i in range(10_000):
            if stop.is_set():
                return
            drafts = [draft(f"c{number}-{who}-{i}-{j}", payload={"text": "x" * 5_000})
                      for j in range(20)]
            store.append("s", drafts, *(("--batch",) if who == 1 else ()))

    copy = Store(store.folder)
    with ThreadPoolExecutor() as pool:
        writers = [pool.submit(write, who) for who in range(2)]
        try:
            time.sleep(rng.uniform(0.02, 0.2))
            copy_folder(store.data, copy.data)
        finally:
            stop.set()
    for each in writers:
        each.result()
    verdict = copy.verdict("s")
    check(verdict in ("clean", "torn"), f"a copy is {verdict}")
    original = store.ids("s")
    held = copy.ids("s")
    check(held == original[:len(held)], "a copy is not the beginning of the original")
    copy.append("s", [draft("after")])
    copy.check_clean("s", held + ["after"])
    shutil.rmtree(copy.folder)
    return verdict


def run(options):
    counts = {"timeouts": 0, "waits": 0, "copies": 0, "torn copies": 0}
    with Store(options.folder) as store:
        store.ok("create", "s")
        store.append("s", [draft("first")])
        for number in options.numbers():
            rng = random.Random(options.seed * 1_000_003 + number)
            keep_lock(store, rng)
            wait_for_lock(store, rng, number)
            verdict = copy_alive(store, rng, number)
            counts["timeouts"] += 1
            counts["waits"] += 1
            counts["copies"] += 1
            counts["torn copies"] += verdict == "torn"
            if store.log("s").stat().st_size > 20_000_000:
                store.check_clean("s")
                shutil.rmtree(store.data)
                store.ok("create", "s")
                store.append("s", [draft("first")])
        store.check_clean("s")
    return counts
