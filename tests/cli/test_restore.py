"""Transcripts given back as they were: byte for byte, whatever happened to them between imports."""

import gzip
import hashlib
import json
import os
import random
import shutil
import signal
import subprocess
import time
import unittest
from pathlib import Path

from support import BIN, NOBODY, Case, main

SAMPLES = Path(__file__).resolve().parent.parent.parent / "sample-data/transcripts"
CORPUS = os.environ.get("AGENTSTORE_CORPUS")
SEED = int(os.environ.get("AGENTSTORE_TEST_SEED", "0")) or int(time.time())


def record(number, session="s1", text=None, **more):
    return json.dumps({"type": "user", "uuid": f"u-{session}-{number:04}", "sessionId": session, "cwd": "/w/shop",
                       "timestamp": f"2026-03-07T12:{number // 60 % 60:02}:{number % 60:02}Z",
                       "message": {"role": "user", "content": text or f"question number {number}"},
                       **more}) + "\n"


class Restore(Case):
    def setUp(self):
        super().setUp()
        self.claude = self.home / ".claude"
        self.log = self.claude / "projects/-w-shop/s1.jsonl"
        self.log.parent.mkdir(parents=True)

    def take(self, *paths, status=0):
        done = self.run_it("import", "--json", *(paths or [self.claude / "projects"]))
        self.assertEqual(status, done.status, done)
        return done.json()

    def back(self, session, *words, status=0):
        """What `restore` gives, below a fresh folder."""
        to = self.folder / f"back-{random.randrange(10 ** 9)}"
        done = self.run_it("restore", session, "--to", to, "--json", *words)
        self.assertEqual(status, done.status, done)
        return to, done.json() if done.out else None

    def kept(self, session):
        return [json.loads(line) for line in self.log_of(session).read_text().splitlines()
                if '"type":"agentstore.source_' in line]

    def events_of(self, session):
        return [event["type"] for event in self.kept(session)]

    def assert_back(self, session, path, *words):
        to, answer = self.back(session, *words)
        there = to / path.relative_to(self.claude)
        self.assertEqual(path.read_bytes(), there.read_bytes())
        return answer

    def test_the_sample_transcripts_come_back_byte_for_byte(self):
        shutil.copytree(SAMPLES / "claude", self.claude / "projects", dirs_exist_ok=True)
        codex = self.home / ".codex"
        shutil.copytree(SAMPLES / "codex", codex / "sessions")
        files = {path: path.read_bytes() for path in self.home.rglob("*.jsonl")}
        self.take(self.claude, codex)
        shutil.rmtree(self.claude)
        shutil.rmtree(codex)
        for session in self.ok("sessions", "--json").json()["sessions"]:
            if "parent_session" in session["labels"]: continue  # it comes with the other
            answer = self.ok("restore", session["id"], "--json").json()
            self.assertEqual({"written"}, {file["state"] for file in answer["files"]})
            self.assertGreater(answer["bytes"], answer["stored_bytes"])
            self.assertGreater(answer["legible_text_bytes"], 0.95 * answer["text_bytes"])
        self.assertEqual(files, {path: path.read_bytes() for path in self.home.rglob("*.jsonl")
                                 if path.parent.name != "-w-shop"})
        self.ok("verify")

    def test_what_people_and_agents_said_can_be_grepped_in_the_log(self):
        shutil.copytree(SAMPLES / "claude", self.claude / "projects", dirs_exist_ok=True)
        self.take()
        log = b"".join(path.read_bytes() for path in (self.store / "events").glob("*.jsonl"))
        said = found = 0
        for path in SAMPLES.glob("claude/**/*.jsonl"):
            for line in path.read_text().splitlines():
                content = json.loads(line).get("message", {}).get("content", [])
                texts = [content] if isinstance(content, str) else [
                    part["text"] for part in content if part.get("type") == "text"]
                for words in (words for text in texts for words in text.splitlines() if words):
                    said += len(words.encode())
                    found += len(words.encode()) if words.encode() in log else 0
        self.assertGreater(said, 200)
        self.assertGreaterEqual(found, 0.95 * said)

    def test_nothing_new_adds_no_event(self):
        self.log.write_text("".join(record(n) for n in range(20)))
        self.take()
        before = self.log_of("s1").read_bytes()
        self.assertEqual(["agentstore.source_kept"], self.events_of("s1"))
        payload = self.kept("s1")[0]["payload"]
        data = self.log.read_bytes()
        self.assertEqual({"file": "projects/-w-shop/s1.jsonl", "offset": 0, "bytes": len(data),
                          "sha256": hashlib.sha256(data).hexdigest(), "kept_as": "1.zst"}, payload)
        self.assertEqual(before.splitlines()[-1], self.log_of("s1").read_bytes().splitlines()[-1])
        os.utime(self.log)
        answer = self.take()
        self.assertEqual((0, 0), (answer["unchanged"], answer["source_bytes"]))
        self.assertEqual(before, self.log_of("s1").read_bytes())
        stats = self.ok("stats", "s1", "--json").json()
        self.assertEqual(20, stats["events"])
        self.assertNotIn("agentstore.source_kept", stats["by_type"])
        listed = self.ok("sessions", "-l", "--json").json()["sessions"]
        self.assertIn((20, stats["last_event_at"]), [(one["event_count"], one["last_event_at"]) for one in listed])

    def test_what_an_older_version_imported_is_kept_by_the_next_import(self):
        self.log.write_text(record(1))
        self.take()
        shutil.rmtree(self.store / "sources")
        for cache in (self.store / "cache").glob("imports*"): cache.unlink()
        lines = self.log_of("s1").read_text().splitlines(keepends=True)
        self.assertEqual(1, self.run_it("verify", "s1").status)
        self.assertEqual((0, 1), (self.take()["sessions"][0]["events"], len(lines) - 1))
        self.assert_back("s1", self.log)

    def test_growth_in_random_steps(self):
        rng = random.Random(SEED)
        whole = "".join(record(n, text="x" * rng.choice([3, 300, 9000]) + str(n)) for n in range(300)).encode()
        at = 0
        while at < len(whole):
            at = min(len(whole), at + rng.randrange(1, len(whole) // 4))
            self.log.write_bytes(whole[:at])
            self.take()
            lines = whole[:at].rfind(b"\n") + 1
            self.assertEqual(lines, sum(event["payload"]["bytes"] for event in self.kept("s1"))
                             if lines else 0, f"seed {SEED}, {at} bytes")
            if not lines: continue
            to, _ = self.back("s1")
            self.assertEqual(whole[:lines], (to / "projects/-w-shop/s1.jsonl").read_bytes(), f"seed {SEED}")
        self.assertEqual({"agentstore.source_kept"}, set(self.events_of("s1")))
        self.ok("verify", "s1")

    def test_a_last_line_without_a_newline(self):
        self.log.write_text(record(1) + record(2)[:-1])
        self.take()
        self.assert_back("s1", self.log)  # whole: an event was made of it
        with self.log.open("a") as file: file.write("\n" + record(3)[:30])
        self.take()
        to, _ = self.back("s1")
        self.assertEqual(record(1) + record(2), (to / "projects/-w-shop/s1.jsonl").read_text())
        with self.log.open("a") as file: file.write(record(3)[30:])
        self.take()
        self.assert_back("s1", self.log)
        self.ok("verify")

    def test_a_line_of_many_megabytes(self):
        self.log.write_text(record(1) + record(2, text="y" * (20 << 20)) + record(3))
        self.take()
        self.assert_back("s1", self.log)

    def test_a_file_that_was_changed_or_cut_is_kept_twice(self):
        first = "".join(record(n) for n in range(10)).encode()
        self.log.write_bytes(first)
        self.take()
        changed = first.replace(b"number 3", b"number X")
        for number, content in ((2, changed), (3, first[:len(first) // 2])):
            before = self.log.read_bytes()
            self.log.write_bytes(content)
            lines = content[:content.rfind(b"\n") + 1]
            answer = self.take()
            self.assertEqual(1, len(answer["changed"]))
            change = answer["changed"][0]
            self.assertEqual((str(self.log), "s1", len(before), hashlib.sha256(before).hexdigest(),
                              len(lines), hashlib.sha256(lines).hexdigest()),
                             (change["path"], change["session_id"], change["kept"]["bytes"],
                              change["kept"]["sha256"], change["found"]["bytes"],
                              change["found"]["sha256"]))
            self.assertEqual(["agentstore.source_changed", "agentstore.source_kept"],
                             self.events_of("s1")[-2:])
            self.assertEqual(f"{number}.zst", self.kept("s1")[-1]["payload"]["kept_as"])
            to, _ = self.back("s1")
            self.assertEqual(lines, (to / "projects/-w-shop/s1.jsonl").read_bytes())
        for number, content in ((1, first), (2, changed)):
            to, _ = self.back("s1", "--kept", number)
            self.assertEqual(content, (to / "projects/-w-shop/s1.jsonl").read_bytes())
        self.assertEqual(3, self.run_it("restore", "s1", "--kept", "9", "--to", self.folder / "x").status)
        # What was kept before is known again.
        self.log.write_bytes(first)
        self.assertEqual((0, []), (self.take()["source_bytes"], self.take()["changed"]))
        self.ok("verify")
        self.assertIn("changed", self.change_and_say(changed + b"{}\n" + record(99).encode()))

    def assert_given_back(self, files):
        """By restore without a word of a version: these files, by their names below the folder, and no others."""
        to, _ = self.back("s1")
        self.assertEqual({f"projects/{name}": content for name, content in files.items()},
                         {str(path.relative_to(to)): path.read_text() for path in to.rglob("*.jsonl")})

    def test_a_file_that_is_as_it_was_before_is_given_back_so(self):
        first = "".join(record(n) for n in range(10))
        cut = "".join(record(n) for n in range(5))
        for content in (first, cut, first, cut, first, first + record(10)):
            self.log.write_text(content)
            self.take()
            self.assert_given_back({"-w-shop/s1.jsonl": content})
        changes = [event["payload"] for event in self.kept("s1") if event["type"] == "agentstore.source_changed"]
        self.assertEqual([(len(first), len(cut), hashlib.sha256(cut.encode()).hexdigest())] * 2,
                         [(one["kept"]["bytes"], one["found"]["bytes"], one["found"]["sha256"]) for one in changes])
        self.assertEqual(["1.zst", "2.zst"], sorted(path.name for path in (self.store / "sources/s1").iterdir()))
        before = self.log_of("s1").read_bytes()
        os.utime(self.log)
        self.take()
        self.assertEqual(before, self.log_of("s1").read_bytes())
        self.ok("verify")

    def test_an_older_copy_is_kept_and_does_not_stand_for_the_file(self):
        copy = self.folder / "backup/.claude/projects/-w-shop/s1.jsonl"
        copy.parent.mkdir(parents=True)
        whole = "".join(record(n) for n in range(20))
        self.log.write_text(whole)
        copy.write_text("".join(record(n) for n in range(10)))
        for _ in range(2):
            shutil.rmtree(self.store / "cache", True)
            self.assertEqual([], self.take(self.claude / "projects", self.folder / "backup")["changed"])
            self.assert_given_back({"-w-shop/s1.jsonl": whole})
        self.assertEqual(2, len(self.events_of("s1")))
        to, _ = self.back("s1", "--kept", 2)
        self.assertEqual(copy.read_text(), (to / "projects/-w-shop/s1.jsonl").read_text())
        # The copy is renewed, and the file is gone.
        self.log.unlink()
        copy.write_text("".join(record(n) for n in range(15)))
        self.assertEqual([], self.take(self.folder / "backup")["changed"])
        self.assert_given_back({"-w-shop/s1.jsonl": whole})
        copy.write_text(record(0))
        self.assertEqual([str(copy)], [one["path"] for one in self.take(self.folder / "backup")["changed"]])
        self.assert_given_back({"-w-shop/s1.jsonl": whole})
        self.ok("verify")

    def test_of_copies_alone_the_longest_is_given_back(self):
        for name, lines in (("a", 20), ("b", 10)):
            copy = self.folder / name / "projects/-w-shop/s1.jsonl"
            copy.parent.mkdir(parents=True)
            copy.write_text("".join(record(n) for n in range(lines)))
            self.take(copy)
        self.assert_given_back({"-w-shop/s1.jsonl": "".join(record(n) for n in range(20))})

    def test_two_files_of_one_session_are_both_given_back(self):
        other = self.claude / "projects/-w-other/s1.jsonl"
        other.parent.mkdir()
        short, long = ("".join(record(n) for n in range(lines)) for lines in (10, 15))
        for mine, theirs in ((short, long), (long, short)):
            shutil.rmtree(self.store, True)
            self.log.write_text(mine)
            other.write_text(theirs)
            for _ in range(2):
                self.assertEqual([], self.take()["changed"])
                self.assert_given_back({"-w-shop/s1.jsonl": mine, "-w-other/s1.jsonl": theirs})
                shutil.rmtree(self.store / "cache")
            with other.open("a") as file: file.write(record(99))
            self.assertEqual([], self.take()["changed"])
            self.assert_given_back({"-w-shop/s1.jsonl": mine, "-w-other/s1.jsonl": theirs + record(99)})
            self.ok("verify")

    def change_and_say(self, content):
        self.log.write_bytes(content.replace(b"number 5", b"number Y"))
        return self.ok("import", self.claude / "projects").out

    def test_a_file_that_was_renamed_is_not_kept_twice(self):
        self.log.write_text("".join(record(n) for n in range(5)))
        self.take()
        there = self.claude / "projects/-w-other/s1.jsonl"
        there.parent.mkdir()
        self.log.rename(there)
        with there.open("a") as file: file.write(record(6))
        self.take()
        answer = self.assert_back("s1", there)
        self.assertEqual(["projects/-w-other/s1.jsonl"], [file["file"] for file in answer["files"]])
        self.assertEqual(["1.zst"], [path.name for path in (self.store / "sources/s1").iterdir()])

    def test_packed_and_outside_of_an_agents_folder(self):
        elsewhere = self.folder / "elsewhere"
        elsewhere.mkdir()
        (elsewhere / "s2.jsonl.gz").write_bytes(gzip.compress(record(1, "s2").encode()))
        self.take(elsewhere)
        to, answer = self.back("s2")
        self.assertEqual(record(1, "s2"), (to / "projects/-w-shop/s2.jsonl").read_text())

    def test_only_a_folder_of_claude_code_s_making_is_one_of_its_projects(self):
        places = {"projects/foo/logs/s2.jsonl": "projects/-w-shop/s2.jsonl",
                  "projects/s2.jsonl": "projects/-w-shop/s2.jsonl",
                  "backup/.claude/projects/-w-shop/s2.jsonl": "projects/-w-shop/s2.jsonl",
                  "backup/.claude/projects/-w-other/s2/subagents/agent-a.jsonl":
                      "projects/-w-other/s2/subagents/agent-a.jsonl"}
        for number, (place, name) in enumerate(places.items()):
            with self.subTest(place):
                path = self.folder / place
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(record(1, "s2"))
                store = self.folder / f"store-{number}"
                self.take(path, "--store", store)
                answer = self.run_it("restore", "s2", "--to", self.folder / "to", "--dry-run", "--json",
                                     "--store", store).json()
                self.assertEqual([name], [file["file"] for file in answer["files"]])

    def test_of_codex_a_rollout_in_any_folder_called_sessions_goes_to_its_day(self):
        path = self.folder / "sessions/of/mine/rollout-2026-03-07T12-00-00-c1.jsonl"
        path.parent.mkdir(parents=True)
        path.write_text(json.dumps({"timestamp": "2026-03-07T12:00:00.000Z", "type": "session_meta", "payload": {
            "id": "c1", "cwd": "/w/shop", "cli_version": "0.1", "originator": "x"}}) + "\n" + json.dumps(
            {"timestamp": "2026-03-07T12:00:01.000Z", "type": "response_item", "payload": {
                "type": "message", "role": "user", "content": [{"type": "input_text", "text": "hi"}]}}) + "\n")
        self.take(path)
        answer = self.run_it("restore", "c1", "--to", self.folder / "to", "--dry-run", "--json").json()
        self.assertEqual(["sessions/2026/03/07/" + path.name], [file["file"] for file in answer["files"]])

    def test_names_that_are_not_utf_8_come_back_as_they_were(self):
        names = [b"non\xff\xfeutf8", b"non\xff\xfdutf8"]
        for number, name in enumerate(names):
            folder = os.fsencode(self.claude / "projects") + b"/" + name
            os.mkdir(folder)
            Path(os.fsdecode(folder), f"t{number}.jsonl").write_text(record(1, f"t{number}"))
        self.take()
        for number, name in enumerate(names):
            to = self.folder / f"to-{number}"
            self.ok("restore", f"t{number}", "--to", to)
            self.assertEqual([name], os.listdir(os.fsencode(to / "projects")))
        self.ok("verify")

    def test_of_a_pipe_and_of_our_own_logs_nothing_is_kept(self):
        self.ok("import", "-", stdin=record(1))
        done = self.run_it("restore", "s1")
        self.assertEqual(3, done.status, done)
        self.assertIn("no transcript is kept", done.err)
        self.assertFalse((self.store / "sources").exists())

    def test_a_file_of_several_sessions_is_kept_with_the_one_that_it_is_named_after(self):
        self.log.write_text(record(1, "s0") + record(2, "s1") + record(3, "s1"))
        self.take()
        self.assert_back("s1", self.log)
        done = self.run_it("restore", "s0")
        self.assertEqual(3, done.status, done)
        self.assertIn("kept with session s1", done.err)
        before = self.log_of("s0").read_bytes()
        os.utime(self.log)
        self.take()
        self.assertEqual(before, self.log_of("s0").read_bytes())

    def test_what_is_there_is_never_written_over(self):
        self.log.write_text(record(1) + record(2))
        self.take()
        done = self.ok("restore", "s1")
        self.assertIn("is there already", done.out)
        self.log.write_text(record(1) + record(3))
        done = self.run_it("restore", "s1")
        self.assertEqual(4, done.status, done)
        self.assertIn("other bytes", done.err)
        self.assertEqual(record(1) + record(3), self.log.read_text())
        self.log.write_text(record(1) + record(2) + record(3))
        self.assertEqual(4, self.run_it("restore", "s1").status)
        self.log.unlink()
        self.assertIn("would be written", self.ok("restore", "s1", "--dry-run").out)
        self.assertFalse(self.log.exists())
        self.assertIn("written", self.ok("restore", "s1").out)
        self.assertEqual(0o600, self.log.stat().st_mode & 0o777)

    def test_two_restores_at_once(self):
        self.log.write_text("".join(record(n, text=os.urandom(2000).hex()) for n in range(2000)))
        self.take()
        content = self.log.read_bytes()
        for _ in range(5):
            self.log.unlink()
            runs = [subprocess.Popen([BIN, "restore", "s1"], env=self.environment(), cwd=self.folder,
                                     stdout=subprocess.DEVNULL, stderr=subprocess.PIPE) for _ in range(3)]
            told = [run.communicate(timeout=60)[1] for run in runs]
            self.assertEqual(([0] * 3, content), ([run.returncode for run in runs], self.log.read_bytes()), told)

    def forged(self, name):
        """A log that calls its file so, with every seal as it has to be."""
        self.log.write_text(record(1))
        self.take()
        own = self.log_of("s1")
        size = own.stat().st_size
        lines = own.read_text().splitlines(keepends=True)
        event = json.loads(lines[-1])
        payload = json.dumps({**event["payload"], "file": name}, separators=(",", ":"), ensure_ascii=False)
        raw = lines[-1]
        start = raw.index(',"payload":') + len(',"payload":')
        envelope, salt = raw[:start - len(',"payload":')], event["salt"]
        payload_hash = hashlib.sha256(bytes.fromhex(salt) + payload.encode()).hexdigest()
        entry = f'{envelope},"payload_hash":"{payload_hash}","prev":"{event["prev"]}"}}'
        digest = hashlib.sha256(b"\0" + entry.encode()).hexdigest()
        lines[-1] = f'{envelope},"payload":{payload},"salt":"{salt}","prev":"{event["prev"]}","hash":"{digest}"}}\n'
        own.write_text("".join(lines))
        self.assertNotEqual(0, size)

    def test_no_name_in_a_log_leads_out_of_the_folder(self):
        for name in ("../out.jsonl", "/tmp/agentstore-out.jsonl", "a/../../out.jsonl", "a//b", ".", "a/./b", ""):
            with self.subTest(name=name):
                shutil.rmtree(self.store, True)
                self.forged(name)
                to = self.folder / "to"
                done = self.run_it("restore", "s1", "--to", to)
                self.assertEqual(3, done.status, done)
                self.assertFalse(to.exists())
                self.assertFalse((self.folder / "out.jsonl").exists())
        shutil.rmtree(self.store, True)
        self.forged("a/b.jsonl")
        self.assertEqual(0, self.back("s1")[1]["files"][0]["redacted_lines"].__len__())

    def test_no_link_is_followed(self):
        self.log.write_text(record(1))
        self.take()
        outside = self.folder / "outside"
        outside.mkdir()
        for number, put in enumerate((
                lambda to: (to / "projects").symlink_to(outside),
                lambda to: ((to / "projects").mkdir(), (to / "projects/-w-shop").symlink_to(outside)),
                lambda to: ((to / "projects/-w-shop").mkdir(parents=True),
                            (to / "projects/-w-shop/s1.jsonl").symlink_to(outside / "s1.jsonl")))):
            to = self.folder / f"to-{number}"
            to.mkdir()
            put(to)
            done = self.run_it("restore", "s1", "--to", to)
            self.assertIn(done.status, (4, 5), done)
            self.assertEqual([], list(outside.iterdir()))
        link = self.folder / "link"
        link.symlink_to(outside)
        self.ok("restore", "s1", "--to", link)  # the folder that is named may be one
        self.assertTrue((outside / "projects/-w-shop/s1.jsonl").exists())

    @unittest.skipIf(os.geteuid() != 0, "needs root, to become somebody else")
    def test_a_folder_that_cannot_be_written_to(self):
        self.log.write_text(record(1))
        self.take()
        to = self.folder / "to"
        to.mkdir(mode=0o555)
        for path in (self.folder, self.store, self.home): os.chmod(path, 0o755)
        for path in self.store.rglob("*"): os.chmod(path, 0o755 if path.is_dir() else 0o644)
        done = self.run_it("restore", "s1", "--to", to, user=NOBODY)
        self.assertEqual(5, done.status, done)
        self.assertIn("Permission denied", done.err)

    def test_a_bit_that_flipped_is_found_and_not_given_back(self):
        self.log.write_text("".join(record(n) for n in range(50)))
        self.take()
        kept = self.store / "sources/s1/1.zst"
        data = bytearray(kept.read_bytes())
        data[len(data) // 2] ^= 1
        kept.write_bytes(data)
        done = self.run_it("verify", "--json")
        self.assertEqual(1, done.status)
        finding = done.json()["sessions"][0]["findings"][0]
        self.assertEqual("source", finding["kind"])
        self.assertIn("projects/-w-shop/s1.jsonl", finding["message"])
        to, _ = self.back("s1", status=1)
        self.assertEqual([], [path for path in to.rglob("*") if path.is_file()])
        kept.unlink()
        self.assertEqual("source", self.run_it("verify", "--json").json()["sessions"][0]["findings"][0]["kind"])
        # The next import that reads the file keeps it anew.
        os.utime(self.log)
        self.take()
        self.assert_back("s1", self.log)

    def test_redacted_lines_are_gone_and_named(self):
        secret = "hunter2 is the password of the vault"
        lines = [record(1), record(2, text=secret), record(3),
                 json.dumps({"type": "progress", "uuid": "u-p", "sessionId": "s1", "data": {
                     "type": "bash_progress", "output": secret}}) + "\n", record(5)]
        self.log.write_text("".join(lines))
        self.take()
        numbers = [event["sequence_number"] for event in map(json.loads, self.log_of("s1").read_text().splitlines())
                   if secret in json.dumps(event["payload"])]
        done = self.run_it("redact", "s1", *numbers, "--reason", "a secret")
        self.assertEqual((0, 1), (done.status, len(numbers)), done)
        for path in self.store.rglob("*"):
            if not path.is_file(): continue
            data = path.read_bytes()
            if path.suffix == ".zst":
                data = subprocess.run(["zstd", "-dcq", path], capture_output=True).stdout or data
            self.assertNotIn(secret.encode(), data, path)
        done = self.run_it("restore", "s1", "--to", self.folder / "to")
        self.assertEqual(7, done.status, done)
        self.assertIn("lines 2, 4", done.err)
        self.assertFalse((self.folder / "to/projects/-w-shop/s1.jsonl").exists())
        to, answer = self.back("s1", "--partial", status=7)
        there = (to / "projects/-w-shop/s1.jsonl").read_text().splitlines(keepends=True)
        self.assertEqual([lines[0], lines[2], lines[4]], [there[0], there[2], there[4]])
        self.assertEqual([{"redacted": True}] * 2, [json.loads(there[1]), json.loads(there[3])])
        self.assertEqual([2, 4], answer["files"][0]["redacted_lines"])
        self.ok("verify")
        # The agent's own file still has it: it is not kept again, grown or changed.
        with self.log.open("a") as file: file.write(record(6))
        self.take()
        self.log.write_text(self.log.read_text().replace("number 3", "number Z"))
        self.take()
        self.ok("verify")
        kept = subprocess.run(["zstd", "-dcq", self.store / "sources/s1/2.zst"], capture_output=True).stdout
        self.assertIn(b"number Z", kept)
        self.assertNotIn(f'"content": "{secret}"}}, '.encode(), kept.splitlines()[1])
        self.assertEqual({"redacted": True}, json.loads(kept.splitlines()[1]))

    def assert_nowhere(self, secret, store=None):
        for path in (store or self.store).rglob("*"):
            if not path.is_file(): continue
            data = path.read_bytes()
            if path.suffix == ".zst":
                data = subprocess.run(["zstd", "-dcq", path], capture_output=True).stdout or data
            self.assertNotIn(secret.encode(), data, path)

    def redact(self, session, secret, *words):
        done = self.run_it("redact", session, "--where", f"text LIKE '%{secret}%'", "--reason", "a secret", *words)
        self.assertEqual(0, done.status, done)

    def progress(self, number, text):
        return json.dumps({"type": "progress", "uuid": f"u-p-{number}", "sessionId": "s1",
                           "data": {"type": "bash_progress", "output": text}}) + "\n"

    def test_what_was_redacted_never_comes_back(self):
        secret = "hunter2 is the password of the vault"
        lines = [record(1), record(2, text=secret), record(3), self.progress(1, secret), record(5)]
        self.log.write_text("".join(lines))
        self.take()
        self.redact("s1", secret)
        self.assert_nowhere(secret)
        moved = self.log.parent.parent / "-w-other" / self.log.name
        moved.parent.mkdir()
        changes = {
            "read again": lambda: None,
            "a line that repeats it": lambda: self.append(self.progress(2, secret)),
            "another line that repeats it": lambda: self.append(self.progress(3, f"so {secret}!")),
            "changed": lambda: self.change("number 1", "number X"),
            "the record is gone, what repeats it is not": lambda: self.change(lines[1], ""),
            "the record says it otherwise": lambda: self.append(record(2, text=f"again: {secret}")),
            "both records": lambda: self.append(lines[1]),
            "moved": lambda: self.log.rename(moved),
            "copied back": lambda: self.log.write_bytes(moved.read_bytes()),
            "cut": lambda: self.change(record(5), "")}
        for name, change in changes.items():
            with self.subTest(name):
                change()
                for caches in (True, False):
                    if not caches: shutil.rmtree(self.store / "cache", ignore_errors=True)
                    for path in self.claude.rglob("*.jsonl"): os.utime(path)
                    self.take()
                    self.assert_nowhere(secret)
        self.take("--again", self.claude / "projects")
        self.assert_nowhere(secret)
        self.take("--keep-all", self.claude / "projects")
        self.assert_nowhere(secret)
        self.append(record(7))
        self.take()
        self.assert_nowhere(secret)
        self.ok("verify")

    def append(self, text):
        with self.log.open("a") as file: file.write(text)

    def change(self, old, new):
        self.log.write_text(self.log.read_text().replace(old, new))

    def test_of_codex_what_was_redacted_never_comes_back(self):
        secret = "hunter2 is the password of the vault"
        day = self.home / ".codex/sessions/2026/03/07"
        day.mkdir(parents=True)
        path = day / "rollout-2026-03-07T12-00-00-c1.jsonl"
        said = lambda number, text: json.dumps(
            {"timestamp": f"2026-03-07T12:00:{number:02}.000Z", "type": "response_item", "payload": {
                "type": "message", "role": "user", "content": [{"type": "input_text", "text": text}]}}) + "\n"
        first = json.dumps({"timestamp": "2026-03-07T12:00:00.000Z", "type": "session_meta", "payload": {
            "id": "c1", "cwd": "/w/shop", "cli_version": "0.1", "originator": "x"}}) + "\n"
        path.write_text(first + said(1, "hello") + said(2, secret) + said(3, "bye"))
        for store in (self.store, f"sqlite:{self.folder / 'a.db'}"):
            with self.subTest(store):
                self.take(day, "--store", store)
                self.redact("c1", secret, "--store", store)
                for words in ([], [], ["--again"], []):
                    with path.open("a") as file: file.write(said(4, "more"))
                    self.take(day, "--store", store, *words)
                    for session in self.ok("sessions", "--json", "--store", store).json()["sessions"]:
                        self.assertNotIn(secret, self.ok("replay", session["id"], "--format", "jsonl",
                                                         "--store", store).out)
        path.write_text(path.read_text().replace("hello", "jello"))
        self.take(day)
        self.assert_nowhere(secret)

    def test_of_two_sessions_in_a_file_what_was_redacted_of_either_stays_away(self):
        secret = "hunter2 is the password of the vault"
        self.log.write_text(record(1) + record(2, session="s2", text=secret) + record(3))
        self.take()
        self.redact("s2", secret)
        self.assert_nowhere(secret)
        self.change("number 1", "number X")
        self.take()
        self.assert_nowhere(secret)

    def test_a_copied_session_has_its_files_where_it_came_from(self):
        self.log.write_text(record(1))
        self.take()
        other = self.folder / "other"
        self.ok("copy", "s1", "--to", other)
        self.ok("verify", "--store", other)
        done = self.run_it("restore", "s1", "--store", other)
        self.assertEqual(3, done.status, done)
        self.assertIn("were not copied", done.err)

    def test_databases_keep_none_and_say_so(self):
        self.log.write_text(record(1))
        store = f"sqlite:{self.folder / 'a.db'}"
        done = self.run_it("import", self.log, "--store", store)
        self.assertEqual(0, done.status, done)
        self.assertEqual(1, done.err.count("keeps no transcripts"))
        done = self.run_it("restore", "s1", "--store", store)
        self.assertEqual(2, done.status, done)
        self.assertIn("data folder", done.err)

    def test_an_import_that_is_killed_loses_nothing(self):
        rng = random.Random(SEED)
        for session in range(30):
            path = self.log.parent / f"k{session}.jsonl"
            path.write_text("".join(record(n, f"k{session}", "z" * rng.randrange(2000)) for n in range(100)))
        for _ in range(8):
            run = subprocess.Popen([BIN, "import", self.claude / "projects"], env=self.environment(),
                                   cwd=self.folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            try:
                run.wait(rng.random() * 0.2)
            except subprocess.TimeoutExpired:
                run.send_signal(signal.SIGKILL)
                run.wait()
            if self.store.exists():
                done = self.run_it("verify", "--allow-empty", "--json")
                self.assertEqual(set(), {one["verdict"] for one in done.json()["sessions"]}
                                 - {"clean", "torn", "unsealed"}, f"seed {SEED}: {done}")
        self.take()
        self.ok("verify")
        for session in range(30):
            self.assert_back(f"k{session}", self.log.parent / f"k{session}.jsonl")

    def test_two_imports_at_once(self):
        for session in range(12):
            path = self.log.parent / f"t{session}.jsonl"
            path.write_text("".join(record(n, f"t{session}") for n in range(200)))
        runs = [subprocess.Popen([BIN, "import", self.claude / "projects"], env=self.environment(),
                                 cwd=self.folder, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
                for _ in range(3)]
        for run in runs: self.assertEqual(0, run.wait(), run.stderr.read())
        for run in runs: run.stderr.close()
        self.take()
        self.ok("verify")
        for session in range(12):
            self.assert_back(f"t{session}", self.log.parent / f"t{session}.jsonl")
            self.assertEqual(["agentstore.source_kept"], self.events_of(f"t{session}"))

    def test_a_disk_that_is_full(self):
        self.log.write_text("".join(record(n, text=os.urandom(3000).hex()) for n in range(300)))
        limit = "ulimit -f 600; exec \"$0\" \"$@\""  # no file over 600 KiB
        done = subprocess.run(["bash", "-c", limit, BIN, "import", self.claude / "projects"],
                              env=self.environment(), cwd=self.folder, capture_output=True,
                              preexec_fn=lambda: signal.signal(signal.SIGXFSZ, signal.SIG_IGN))
        self.assertEqual(5, done.returncode, done)
        self.take()
        self.ok("verify")
        self.assert_back("s1", self.log)

    def test_a_dry_run_writes_nothing(self):
        self.log.write_text(record(1))
        self.ok("import", "--dry-run", self.claude / "projects")
        self.assertFalse(self.store.exists())

    @unittest.skipUnless(CORPUS, "AGENTSTORE_CORPUS names no collection of logs")
    def test_the_corpus_comes_back(self):
        files = [path for path in sorted(Path(CORPUS).rglob("*.jsonl"))
                 if "projects" in path.parts and path.stat().st_size < 4 << 20][:40]
        if not files: self.skipTest("the corpus has no folder of projects")
        for path in files:
            below = self.claude / Path(*path.parts[path.parts.index("projects"):])
            below.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(path, below)
        kept = {path.relative_to(self.claude): path.read_bytes() for path in self.claude.rglob("*.jsonl")}
        self.take()
        to = self.folder / "all"
        said = legible = 0
        for session in self.ok("sessions", "--json").json()["sessions"]:
            done = self.run_it("restore", session["id"], "--to", to, "--json")
            if done.status != 0: continue  # no file of its own
            said += done.json()["text_bytes"]
            legible += done.json()["legible_text_bytes"]
        back = {path.relative_to(to): path.read_bytes() for path in to.rglob("*.jsonl")}
        for name, content in back.items():
            self.assertTrue(kept[name].startswith(content) and b"\n" not in kept[name][len(content):], name)
        self.assertGreater(len(back), len(kept) // 2)
        self.assertGreaterEqual(legible, 0.95 * said)


if __name__ == "__main__":
    main()
