"""What a PostgreSQL does to a writer: it cuts connections, cuts statements short, waits for standbys, is
crowded, may only be read. Each is told with a reason, or borne; passwords are told to nobody."""

import json
import os
import select
import signal
import subprocess
import sys
import unittest

import test_postgres
from support import BIN, main
from test_postgres import SKIPPED, PostgresCase, postgres

OTHERS = "pid <> pg_backend_pid() AND application_name = 'agentstore'"


def setUpModule():
    test_postgres.setUpModule()
    for role, settings in {"crowded": "CONNECTION LIMIT 1", "hasty": "", "strict": "", "idle": "",
                           "tame": "", "plain": ""}.items():
        server().psql("test", f"CREATE ROLE {role} LOGIN {settings} IN ROLE tester")
    server().psql("test", "ALTER ROLE hasty SET statement_timeout = '300ms'",
                  "ALTER ROLE strict SET default_transaction_isolation = 'serializable'",
                  "ALTER ROLE idle SET idle_session_timeout = '100ms'",
                  "ALTER ROLE tame SET default_transaction_read_only = on",
                  "GRANT tester TO locked", "CREATE ROLE owner LOGIN", "CREATE ROLE writer LOGIN")


def server():
    return test_postgres.SERVER


class Appending:
    """`append S -`, a line at a time."""

    def __init__(self, case, session, store=None, env=None):
        self.process = subprocess.Popen(
            [BIN, "append", session, "-", "--store", store or case.store], stdin=subprocess.PIPE,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=case.environment(env), text=True)
        case.addCleanup(self.end)

    def send(self, text='{"type":"x"}'):
        self.process.stdin.write(text + "\n")
        self.process.stdin.flush()

    def has_answered(self):
        return bool(select.select([self.process.stdout], [], [], 0)[0])

    def answer(self):
        """The number, and whether it was there before."""
        told = json.loads(self.process.stdout.readline())
        return told["sequence_number"], told["duplicate"]

    def append(self):
        self.send()
        return self.answer()

    def end(self):
        """The status, and what was said."""
        if self.process.stdin.closed:
            return self.process.returncode, ""
        _, said = self.process.communicate(timeout=90)
        return self.process.returncode, said


class TroubleCase(PostgresCase):
    def until(self, query, answer):
        for _ in range(2000):
            if (last := self.sql(query)) == answer:
                return
        self.fail(f"{query} is {last}, not {answer}")

    def numbers(self, session):
        return [event["sequence_number"] for event in self.events(session)]

    def locked(self, session):
        """A psql that keeps a session locked."""
        words = [server().bin / "psql", "-X", "-q", "-A", "-t", "-h", server().folder, "-U", "tester",
                 "test"]
        held = subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        held.stdin.write(f"BEGIN; SELECT 'got ' || (append('{session}', 'x', '1')).sequence_number;\n")
        held.stdin.flush()
        self.assertTrue(held.stdout.readline().startswith("got "))
        self.addCleanup(held.communicate)
        return held

    def refused_with(self, status, outcome, *saying):
        self.assertEqual((status, ""), (outcome.status, outcome.out), str(outcome))
        for text in ("agentstore: append: ", "database test", *saying):
            self.assertIn(text, outcome.err)


class GoingOn(TroubleCase):
    def test_after_a_session_that_the_server_ended_as_idle(self):
        self.create("s")
        writer = Appending(self, "s", server().address(user="idle"))
        writer.append()
        self.until("SELECT count(*) FROM pg_stat_activity WHERE usename = 'idle'", "0")
        self.assertEqual((2, False), writer.append())
        self.assertEqual((0, ""), writer.end())

    def test_where_transactions_are_serializable_by_default(self):
        self.create("s")
        store = server().address(user="strict")
        writers = [Appending(self, "s", store) for _ in range(3)]
        for writer in writers:
            for _ in range(20):
                writer.send()
        for writer in writers:
            self.assertEqual((0, ""), writer.end())
        self.assertEqual(list(range(1, 61)), self.numbers("s"))

    def test_with_another_password_that_the_file_has_by_then(self):
        self.create("s")
        passwords = self.folder / "pgpass"

        def write(password):
            passwords.write_text(f"*:*:*:locked:{password}\n")
            passwords.chmod(0o600)

        write("right")
        writer = Appending(self, "s", server().address(user="locked"), {"PGPASSFILE": str(passwords)})
        writer.append()
        self.sql("ALTER ROLE locked PASSWORD 'another'")
        self.addCleanup(self.sql, "ALTER ROLE locked PASSWORD 'right'")
        writer.append()
        self.sql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'locked'")
        writer.send()
        said = writer.process.stderr.readline()
        self.assertIn("waiting for the server", said)
        self.assertIn("password", said)
        write("another")
        self.assertEqual((3, False), writer.answer())
        self.assertEqual((0, ""), writer.end())

    def test_once_a_server_that_it_found_after_a_cut_and_that_may_only_be_read_may_be_written(self):
        self.create("s")
        writer = Appending(self, "s", server().address(user="plain"))
        writer.append()
        self.sql("ALTER ROLE plain SET default_transaction_read_only = on",
                 "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'plain'")
        writer.send()
        said = writer.process.stderr.readline()
        self.assertIn("waiting for the server", said)
        self.assertIn("read-only", said)
        self.sql("ALTER ROLE plain RESET default_transaction_read_only")
        self.assertEqual((2, False), writer.answer())
        self.assertEqual((0, ""), writer.end())

    def test_after_the_server_stood_still(self):
        self.create("s")
        writer = Appending(self, "s")
        writer.append()
        pid = int(self.sql(f"SELECT pid FROM pg_stat_activity WHERE {OTHERS}"))
        os.kill(pid, signal.SIGSTOP)
        writer.send()
        self.assertFalse(writer.has_answered())
        os.kill(pid, signal.SIGCONT)
        self.assertEqual((2, False), writer.answer())
        self.assertEqual((0, ""), writer.end())


