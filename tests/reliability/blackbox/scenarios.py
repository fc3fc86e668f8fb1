"""What a program is doing when a system call fails: how to begin it, run it, and judge the end."""

import subprocess

from blackbox.store import Store, acknowledged, check, draft, to_lines

SECRET = "a-secret-that-has-to-go"
BASE = [draft(f"base{i}") for i in range(4)]


class Scenario:
    """One run of the program in a store of its own. By default nothing but `words` has to be said."""

    def begin(self, store):
        store.ok("create", "s")
        store.append("s", BASE, "--batch")

    words = ()
    stdin = b""
    statuses = (0, 5)

    def judge(self, store, outcome):
        raise NotImplementedError

    @staticmethod
    def base():
        return [each["event_id"] for each in BASE]

    def go_on(self, store, ids):
        """The next append works, and the log holds exactly these events and that one."""
        store.append("s", [draft("after")])
        store.check_clean("s", [*ids, "after"])


class Create(Scenario):
    words = ("create", "s", "--name", "n")

    def begin(self, store):
        pass

    def judge(self, store, outcome):
        again = store.run("create", "s", "--name", "n")
        check(again.status in (0, 4), f"create again:\n{again}")
        check(outcome.status != 0 or again.status == 4, "a session that was made is not there")
        self.go_on(store, [])


class Append(Scenario):
    words = ("append", "s", "--type", "note", "--event-id", "new0", "--payload", '{"n":2}')
    drafts = [draft("new0", "note", {"n": 2})]
    flags = ()

    def judge(self, store, outcome):
        ids = [each["event_id"] for each in self.drafts]
        acks = acknowledged(outcome.bytes)
        check(acks == ids[:len(acks)], f"acknowledged {acks}")
        check(outcome.status != 0 or acks == ids, "status 0, and not all acknowledged")
        found = store.ids("s")
        check(found == self.base() + acks, f"acknowledged {acks}, a fresh process reads {found}")
        check(store.verdict("s") == "clean", "a failed append left something behind")
        store.append("s", self.drafts, *self.flags)
        self.go_on(store, self.base() + ids)


class AppendLines(Append):
    words = ("append", "s", "-")
    # Three writes: a group ends at a mebibyte.
    drafts = [draft(f"new{i}", payload={"text": "x" * 600_000}) for i in range(5)]
    stdin = to_lines(drafts)


class AppendBatch(Append):
    flags = ("--batch",)
    words = ("append", "s", "-", *flags)
    drafts = [draft(f"new{i}") for i in range(5)]
    stdin = to_lines(drafts)


class AppendTorn(Append):
    """The first append behind a write that was cut off."""

    def begin(self, store):
        super().begin(store)
        with store.log("s").open("ab") as log:
            log.write(b'{"session_id":"s","sequence_number":5,"ty')

    def judge(self, store, outcome):
        acks = acknowledged(outcome.bytes)
        check((outcome.status == 0) == bool(acks), "status and acknowledgement differ")
        check(store.ids("s") == self.base() + acks, f"acknowledged {acks}, read {store.ids('s')}")
        check(store.verdict("s") in ("clean", "torn"), "neither torn as before nor mended")
        store.append("s", self.drafts)
        self.go_on(store, self.base() + ["new0"])


class Import(Scenario):
    words = ("import", "export.json")

    def begin(self, store):
        with Store(store.folder) as other:
            other.ok("create", "s")
            other.append("s", BASE)
            other.ok("export", "s", "--format", "json", "-o", store.folder / "export.json")
        store.ok("create", "other")

    def judge(self, store, outcome):
        if store.run("replay", "s", "-q").status not in (1, 3):
            check(store.ids("s") == self.base(), "half a session was imported")
        else:
            check(outcome.status != 0, "status 0, and nothing was imported")
        store.ok("import", "export.json")
        self.go_on(store, self.base())


class Repair(AppendTorn):
    words = ("repair", "s")

    def judge(self, store, outcome):
        check(store.ids("s") == self.base(), "a repair changed what can be read")
        check(outcome.status != 0 or store.verdict("s") == "clean", "status 0, and still torn")
        store.ok("repair", "s")
        self.go_on(store, self.base())


class Salvage(Scenario):
    words = ("repair", "s", "--salvage")

    def begin(self, store):
        super().begin(store)
        store.append("s", [draft("lost")])
        store.append("s", [draft("kept")])
        log = store.log("s")
        log.write_bytes(log.read_bytes().replace(b'"lost"', b'"l\0\0t"'))

    def judge(self, store, outcome):
        verdict = store.verdict("s")
        check(verdict == "clean" if outcome.status == 0 else verdict in ("clean", "damaged"),
              f"status {outcome.status}, and {verdict}")
        store.ok("repair", "s", "--salvage")
        self.go_on(store, self.base() + ["kept"])


class Redact(Scenario):
    words = ("redact", "s", "3", "--reason", "asked to")
    statuses = (0, 5, 7)  # 7: it is gone, and what may hold a copy of it could not be read

    def begin(self, store):
        store.ok("create", "s")
        store.append("s", [draft(each["event_id"], payload={"text": SECRET}) if i == 2 else each
                           for i, each in enumerate(BASE)])

    def judge(self, store, outcome):
        shown = store.ok("replay", "s", "--format", "jsonl").out
        check(outcome.status == 5 or SECRET not in shown, "no error, and the payload is shown")
        again = store.run(*self.words)
        check(again.status in (0, 4), f"redact again:\n{again}")
        self.go_on(store, self.base())
        left = subprocess.run(["grep", "-rl", SECRET, store.data], capture_output=True, text=True)
        check(left.stdout == "", f"the payload is left in {left.stdout}")


class Checkpoint(Scenario):
    words = ("checkpoint", "s", "--key", "key.pem", "--name", "test.invalid/log")
    statuses = (0, 1, 5)  # 1: a file of the session could not be read, which `verify` reports

    def begin(self, store):
        super().begin(store)
        subprocess.run(["openssl", "genpkey", "-algorithm", "ed25519", "-out",
                        store.folder / "key.pem"], check=True, capture_output=True)
        (store.folder / "key.pem").chmod(0o600)

    def judge(self, store, outcome):
        check(outcome.status != 0 or "test.invalid/log/s\n4\n" in outcome.out, "no note was given")
        check(store.verdict("s") == "clean", "a checkpoint that failed did harm")
        store.ok(*self.words)
        self.go_on(store, self.base())


SCENARIOS = {kind.__name__: kind() for kind in (
    Create, Append, AppendLines, AppendBatch, AppendTorn, Import, Repair, Salvage, Redact,
    Checkpoint)}
