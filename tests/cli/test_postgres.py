"""Stores in PostgreSQL: the same answers as a folder's, any driver beside us, nothing acknowledged
lost. On a server of the test's own; skipped where PostgreSQL is not installed."""

import json
import os
import signal
import subprocess
import sys
import threading
import unittest
from pathlib import Path

from support import BIN, Case, main

sys.path.insert(0, str(Path(__file__).parent.parent / "support"))
import postgres

SERVER = None
SKIPPED = 77
HERE = Path(__file__).parent
SAMPLES = HERE.parent.parent / "sample-data"


def setUpModule():
    global SERVER
    SERVER = postgres.Server()
    unittest.addModuleCleanup(SERVER.stop)
    SERVER.psql("test", "ALTER DATABASE test SET search_path = agentstore, public",
                "CREATE ROLE locked LOGIN PASSWORD 'right'", "CREATE ROLE reader LOGIN")


def python_with_psycopg2():
    for program in (sys.executable, "/usr/bin/python3"):
        if Path(program).exists() and subprocess.run(
                [program, "-c", "import psycopg2"], capture_output=True).returncode == 0:
            return program
    return None


class PostgresCase(Case):
    def setUp(self):
        super().setUp()
        SERVER.psql("test", "DROP SCHEMA IF EXISTS agentstore CASCADE")
        self.store = SERVER.address()

    def tearDown(self):
        pass

    def sql(self, *statements):
        return SERVER.psql("test", *statements)

    def ok(self, *words, **more):
        """As Case.ok; that a schema was made is said by the first that needs one."""
        outcome = self.run_it(*words, **more)
        lines = [line for line in outcome.err.splitlines() if "made the schema" not in line]
        self.assertEqual((0, []), (outcome.status, lines), str(outcome))
        return outcome

    def verdict(self, session):
        return self.run_it("verify", session, "--json").json()["sessions"][0]["verdict"]