class NoStandbyNoReceipt(TroubleCase):
    def test_a_wait_for_a_standby_that_is_cancelled_acknowledges_nothing(self):
        self.create("s")
        self.sql("ALTER SYSTEM SET synchronous_standby_names = 'absent'", "SELECT pg_reload_conf()")
        release = ("ALTER SYSTEM RESET synchronous_standby_names", "SELECT pg_reload_conf()")
        self.addCleanup(self.sql, *release)
        waiting = f"SELECT pid FROM pg_stat_activity WHERE wait_event = 'SyncRep' AND {OTHERS}"
        writer = Appending(self, "s")
        writer.send()
        self.until(f"SELECT count(*) FROM ({waiting}) AS w", "1")
        first = self.sql(waiting)
        self.sql(f"SELECT pg_cancel_backend({first})")
        # It asks whether its event is there, and waits for the standby once more.
        self.until(f"SELECT count(*) FROM ({waiting} AND pid <> {first}) AS w", "1")
        self.assertFalse(writer.has_answered())
        self.sql(*release)
        self.assertEqual((1, False), writer.answer())
        self.assertEqual(0, writer.end()[0])
        self.assertEqual([1], self.numbers("s"))


class ToldAtOnce(TroubleCase):
    def test_a_statement_that_is_cut_short_a_lock_that_is_kept_a_server_that_is_crowded(self):
        self.create("s")
        held = self.locked("s")
        self.refused_with(6, self.run_it("append", "s", "--type", "y", "--store",
                                         server().address(user="hasty")),
                          "statement_timeout", "try again")
        self.refused_with(6, self.run_it("append", "s", "--type", "y", "--lock-timeout", "50"),
                          "another writer keeps the session locked")
        held.communicate("ROLLBACK;\n")
        store = server().address(user="crowded")
        writer = Appending(self, "s", store)
        writer.append()
        self.refused_with(6, self.run_it("append", "s", "--type", "y", "--store", store),
                          "too many connections", "try again")
        self.assertEqual((0, ""), writer.end())
        self.assertEqual([1], self.numbers("s"))

    def test_a_server_that_may_only_be_read_is_read(self):
        self.create("s")
        self.append("s", "x")
        store = server().address(user="tame")
        for words in (("sessions",), ("replay", "s"), ("verify",), ("stats",),
                      ("sql", "SELECT count(*) FROM events")):
            self.ok(*words, "--store", store)
        self.refused_with(5, self.run_it("append", "s", "--type", "y", "--store", store),
                          "read-only", "target_session_attrs=read-write")
        self.refused_with(5, self.run_it("append", "s", "--type", "y", "--store",
                                         store + "&target_session_attrs=read-write"),
                          "read-only", "which one is the primary")
        self.assertEqual([1], self.numbers("s"))

    def test_a_server_that_lets_nobody_in(self):
        self.create("s")
        self.sql("CREATE ROLE outsider LOGIN", "REVOKE CONNECT ON DATABASE test FROM PUBLIC")
        self.addCleanup(self.sql, "GRANT CONNECT ON DATABASE test TO PUBLIC", "DROP ROLE outsider")
        self.refused_with(5, self.run_it("append", "s", "--type", "y", "--store",
                                         server().address(user="outsider")), "CONNECT on the database")
        self.refused_with(5, self.run_it("append", "s", "--type", "y", "--store",
                                         server().address(user="absent")), "absent", "user")


