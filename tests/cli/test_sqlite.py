"""Stores in an SQLite database, which the article's class writes to as well."""

import json
import os
import shutil
import signal
import sqlite3
import subprocess
import threading
import time
import unittest
from decimal import Decimal
from pathlib import Path

from article import ConcurrencyError, EventStore, SnapshottingAgent
from support import BIN, Case, main

CORPUS = os.environ.get("AGENTSTORE_CORPUS")


class DatabaseCase(Case):
    def setUp(self):
        super().setUp()
        self.database = self.folder / "data.db"
        self.store = f"sqlite:{self.database}"

    def tearDown(self):
        pass

    def article(self):
        store = EventStore(self.database)
        self.addCleanup(store.close)
        return store

    def rows(self, sql, *values):
        connection = sqlite3.connect(self.database)
        try:
            with connection:
                return connection.execute(sql, values).fetchall()
        finally:
            connection.close()

    def verified(self, session, status=0):
        outcome = self.run_it("verify", session, "--json")
        self.assertEqual(status, outcome.status, str(outcome))
        return outcome.json()["sessions"][0]


class BothWrite(DatabaseCase):
    def test_what_we_make_has_the_articles_tables_and_ours_beside(self):
        self.create("agent-1")
        tables = {name for name, in self.rows("SELECT name FROM sqlite_master WHERE type='table'")}
        self.assertLessEqual({"events", "snapshots"}, tables)
        own = tables - {"events", "snapshots", "sqlite_sequence"}
        self.assertTrue(own and all(name.startswith("agentstore_") for name in own), own)
        self.assertEqual([("wal",)], self.rows("PRAGMA journal_mode"))
        self.assertEqual(0o600, self.database.stat().st_mode & 0o777)

    def test_the_class_reads_what_we_write(self):
        self.create("agent-1")
        self.append("agent-1",
                    {"type": "FundsDeposited", "payload": {"amount": 100}, "event_id": "tx-1",
                     "timestamp": "2026-03-01T00:00:00.123456789Z"},
                    {"type": "BetPlaced", "payload": {"amount": 25.5, "é": "ü"}})
        events = list(self.article().load("agent-1"))
        self.assertEqual([0, 1], [event["version"] for event in events])
        self.assertEqual(["tx-1", "FundsDeposited", {"amount": 100}, {}],
                         [events[0][key] for key in ("event_id", "type", "data", "metadata")])
        self.assertEqual("2026-03-01T00:00:00.123456+00:00", events[0]["occurred_at"].isoformat())
        self.assertEqual({"amount": 25.5, "é": "ü"}, events[1]["data"])
        self.assertEqual("2026-03-01T00:00:00.123456789Z", self.events("agent-1")[0]["timestamp"])

    def test_we_read_what_the_class_writes(self):
        agent = SnapshottingAgent(self.article(), "agent-1")
        for amount in (100, 50.25):
            agent.record("FundsDeposited", {"amount": amount})
        agent.record("BetPlaced", {"amount": 30}, event_id="bad")
        self.assertEqual("120.25", str(self.ok("balance", "agent-1", "--json").json()["balance"]))
        listed = self.ok("sessions", "--json").json()["sessions"]
        self.assertEqual([("agent-1", 3, {"stream_type": "agent"})],
                         [(one["id"], one["event_count"], one["labels"]) for one in listed])
        self.assertEqual("unsealed", self.verified("agent-1")["verdict"])
        answer = self.ok("whatif", "agent-1", "--without", "bad", "--projection", "balance",
                         "--json").json()
        self.assertEqual(150.25, answer["fields"]["balance"]["counterfactual"])
        # Reading makes no table.
        self.assertEqual([(0,)], self.rows("SELECT count(*) FROM sqlite_master WHERE name GLOB 'agentstore_*'"))

    def test_both_append_in_turn_and_our_next_event_seals_the_rows_before_it(self):
        store = self.article()
        store.append("agent-1", "agent", "FundsDeposited", {"amount": 1}, -1)
        self.append("agent-1", {"type": "FundsDeposited", "payload": {"amount": 2}})
        store.append("agent-1", "agent", "FundsDeposited", {"amount": 4}, 1)
        found = self.verified("agent-1")
        self.assertEqual(("clean", 3, 2), (found["verdict"], found["events"], found["unsealed"]))
        self.assertEqual(1, self.run_it("verify", "agent-1", "--require-sealed").status)
        self.append("agent-1", {"type": "FundsDeposited", "payload": {"amount": 8}})
        with self.assertRaises(ConcurrencyError):
            store.append("agent-1", "agent", "FundsDeposited", {"amount": 9}, 2)
        self.refused(4, "append", "agent-1", "--type", "x", "--expect-version", "3",
                     saying="at 4")
        self.assertEqual(15, self.ok("balance", "agent-1", "--json").json()["balance"])
        # What was sealed cannot be changed without a finding.
        self.rows("UPDATE events SET data = '{\"amount\": 5}' WHERE version = 2")
        found = self.verified("agent-1", 1)
        self.assertEqual("damaged", found["verdict"])
        self.rows("UPDATE events SET data = '{\"amount\": 5}' WHERE version = 3")
        self.refused(1, "append", "agent-1", "--type", "x", saying="damaged")

    def test_every_change_of_a_sealed_row_is_found(self):
        self.create("s")
        self.append("s", *[{"type": "x", "payload": {"n": n, "text": "a b"}, "event_id": f"e{n}"}
                           for n in range(4)])
        kept = self.folder / "kept.db"
        connection = sqlite3.connect(self.database)
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        connection.close()
        shutil.copy(self.database, kept)
        for change in ("UPDATE events SET data='{\"n\":1}' WHERE version=1",
                       "UPDATE events SET data=data||' ' WHERE version=1",
                       "UPDATE events SET data=data||char(10) WHERE version=3",
                       "UPDATE events SET data=replace(data, 'a b', 'a'||char(10)||'b')",
                       "UPDATE events SET event_type='y' WHERE version=0",
                       "UPDATE events SET metadata='{\"k\":1}' WHERE version=2",
                       "UPDATE events SET event_id='e9' WHERE version=2",
                       "UPDATE events SET occurred_at='2026-03-01' WHERE version=2",
                       "UPDATE events SET occurred_at='soon' WHERE version=3",
                       "UPDATE events SET version=7 WHERE version=3",
                       "DELETE FROM events WHERE version=1", "DELETE FROM events WHERE version=3",
                       "DELETE FROM events", "DELETE FROM agentstore_seals WHERE version=1",
                       "UPDATE agentstore_seals SET hash=prev WHERE version=2",
                       "UPDATE agentstore_seals SET salt=NULL WHERE version=2",
                       "UPDATE agentstore_seals SET hash=x'00' WHERE version=3"):
            with self.subTest(change=change):
                shutil.copy(kept, self.database)
                self.rows(change)
                found = self.verified("s", 1)
                self.assertIn(found["verdict"], ("damaged", "lost"))
                self.assertTrue(found["findings"])

    def test_rows_that_are_gone_are_lost_until_that_is_accepted(self):
        self.create("s")
        self.append("s", "a")
        self.append("s", "b")
        self.ok("append", "s", "--batch", "-", stdin='{"type":"c"}\n' * 3)
        # Of a write that is not whole nothing stays.
        self.rows("DELETE FROM events WHERE version = 4")
        self.assertEqual("lost", self.verified("s", 1)["verdict"])
        self.refused(1, "append", "s", "--type", "x", saying="lost events")
        self.assertEqual(0, self.run_it("repair", "s", "--accept-loss").status)
        self.append("s", "d")
        self.assertEqual(["a", "b", "d"], [event["type"] for event in self.events("s")])
        self.assertEqual("clean", self.verified("s")["verdict"])

    def test_an_event_id_of_another_stream_is_a_conflict_that_says_so(self):
        self.create("a")
        self.create("b")
        self.append("a", {"type": "x", "event_id": "e"})
        self.refused(4, "append", "b", "--type", "x", "--event-id", "e",
                     saying=["session a", "unique over all sessions"])
        self.append("a", {"type": "x", "event_id": "e"})
        self.assertEqual(1, len(self.events("a")))

    def test_our_snapshots_are_none_of_the_articles(self):
        store = self.article()
        store.save_snapshot("cursor:s", 0, {"last_tx_id": "tx-77"})
        self.create("s")
        self.ok("append", "s", "--batch", "-",
                stdin='{"type":"FundsDeposited","payload":{"amount":0.5}}\n' * 2500)
        self.assertEqual([("cursor:s",)], self.rows("SELECT stream_id FROM snapshots"))
        self.assertLess(0, self.rows("SELECT count(*) FROM agentstore_snapshots")[0][0])
        self.assertEqual(1250, self.ok("balance", "s", "--json").json()["balance"])
        self.assertEqual(1250, SnapshottingAgent(store, "s").state["balance"])
        self.ok("verify", "s", "--caches")

    def test_a_redacted_payload_is_nowhere_in_the_files(self):
        self.create("s")
        self.append("s", {"type": "user_message", "payload": {"content": "Sekret-4711"}}, "x")
        self.assertEqual(0, self.run_it("redact", "s", "1", "--reason", "GDPR").status)
        for file in self.folder.iterdir():
            self.assertNotIn(b"Sekret-4711", file.read_bytes(), file)
        found = self.verified("s")
        self.assertEqual(("clean", 1), (found["verdict"], found["redacted"]))
        self.assertEqual([{}, {}], [event["data"] for event in self.article().load("s")][:2])

    def test_two_programs_at_once_lose_nothing(self):
        self.article()
        self.create("s")

        def ours():
            self.ok("append", "s", "-", stdin='{"type":"ours"}\n' * 100, timeout=120)

        writers = [threading.Thread(target=ours) for _ in range(2)]
        for writer in writers:
            writer.start()
        theirs = EventStore(self.database)
        written = 0
        while written < 50:
            try:
                theirs.append("s", "agent", "theirs", {}, theirs.version("s"))
                written += 1
            except ConcurrencyError:
                pass
        for writer in writers:
            writer.join()
        theirs.close()
        kinds = [event["type"] for event in self.events("s")]
        self.assertEqual((200, 50), (kinds.count("ours"), kinds.count("theirs")))
        self.assertEqual("clean", self.verified("s")["verdict"])

    def test_what_was_acknowledged_is_there_after_a_kill(self):
        self.create("s")
        for round_number in range(5):
            writer = self.start("append", "s", "-", stdin=subprocess.PIPE, stdout=subprocess.PIPE)
            threading.Thread(target=self.feed, args=(writer, round_number), daemon=True).start()
            seen = [json.loads(writer.stdout.readline()) for _ in range(20)]
            writer.send_signal(signal.SIGKILL)
            rest = writer.stdout.read().splitlines(keepends=True)
            seen += [json.loads(line) for line in rest if line.endswith(b"\n")]
            writer.wait()
            there = {event["event_id"] for event in self.events("s")}
            self.assertLessEqual({receipt["event_id"] for receipt in seen}, there)
            self.assertEqual("clean", self.verified("s")["verdict"])

    @staticmethod
    def feed(writer, round_number):
        try:
            for number in range(100_000):
                writer.stdin.write(b'{"type":"x","event_id":"%d-%d"}\n' % (round_number, number))
                writer.stdin.flush()
        except (BrokenPipeError, ValueError):
            pass

    def test_a_follower_sees_what_either_writes(self):
        store = self.article()
        store.append("s", "agent", "one", {}, -1)
        follower = self.start("replay", "s", "--follow", "--format", "jsonl",
                              stdout=subprocess.PIPE)
        self.assertEqual("one", json.loads(follower.stdout.readline())["type"])
        store.append("s", "agent", "two", {}, 0)
        self.assertEqual("two", json.loads(follower.stdout.readline())["type"])
        self.append("s", "three")
        self.assertEqual("three", json.loads(follower.stdout.readline())["type"])


