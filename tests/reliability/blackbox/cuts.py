"""A write that stops at a byte: every event acknowledged before it stays, and the next append goes on."""

import random

from blackbox.store import Store, check, draft, to_lines


def unacknowledged_write(store, drafts):
    """The bytes that an append adds to the log, which is left as it was before."""
    log = store.log("s")
    before = log.read_bytes()
    session = store.data / "sessions" / "s.json"
    kept = session.read_bytes()
    store.append("s", drafts, "--batch")
    after = log.read_bytes()
    check(after.startswith(before), "an append changed what was there before")
    log.write_bytes(before)
    session.write_bytes(kept)
    return before, after[len(before):]


def run(options):
    """A run is one byte: all of the write's are tried if the runs are as many, else some of them."""
    counts = {"cuts": 0, "acknowledged": 0}
    rng = random.Random(options.seed)
    with Store(options.folder) as store:
        store.ok("create", "s")
        known = [f"a{i}" for i in range(3)]
        store.append("s", [draft(each) for each in known])
        drafts = [draft(f"b{i}", payload={"text": "x" * rng.randint(1, 300)}) for i in range(2)]
        before, write = unacknowledged_write(store, drafts)
        session = (store.data / "sessions" / "s.json").read_bytes()
        cuts = list(range(1, len(write)))
        for cut in sorted(rng.sample(cuts, min(options.runs, len(cuts)))):
            store.log("s").write_bytes(before + write[:cut])
            (store.data / "sessions" / "s.json").write_bytes(session)
            check(store.verdict("s") == "torn", f"cut at byte {cut}: not called torn")
            check(store.ids("s") == known, f"cut at byte {cut}: readers see other events")
            store.append("s", [draft("next")])
            store.check_clean("s", known + ["next"])
            counts["cuts"] += 1
            counts["acknowledged"] += len(known) + 1
    return counts
