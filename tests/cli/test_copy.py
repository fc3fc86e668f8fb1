"""Sessions copied between stores of every kind, and asked in both."""

import json
import os
import shutil
import sqlite3
import unittest
from pathlib import Path

from article import EventStore
from casino import make_account
from support import Case, main, make_go_folder

CORPUS = os.environ.get("AGENTSTORE_CORPUS")

# Every reading command that gives an answer under a schema, and the screens for people.
QUESTIONS = [
    ("sessions", "--json"), ("sessions",), ("sessions", "-l", "--json"),
    ("replay", "agent-001"), ("replay", "agent-001", "--format", "jsonl"),
    ("replay", "agent-001", "--json"),
    ("replay", "agent-001", "-n", "2"),
    ("replay", "agent-001", "--reverse"), ("replay", "agent-001", "--seq", "3..4"),
    ("replay", "agent-001", "--since", "2026-03-01T00:00:03Z", "--json"),
    ("replay", "agent-001", "--type", "Bet*", "--json"),
    ("replay", "agent-001", "--where", "amount > 100", "--json"),
    ("replay", "agent-001", "--state", "--projection", "balance"),
    ("replay", "--all", "--format", "jsonl"), ("replay", "agent-001@3"),
    ("state", "agent-001", "--json"), ("state", "agent-001", "--seq", "4", "--json"),
    ("state", "agent-001", "--at", "2026-03-01T00:00:02Z", "--json"),
    ("state", "agent-001", "--projection", "pnl", "--json"),
    ("state", "agent-001", "--projection", "summary", "--json"),
    ("state", "flight-1", "--projection", "conversation", "--json"),
    ("stats", "--json"), ("stats", "agent-001", "--json"), ("stats", "--by", "type", "--json"),
    ("stats", "flight-1"), ("balance", "agent-001", "--json"),
    ("balance", "agent-001", "--each", "event", "--json"), ("balance", "agent-001"),
    ("whatif", "agent-001", "--without", "evt-bad-trade", "--json"),
    ("whatif", "agent-001", "--without", "5", "--cascade"),
    ("whatif", "agent-001", "--replace", '5={"amount":10}', "--projection", "pnl", "--json"),
    ("blame", "agent-001", "/data/BetPlaced/amount", "--json"),
    ("bisect", "agent-001", "total_wagered > 400", "--json"),
    ("diff", "agent-001@3", "agent-001@6", "--json"), ("diff", "agent-001", "bets", "--json"),
    ("verify", "--json"), ("verify", "agent-001"), ("export", "agent-001"),
    ("export", "agent-001", "--format", "jsonl"),
]


