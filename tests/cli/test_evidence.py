import base64
import json

from support import Case, main, make_go_folder

# RFC 8032, section 7.1, test 1: the key of the published vectors, no secret.
SEED = bytes.fromhex("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60")
# Made for this test: an Ed25519 key under a password, and an X25519 key.
ENCRYPTED = """-----BEGIN ENCRYPTED PRIVATE KEY-----
MIGbMFcGCSqGSIb3DQEFDTBKMCkGCSqGSIb3DQEFDDAcBAjkzkO+tl0t9AICCAAw
DAYIKoZIhvcNAgkFADAdBglghkgBZQMEASoEEEorGavxAQZgDx3YL1uWRYUEQNRw
mcztZaSc5WP7kMX0gUfTv/iIY5kbSFWtrylG4n6O+xAB+WjVWAwlUS7tWgUZHj+w
MsZ86NA4CUjcJxSxa/g=
-----END ENCRYPTED PRIVATE KEY-----
"""
X25519 = """-----BEGIN PRIVATE KEY-----
MC4CAQAwBQYDK2VuBCIEIKhf2V2YqredG/0JtRCs4/WnYRsFla761L7dA3KmvRpJ
-----END PRIVATE KEY-----
"""
PKCS8_HEAD = bytes.fromhex("302e020100300506032b657004220420")


