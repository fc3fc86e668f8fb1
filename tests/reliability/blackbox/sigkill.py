"""A writer that is killed at any instant: what it acknowledged is in the log, and nothing twice."""

import random
import time

from blackbox.store import Store, acknowledged, check, draft, to_lines

LINE_BYTES = (50, 400, 4_000, 40_000, 300_000, 900_000)
ROTATE_BYTES = 12_000_000


def make_drafts(rng, run, aimed):
    large = LINE_BYTES[-1] if aimed else rng.choice(LINE_BYTES)
    count = rng.randint(1, 12 if large > 100_000 else 60)
    return [draft(f"r{run}-{i}", payload={"text": "x" * rng.randint(1, large)})
            for i in range(count)]


def wait_for_growth(log, writer):
    """Returns in the middle of a write, if the write is long."""
    size = log.stat().st_size if log.exists() else 0
    while writer.poll() is None:
        if log.exists() and log.stat().st_size != size:
            return


def kill_once(store, session, lines, delay, flags):
    """Starts a writer and kills it after `delay` seconds, or (None) when it begins to write; gives
    what it acknowledged."""
    drafts = store.folder / "drafts"
    drafts.write_bytes(lines)
    with drafts.open() as stdin, (store.folder / "acks").open("wb") as stdout:
        writer = store.start("append", session, "-", *flags, stdin=stdin, stdout=stdout)
        if delay is None:
            wait_for_growth(store.log(session), writer)
        else:
            time.sleep(delay)
        writer.kill()
        killed = writer.wait() < 0
    return acknowledged((store.folder / "acks").read_bytes()), killed


def run(options):
    counts = {"runs": 0, "killed": 0, "torn": 0, "acknowledged": 0, "unacknowledged but kept": 0,
              "half batches": 0}
    with Store(options.folder) as store:
        session, known, seconds = "s0", [], 0.05
        store.ok("create", session)
        for number in options.numbers():
            rng = random.Random(options.seed * 1_000_003 + number)
            aimed = number % 8 == 0
            drafts = make_drafts(rng, number, aimed)
            ids = [each["event_id"] for each in drafts]
            flags = ("--batch",) if aimed or rng.random() < 0.2 else ()
            delay = None if aimed else rng.uniform(0, seconds * 1.3)
            acks, killed = kill_once(store, session, to_lines(drafts), delay, flags)
            # In the middle of the work, however fast the machine is just now.
            if not aimed:
                seconds = min(1.0, max(0.01, seconds * (1.05 if killed else 0.9)))

            where = f"run {number}"
            check(acks == ids[:len(acks)], f"{where}: acknowledged out of order: {acks}")
            verdict = store.verdict(session)
            check(verdict in ("clean", "torn"), f"{where}: {verdict} after a kill")
            check(killed or verdict == "clean", f"{where}: torn without a kill")
            raw = store.raw_ids(session)
            new = [each for each in raw if each in set(ids)]
            check(set(acks) <= set(raw), f"{where}: acknowledged, not in the log")
            check(not flags or not acks or len(acks) == len(ids), f"{where}: half a batch acked")

            store.append(session, drafts, *flags)
            if number % 10 == 9 or len(known) < 20:
                store.check_clean(session, known + ids)
            else:
                mine = [each for each in store.raw_ids(session) if each in set(ids)]
                check(mine == ids, f"{where}: a second run left {mine}")
            known += ids
            counts["runs"] += 1
            counts["killed"] += killed
            counts["torn"] += verdict == "torn"
            counts["acknowledged"] += len(acks)
            counts["unacknowledged but kept"] += len(new) - len(acks) if not flags else 0
            counts["half batches"] += bool(flags) and 0 < len(new) < len(ids)
            if store.log(session).stat().st_size > ROTATE_BYTES:
                store.check_clean(session, known)
                store.log(session).unlink()
                session, known = f"s{number + 1}", []
                store.ok("create", session)
        store.check_clean(session, known)
    check(counts["torn"] > 0 or options.runs < 100, "no kill left a torn tail: it did not bite")
    return counts