class Copy(Case):
    def setUp(self):
        super().setUp()
        self.database = self.folder / "copy.db"
        self.there = f"sqlite:{self.database}"
        self.other = {"AGENTSTORE_STORE": self.there}

    def copy(self, *words, **more):
        outcome = self.run_it("copy", "--from", self.store, "--to", self.there, *words, "--json",
                              **more)
        self.assertEqual(0, outcome.status, str(outcome))
        return outcome.json()

    def fill(self):
        """A log of ours, one with a batch and a redaction, one of the Go library, an empty one."""
        make_account(self)
        self.create("bets", "--name", "näme", "--label", "env=prod")
        self.ok("append", "bets", "--batch", "-", stdin=(
            '{"type":"BetPlaced","payload":{"amount":9007199254740993.01,"t":"\\ud800 \\u2028 é"},'
            '"event_id":"evt-b-1"}\n' * 1 + '{"type":"BetWon","payload":1e400}\n'))
        self.append("bets", {"type": "user_message", "payload": {"content": "secret"}})
        self.assertEqual(0, self.run_it("redact", "bets", "3", "--reason", "asked").status)
        self.create("empty")
        make_go_folder(self.folder / "go")
        self.assertEqual(0, self.run_it("import", "go").status)

    @staticmethod
    def placeless(text, *places):
        for place in places:
            text = text.replace(str(place), "STORE")
        return text

    def test_every_question_has_the_same_answer(self):
        self.fill()
        self.copy("--all")
        for words in QUESTIONS:
            with self.subTest(words=words):
                here = self.run_it(*words)
                there = self.run_it(*words, env=self.other)
                self.assertIn(here.status, (0, 1), str(here))
                self.assertEqual(here.status, there.status, str(there))
                self.assertEqual(here.out, there.out)
                self.assertEqual(self.placeless(here.err, self.store),
                                 self.placeless(there.err, self.there))

    def test_what_is_copied_again_is_only_what_is_new(self):
        self.fill()
        first = self.copy("--all")
        self.assertEqual("agentstore/copy/1", first["schema"])
        self.assertEqual((5, 0), (first["copied"], first["failed"]))
        again = self.copy("--all")
        self.assertEqual((5, 0, first["events"]),
                         (again["copied"], again["events"], again["already"]))
        self.append("agent-001", "note")
        more = self.copy("agent-001")
        one, = more["sessions"]
        self.assertEqual((1, 7, False), (one["events"], one["already"], one["created"]))
        self.assertEqual(self.ok("verify", "agent-001", "--json").json()["sessions"][0]["head"],
                         one["head"])
        outcome = self.run_it("copy", "--from", self.store, "--to", self.there, "agent-001")
        self.assertEqual("session agent-001: 0 events copied, 8 there before, compared\n"
                         "Total: 1 session, 0 events copied, 8 there before\n", outcome.out)

    def test_back_into_a_folder_not_a_byte_has_changed(self):
        self.fill()
        self.copy("--all")
        outcome = self.run_it("copy", "--from", self.there, "--to", "back", "--all")
        self.assertEqual((0, ""), (outcome.status, outcome.err), str(outcome))
        for log in sorted((self.store / "events").iterdir()):
            self.assertEqual(log.read_bytes(), (self.folder / "back/events" / log.name).read_bytes())
        listed = [self.ok("sessions", "--json", env={"AGENTSTORE_STORE": store}).json()
                  for store in (str(self.store), str(self.folder / "back"))]
        self.assertEqual(listed[0], listed[1])

    def test_sessions_that_share_event_ids_are_copied_and_stay_apart(self):
        for session in ("one", "two"):
            self.create(session)
            self.append(session, {"type": "x", "event_id": "shared"})
        self.copy("--all")
        ids = {row[0] for row in sqlite3.connect(self.database).execute(
            "SELECT event_id FROM events")}
        self.assertIn("shared", ids)
        self.assertTrue({"one/shared", "two/shared"} & ids, ids)
        for session in ("one", "two"):
            self.assertEqual("shared", json.loads(self.ok(
                "replay", session, "--format", "jsonl", env=self.other).out)["event_id"])
            again = self.ok("append", session, "-", env=self.other,
                            stdin='{"type":"x","event_id":"shared"}\n').out
            self.assertTrue(json.loads(again)["duplicate"])

    def test_another_history_is_a_conflict_and_the_others_are_copied(self):
        for session in ("one", "two"):
            self.create(session)
            self.append(session, "x")
        self.ok("create", "one", env=self.other)
        self.ok("append", "one", "--type", "y", env=self.other)
        outcome = self.run_it("copy", "--from", self.store, "--to", self.there, "--all", "--json")
        self.assertEqual(4, outcome.status, str(outcome))
        self.assertIn("another history", outcome.err)
        answer = outcome.json()
        self.assertEqual((1, 1), (answer["copied"], answer["failed"]))
        self.assertEqual(2, len(self.ok("sessions", "--json", env=self.other).json()["sessions"]))

    def test_what_cannot_be_copied(self):
        self.create("s")
        self.refused(2, "copy", "--to", self.there, saying="no session is named")
        self.refused(2, "copy", "--to", self.there, "--all", "s", saying="beside --all")
        self.refused(2, "copy", "--all", saying="--to")
        self.refused(3, "copy", "--to", self.there, "nothing")
        self.append("s", {"type": "note"})
        self.refused(2, "copy", "--to", self.there, "s@1", saying="a point of")
        self.refused(3, "copy", "--from", "missing", "--to", self.there, "--all")
        self.refused(2, "copy", "--to", "claude:", "--all", saying="another tool's folder")
        self.assertFalse(self.database.exists())

    def test_a_kill_leaves_whole_sessions(self):
        for number in range(20):
            self.create(f"s{number}")
            self.ok("append", f"s{number}", "--batch", "-", stdin='{"type":"x"}\n' * 50)
        process = self.start("copy", "--from", self.store, "--to", self.there, "--all")
        while process.poll() is None and not self.database.exists():
            pass
        process.kill()
        process.wait()
        if self.database.exists() and self.run_it("sessions", env=self.other).status == 0:
            listed = self.ok("sessions", "--json", env=self.other).json()["sessions"]
            self.assertEqual({50}, {one["event_count"] for one in listed} | {50})
        self.assertEqual((20, 0), (lambda a: (a["copied"], a["failed"]))(self.copy("--all")))

    def test_rows_of_another_program_go_into_a_folder_as_they_are(self):
        store = EventStore(self.database)
        store.append("agent-1", "agent", "FundsDeposited", {"amount": 1}, -1, event_id="e1")
        self.ok("append", "agent-1", "--type", "note", env=self.other)
        store.append("agent-1", "agent", "FundsDeposited", {"amount": 2}, 1)
        store.close()
        outcome = self.run_it("copy", "--from", self.there, "--to", "back", "--all")
        self.assertEqual(0, outcome.status, str(outcome))
        self.assertIn("copied as they are", outcome.err)
        back = {"AGENTSTORE_STORE": str(self.folder / "back")}
        self.assertEqual(self.ok("replay", "agent-1", "--format", "jsonl", env=self.other).out,
                         self.ok("replay", "agent-1", "--format", "jsonl", env=back).out)
        self.assertEqual(3, self.ok("balance", "agent-1", "--json", env=back).json()["balance"])
        answer = self.ok("whatif", "agent-1", "--without", "e1", "--json", env=back).json()
        self.assertEqual(2, answer["events"]["counterfactual"])