class Evidence(Case):
    """What an auditor does with a log, and with what was kept of it elsewhere."""

    def setUp(self):
        super().setUp()
        self.create("s")
        for number in range(1, 5):
            self.append("s", {"type": "t", "event_id": f"e{number}",
                              "payload": {"secret": f"four score and {number}"}})
        self.log = self.log_of("s")
        self.key = self.folder / "audit.pem"
        self.write_key(PKCS8_HEAD + SEED)
        self.name = "example.com/audit"
        self.vkey = self.ok("checkpoint", *self.signer(), "--verifier-key").out.strip()

    def write_key(self, der):
        text = base64.encodebytes(der).decode()
        self.key.write_text(f"-----BEGIN PRIVATE KEY-----\n{text}-----END PRIVATE KEY-----\n")
        self.key.chmod(0o600)

    def signer(self):
        return "--key", self.key, "--name", self.name

    def checkpoint(self, session="s"):
        outcome = self.run_it("checkpoint", session, *self.signer())
        self.assertEqual(0, outcome.status, str(outcome))
        note = self.folder / f"{session}.note"
        note.write_bytes(outcome.bytes)
        return note

    def held_to(self, note, session="s"):
        return self.run_it("verify", session, "--checkpoint", note, "--key", self.vkey)

    def secret_is_gone(self, word):
        for path in self.store.rglob("*"):
            if path.is_file():
                self.assertNotIn(word.encode(), path.read_bytes(), str(path))

    def test_a_checkpoint_holds_while_the_log_only_grows(self):
        note = self.checkpoint()
        text = note.read_text().splitlines()
        self.assertEqual(["example.com/audit/s", "4"], text[:2])
        self.assertEqual(0, self.held_to(note).status)
        self.append("s", {"type": "t", "payload": {}})
        self.assertEqual(0, self.held_to(note).status)
        key_file = self.folder / "audit.vkey"
        key_file.write_text(self.vkey + "\n")
        self.ok("verify", "s", "--checkpoint", note, "--key", key_file)

    def test_a_log_that_was_cut_or_rewritten_is_lost(self):
        self.sound = False
        note = self.checkpoint()
        lines = self.log.read_bytes().splitlines(keepends=True)
        self.log.write_bytes(b"".join(lines[:2]))
        outcome = self.held_to(note)
        self.assertEqual(1, outcome.status, str(outcome))
        self.assertIn("LOST", outcome.out)
        self.assertEqual("lost", self.run_it("verify", "s", "--json").json()["sessions"][0]["verdict"])
        self.refused(1, "append", "s", "--type", "t", saying=["lost events", "--accept-loss"])
        self.refused(1, "repair", "s", saying="lost events")
        self.assertEqual(b"".join(lines[:2]), self.log.read_bytes())
        self.assertEqual(0, self.run_it("repair", "s", "--accept-loss").status)
        self.ok("append", "s", "--type", "t")
        self.assertEqual(0, self.run_it("verify", "s").status)
        self.assertEqual(1, self.held_to(note).status)  # The auditor's copy still says so.

    def test_a_note_that_was_touched_is_refused(self):
        note = self.checkpoint()
        text = note.read_text()
        lines = text.splitlines(keepends=True)
        for bad in ["", text[:-2], text[:40], "\n" + text, text + "x", text.replace("\n4\n", "\n04\n"),
                    "".join(lines[:3]), text.replace("— ", "- ")]:
            note.write_text(bad)
            self.refused(2, "verify", "s", "--checkpoint", note, "--key", self.vkey)
        for bad in [text.replace("\n4\n", "\n3\n"), text.replace("/s\n", "/t\n")]:
            note.write_text(bad)
            self.refused(1, "verify", "s", "--checkpoint", note, "--key", self.vkey, saying="wrong")
        note.write_text(text)
        for bad in ["", "x", self.vkey[:-4], self.vkey.replace("example.com", "example.org")]:
            self.assertIn(self.run_it("verify", "s", "--checkpoint", note, "--key", bad + "+").status,
                          (1, 2))
        self.refused(2, "verify", "s", "--checkpoint", note, saying="--key")
        self.refused(2, "verify", "--checkpoint", note, "--key", self.vkey, saying="one session")

    def test_a_note_of_another_session_does_not_hold(self):
        self.create("other")
        note = self.checkpoint("other")
        outcome = self.held_to(note)
        self.assertEqual(1, outcome.status, str(outcome))
        self.assertIn("another log", outcome.out)

    def test_a_key_has_to_be_ed25519_and_private(self):
        self.key.chmod(0o640)
        self.refused(2, "checkpoint", "s", *self.signer(), saying=["others can read", "owner"])
        self.key.chmod(0o600)
        self.key.write_text("no key at all")
        self.refused(2, "checkpoint", "s", *self.signer(), saying="not an Ed25519")
        self.key.write_text(ENCRYPTED)
        self.refused(2, "checkpoint", "s", *self.signer(), saying="encrypted")
        self.key.write_text(X25519)
        self.refused(2, "checkpoint", "s", *self.signer(), saying="not an Ed25519")
        self.refused(3, "checkpoint", "s", "--key", self.folder / "none.pem", "--name", "n")
        self.write_key(PKCS8_HEAD + SEED)
        self.refused(2, "checkpoint", "s", "--key", self.key, "--name", "two words", saying="key name")
        self.refused(3, "checkpoint", "nobody", *self.signer())

    def test_a_log_that_does_not_verify_is_not_signed(self):
        self.sound = False
        text = self.log.read_text()
        self.log.write_text(text.replace("score and 2", "score and 9"))
        self.refused(1, "checkpoint", "s", *self.signer(), saying="does not verify")

    def test_a_head_holds_or_not(self):
        digest = json.loads(self.log.read_text().splitlines()[2])["hash"]
        self.ok("verify", "s", "--head", f"{digest}@3")
        self.assertEqual(1, self.run_it("verify", "s", "--head", f"{digest}@2").status)
        self.assertEqual(1, self.run_it("verify", "s", "--head", f"{digest}@9").status)
        for bad in ["", "x@3", digest, f"{digest}@", f"{digest}@x"]:
            self.refused(2, "verify", "s", "--head", bad, saying="head")

    def test_a_redaction_removes_the_payload_and_leaves_the_proof(self):
        note = self.checkpoint()
        root = self.run_it("verify", "s", "--json").json()["sessions"][0]["root"]
        half_written = self.store / "snapshots/.s.json.0123456789abcdef.tmp"
        half_written.write_text("four score and 2")
        outcome = self.run_it("redact", "s", "2", "--reason", "GDPR", "--by", "dpo")
        self.assertEqual(0, outcome.status, str(outcome))
        self.assertIn("backups", outcome.err)
        self.secret_is_gone("four score and 2")
        self.assertEqual(0, self.held_to(note).status)
        answer = self.run_it("verify", "s", "--json").json()["sessions"][0]
        self.assertEqual(("clean", 5, 1), (answer["verdict"], answer["events"], answer["redacted"]))
        self.assertNotEqual(root, answer["root"])
        event = json.loads(self.ok("replay", "s", "--seq", "2", "--format", "jsonl").out)
        self.assertEqual((None, 5), (event["payload"], event["redacted"]))
        self.assertIn("(redacted by #5)", self.ok("replay", "s").out)
        why = json.loads(self.ok("replay", "s", "--seq", "5", "--format", "jsonl").out)["payload"]
        self.assertEqual((2, "GDPR", "dpo"), (why["sequence_number"], why["reason"], why["requested_by"]))
        # The id still names it: the same draft again is no second event.
        again = self.run_it("append", "s", "--type", "t", "--event-id", "e2", "--payload", "{}").json()
        self.assertEqual((2, True), (again["sequence_number"], again["duplicate"]))

    def test_what_cannot_be_redacted(self):
        self.refused(2, "redact", "s", "2", saying="reason")
        self.refused(2, "redact", "s", "2", "--reason", "", saying="reason")
        self.assertEqual(0, self.run_it("redact", "s", "e2", "--reason", "r").status)
        self.refused(4, "redact", "s", "2", "--reason", "r", saying="#5")
        self.refused(2, "redact", "s", "5", "--reason", "r", saying="own")
        self.refused(3, "redact", "s", "99", "--reason", "r")
        self.refused(3, "redact", "s", "no-such-id", "--reason", "r")
        self.refused(3, "redact", "nobody", "1", "--reason", "r")
        make_go_folder(self.folder / "go")
        self.refused(2, "redact", "flight-1", "1", "--reason", "r", "--store", self.folder / "go",
                     saying="not sealed")

    def test_a_redaction_reaches_snapshots_and_quarantine(self):
        drafts = "".join(json.dumps({"type": "bulk", "payload": {"secret": f"bulk secret {n}"}}) + "\n"
                         for n in range(1100))
        self.run_it("append", "s", "-", stdin=drafts)
        self.assertTrue((self.store / "snapshots/s.json").exists())
        number = len(self.log.read_bytes().splitlines()) + 1
        with open(self.log, "ab") as log:  # What a write leaves that was interrupted.
            log.write(b'{"session_id":"s","sequence_number":%d,"type":"bulk",'
                      b'"timestamp":"2026-03-07T12:00:00.000000000Z","metadata":{},"event_id":"torn",'
                      b'"payload":{"secret":"bulk secret 1099' % number)
        self.assertEqual(0, self.run_it("append", "s", "--type", "t").status)
        last = self.run_it("replay", "s", "--type", "bulk", "-n", "1", "--format", "jsonl").json()
        self.assertEqual(0, self.run_it("redact", "s", last["sequence_number"], "--reason", "r").status)
        self.secret_is_gone("bulk secret 1099\"}")
        self.ok("verify", "s", "--snapshots")

    def test_a_snapshot_that_lies_is_found_and_not_believed(self):
        drafts = "".join('{"type":"custom"}\n' for _ in range(1000))
        self.run_it("append", "s", "-", stdin=drafts)
        snapshot = self.store / "snapshots/s.json"
        before = self.ok("state", "s", "--json").out
        self.ok("verify", "s", "--snapshots")
        snapshot.write_text(snapshot.read_text().replace('"errors":0', '"errors":7'))
        self.assertEqual(before, self.ok("state", "s", "--json").out)
        self.ok("verify", "s")
        outcome = self.run_it("verify", "s", "--snapshots")
        self.assertEqual(1, outcome.status, str(outcome))
        self.assertIn("snapshot", outcome.out)

    def test_an_expected_head_is_held_to(self):
        lines = self.log.read_text().splitlines()
        head, older = json.loads(lines[-1])["hash"], json.loads(lines[-2])["hash"]
        self.refused(4, "append", "s", "--type", "t", "--expect-head", older, saying="head")
        self.ok("append", "s", "--type", "t", "--expect-head", head)
        self.refused(4, "append", "s", "--type", "t", "--expect-head", head)