class SameAnswers(PostgresCase):
    def test_reading_commands_say_what_they_say_of_a_folder(self):
        outcome = self.ok("copy", "--from", SAMPLES, "--to", self.store, "--all")
        self.assertIn("8 sessions", outcome.err + outcome.out)
        asked = [("sessions", "--json", "-l"), ("replay", "run-0304", "--format", "jsonl"),
                 ("replay", "run-0304", "--json", "--seq", "3..5"),
                 ("replay", "run-0303", "-t", "tool_*", "--format", "jsonl"),
                 ("replay", "run-0303", "-n", "2"), ("replay", "run-0303", "-r", "--json"),
                 ("state", "run-0304", "--json", "--seq", "7"), ("stats", "--json"),
                 ("stats", "run-0301", "--json"), ("balance", "agent-001", "--json", "--each", "day"),
                 ("whatif", "agent-001", "--without", "3", "--projection", "balance", "--json"),
                 ("verify", "--json"), ("export", "run-0302", "--json"),
                 ("diff", "run-0301", "run-0302", "--json"), ("show", "run-0304@2", "--json"),
                 ("sql", "SELECT type, count(*) AS n FROM events GROUP BY type ORDER BY type", "--json"),
                 ("sql", "SELECT * FROM session_summary ORDER BY session_id", "--json"),
                 ("blame", "agent-001", "/data", "--json")]
        self.check_alike(asked, SAMPLES)

    def check_alike(self, asked, folder):
        for words in asked:
            with self.subTest(words=words):
                here = self.run_it(*words)
                there = self.run_it(*words, env={"AGENTSTORE_STORE": str(folder)})
                self.assertNotEqual("", there.out)
                self.assertEqual((there.status, there.out), (here.status, here.out), str(here))

    def test_of_a_long_session_the_server_picks_what_a_folder_gives(self):
        folder = self.folder / "there"
        types = ["user_message", "llm_response", "tool_called", "tool_result", "error", "a_b", "axb"]
        lines = [json.dumps({"type": types[n % 7], "payload": {"n": n, "text": "w" * (n % 900)},
                             "timestamp": f"2026-03-07T{10 + n // 3600:02}:{n // 60 % 60:02}:{n % 60:02}.5Z"})
                 for n in range(6000)]
        there = {"AGENTSTORE_STORE": str(folder)}
        self.ok("create", "long", env=there)
        self.ok("append", "long", "-", stdin="\n".join(lines) + "\n", env=there)
        self.assertEqual(0, self.run_it("redact", "long", "3003", "--reason", "asked", env=there).status)
        self.ok("copy", "--from", folder, "--to", self.store, "--all")
        replay = ("replay", "long", "--format", "jsonl")
        since, until = ("--since", "2026-03-07T10:40:00.5Z"), ("--until", "2026-03-07T10:41:00.5Z")
        self.check_alike([
            (*replay, "-t", "error"), (*replay, "-t", "tool_*"), (*replay, "-t", "a_b"),
            (*replay, "-t", "!x,*"),
            (*replay, *since), (*replay, *since, *until), (*replay, *since, *until, "-t", "a*b"),
            (*replay, "--seq", "3000..3010"), (*replay, "--seq", "5999.."), (*replay, "-n", "3"),
            (*replay, "-n", "3", "-t", "axb"), (*replay, "-r", "-n", "5", "-t", "error"),
            (*replay, "-g", "w{898}"), ("replay", "--all", "-t", "axb", *until, "--format", "jsonl"),
            ("replay", "long", "-t", "llm_response", *since, "--json"), ("show", "long", "4000", "--json"),
            ("state", "long", "--seq", "4000", "--json"), ("state", "long", "--at", until[1], "--json"),
            ("stats", "long", *since, "--json"),
            ("export", "long", "-t", "error", "--seq", "5000..", "--format", "html"),
            ("sql", "SELECT seq, type FROM events WHERE type = 'axb' AND seq > 5000", "long", "--json"),
        ], folder)

    def test_what_is_copied_there_and_back_is_the_same_to_the_byte(self):
        self.create("s")
        self.append("s", *[{"type": "x", "payload": {"n": n}, "event_id": f"e{n}"} for n in range(5)])
        self.ok("append", "s", "--batch", "-", stdin='{"type":"y"}\n' * 3)
        self.assertEqual(0, self.run_it("redact", "s", "2", "--reason", "asked").status)
        self.ok("copy", "--from", self.store, "--to", self.folder / "copied", "s")
        self.assertEqual(self.ok("replay", "s", "--format", "jsonl").out,
                         (self.folder / "copied/events/s.jsonl").read_text())
        mine, copied = (self.run_it("verify", "s", "--json", env={"AGENTSTORE_STORE": str(store)})
                        .json()["sessions"][0] for store in (self.store, self.folder / "copied"))
        self.assertEqual((mine["head"], mine["root"], "clean"),
                         (copied["head"], copied["root"], copied["verdict"]))

    def test_every_spelling_survives_and_breaks_no_view(self):
        self.create("s", "--label", "agent_id=a")
        payloads = [r'{"text":"\u0000 \ud800 \uDBFF","token_count":7}', "1e400", '"\\u0000"',
                    '{"big":123456789012345678901234567890,"-0":-0.0}', "[]", "null"]
        for payload in payloads:
            self.ok("append", "s", "--type", "llm_response", "--payload", payload,
                    "--metadata", '{"tokens_in":2,"note":"\\u0000"}')
        kept = [line.split(',"payload":', 1)[1].rsplit(',"salt":', 1)[0]
                for line in self.ok("replay", "s", "--format", "jsonl").lines()]
        self.assertEqual(payloads, kept)
        self.assertEqual("clean", self.verdict("s"))
        for view in ("agent_events", "agent_sessions", "agent_current_state", "session_summary",
                     "agent_task_progress"):
            self.assertTrue(self.sql(f"SELECT * FROM {view}"), view)


