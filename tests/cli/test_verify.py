import fcntl
import hashlib
import json
import os
import re
import shutil
import socket
import subprocess
import threading

from support import Case, main

SALT = bytes(range(16))
START = "0" * 64


def digest(*parts):
    return hashlib.sha256(b"".join(parts)).digest()


def sealed_line(number, prev=START, kind="t", payload=b"{}", metadata=b"{}", event_id=None,
                session=b'"s"', time="2026-03-07T12:00:00.000000000Z"):
    """A line with the seal that the format defines for it, whatever it holds; and its hash."""
    event_id = event_id or json.dumps(f"e{number}").encode()
    envelope = (b'{"session_id":' + session + b',"sequence_number":%d,"type":"%s","timestamp":"%s"'
                % (number, kind.encode(), time.encode())
                + b',"metadata":' + metadata + b',"event_id":' + event_id)
    links = f',"payload_hash":"{digest(SALT, payload).hex()}","prev":"{prev}"}}'.encode()
    head = digest(b"\0", envelope, links).hex()
    seal = f',"salt":"{SALT.hex()}","prev":"{prev}","hash":"{head}"}}\n'.encode()
    return envelope + b',"payload":' + payload + seal, head


class Verify(Case):
    """Nothing is passed over, and nothing is clean beside a finding."""

    def setUp(self):
        super().setUp()
        self.sound = False
        self.create("a")
        self.create("b")
        for session in "ab":
            for number in range(1, 4):
                self.append(session, {"type": "t", "event_id": f"e{number}",
                                      "payload": {"amount": number}})

    def verified(self, *words, status=1, **more):
        outcome = self.run_it("verify", "--json", *words, **more)
        self.assertEqual(status, outcome.status, str(outcome))
        return {one["session_id"]: one for one in outcome.json()["sessions"]}

    def edit_log(self, session):
        log = self.log_of(session)
        log.write_bytes(log.read_bytes().replace(b'"amount":2', b'"amount":9'))

    def stand_ins(self, path):
        """Puts other things in the place of a file or folder, one after the other."""
        kept = path.with_name(".kept")
        path.rename(kept)
        for make in (lambda: path.symlink_to("nowhere"), lambda: path.symlink_to(kept.name),
                     lambda: os.mkfifo(path), lambda: self.bind(path), path.mkdir):
            make()
            yield path
            path.rmdir() if path.is_dir() and not path.is_symlink() else path.unlink()
        kept.rename(path)

    def all_say(self, word, path, *more):
        """Commands about all sessions do not end well, and name what cannot be read."""
        if not path.is_fifo():
            return  # What it is makes no difference to them.
        for words in (["sessions"], ["stats", "--all"], ["replay", "-a"],
                      ["balance", "--all-sessions"], *more):
            outcome = self.run_it(*words)
            self.assertNotEqual(0, outcome.status, str(outcome))
            self.assertIn(word, outcome.err, str(outcome))

    def bind(self, path):
        folder = os.getcwd()
        os.chdir(path.parent)  # A socket's path is short.
        try:
            with socket.socket(socket.AF_UNIX) as one:
                one.bind(path.name)
        finally:
            os.chdir(folder)

    def test_what_stands_in_for_a_session_file_does_not_hide_its_log(self):
        self.edit_log("a")
        for path in self.stand_ins(self.store / "sessions" / "a.json"):
            with self.subTest(str(path.lstat())):
                found = self.verified()
                self.assertEqual(["a", "b"], sorted(found))
                self.assertEqual("damaged", found["a"]["verdict"])
                self.assertEqual({"hash", "file"}, {one["kind"] for one in found["a"]["findings"]})
                self.assertEqual("clean", found["b"]["verdict"])
        (self.store / "sessions" / "b.json").write_text("{")
        found = self.verified("b")
        self.assertEqual("damaged", found["b"]["verdict"])
        self.assertIn("cannot be used", found["b"]["findings"][0]["message"])

    def test_a_session_whose_file_is_not_one_is_counted_from_its_log(self):
        for path in self.stand_ins(self.store / "sessions" / "a.json"):
            with self.subTest(str(path.lstat())):
                stats = self.run_it("stats", "--all", "--json")
                self.assertEqual((0, 6), (stats.status, stats.json()["events"]), str(stats))
                self.assertIn("a.json", stats.err)

    def test_what_stands_in_for_a_log_is_named_by_whoever_looks_at_all(self):
        for path in self.stand_ins(self.log_of("a")):
            with self.subTest(str(path.lstat())):
                found = self.verified()
                self.assertEqual(("damaged", "clean"), (found["a"]["verdict"],
                                                        found["b"]["verdict"]))
                self.assertEqual("file", found["a"]["findings"][0]["kind"])
                self.assertIn("a.jsonl", found["a"]["findings"][0]["message"])
                self.all_say("a.jsonl", path)

    def test_what_stands_in_for_the_folder_of_logs_is_named(self):
        for path in self.stand_ins(self.store / "events"):
            if path.is_dir() and not path.is_symlink():
                continue  # An empty folder is one of lost logs.
            with self.subTest(str(path.lstat())):
                found = self.verified()
                self.assertEqual(["a", "b"], sorted(found))
                for one in found.values():
                    self.assertEqual("damaged", one["verdict"])
                    self.assertIn("is not a folder", one["findings"][0]["message"])
                self.all_say("events", path, ["replay", "a"], ["state", "a"])

    def test_a_session_of_which_only_a_checkpoint_is_left_is_looked_at(self):
        key = self.folder / "key.pem"
        subprocess.run(["openssl", "genpkey", "-algorithm", "ed25519", "-out", key], check=True,
                       stderr=subprocess.DEVNULL)
        key.chmod(0o600)
        self.run_it("checkpoint", "a", "--key", key, "--name", "example.com/audit")
        self.log_of("a").unlink()
        (self.store / "sessions" / "a.json").unlink()
        found = self.verified()
        self.assertEqual("lost", found["a"]["verdict"])
        self.assertEqual("clean", found["b"]["verdict"])
        for words in (["sessions"], ["stats", "--all"], ["replay", "-a"],
                      ["balance", "--all-sessions"]):
            outcome = self.run_it(*words)
            self.assertEqual(7, outcome.status, str(outcome))
            self.assertIn("session a cannot be read: nothing but checkpoints", outcome.err)

    def test_over_nothing_there_is_no_verdict(self):
        empty = self.folder / "empty"
        for words, stdin in ((["--store", empty], b""), (["-"], b""), (["-"], b"")):
            if words[0] == "--store":
                self.run_it("create", "x", "--store", empty)
                (empty / "sessions" / "x.json").unlink()
            outcome = self.run_it("verify", *words, stdin=stdin)
            self.assertEqual(7, outcome.status, str(outcome))
            self.assertEqual("", outcome.out)
            self.assertIn("nothing was verified", outcome.err)
            outcome = self.run_it("verify", *words, "--json", stdin=stdin)
            self.assertEqual((7, []), (outcome.status, outcome.json()["sessions"]))
        self.create("c", "--store", empty)
        self.ok("verify", "--store", empty)
        outcome = self.run_it("verify", "--store", empty, "--require-sealed")
        self.assertEqual(7, outcome.status, str(outcome))
        self.assertIn("there is no event", outcome.err)

    def test_a_verdict_is_never_clean_beside_a_finding(self):
        self.run_it("redact", "a", "2", "--reason", "r")
        lines = self.log_of("a").read_bytes().splitlines(keepends=True)
        cut = self.folder / "cut.jsonl"
        cut.write_bytes(b"".join(lines[:3]))
        self.assertEqual("damaged", self.verified(cut)["a"]["verdict"])
        outcome = self.run_it("verify", "b", "--head", "0" * 64 + "@3", "--json")
        self.assertEqual((1, "lost"), (outcome.status, outcome.json()["sessions"][0]["verdict"]))

    def test_sealed_lines_that_the_format_forbids_are_found_by_every_reader(self):
        deep = b"[" * 300 + b"]" * 300
        for words, more in (
                ("duplicate key", {"metadata": b'{"tokens_in":1,"tokens_in":5}'}),
                ("duplicate key", {"payload": b'{"x":[{"a":1,"a":2}]}'}),
                ("UTF-8", {"payload": b'{"x":"\xff\xfe"}'}),
                ("UTF-8", {"metadata": b'{"model":"\xff"}'}),
                ("white space", {"payload": b'{"x" : 1}'}),
                ("white space", {"metadata": b"{ }"}),
                ("deeply", {"payload": deep}),
                ("type", {"kind": ""}), ("type", {"kind": "9 x"}),
                ("event_id", {"event_id": b'""'}), ("event_id", {"event_id": b'"a\\u0000"'}),
                ("event_id", {"event_id": b'"' + b"e" * 300 + b'"'}),
                ("tokens_in", {"kind": "llm_response", "metadata": b'{"tokens_in":"5"}'}),
                ("session_id", {"session": b'"\\u0073"'}),
                ("timestamp", {"time": "2026-03-07T12:00:00Z"})):
            with self.subTest(more):
                path = self.folder / "s.jsonl"
                bad, head = sealed_line(1, **more)
                path.write_bytes(bad + sealed_line(2, head)[0])
                found = self.verified(path)
                finding = next(iter(found.values()))["findings"][0]
                self.assertIn(words, finding["message"])
                outcome = self.run_it("replay", path, "--json")
                self.assertEqual((1, []), (outcome.status, outcome.json()), str(outcome))
        path.write_bytes(sealed_line(1)[0])
        self.ok("verify", path)

    def test_what_is_not_utf8_is_no_part_of_an_answer_in_json(self):
        path = self.folder / "s.jsonl"
        line = (b'{"session_id":"s","sequence_number":1,"type":"user_message","payload":{"text":'
                b'"a\xffb\xe2\x82"},"timestamp":"2026-03-07T12:00:00Z","metadata":{"model":"\xfe"}}')
        path.write_bytes(line + b"\n")
        for words in (["replay", "--json"], ["export", "--json"], ["state"], ["state", "--json"],
                      ["state", "--projection", "conversation", "--json"],
                      ["stats", "--by", "model", "--json"], ["verify", "--json"]):
            outcome = self.run_it(words[0], path, *words[1:])
            json.loads(outcome.bytes.decode())  # Strictly UTF-8.
            self.assertEqual(0, outcome.status, str(outcome))
        self.assertEqual(line + b"\n", self.run_it("replay", path, "--format", "jsonl").bytes)

    def test_double_keys_without_a_seal_are_named_and_mean_one_thing(self):
        for part in ("sessions", "events"):
            (self.folder / "other" / part).mkdir(parents=True)
        path = self.folder / "other" / "events" / "s.jsonl"
        path.write_text('{"session_id":"s","sequence_number":1,"type":"llm_response","payload":{},'
                        '"timestamp":"2026-03-07T12:00:00Z","metadata":{"tokens_in":1,"model":"a",'
                        '"cost_usd":1,"tokens_in":1000,"cost_usd":5,"model":"b"}}\n')
        found = self.verified(path)
        self.assertEqual("metadata", found["s"]["findings"][0]["kind"])
        stats = self.run_it("stats", path, "--json")
        self.assertEqual((1000, 5), (stats.json()["tokens_in"], stats.json()["cost_usd"]))
        self.assertIn("two keys in its metadata are equal", stats.err)
        state = self.run_it("state", path, "--json").json()["state"]
        self.assertEqual((1000, 5), (state["tokens"]["in"], state["tokens"]["cost_usd"]))
        summary = self.run_it("state", path, "--projection", "summary", "--json").json()["state"]
        self.assertEqual(1000, summary["total_tokens_used"])
        imported = self.run_it("import", path.parent.parent)
        self.assertEqual(0, imported.status, str(imported))
        self.assertIn("1000 tokens | $5", self.run_it("replay", "s").out.replace(",", ""))

    def test_equal_event_ids_are_found_and_name_no_event(self):
        text, head = b"", START
        for number, event_id in enumerate((b'"x"', b'"same"', b'"y"', b'"same"'), 1):
            line, head = sealed_line(number, head, event_id=event_id, session=b'"d"')
            text += line
        self.create("d")
        self.log_of("d").write_bytes(text)
        finding = self.verified("d")["d"]["findings"][0]
        self.assertEqual(("event_id", 4), (finding["kind"], finding["sequence_number"]))
        for words in (["append", "d", "--type", "t", "--event-id", "same"],
                      ["redact", "d", "same", "--reason", "r"], ["whatif", "d", "--without", "same"]):
            self.refused(4, *words, saying=["#2", "#4"])
        self.assertEqual(text, self.log_of("d").read_bytes())

    def test_a_redaction_under_way_is_no_finding(self):
        self.append("a", *({"type": "t", "payload": {"text": "x" * 40}} for _ in range(20)))
        done = threading.Event()

        def redact():
            try:
                for number in range(1, 13):
                    self.run_it("redact", "a", str(number), "--reason", "r")
            finally:
                done.set()

        other = threading.Thread(target=redact)
        other.start()
        verdicts = set()
        while not done.is_set():
            outcome = self.run_it("verify", "a", "--json")
            self.assertEqual(0, outcome.status, str(outcome))
            verdicts.add(outcome.json()["sessions"][0]["verdict"])
        other.join()
        self.assertLessEqual(verdicts, {"clean", "in_flight"})

    def test_an_unfinished_redaction_is_in_flight_while_its_writer_lives(self):
        before = self.log_of("a").read_bytes()
        self.run_it("redact", "a", "2", "--reason", "r")
        said = self.log_of("a").read_bytes().splitlines(keepends=True)[-1]
        self.log_of("a").write_bytes(before + said)  # What a crash leaves after its first step.
        with open(self.store / "locks" / "a.lock") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            self.assertEqual("in_flight", self.verified("a", status=0)["a"]["verdict"])
        found = self.verified("a")["a"]
        self.assertEqual("damaged", found["verdict"])
        self.assertIn("still there", found["findings"][0]["message"])
        self.run_it("append", "a", "--type", "t")
        self.assertEqual("clean", self.verified("a", status=0)["a"]["verdict"])

    def test_it_says_what_nothing_seals(self):
        outcome = self.ok("verify")
        self.assertTrue(re.search("names, labels and times of creation are not sealed", outcome.out))
        self.assertEqual(["name", "labels", "created_at"],
                         self.ok("verify", "--json").json()["not_sealed"])
        shutil.copy(self.log_of("b"), self.folder / "b.jsonl")
        self.assertNotIn("not sealed", self.ok("verify", self.folder / "b.jsonl").out)


if __name__ == "__main__":
    main()