class Fork(Case):
    """`copy S@N` inside a store: a session that ends where it is to go on differently."""

    def setUp(self):
        super().setUp()
        self.create("s", "--label", "team=a")
        self.append("s", {"type": "user_message", "payload": {"content": "hi"}, "event_id": "e1"},
                    {"type": "note", "event_id": "e2", "metadata": {"causation_id": "e1"}},
                    {"type": "note", "payload": {"n": 9007199254740993.0}})

    def fork(self, *words):
        answer = self.ok("copy", *words, "--json").json()
        self.assertEqual("agentstore/copy/1", answer["schema"])
        return answer["sessions"][0]

    def test_a_beginning_goes_on_as_a_session_of_its_own(self):
        before = self.log_of("s").read_bytes()
        made = self.fork("s@2", "--id", "t", "--name", "again")
        self.assertEqual(("t", 2, "s", 2), tuple(made[key] for key in (
            "session_id", "events", "forked_from", "forked_at")))
        listed = {one["id"]: one for one in self.ok("sessions", "--json").json()["sessions"]}["t"]
        self.assertEqual(("again", {"forked_from": "s", "forked_at": "2"}),
                         (listed["name"], listed["labels"]))
        first, second = self.events("t")
        self.assertEqual(first["event_id"], second["metadata"]["causation_id"])
        self.assertNotEqual("e1", first["event_id"])
        self.assertEqual({"session_id": "s", "sequence_number": 1, "event_id": "e1"},
                         first["metadata"]["forked_from"])
        self.append("again", "other")
        self.assertEqual(before, self.log_of("s").read_bytes())
        self.assertEqual(0, self.run_it("diff", "s@2", "t@2").status)
        self.assertEqual(0, self.run_it("verify").status)

    def test_all_of_it_and_nothing_of_it(self):
        self.assertEqual(3, self.fork("s")["events"])
        self.assertEqual(36, len(self.fork("s@1")["session_id"]))
        self.assertIn(": 1 event of s, up to #1\n", self.ok("copy", "s@1").out)
        self.refused(3, "copy", "s@4", saying="s")

    def test_a_transcript_becomes_a_session_without_an_import(self):
        transcript = Path(__file__).resolve().parents[2] / "sample-data/path/monday.jsonl"
        made = self.ok("copy", f"{transcript}@10", "--id", "again", "--store", "new", "--json").json()
        self.assertEqual(10, made["sessions"][0]["forked_at"])
        outcome = self.ok("diff", f"{transcript}@10", "again", "--store", "new")
        self.assertIn("every event is equal", outcome.out)

    def test_what_is_refused(self):
        self.refused(4, "copy", "s", "--id", "s", saying="s")
        self.refused(4, "copy", "s", "--name", "s")
        self.refused(2, "copy", "s", "s@1", saying="several sessions")
        self.refused(2, "copy", saying="no session is named")
        self.refused(2, "copy", "s", "--to", "there", "--id", "x", saying="--id")
        self.refused(2, "copy", "s", "--id", "", saying="empty")

    def test_what_was_redacted_in_one_is_named_in_the_other(self):
        self.fork("s@2", "--id", "t")
        outcome = self.run_it("redact", "s", "1", "--reason", "asked", "--copies")
        self.assertEqual(0, outcome.status, str(outcome))
        self.assertIsNone(self.events("t")[0]["payload"])

    def test_what_was_redacted_is_redacted_in_the_new_session_too(self):
        self.create("r")
        call = {"type": "tool_called", "payload": {"tool": "bash", "args": {"command": "rm -rf /"}}}
        self.append("r", call, {"type": "tool_called", "payload": None}, {"type": "note"})
        self.assertEqual(0, self.run_it("redact", "r", "1", "--reason", "asked").status)
        self.assertEqual(3, self.fork("r@3", "--id", "t")["events"])
        self.ok("whatif", "r", "--without", "3", "--save-as", "w")
        self.assertEqual(2, self.fork("t@2", "--id", "again")["events"])
        for session, last in (("t", 4), ("w", 3), ("again", 3)):
            with self.subTest(session=session):
                events = self.events(session)
                self.assertEqual((last, None), (events[0]["redacted"], events[0]["payload"]))
                self.assertNotIn("redacted", events[1])
                self.assertEqual(("agentstore.redacted", 1),
                                 (events[-1]["type"], events[-1]["payload"]["sequence_number"]))
                rows = self.run_it("sql", "SELECT payload IS NULL AS gone FROM events WHERE seq < 3",
                                   session, "--json").json()["rows"]
                self.assertEqual([1, 0], [row["gone"] for row in rows])
                self.assertEqual(7, self.run_it("audit", session, "--no-rule", "*",
                                                "--forbid-command", "rm").status)
                self.assertEqual(0, self.run_it("verify", session).status)
        self.ok("whatif", "r", "--replace", '1={"tool":"ls"}', "--save-as", "v")
        self.assertNotIn("redacted", self.events("v")[0])

    def test_a_damaged_session_is_not_begun(self):
        self.sound = False
        log = self.log_of("s")
        log.write_text(log.read_text().replace('"hi"', '"ho"'))
        self.refused(1, "copy", "s@2", "--id", "t")
        self.refused(3, "state", "t")