class Repair(Case):
    def setUp(self):
        super().setUp()
        self.create("s")
        for number in range(1, 6):
            self.append("s", {"type": "t", "payload": {"n": number}})
        self.log = self.log_of("s")

    def kept(self):
        return {path.name: path.read_bytes() for path in (self.store / "quarantine/s").iterdir()}

    def test_nothing_to_repair(self):
        before = self.log.read_bytes()
        for words in [(), ("--dry-run",), ("--salvage",), ("--accept-loss",)]:
            self.assertIn("nothing to repair", self.ok("repair", "s", *words).out)
        self.assertEqual(before, self.log.read_bytes())
        self.refused(3, "repair", "nobody")

    def test_a_torn_end_is_cut_and_kept(self):
        whole = self.log.read_bytes()
        self.log.write_bytes(whole + b'{"session_id":"s","seq')
        dry = self.run_it("repair", "s", "--dry-run", "--json")
        self.assertEqual((1, True, 22), (dry.status, dry.json()["changed"], dry.json()["bytes_left_out"]))
        self.assertEqual(whole + b'{"session_id":"s","seq', self.log.read_bytes())
        self.assertEqual(0, self.run_it("repair", "s").status)
        self.assertTrue(self.log.read_bytes().startswith(whole))
        self.assertEqual([b'{"session_id":"s","seq'], list(self.kept().values()))
        self.assertIn("nothing to repair", self.ok("repair", "s").out)
        event = json.loads(self.log.read_text().splitlines()[-1])
        self.assertEqual("agentstore.log_repaired", event["type"])
        self.assertIs(False, event["payload"]["possible_ack_loss"])

    def test_damage_is_salvaged_when_asked(self):
        whole = self.log.read_bytes()
        hurt = whole.replace(b'{"n":3}', b'{"n":4}', 1)
        self.log.write_bytes(hurt)
        self.refused(1, "repair", "s", saying=["damaged", "--salvage"])
        dry = self.run_it("repair", "s", "--salvage", "--dry-run")
        self.assertEqual(1, dry.status, str(dry))
        self.assertEqual(hurt, self.log.read_bytes())
        self.assertEqual(0, self.run_it("repair", "s", "--salvage").status)
        self.assertEqual([hurt], list(self.kept().values()))
        self.assertIn("nothing to repair", self.ok("repair", "s", "--salvage").out)
        events = [json.loads(line) for line in self.log.read_text().splitlines()]
        self.assertEqual(["agentstore.log_salvaged"] + ["t"] * 5, [e["type"] for e in events])
        self.assertEqual([1, 2, 4, 4, 5], [e["payload"]["n"] for e in events[1:]])
        self.assertEqual([{}, {}, {"salvaged": "seal does not fit"}, {}, {}],
                         [e["metadata"] for e in events[1:]])
        self.ok("append", "s", "--type", "t")

    def test_glued_objects_come_apart(self):
        make_go_folder(self.store2())
        log = self.folder / "go/events/flight-1.jsonl"
        lines = log.read_text().splitlines(keepends=True)
        log.write_text("".join(lines[:3]) + lines[3][:50] + "".join(lines[4:]))
        self.assertEqual(0, self.run_it("repair", "flight-1", "--salvage", "--store", self.folder / "go").status)
        outcome = self.ok("replay", "flight-1", "--format", "jsonl", "--store", self.folder / "go")
        kinds = [json.loads(line)["type"] for line in outcome.lines()[1:]]
        self.assertEqual(["user_message", "tool_called", "tool_result", "llm_response", "error"], kinds)

    def store2(self):
        return self.folder / "go"

    def test_folds_say_what_they_read(self):
        self.sound = False
        lines = self.log.read_bytes().splitlines(keepends=True)
        self.log.write_bytes(lines[0] + b"garbage\n" + b"".join(lines[2:]))
        self.refused(1, "state", "s", saying="line 2")
        for command in ("state", "stats"):
            prefix = self.run_it(command, "s", "--json", "--on-corrupt", "prefix")
            self.assertEqual((0, True), (prefix.status, "line 2" in prefix.err), str(prefix))
            skip = self.run_it(command, "s", "--json", "--on-corrupt", "skip")
            self.assertEqual((7, True), (skip.status, "line 2" in skip.err), str(skip))
        self.assertEqual(4, self.run_it("stats", "s", "--json", "--on-corrupt", "skip").json()["events"])


if __name__ == "__main__":
    main()