class Commands(DatabaseCase):
    """What writes, and is not appending."""

    def test_names_and_labels(self):
        store = self.article()
        store.append("agent-1", "trader", "x", {}, -1)
        self.ok("label", "agent-1", "env=prod", "--name", "first")
        listed, = self.ok("sessions", "--json").json()["sessions"]
        self.assertEqual(("first", {"stream_type": "trader", "env": "prod"}),
                         (listed["name"], listed["labels"]))
        self.append("first", "y")
        self.assertEqual([("trader",)], self.rows("SELECT DISTINCT stream_type FROM events"))
        self.refused(4, "create", "other", "--name", "first", saying="first")
        self.refused(4, "create", "agent-1")

    def test_a_checkpoint_holds_the_database_to_what_it_was(self):
        key = self.folder / "key.pem"
        subprocess.run(["openssl", "genpkey", "-algorithm", "ed25519", "-out", key], check=True)
        key.chmod(0o600)
        self.create("s")
        self.append("s", "a", "b")
        self.assertEqual(0, self.run_it("checkpoint", "s", "--key", key, "--name", "x.org/a").status)
        self.append("s", "c")
        self.assertEqual("clean", self.verified("s")["verdict"])
        self.rows("DELETE FROM events WHERE version >= 1")
        self.rows("DELETE FROM agentstore_seals WHERE version >= 1")
        self.assertEqual("lost", self.verified("s", 1)["verdict"])

    def test_a_what_if_is_saved_as_a_session(self):
        agent = SnapshottingAgent(self.article(), "agent-1")
        for amount in (100, 50):
            agent.record("FundsDeposited", {"amount": amount})
        self.assertEqual(0, self.run_it("whatif", "agent-1", "--without", "1", "--save-as",
                                        "branch").status)
        self.assertEqual(50, self.ok("balance", "branch", "--json").json()["balance"])
        self.assertEqual(150, self.ok("balance", "agent-1", "--json").json()["balance"])

    def test_commands_are_decided_on_what_both_wrote(self):
        self.create("a")
        self.ok("submit", "a", "RegisterAgent", "--data", '{"agent_type":"casino"}')
        self.article().append("a", "agent", "FundsDeposited", {"amount": 5}, 0)
        self.refused(4, "submit", "a", "WithdrawFunds", "--data", '{"amount":6}', saying="5")
        self.ok("submit", "a", "WithdrawFunds", "--data", '{"amount":5}')
        self.assertEqual(0, self.ok("balance", "a", "--json").json()["balance"])

    def test_transcripts_are_imported(self):
        transcript = self.folder / "t.jsonl"
        transcript.write_text("".join(json.dumps({
            "type": kind, "sessionId": "7b7e7a52-0000-4000-8000-000000000001", "uuid": f"u-{n}",
            "timestamp": f"2026-03-01T00:00:0{n}Z", "version": "2.1.0", "cwd": "/x",
            "message": {"role": kind, "content": f"text {n}"}}) + "\n"
            for n, kind in enumerate(("user", "assistant"))))
        self.assertEqual(0, self.run_it("import", transcript).status)
        self.assertEqual(0, self.run_it("import", transcript).status)
        listed, = self.ok("sessions", "--json").json()["sessions"]
        self.assertEqual("clean", self.verified(listed["id"])["verdict"])


    @unittest.skipUnless(CORPUS, "AGENTSTORE_CORPUS is not set")
    def test_transcripts_of_sessions_that_share_records_are_imported_as_into_a_folder(self):
        records = Path(CORPUS) / "transcripts-2026"
        self.run_it("import", records)
        folder = {"AGENTSTORE_STORE": str(self.folder / "folder")}
        self.run_it("import", records, env=folder)
        for words in (("stats", "--json"), ("sessions", "--json"), ("replay", "--all", "--json")):
            answers = [self.run_it(*words, env=env).json() for env in (None, folder)]
            if words[0] == "replay":
                answers = [[one for one in answer if not one["type"].startswith("agentstore.source_")]
                           for answer in answers]
            for answer in answers:
                self.forget_ours(answer)
            self.assertEqual(*answers, words)

    def forget_ours(self, answer):
        """What is another one each time: hashes, ids, times of writing; and what a folder says of
        the files that it keeps."""
        for one in answer if isinstance(answer, list) else answer.values() if isinstance(answer, dict) else ():
            self.forget_ours(one)
        if isinstance(answer, dict):
            for name in ("salt", "prev", "hash", "recorded_at", "updated_at", "event_count"):
                answer.pop(name, None)
            if "labels" in answer: answer.pop("events", None)