class AnyDriver(PostgresCase):
    def test_the_articles_python_and_our_writers_share_a_session(self):
        python = python_with_psycopg2()
        if python is None:
            self.skipTest("psycopg2 is not installed")
        self.create("shared", "--label", "agent_id=agent-7")
        article = subprocess.Popen(
            [python, HERE / "article_postgres.py", SERVER.folder, "shared", "30"],
            stdout=subprocess.PIPE, text=True)
        for number in range(4):
            self.ok("append", "shared", "-", stdin=f'{{"type":"tool_called","payload":{number}}}\n' * 5)
        told = json.loads(article.communicate()[0])
        self.assertEqual(0, article.returncode)
        self.assertIn(told["state"]["last_event_type"], ("decision_made", "tool_called"))
        self.assertEqual("agent-7", told["state"]["agent_id"])
        self.assertEqual([30, 30, 90], [told["summary"][key] for key in
                                        ("user_messages", "decisions", "tokens")])
        self.assertEqual("clean", self.verdict("shared"))
        self.assertEqual(80, len(self.events("shared")))

    def test_an_insert_makes_the_session_and_seals_and_what_is_refused_leaves_nothing(self):
        self.create("other")
        said = self.sql("INSERT INTO agent_events (session_id, agent_id, event_type, payload) VALUES "
                        "('new', 'a', 'user_message', '{ \"a\" : 1 }') RETURNING sequence_number, hash")
        event = self.events("new")[0]
        self.assertEqual(f"1|{event['hash']}", said)
        self.assertEqual({"a": 1}, event["payload"])
        for statement in ("SELECT append('new', 'x', '{\"a\":1,\"\\u0061\":2}')",
                          "SELECT append('new', 'x', '{\"a\":[{\"b\":1},{\"b\":1,\"b\":2}]}')",
                          "SELECT append('new', 'x', '{')", "SELECT append('new', 'x y', '1')",
                          "SELECT append('new', 'agentstore.x', '1')",
                          "SELECT append('new', 'x', repeat('[', 201) || repeat(']', 201))",
                          "SELECT append('new', 'x', '1', metadata => '{\"tokens_in\":\"1\"}')",
                          "SELECT append('new', 'x', '1', metadata => '[]')",
                          "SELECT append('new', 'x', '1', metadata => '{\"cost_usd\":1e-400}')",
                          "SELECT append('new', 'x', '1', metadata => '{\"cost_usd\":-1e400}')",
                          r'''SELECT append('new', 'x', '{"a\":":"\\","n":"\u0000","n":1}')''',
                          '''SELECT append('new', 'x', '{"n":1e200000,"n":1}')''',
                          "SELECT append('new', 'x', '1', expected => 4)",
                          "SELECT append('absent', 'x', '1')", "SELECT append('new', 'x', '1', E'\\n')",
                          "INSERT INTO agent_events (session_id, event_type, payload) "
                          "VALUES ('../x', 'x', '1')"):
            with self.subTest(statement=statement):
                self.assertRaises(RuntimeError, self.sql, statement)
        deep = "SELECT append('new', 'x', repeat('[', 200) || repeat(']', 200))"
        same = "SELECT append('new', 'x', '{\"n\": 1}', 'id-1', NULL, '{\"a\": \"b\"}')"
        self.sql(deep, same, same, "SELECT append('new', 'x', '[{\"b\":1},{\"b\":2}]', expected => 3)",
                 r'''SELECT append('new', 'x', '{"a\":":"\\","n":"\u0000","m":"\":"}')''',
                 '''SELECT append('new', 'x', '{"n":1e200000}', metadata => '{"cost_usd":1e-300}')''')
        self.assertEqual(6, len(self.events("new")))
        self.assertEqual("clean", self.verdict("new"))

    def test_a_batch_is_sealed_in_the_server_as_in_a_folder(self):
        self.create("s")
        append = ("SELECT count(*), max(number) FROM append_events('s', '{x,y,llm_request}', "
                  r'''ARRAY['{"token_count":5}', '2', '3'], ARRAY['{}', '{}', '{"tokens_in":2}'], '''
                  "'{NULL,e,NULL}', '{NULL,2026-01-01T00:00:00.000000000Z,NULL}', '{NULL,NULL,NULL}', "
                  "'{NULL,NULL,NULL}', NULL, NULL, false)")
        self.assertEqual(["3|3", "3|5"], [self.sql(append), self.sql(append)])
        self.assertEqual("5,NULL,2,5,2", self.sql("SELECT string_agg(COALESCE(token_count::text, 'NULL'), "
                                                  "',' ORDER BY sequence_number) FROM events"))
        self.assertEqual("clean", self.verdict("s"))
        self.ok("copy", "--from", self.store, "--to", self.folder / "copied", "s")
        self.assertEqual(self.ok("replay", "s", "--format", "jsonl").out,
                         (self.folder / "copied/events/s.jsonl").read_text())

    def test_a_feed_passes_over_no_transaction_that_commits_late(self):
        self.create("early")
        self.create("late")
        cursor = self.folder / "cursor"

        def page():
            lines = self.ok("replay", "--all", "--cursor", cursor, "--format", "jsonl").lines()
            return [json.loads(line)["session_id"] for line in lines]

        words = [SERVER.bin / "psql", "-X", "-q", "-A", "-t", "-h", SERVER.folder, "-U", "tester", "test"]
        with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as open_one:
            # What is rolled back takes its announcement with it; what comes behind has one of its own.
            open_one.stdin.write("BEGIN; SAVEPOINT s; SELECT append('early', 'x', '1') IS NULL; "
                                 "ROLLBACK TO s; SELECT 'got ' || (append('early', 'x', '1')).sequence_number;\n")
            open_one.stdin.flush()
            self.assertEqual(["f", "got 1"], [open_one.stdout.readline().strip() for _ in range(2)])
            self.append("late", "x")
            self.assertEqual([], page())
            open_one.stdin.write("COMMIT; SELECT 'done';\n")
            open_one.stdin.flush()
            self.assertEqual("done", open_one.stdout.readline().strip())
            self.assertEqual(["early", "late"], page())
            open_one.stdin.close()
        self.assertEqual([], page())

    def test_a_transaction_appends_as_often_as_it_likes(self):
        self.create("s")
        self.sql("INSERT INTO agent_events (session_id, event_type, payload) "
                 "SELECT 's' || n % 100, 'x', '1' FROM generate_series(1, 20000) AS n")
        self.assertEqual("20000|100", self.sql("SELECT count(*), count(DISTINCT session_id) FROM agent_events"))
        self.assertEqual("clean", self.verdict("s99"))

    def test_positions_that_were_set_anew_are_announced_before_they_are_taken(self):
        self.create("s")
        self.append("s", "x")
        cursor = self.folder / "cursor"
        feed = ("replay", "--all", "--cursor", cursor, "--format", "jsonl")
        self.assertEqual(1, len(self.ok(*feed).lines()))
        self.sql("SELECT setval('positions', (SELECT last_value + 1 FROM positions), false)")
        self.assertEqual(0, len(self.ok(*feed).lines()))
        self.assertEqual(64, len(self.append("s", "x")[0]["hash"]))
        self.sql("SELECT setval('positions', (SELECT last_value + 1 FROM positions), false)",
                 "SELECT append('s', 'x', '1')")
        self.assertEqual(3, len(self.events("s")))
        self.assertEqual(2, len(self.ok(*feed).lines()))

    def test_a_feed_that_cannot_read_for_a_moment_passes_over_nothing(self):
        self.create("s")
        self.append("s", "x", "y")
        self.sql("GRANT USAGE ON SCHEMA agentstore TO reader",
                 "GRANT SELECT ON ALL TABLES IN SCHEMA agentstore TO reader",
                 "GRANT SELECT ON SEQUENCE positions TO reader",
                 "ALTER ROLE reader SET statement_timeout = '1s'")
        self.addCleanup(SERVER.psql, "test", "ALTER ROLE reader RESET statement_timeout")
        feed = ("replay", "--all", "--cursor", self.folder / "cursor", "--format", "jsonl")
        reader = {"AGENTSTORE_STORE": SERVER.address(user="reader")}
        words = [SERVER.bin / "psql", "-X", "-q", "-A", "-t", "-h", SERVER.folder, "-U", "tester", "test"]
        with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as holder:
            holder.stdin.write("BEGIN; LOCK TABLE agentstore.sessions; SELECT 'held';\n")
            holder.stdin.flush()
            self.assertEqual("held", holder.stdout.readline().strip())
            held = self.run_it(*feed, env=reader)
            self.assertEqual((6, ""), (held.status, held.out), str(held))
            holder.stdin.close()
        self.sql("ALTER ROLE reader RESET statement_timeout")
        self.assertEqual(["x", "y"], [json.loads(line)["type"] for line in self.ok(*feed, env=reader).lines()])

    def test_a_feed_gives_long_events_a_few_at_a_time(self):
        self.create("s0")
        self.sql("INSERT INTO agent_events (session_id, event_type, payload) "
                 "SELECT 's' || n % 2, 't' || n, to_json(repeat('x', 5000000)) FROM generate_series(1, 5) AS n")
        feed = self.ok("replay", "--all", "--cursor", self.folder / "cursor", "--format", "jsonl").lines()
        self.assertEqual([f"t{n}" for n in range(1, 6)], [json.loads(line)["type"] for line in feed])

    def test_what_sql_appends_is_held_to_the_rules_of_a_log(self):
        self.create("s")
        long = "to_json(repeat('x', 67000000))::text, metadata => '{\"k\":' || to_json(repeat('y', 200000)) || '}'"
        for refused, saying in (
                (r"""append('s', 't', '{"a":1,"a":"\u003a"}')""", "two equal keys"),
                (r"""append('s', 't', '{"a":1,"\u0061":2}')""", "two equal keys"),
                (r"""append('s', 't', '1', metadata => '{"x":1,"x":"\u003a"}')""", "two equal keys"),
                ("""append('s', 't', '1', metadata => '{"tokens_in":9223372036854775808}')""", "64-bit"),
                (r"""append('s', 't', '1', metadata => '{"model":1,"\u0000":1}')""", "a string"),
                (f"append('s', 't', {long})", "64 MiB")):
            with self.subTest(refused=refused[:60]), self.assertRaisesRegex(RuntimeError, saying):
                self.sql("SELECT " + refused)
        for time in ("10000-01-01", "0044-03-15 BC", "infinity", "-infinity"):
            with self.subTest(time=time), self.assertRaisesRegex(RuntimeError, "no such time"):
                self.sql("INSERT INTO agent_events (session_id, event_type, payload, occurred_at) "
                         f"VALUES ('s', 't', '1', '{time}')")
        for taken in (
                r"""append('s', 't', '{"a":"\u003a","b":"\":"}')""",
                r"""append('s', 't', '1', metadata => '{"x":"\u0000","\u0000":1,"\ud800":2,"\\u0000":3}')""",
                """append('s', 't', '1', metadata => '{"tokens_in":9223372036854775807}')"""):
            with self.subTest(taken=taken):
                self.sql("SELECT " + taken)
        self.sql("INSERT INTO agent_events (session_id, event_type, payload, occurred_at) VALUES "
                 "('s', 't', '1', '0001-01-01Z'), ('s', 't', '1', '9999-12-31 23:59:59.999999Z')",
                 """SET standard_conforming_strings = off; SELECT append('s', 't', '{ "a" : "b c" }')""")
        self.assertEqual(6, len(self.events("s")))
        self.assertEqual("clean", self.verdict("s"))

    def test_who_waits_for_no_lock_is_told_at_once(self):
        self.create("s")
        words = [SERVER.bin / "psql", "-X", "-q", "-A", "-t", "-h", SERVER.folder, "-U", "tester", "test"]
        with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as holder:
            holder.stdin.write("BEGIN; SELECT id FROM agentstore.sessions FOR UPDATE;\n")
            holder.stdin.flush()
            self.assertEqual("s", holder.stdout.readline().strip())
            for wait in ("0", "3000000000"):
                if wait != "0":
                    holder.stdin.close()
                status = self.run_it("append", "s", "--type", "x", "--lock-timeout", wait).status
                self.assertEqual(6 if wait == "0" else 0, status)


