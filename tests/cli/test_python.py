"""The client for Python, lib/python/agentstore.py, over folders and databases."""

import os
import subprocess
import sys
import threading
import time
import unittest
from decimal import Decimal
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "lib/python"))

import agentstore
from agentstore import Conflict, Event, Invalid, MissingProgram, NotFound, Session, Store
from article import EventStore, SnapshottingAgent
from support import BIN, Case, main


class Account:
    """The article's casino agent, without snapshots of its own: its state is the store's."""

    def __init__(self, session):
        self.session = session

    def record(self, event_type, data, **more):
        return self.session.append(event_type, data, **more).sequence_number

    @property
    def state(self):
        return self.session.state(projection="pnl")


class Client(Case):
    def setUp(self):
        super().setUp()
        os.environ["HOME"], home = str(self.home), os.environ.get("HOME", "/")
        self.addCleanup(os.environ.__setitem__, "HOME", home)

    def open(self, name=None):
        store = Store(name or self.store, program=BIN)
        self.addCleanup(store.close)
        return store

    def each_store(self):
        for name in (self.store, f"sqlite:{self.folder / 'a.db'}"):
            with self.subTest(store=str(name)):
                yield self.open(name)

    def test_what_is_appended_comes_back(self):
        for store in self.each_store():
            session = store.create(name="flight", labels={"env": "test"})
            first = session.append("tool_called", {"tool": "search", "é": [1, None, True]},
                                   event_id="e-1", metadata={"tool_name": "search"},
                                   timestamp="2026-03-01T00:00:00Z")
            self.assertEqual((1, "e-1", False), (first.sequence_number, first.event_id,
                                                 first.duplicate))
            self.assertEqual(64, len(first.hash))
            self.assertTrue(session.append("tool_called", {"tool": "search", "é": [1, None, True]},
                                           event_id="e-1",
                                           metadata={"tool_name": "search"}).duplicate)
            amount = Decimal("9007199254740993.10")
            self.assertEqual(2, session.append("note", {"amount": amount}).sequence_number)
            events = list(session.replay())
            self.assertEqual(Event(session.id, 1, "tool_called", "2026-03-01T00:00:00.000000000Z",
                                   {"tool": "search", "é": [1, None, True]},
                                   {"tool_name": "search"}, "e-1", first.hash), events[0])
            self.assertEqual({"amount": amount}, events[1].payload)
            self.assertEqual(["note"], [event.type for event in session.replay(type=["no*"])])
            self.assertEqual([2], [event.sequence_number for event in session.replay(seq="2..")])
            self.assertEqual(("flight", {"env": "test"}), [
                (one["name"], one["labels"]) for one in store.sessions()][0])

    def test_the_casino_agent_and_the_calls_of_the_articles_store(self):
        for store in self.each_store():
            session = store.create("agent-001")
            agent = Account(session)
            agent.record("FundsDeposited", {"amount": Decimal("0.1")})
            agent.record("FundsDeposited", {"amount": Decimal("0.2")}, expected=1)
            agent.record("BetPlaced", {"amount": Decimal("0.25")}, event_id="bad")
            with self.assertRaises(Conflict):
                agent.record("BetPlaced", {"amount": 1}, expected=1)
            self.assertEqual(Decimal("0.05"), session.balance())
            self.assertEqual(Decimal("0.3"), session.balance(seq=2))
            self.assertEqual(1, agent.state["bet_count"])
            self.assertEqual(0, session.balance(asset="BTC"))
            both = session.append_all([{"type": "BetWon", "payload": {"amount": 1}},
                                       {"type": "note"}], expected=3)
            self.assertEqual([4, 5], [receipt.sequence_number for receipt in both])
            self.assertEqual(Decimal("1.05"), session.balance())
            other = store.create("agent-002")
            other.submit("RegisterAgent", {"agent_type": "casino"})
            self.assertEqual(2, other.submit("DepositFunds", {"amount": Decimal("0.3")},
                                             event_id="tx-1").sequence_number)
            self.assertTrue(other.submit("DepositFunds", {"amount": Decimal("0.3")},
                                         event_id="tx-1").duplicate)
            with self.assertRaises(Conflict) as refused:
                other.submit("PlaceBet", {"amount": 100, "bet_id": "b", "game": "dice"})
            self.assertIn("0.3", str(refused.exception))

    def test_a_database_is_written_by_the_class_and_by_the_client(self):
        path = self.folder / "a.db"
        agent = SnapshottingAgent(EventStore(path), "agent-001")
        agent.record("FundsDeposited", {"amount": 100})
        store = self.open(f"sqlite:{path}")
        session = store.session("agent-001")
        session.append("BetPlaced", {"amount": 30})
        self.assertEqual(70, session.balance())
        again = SnapshottingAgent(agent.store, "agent-001")
        self.assertEqual((70, 1), (again.state["balance"], again.version))
        self.assertEqual(["", ""], [event.hash and "" for event in session.replay()])
        agent.store.close()

    def test_errors_are_exceptions_and_the_next_append_works(self):
        store = self.open()
        session = store.create("s")
        for payload in ({"a": float("nan")}, {"a": object()}, {"a": [Decimal("Infinity")]}):
            with self.assertRaises(Invalid):
                session.append("x", payload)
        with self.assertRaises(Invalid) as refused:
            session.append("not a type")
        self.assertEqual(2, refused.exception.status)
        self.assertIn("type", refused.exception.message)
        self.assertEqual(1, session.append("x").sequence_number)
        session.append("y", {"n": 1}, event_id="e")
        with self.assertRaises(Conflict):
            session.append("y", {"n": 2}, event_id="e")
        self.assertEqual(3, session.append("x").sequence_number)
        with self.assertRaises(Conflict):
            store.create("s")
        with self.assertRaises(NotFound):
            store.session("nobody").state()
        with self.assertRaises(NotFound):
            store.session("nobody").append("x")
        with self.assertRaises(NotFound):
            list(store.session("nobody").replay())

    def test_a_program_that_is_missing_or_of_another_version(self):
        with self.assertRaises(MissingProgram):
            Store("x", program="/nonexistent/agentstore")
        other = self.folder / "other"
        other.write_text("#!/bin/sh\necho agentstore 9.9.9\n")
        other.chmod(0o755)
        with self.assertRaises(MissingProgram) as refused:
            Store("x", program=str(other))
        self.assertIn("9.9.9", str(refused.exception))

    def test_a_process_that_was_killed_is_started_again(self):
        store = self.open()
        session = store.create("s")
        session.append("x")
        store._appender("s")._process.kill()
        with self.assertRaises(agentstore.Error):
            session.append("x", event_id="e")
        self.assertEqual("e", session.append("x", event_id="e").event_id)

    def test_threads_share_a_session(self):
        session = self.open().create("s")
        threads = [threading.Thread(target=lambda: [session.append("x") for _ in range(20)])
                   for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(list(range(1, 81)), [one.sequence_number for one in session.replay()])

    def test_following_gives_what_is_still_to_come(self):
        session = self.open().create("s")
        session.append("one")
        events = session.follow()
        self.assertEqual("one", next(events).type)
        session.append("two")
        self.assertEqual("two", next(events).type)
        events.close()

    def test_points_in_time_are_texts_or_datetimes(self):
        from datetime import datetime, timezone
        session = self.open().create("s")
        for day in (1, 2):
            session.append("FundsDeposited", {"amount": day}, timestamp=f"2026-03-0{day}T00:00:00Z")
        self.assertEqual(1, session.balance(at=datetime(2026, 3, 1, tzinfo=timezone.utc)))
        self.assertEqual(3, session.balance(at="2026-03-02"))
        self.assertEqual(1, session.balance(before="2026-03-02"))

    def test_what_the_readme_shows_runs(self):
        readme = (Path(__file__).resolve().parents[2] / "README.md").read_text()
        shown = readme.split("```python\n")[1].split("```")[0]
        (self.folder / "agentstore").symlink_to(Path(BIN).resolve())
        environment = {**self.environment(), "PATH": f"{self.folder}:{os.environ['PATH']}",
                       "PYTHONPATH": str(Path(agentstore.__file__).parent)}
        done = subprocess.run([sys.executable, "-B", "-c", shown], cwd=self.folder, text=True,
                              env=environment, capture_output=True, check=False)
        self.assertEqual((0, "1 ['tool_called', 'tool_result']\n", ""),
                         (done.returncode, done.stdout, done.stderr))

    def test_it_is_one_file_of_the_standard_library(self):
        source = (Path(agentstore.__file__)).read_text().splitlines()
        self.assertLessEqual(len(source), 300)
        wanted = {line.split()[1].split(".")[0] for line in source
                  if line.startswith(("import ", "from "))}
        self.assertLessEqual(wanted, set(sys.stdlib_module_names))


if __name__ == "__main__":
    main()