class OfOtherPrograms(DatabaseCase):
    """Rows as other programs may write them."""

    def row(self, version, data="{}", metadata="{}", at="2026-03-01T00:00:00+00:00", kind="x",
            event_id=None, stream="s"):
        self.article().close()
        self.rows("INSERT INTO events (event_id, stream_id, stream_type, event_type, version, data,"
                  " metadata, occurred_at) VALUES (?, ?, 'agent', ?, ?, ?, ?, ?)",
                  event_id or f"{stream}-{version}", stream, kind, version, data, metadata, at)

    def test_the_spelling_of_a_row_is_frozen(self):
        self.row(0, '{"amount": 9007199254740993.10, "e":"\\u00e9"}', '{ "k" : 1 }',
                 "2026-03-01T01:00:00.5+01:00", "Bet placed", 'say "é"')
        self.row(1, '{"a": NaN, "b": [Infinity, -Infinity], "c": "NaN"}')
        self.row(2, "not json", "[]")
        lines = self.ok("replay", "s", "--format", "jsonl").lines()
        self.assertEqual(
            '{"session_id":"s","sequence_number":1,"type":"Bet placed",'
            '"payload":{"amount":9007199254740993.10,"e":"\\u00e9"},'
            '"timestamp":"2026-03-01T00:00:00.500000000Z","metadata":{"k":1},'
            '"row_event_id":"say \\"é\\""}', lines[0])
        self.assertEqual(
            '{"session_id":"s","sequence_number":2,"type":"x",'
            '"payload":{"a":"NaN","b":["Infinity","-Infinity"],"c":"NaN"},'
            '"timestamp":"2026-03-01T00:00:00.000000000Z","metadata":{},"row_event_id":"s-1",'
            '"row_data_sha256":"e9b3b5b87ce8b8bd6c4be7c0d8b7a3b53a2f3d5e"}'[:200], lines[1][:200])
        self.assertEqual(
            '{"session_id":"s","sequence_number":3,"type":"x","payload":"not json",'
            '"timestamp":"2026-03-01T00:00:00.000000000Z",'
            '"metadata":{"row_metadata":"[]"},"row_event_id":"s-2",'
            '"row_data_sha256":"7de02ea9daef4c6c9a2b3d7b6b7c1f3c"'[:180], lines[2][:180])
        self.assertEqual("unsealed", self.verified("s")["verdict"])

    def test_what_is_no_number_is_named_and_leaves_the_answer_incomplete(self):
        self.row(0, '{"amount": 5}', kind="FundsDeposited")
        self.row(1, '{"amount": NaN}', kind="FundsDeposited")
        outcome = self.run_it("balance", "s", "--json")
        self.assertEqual(7, outcome.status, str(outcome))
        answer = outcome.json()
        self.assertEqual(5, answer["balance"])
        self.assertEqual([2], answer["incomplete"])
        self.append("s", {"type": "FundsDeposited", "payload": {"amount": 1}})
        self.refused(2, "append", "s", "--type", "x", "--payload", '{"a":NaN}')
        self.assertEqual("clean", self.verified("s")["verdict"])

    def test_times_are_instants(self):
        forms = ["2026-03-01T00:00:00Z", "2026-03-01T02:30:00+02:30", "2026-03-01 00:00:00",
                 "2026-03-01", "20260301T000000Z", "2026-W09-7T00:00", "2026-060T00",
                 "2026-02-28T24:00:00,000Z", "2026-03-01T00:00:00.000000000000-00:00"]
        for version, form in enumerate(forms):
            self.row(version, at=form)
        self.assertEqual({"2026-03-01T00:00:00.000000000Z"},
                         {event["timestamp"] for event in self.events("s")})
        self.row(len(forms), at="2026-02-28T23:30:00-01:00")
        last = self.events("s", "--since", "2026-03-01T00:15:00Z")
        self.assertEqual([len(forms) + 1], [event["sequence_number"] for event in last])
        self.row(0, at="yesterday", stream="bad")
        self.assertIn("timestamp", self.verified("bad", 1)["findings"][0]["message"])

    def test_versions_with_a_gap_are_a_finding(self):
        self.row(1, stream="late")
        self.row(0, stream="gap")
        self.row(2, stream="gap")
        for stream in ("late", "gap"):
            self.assertEqual("sequence", self.verified(stream, 1)["findings"][0]["kind"])
            self.refused(1, "append", stream, "--type", "x", saying="is due")

    def test_streams_of_any_name_are_read(self):
        for stream in ("agents/1", "é ü", "@x", "x" * 300):
            self.row(0, stream=stream)
        self.assertEqual(4, len(self.ok("sessions", "--json").json()["sessions"]))
        self.assertEqual(4, len(self.ok("replay", "--all", "--format", "jsonl").lines()))