@unittest.skipUnless(CORPUS, "AGENTSTORE_CORPUS is not set")
class OfTheArticle(Case):
    def test_an_import_takes_its_database_into_a_folder(self):
        database = self.folder / "agent_state.db"
        shutil.copy(Path(CORPUS) / "sqlite/agent_state.db", database)
        database.chmod(0o600)
        outcome = self.run_it("import", database, "--json")
        self.assertEqual(0, outcome.status, str(outcome))
        self.assertEqual({"agent-001": 12, "agent-002": 120, "portfolio-9": 1},
                         {one["session_id"]: one["events"] for one in outcome.json()["sessions"]})
        self.assertEqual([0, 0, 0], [one["events"] for one in self.run_it(
            "import", database, "--json").json()["sessions"]])
        there = {"AGENTSTORE_STORE": f"sqlite:{database}"}
        for words in (*[("state", session, "--projection", projection, "--json")
                        for session in ("agent-001", "agent-002", "portfolio-9")
                        for projection in ("balance", "pnl", "portfolio", "session")],
                      ("whatif", "agent-001", "--without", "evt-bad-trade-uuid", "--json"),
                      ("state", "agent-001", "--at", "2026-03-01T00:00:00Z", "--json"),
                      ("verify", "--json"), ("sessions", "--json"), ("stats", "--json")):
            with self.subTest(words=words):
                self.assertEqual(self.run_it(*words, env=there).out, self.run_it(*words).out)


if __name__ == "__main__":
    main()