class Writer(threading.Thread):
    """A process that appends, which may be killed; what it was told is kept."""

    def __init__(self, case, session, name, count):
        super().__init__()
        self.acknowledged = []
        self.ids = [f"{name}-{n}" for n in range(count)]
        self.process = subprocess.Popen(
            [BIN, "append", session, "-"], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE, env=case.environment(), text=True)
        self.halfway = threading.Event()
        self.said = ""

    def run(self):
        try:
            for number, event_id in enumerate(self.ids):
                self.process.stdin.write(json.dumps({"type": "x", "event_id": event_id}) + "\n")
                self.process.stdin.flush()
                line = self.process.stdout.readline()
                if not line.endswith("\n"):
                    break
                self.acknowledged.append(json.loads(line)["event_id"])
                if number * 2 >= len(self.ids):
                    self.halfway.set()
            self.process.stdin.close()
        except BrokenPipeError:
            pass
        self.halfway.set()
        self.said = self.process.stderr.read()
        self.process.wait()
        for stream in (self.process.stdout, self.process.stderr):
            stream.close()


class NothingIsLost(PostgresCase):
    def test_what_was_acknowledged_is_there_once_whoever_is_killed(self):
        self.create("hot")
        writers = [Writer(self, "hot", f"w{n}", 60) for n in range(4)]
        for writer in writers:
            writer.start()
        writers[0].halfway.wait()
        writers[0].process.kill()
        writers[1].halfway.wait()
        self.sql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = "
                 "'agentstore'")
        writers[2].halfway.wait()
        SERVER.kill()
        SERVER.start()
        for writer in writers:
            writer.join()
        # All but the one that was killed go on by themselves.
        for writer in writers[1:]:
            self.assertEqual(0, writer.process.returncode, writer.said)
            self.assertEqual(writer.ids, writer.acknowledged)
        events = self.events("hot")
        stored = [event["event_id"] for event in events]
        self.assertEqual(len(stored), len(set(stored)))
        acknowledged = {one for writer in writers for one in writer.acknowledged}
        self.assertLessEqual(acknowledged, set(stored))
        self.assertEqual(list(range(1, len(events) + 1)), [event["sequence_number"] for event in events])
        self.assertEqual("clean", self.verdict("hot"))