class BadInput(DatabaseCase):
    def test_a_missing_database(self):
        self.refused(3, "sessions", saying=str(self.database))
        self.assertFalse(self.database.exists())

    def test_a_name_is_that_of_a_file_whatever_sqlite_makes_of_it(self):
        for name in (":memory:", "file:x.db?mode=memory", "a#b%20?.db"):
            self.ok("create", "s", "--store", f"sqlite:{name}")
            self.assertTrue((self.folder / name).exists(), name)
            self.ok("sessions", "--store", f"sqlite:{self.folder / name}")

    def test_an_answer_never_takes_the_place_of_the_store(self):
        self.create("s")
        for words in (("export", "s"), ("replay", "s"), ("sessions",)):
            self.refused(2, *words, "-o", self.database, saying="it is the store")
        self.ok("verify", "s", "--json")
        self.refused(2, "sessions", "--store", "sqlite:", saying="no database is named")

    def test_what_is_no_database(self):
        self.database.write_text("hello")
        self.refused(2, "sessions", saying="is not an SQLite database")
        self.database.unlink()
        self.database.mkdir()
        self.refused(2, "sessions", saying="is not a file")

    def test_another_schema(self):
        self.rows("CREATE TABLE users (name TEXT)")
        self.refused(2, "sessions", saying=["of another schema", "users"])
        self.refused(2, "create", "s", saying="of another schema")
        self.rows("CREATE TABLE events (id INTEGER, stream_id TEXT)")
        self.refused(2, "sessions", saying="no column event_id")
        self.assertEqual(2, len(self.rows("SELECT name FROM sqlite_master")))

    def test_a_newer_version(self):
        self.create("s")
        self.rows("UPDATE agentstore_format SET format = 2")
        self.refused(2, "sessions", saying=["format 2", "newer agentstore"])

    def test_a_locked_one_is_busy(self):
        self.create("s")
        holder = sqlite3.connect(self.database, isolation_level=None)
        self.addCleanup(holder.close)
        holder.execute("BEGIN IMMEDIATE")
        self.refused(6, "append", "s", "--type", "x", "--lock-timeout", "1", saying="locked")
        self.ok("replay", "s")
        holder.execute("COMMIT")
        self.append("s", "x")

    def test_a_truncated_one_is_told_with_what_sqlite_finds(self):
        self.create("s")
        self.ok("append", "s", "--batch", "-",
                stdin='{"type":"x","payload":{"a":"%s"}}\n' % ("y" * 400) * 500)
        whole = self.database.read_bytes()
        self.database.write_bytes(whole[:len(whole) // 2])
        outcome = self.run_it("verify", "s", "--json")
        self.assertNotEqual(0, outcome.status, str(outcome))
        outcome = self.run_it("replay", "s", "--format", "jsonl")
        self.assertEqual(1, outcome.status, str(outcome))
        self.assertIn("malformed", outcome.err)

    def test_a_corrupt_page_is_a_finding_of_any_session(self):
        self.create("s")
        self.create("t")
        self.ok("append", "s", "--batch", "-",
                stdin='{"type":"x","payload":{"a":"%s"}}\n' % ("y" * 400) * 500)
        self.append("t", "x")
        damaged = bytearray(self.database.read_bytes())
        middle = len(damaged) // 2 // 4096 * 4096
        damaged[middle:middle + 4096] = b"\xff" * 4096
        self.database.write_bytes(damaged)
        outcome = self.run_it("verify", "t")
        self.assertEqual(1, outcome.status, str(outcome))
        self.assertIn("SQLite's own check", outcome.out + outcome.err)

    @unittest.skipUnless(os.geteuid() == 0, "only root can become somebody else")
    def test_a_read_only_one_is_read_and_not_written(self):
        self.create("s")
        self.append("s", "x")
        for mode, file in ((0o444, self.database), (0o555, self.folder)):
            file.chmod(mode)
        nobody = self.as_nobody()
        self.folder.chmod(0o555)
        outcome = self.run_it("replay", "s", "--format", "jsonl", **nobody)
        self.assertEqual((0, 1), (outcome.status, len(outcome.lines())), str(outcome))
        outcome = self.run_it("append", "s", "--type", "x", **nobody)
        self.assertEqual(5, outcome.status, str(outcome))
        self.assertIn("may only be read", outcome.err)
        self.folder.chmod(0o755)


@unittest.skipUnless(CORPUS, "AGENTSTORE_CORPUS is not set")
class Article(DatabaseCase):
    """The article's own database."""

    def setUp(self):
        super().setUp()
        shutil.copy(Path(CORPUS) / "sqlite/agent_state.db", self.database)
        self.database.chmod(0o600)
        self.expected = json.loads((Path(CORPUS) / "sqlite/expected.json").read_text())

    def state(self, session, projection, *words):
        outcome = self.run_it("state", session, "--projection", projection, "--json", *words)
        self.assertEqual(0, outcome.status, str(outcome))
        return json.loads(outcome.out, parse_float=Decimal, parse_int=Decimal)["state"]

    def check(self, expected, session, *words):
        self.assertEqual(Decimal(expected["balance"]),
                         self.state(session, "balance", *words)["balance"])
        pnl = self.state(session, "pnl", *words)
        for name in ("total_wagered", "total_won", "total_fees", "net_pnl", "bet_count",
                     "win_count"):
            self.assertEqual(Decimal(expected[name]), pnl[name], name)
        self.assertEqual({asset: Decimal(amount) for asset, amount in expected["holdings"].items()},
                         self.state(session, "portfolio", *words)["holdings"])

    def check_all(self):
        for session in ("agent-001", "agent-002", "portfolio-9"):
            self.check(self.expected[session], session)
            listed = self.ok("sessions", "--json").json()["sessions"]
            count = next(one["event_count"] for one in listed if one["id"] == session)
            self.assertEqual(self.expected[session]["events"], count)
        self.check(self.expected["agent-001 at 2026-03-01T00:00:00Z"], "agent-001",
                   "--at", "2026-03-01T00:00:00Z")
        without = self.expected["agent-001 without evt-bad-trade-uuid"]
        for name, field in (("pnl", "net_pnl"), ("pnl", "total_wagered")):
            answer = json.loads(self.ok("whatif", "agent-001", "--without", "evt-bad-trade-uuid",
                                        "--projection", name, "--json").out, parse_float=Decimal)
            self.assertEqual(Decimal(without[field]), answer["fields"][field]["counterfactual"])
            self.assertEqual(without["events"], answer["events"]["counterfactual"])

    def test_every_figure_through_the_store(self):
        self.check_all()

    def test_every_figure_after_both_have_written(self):
        self.append("agent-002", {"type": "note"})
        store = self.article()
        self.assertEqual(120, store.version("agent-002"))
        agent = SnapshottingAgent(store, "agent-002")
        self.assertAlmostEqual(12, agent.state["balance"])
        self.assertEqual('{"last_tx_id": "tx-77"}', store.load_snapshot("cursor:agent-001")["data"])


if __name__ == "__main__":
    main()