class Rights(TroubleCase):
    """Of roles that are no superusers: as agentstore-postgresql(5) says."""

    def test_an_empty_schema_of_ones_own_becomes_a_store(self):
        store = server().address(user="owner")
        outcome = self.run_it("create", "s", "--store", store)
        self.assertEqual(5, outcome.status, str(outcome))
        self.assertIn("CREATE on the database", outcome.err)
        self.sql("CREATE SCHEMA agentstore AUTHORIZATION owner")
        self.ok("create", "s", "--store", store)
        self.ok("append", "s", "--type", "x", "--store", store)
        self.assertEqual("clean", self.verdict("s"))

    def test_one_who_may_write_writes_and_what_else_is_refused_says_which_right_is_missing(self):
        self.create("s")
        self.sql("GRANT USAGE ON SCHEMA agentstore TO writer",
                 "GRANT SELECT ON ALL TABLES IN SCHEMA agentstore TO writer",
                 "GRANT SELECT, USAGE ON SEQUENCE agentstore.positions TO writer",
                 "GRANT INSERT ON agentstore.events, agentstore.sessions, agentstore.snapshots TO writer",
                 "GRANT UPDATE ON agentstore.sessions TO writer",
                 "GRANT DELETE ON agentstore.snapshots TO writer",
                 "GRANT INSERT ON agentstore.agent_events, agentstore.agent_sessions TO writer")
        store = server().address(user="writer")
        for words in (("create", "t", "--name", "n"), ("append", "s", "--type", "x"), ("label", "s", "k=v"),
                      ("replay", "s"), ("state", "s"), ("stats",), ("verify",)):
            self.ok(*words, "--store", store)
        server().psql("test", "INSERT INTO agentstore.agent_events (session_id, event_type, payload) VALUES "
                      "('u', 'x', '1')", "SELECT agentstore.append('u', 'x', '2')", user="writer")
        outcome = self.run_it("redact", "s", "1", "--reason", "asked", "--store", store)
        self.assertEqual(5, outcome.status, str(outcome))
        self.assertIn("permission denied for table events", outcome.err)
        self.assertEqual("clean", self.verdict("s"))


class MidBatch(TroubleCase):
    def test_a_server_that_dies_in_it_leaves_all_of_it_or_nothing(self):
        self.create("s")
        held = self.locked("s")
        batch = subprocess.Popen([BIN, "append", "s", "--batch", "-"], stdin=subprocess.PIPE,
                                 stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                                 env=self.environment())
        batch.stdin.write('{"type":"y"}\n' * 500)
        batch.stdin.close()
        self.until(f"SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND {OTHERS}", "1")
        server().kill()
        server().start()
        told = [json.loads(line)["sequence_number"] for line in batch.stdout]
        self.assertEqual(0, batch.wait(), batch.stderr.read())
        self.assertEqual(list(range(1, 501)), told)
        self.assertEqual(told, self.numbers("s"))
        self.assertEqual("clean", self.verdict("s"))
        held.kill()
        for stream in (batch.stdout, batch.stderr):
            stream.close()


class Passwords(TroubleCase):
    SECRET = "t0p-secret"

    def test_are_in_no_message_and_no_error_of_json(self):
        self.create("s")
        services = self.folder / "services"
        services.write_text(f"[bad]\nhost={server().folder}\ndbname=test\nuser=locked\npassword={self.SECRET}\n")
        by_file = self.folder / "pgpass"
        by_file.write_text(f"*:*:*:locked:{self.SECRET}\n")
        by_file.chmod(0o600)
        url = server().address(user="locked")
        ways = [(server().address(user=f"locked:{self.SECRET}"), {}), (url + f"&password={self.SECRET}", {}),
                (url, {"PGPASSFILE": str(by_file)}), (url, {"PGPASSWORD": self.SECRET}),
                ("postgresql:///?service=bad", {"PGSERVICEFILE": str(services)}),
                ("postgresql://", {"PGSERVICEFILE": str(services), "PGSERVICE": "bad"})]
        for store, env in ways:
            for words in (("sessions",), ("sessions", "--json"), ("append", "s", "--type", "x", "-v")):
                with self.subTest(store=store, words=words):
                    outcome = self.run_it(*words, "--store", store, env=env)
                    self.assertEqual(5, outcome.status, str(outcome))
                    self.assertIn("password authentication failed", outcome.err)
                    self.assertNotIn(self.SECRET, outcome.out + outcome.err)
                    if "--json" in words:
                        json.loads(outcome.err)

    def test_of_a_service_open_the_store(self):
        self.create("s")
        services = self.folder / "services"
        services.write_text(f"[good]\nhost={server().folder}\ndbname=test\nuser=locked\npassword=right\n")
        for store, more in (("postgresql:///?service=good", {}), ("postgresql://", {"PGSERVICE": "good"})):
            outcome = self.ok("sessions", "-v", "--store", store,
                              env={"PGSERVICEFILE": str(services), **more})
            self.assertIn("s", outcome.out)


if __name__ == "__main__":
    if postgres.programs() is None:
        print("SKIPPED: PostgreSQL is not installed")
        sys.exit(SKIPPED)
    main()