class BadInput(PostgresCase):
    def refused_with(self, status, store, *saying, words=("sessions",), env=None):
        outcome = self.run_it(*words, "--store", store, env=env)
        self.assertEqual(status, outcome.status, str(outcome))
        self.assertEqual("", outcome.out)
        for text in saying:
            self.assertIn(text, outcome.err)
        self.assertNotIn("topsecret", outcome.err)

    def test_each_says_what_is_wrong_and_where_and_what_to_do(self):
        nowhere = f"postgresql://tester:topsecret@/test?host={self.folder}"
        self.refused_with(5, nowhere, "out of reach", "database test", "see that the server runs")
        self.refused_with(5, SERVER.address(user="locked:topsecret"), "password", "database test",
                          "PGPASSFILE")
        self.refused_with(3, SERVER.address(database="absent"), "absent", "createdb")
        self.refused_with(3, SERVER.address(), "no schema", "create")
        self.refused_with(2, SERVER.address(schema='a"b'), "cannot be the schema", "letters")
        self.refused_with(2, "postgresql://tester:topsecret@/test?nonsense=1", "not an address")
        self.sql("CREATE SCHEMA theirs", "CREATE TABLE theirs.t ()")
        for words in (("sessions",), ("create", "x")):
            self.refused_with(2, SERVER.address(schema="theirs"), "somebody else's", "?schema=",
                              words=words)
        self.create("s")
        self.sql("UPDATE agentstore_format SET format = 99")
        self.refused_with(2, SERVER.address(), "format 99", "newer agentstore")

    def test_a_schema_of_an_older_format_is_brought_up_by_its_owner_and_read_by_others(self):
        self.create("s")
        self.append("s", "x")
        self.sql("UPDATE agentstore_format SET format = 1", "DROP FUNCTION new_event_id(timestamptz)",
                 "DROP FUNCTION announce_positions()",
                 "CREATE FUNCTION announce_positions() RETURNS void LANGUAGE sql AS $$ SELECT NULL $$",
                 "CREATE FUNCTION new_event_id() RETURNS text LANGUAGE sql AS $$ SELECT 'e' $$",
                 "GRANT USAGE ON SCHEMA agentstore TO reader",
                 "GRANT SELECT ON ALL TABLES IN SCHEMA agentstore TO reader")
        self.ok("replay", "s", "--store", SERVER.address(user="reader"))
        self.assertEqual("1", self.sql("SELECT max(format) FROM agentstore_format"))
        self.assertIn("brought up to date the schema", self.run_it("append", "s", "--type", "y").err)
        self.assertEqual("3", self.sql("SELECT max(format) FROM agentstore_format"))
        self.sql("SELECT append('s', 'x', '1')")
        self.assertEqual(3, len(self.events("s")))
        self.assertEqual("clean", self.verdict("s"))

    def test_whoever_brings_a_schema_up_the_owner_of_all_stays_the_same(self):
        self.sql("DROP SCHEMA IF EXISTS theirs CASCADE", "DROP ROLE IF EXISTS owning", "CREATE ROLE owning LOGIN",
                 "GRANT CREATE ON DATABASE test TO owning")
        theirs = {"AGENTSTORE_STORE": SERVER.address(user="owning", schema="theirs")}
        self.ok("create", "s", env=theirs)
        self.sql("UPDATE theirs.agentstore_format SET format = 2", "DROP FUNCTION theirs.no_time")
        brought = self.run_it("sessions", "--store", SERVER.address(schema="theirs"))
        self.assertIn("brought up to date", brought.err)
        owners = ("SELECT DISTINCT pg_get_userbyid(proowner) FROM pg_proc "
                  "WHERE pronamespace = 'theirs'::regnamespace")
        self.assertEqual("owning", self.sql(owners))
        self.sql("UPDATE theirs.agentstore_format SET format = 2", "ALTER FUNCTION theirs.mark() OWNER TO tester")
        self.ok("append", "s", "--type", "x", env=theirs)
        self.sql("DROP SCHEMA theirs CASCADE", "DROP OWNED BY owning", "DROP ROLE owning")

    def test_a_password_that_is_right_opens_and_is_in_no_answer(self):
        self.create("s")
        self.append("s", "x")
        self.sql("GRANT USAGE ON SCHEMA agentstore TO locked",
                 "GRANT SELECT ON ALL TABLES IN SCHEMA agentstore TO locked")
        store = SERVER.address(user="locked:right")
        for words in (("sessions", "-v"), ("verify",), (), ("replay", "s", "-v")):
            outcome = self.ok(*words, "--store", store)
            self.assertNotIn(":right", outcome.out + outcome.err)
        passwords = self.folder / "pgpass"
        passwords.write_text("*:*:*:locked:right\n")
        passwords.chmod(0o600)
        self.ok("sessions", "--store", SERVER.address(user="locked"), env={"PGPASSFILE": str(passwords)})

    def test_a_role_that_may_only_read_reads(self):
        self.create("s")
        self.append("s", "x")
        self.sql("GRANT USAGE ON SCHEMA agentstore TO reader",
                 "GRANT SELECT ON ALL TABLES IN SCHEMA agentstore TO reader",
                 "GRANT SELECT ON ALL SEQUENCES IN SCHEMA agentstore TO reader")
        store = SERVER.address(user="reader")
        for words in (("sessions",), ("replay", "s"), ("verify", "s"), ("stats", "s"),
                      ("replay", "--all", "--cursor", self.folder / "c", "--format", "jsonl")):
            self.ok(*words, "--store", store)
        self.refused_with(5, store, "permission denied", "grant",
                          words=("append", "s", "--type", "y"))
        self.assertEqual(1, len(self.events("s")))

    def test_what_is_too_long_or_names_with_quotes_are_told_or_kept(self):
        self.create("s", "--name", "it's \"q\"; DROP SCHEMA agentstore --")
        self.assertEqual("it's \"q\"; DROP SCHEMA agentstore --",
                         self.ok("sessions", "--json").json()["sessions"][0]["name"])
        self.ok("append", "it's \"q\"; DROP SCHEMA agentstore --", "--type", "x")
        draft = '{"type":"x","payload":"' + "a" * (65 << 20) + '"}\n'
        outcome = self.run_it("append", "s", "-", stdin=draft)
        self.assertEqual(2, outcome.status, outcome.err[:300])
        self.assertEqual(1, len(self.events("s")))


if __name__ == "__main__":
    if postgres.programs() is None:
        print("SKIPPED: PostgreSQL is not installed")
        sys.exit(SKIPPED)
    main()
