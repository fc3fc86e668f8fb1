"""sql: SELECTs over sessions, events, calls and money; what it refuses, and how it fails."""

import csv
import io
import json
import os
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

from support import BIN, Case, go_line, main, make_go_folder

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE / "views"))
from sessions import write_store  # noqa: E402

SAMPLE = HERE.parents[1] / "sample-data"
ENDLESS = "WITH RECURSIVE t(a) AS (SELECT 1 UNION ALL SELECT a + 1 FROM t) SELECT count(*) FROM t"


class Sql(Case):
    def rows(self, sql, *words, status=0, **more):
        outcome = self.run_it("sql", sql, "--json", *words, **more)
        self.assertEqual(status, outcome.status, str(outcome))
        answer = outcome.json()
        self.assertEqual("agentstore/sql/1", answer["schema"])
        return answer["rows"]

    def values(self, sql, *words, **more):
        return [list(row.values()) for row in self.rows(sql, *words, **more)]

    def refused(self, *words, status=2, says="", **more):
        outcome = self.run_it("sql", *words, **more)
        self.assertEqual((status, ""), (outcome.status, outcome.out), str(outcome))
        for text in [says] if isinstance(says, str) else says:
            self.assertIn(text, outcome.err)
        return outcome


class Copies(Sql):
    """What is there twice counts once, as in `agentstore stats`."""

    def setUp(self):
        super().setUp()
        self.create("s")
        for n in range(3): self.append("s", {"type": "tool_called", "payload": {"tool": "t", "args": {"n": n}}})
        self.other = self.folder / "other"
        shutil.copytree(self.store, self.other)

    def sums(self, *words, status=0):
        figures = self.values("SELECT total_events, tool_calls FROM session_summary", *words, status=status)
        return figures, len(self.values("SELECT id FROM sessions", *words, status=status))

    def test_in_two_stores(self):
        self.assertEqual(([[3, 3]], 1), self.sums("--store", self.store, "--store", self.other))
        database = self.folder / "x.db"
        self.assertEqual(0, self.run_it("sql", "--store", self.store, "--store", self.other, "-o", database).status)
        self.assertEqual([(3,)], sqlite3.connect(database).execute("SELECT total_events FROM session_summary").fetchall())

    def test_in_two_files(self):
        files = (self.log_of("s"), self.other / "events/s.jsonl")
        self.assertEqual(([[3, 3]], 1), self.sums(*files))
        self.append("s", {"type": "note", "payload": {}})
        self.assertEqual(([[4, 3]], 1), self.sums(*files))
        # Damage is told, whatever the other file has.
        damaged = self.folder / "damaged.jsonl"
        damaged.write_bytes(files[1].read_bytes().replace(b'"n":2', b'"n":7'))
        self.assertEqual(1, self.run_it("sql", "SELECT count(*) FROM events", files[0], damaged).status)
        # Of two branches both are there, and it says so.
        self.ok("append", "s", "--store", self.other, "--type", "note", "--payload", "{}")
        outcome = self.run_it("sql", "SELECT count(*) FROM events", *files)
        self.assertEqual(7, outcome.status)
        self.assertIn("from event #4 on", outcome.err)


class Tables(Sql):
    def setUp(self):
        super().setUp()
        make_go_folder(self.store)

    def test_events(self):
        self.assertEqual([
            ["user_message", "message", 1772884800000, None, "Find flights", None],
            ["tool_called", "call", 1772884800500, 500, None, "search"],
            ["tool_result", "result", 1772884801000, 500, "rate limit", "search"],
            ["llm_request", "request", 1772884802000, 1000, "Which one?", None],
            ["llm_response", "answer", 1772928000000, 43198000, "Take EW456 at €65.10", None],
            ["error", "error", 1772928001000, 1000, "timeout", None]],
            self.values("SELECT type, kind, ms, gap_ms, text, tool_name FROM events "
                        "WHERE session_id = 'flight-1'"))
        self.assertEqual([[None, 850, "model-a", None], [320, None, "model-a", 0.018]],
                         self.values("SELECT tokens_out, tokens_in, model, cost_usd FROM events "
                                     "WHERE model IS NOT NULL"))
        self.assertEqual([["flight-1", 3, 1, 500]], self.values(
            "SELECT session_id, seq, failed, duration_ms FROM events WHERE kind = 'result'"))

    def test_json_functions_work_on_payloads(self):
        self.assertEqual([["args", '{"to":"MUC"}'], ["tool", "search"]], self.values(
            "SELECT j.key, j.value FROM events e, json_each(e.payload) j WHERE e.kind = 'call'"))
        self.assertEqual([["MUC"]], self.values(
            "SELECT payload ->> '$.args.to' FROM events WHERE kind = 'call'"))

    def test_sessions_and_labels(self):
        self.assertEqual([["bet-1", None, 2, 0], ["flight-1", "flight-search", 6, 1170]], self.values(
            "SELECT id, name, events, tokens FROM sessions"))
        self.assertEqual([["flight-1", "env", "prod"]], self.values("SELECT * FROM labels"))
        stats = self.ok("stats", "flight-1", "--json").json()
        self.assertEqual(
            [[stats[name] for name in ("events", "tokens_in", "tokens_out", "cost_total_usd", "errors",
                                       "tool_errors", "tool_calls", "first_event_at", "duration_ms")]],
            self.values("SELECT events, tokens_in, tokens_out, cost_total_usd, errors, tool_errors, "
                        "tool_calls, first_event_at, duration_ms FROM sessions WHERE id = 'flight-1'"))

    def test_calls_beside_their_results(self):
        self.assertEqual([["flight-1", 2, 3, "search", '{"to":"MUC"}', "rate limit", 1, 500]],
                         self.values("SELECT session_id, call_seq, result_seq, tool_name, tool_args, "
                                     "result, failed, duration_ms FROM tool_calls"))

    def test_calls_are_paired_by_what_they_say(self):
        self.create("c")
        drafts = [
            ("tool_called", {"tool": "a", "call_id": "1"}, "2026-03-01T00:00:00Z"),
            ("tool_called", {"tool": "a", "call_id": "2"}, "2026-03-01T00:00:01Z"),
            ("tool_called", {"tool": "b"}, "2026-03-01T00:00:02Z"),
            ("tool_called", {"tool": "b"}, "2026-03-01T00:00:03Z"),
            ("tool_result", {"tool": "a", "call_id": "2", "result": "two"}, "2026-03-01T00:00:04Z"),
            ("tool_result", {"tool": "b", "result": "first b"}, "2026-03-01T00:00:05Z"),
            ("tool_result", {"tool": "z", "result": "nobody's"}, "2026-03-01T00:00:06Z"),
        ]
        lines = [json.dumps({"type": kind, "payload": payload, "timestamp": at, "event_id": f"e{n}"})
                 for n, (kind, payload, at) in enumerate(drafts, 1)]
        lines.append(json.dumps({"type": "tool_result", "payload": {"result": "of the fourth"},
                                 "metadata": {"causation_id": "e4"}, "timestamp": "2026-03-01T00:00:09Z"}))
        self.ok("append", "c", "-", stdin="\n".join(lines) + "\n")
        self.assertEqual([[1, None, None, None], [2, 5, "two", 3000], [3, 6, "first b", 3000],
                          [4, 8, "of the fourth", 6000], [None, 7, "nobody's", None]],
                         self.values("SELECT call_seq, result_seq, result, duration_ms FROM tool_calls "
                                     "WHERE session_id = 'c'"))

    def test_ids_of_calls_are_texts_or_numbers_and_what_has_none_answers_the_oldest(self):
        def of(session, *events):
            self.create(session)
            for kind, payload in events:
                self.ok("append", session, "--type", f"tool_{kind}", "--payload", json.dumps(payload))
            return [tuple(row) for row in self.values(
                "SELECT call_seq, result_seq, result FROM tool_calls WHERE session_id = $s "
                "ORDER BY call_seq", "--param", f"s={session}")]

        self.assertEqual([(1, 4, "r1"), (2, 3, "r2")], of(
            "numbers", ("called", {"tool": "t", "call_id": 1}), ("called", {"tool": "t", "call_id": 2}),
            ("result", {"call_id": 2, "result": "r2", "is_error": True}),
            ("result", {"call_id": "1", "result": "r1"})))
        self.assertEqual([(1, 3, "of zeta"), (2, 4, "of alpha")], of(
            "nameless", ("called", {"tool": "zeta"}), ("called", {"tool": "alpha"}),
            ("result", {"result": "of zeta"}), ("result", {"result": "of alpha"})))
        self.assertEqual([(1, 3, "one"), (2, 4, "two")], of(
            "twice", ("called", {"tool": "t", "call_id": "c"}), ("called", {"tool": "t", "call_id": "c"}),
            ("result", {"call_id": "c", "result": "one"}), ("result", {"call_id": "c", "result": "two"})))

    def test_the_ledger(self):
        self.assertEqual([[1, "BetPlaced", "PFLEA", -25.5, "-25.5", -25.5], [2, "BetWon", "PFLEA", 51, "51", 25.5]],
                         self.values("SELECT seq, type, asset, amount, amount_text, balance FROM entries"))
        ledger = self.folder / "ledger.json"
        ledger.write_text('{"default_asset":"USD","types":{"BetWon":{"sign":-1,"amount":"/amount"}}}')
        self.assertEqual([["USD", -51]], self.values("SELECT asset, amount FROM entries", "--ledger", ledger))

    def test_a_session_or_a_path(self):
        self.assertEqual([[2]], self.values("SELECT count(*) FROM events", "bet-1"))
        self.assertEqual([[3]], self.values("SELECT count(*) FROM events", "flight-1@3"))
        elsewhere = self.folder / "log.jsonl"
        elsewhere.write_bytes(self.log_of("flight-1").read_bytes())
        self.assertEqual([["flight-1", 6]], self.values(
            "SELECT s.id, count(*) FROM sessions s JOIN events e ON e.session_id = s.id GROUP BY s.id",
            elsewhere))
        self.assertEqual([[6]], self.values("SELECT count(*) FROM events", "-",
                                            stdin=elsewhere.read_bytes()))
        self.ok("export", "flight-1", "-o", "x.json")
        self.assertEqual([["flight-search", 6]], self.values("SELECT name, events FROM sessions",
                                                             self.folder / "x.json"))
        transcripts = SAMPLE / "transcripts"
        found = self.values("SELECT source, sum(events) > 0 FROM sessions GROUP BY source",
                            "--store", f"claude:{transcripts}/claude")
        self.assertEqual([["claude-code", 1]], found)

    def test_conditions_go_into_the_reading(self):
        plan = self.values("EXPLAIN QUERY PLAN SELECT text FROM events WHERE session_id = 'a' AND type IN "
                           "('x', 'y') AND kind = 'call' AND seq BETWEEN 3 AND 7 AND ms >= 5 AND "
                           "timestamp < '2026-03-08'")
        self.assertEqual(1, len(plan))
        for word in ("session_id=?", "type IN(?)", "kind=?", "seq>=?", "seq<=?", "ms>=?", "timestamp<?"):
            self.assertIn(word, plan[0][3])
        self.assertTrue(plan[0][3].endswith(" reading session_id,seq,type,kind,timestamp,ms,text"), plan)
        plan = self.values("EXPLAIN QUERY PLAN SELECT count(*) FROM events")
        self.assertTrue(plan[0][3].endswith("reading nothing"), plan)

    def test_conditions_say_the_same_wherever_they_are_judged(self):
        whole = self.values("SELECT session_id, seq, type, kind, ms, timestamp FROM events")
        conditions = [
            ("seq = 3", lambda e: e[1] == 3), ("seq > 2 AND seq <= 4", lambda e: 2 < e[1] <= 4),
            ("seq < 1", lambda e: False), ("seq >= -5", lambda e: True), ("seq = 2.0", lambda e: e[1] == 2),
            ("seq > 2.5", lambda e: e[1] > 2.5), ("seq IN (1, 6)", lambda e: e[1] in (1, 6)),
            ("type = 'error'", lambda e: e[2] == "error"), ("type = 'tool_*'", lambda e: False),
            ("type = 'ERROR' COLLATE NOCASE", lambda e: e[2] == "error"),
            ("kind IN ('call', 'entry')", lambda e: e[3] in ("call", "entry")),
            ("kind = 'other'", lambda e: False), ("kind = 'nothing'", lambda e: False),
            ("ms > 1772884800500", lambda e: e[4] > 1772884800500),
            ("ms BETWEEN 1772884800500 AND 1772884801000", lambda e: 1772884800500 <= e[4] <= 1772884801000),
            ("timestamp >= '2026-03-07'", lambda e: e[5] >= "2026-03-07"),
            ("timestamp <= '2026-03-07'", lambda e: e[5] <= "2026-03-07"),
            ("timestamp > '2026-03-07T12:00:00.500000000Z'", lambda e: e[5] > "2026-03-07T12:00:00.500000000Z"),
            ("timestamp = '2026-03-07T12:00:00.500000000Z'", lambda e: e[5] == "2026-03-07T12:00:00.500000000Z"),
            ("timestamp > '2026-03-07T12:00:00.5Z'", lambda e: e[5] > "2026-03-07T12:00:00.5Z"),
            ("session_id IN ('bet-1', 'none')", lambda e: e[0] == "bet-1"),
            ("session_id = 'flight-1' AND type NOT LIKE 'tool%'",
             lambda e: e[0] == "flight-1" and not e[2].startswith("tool")),
            ("seq = NULL", lambda e: False), ("session_id IS NOT NULL", lambda e: True),
        ]
        for sql, wanted in conditions:
            with self.subTest(sql=sql):
                self.assertEqual([e for e in whole if wanted(e)], self.values(
                    f"SELECT session_id, seq, type, kind, ms, timestamp FROM events WHERE {sql}"))

    def test_a_gap_is_one_between_events_whichever_are_asked_for(self):
        self.assertEqual([[6, 1000]], self.values("SELECT seq, gap_ms FROM events WHERE type = 'error'"))
        self.assertEqual([[500]], self.values("SELECT gap_ms FROM events WHERE session_id = 'flight-1' AND seq = 3"))

    def test_groups_come_in_order_without_sorting(self):
        plan = self.values("EXPLAIN QUERY PLAN SELECT tool_name, count(*), sum(failed) FROM events GROUP BY tool_name")
        self.assertEqual(1, len(plan))
        self.assertTrue(plan[0][3].endswith(":by tool_name reading tool_name,failed"), plan)
        self.assertEqual([[None, 6, 1], ["search", 2, 1]], self.values(
            "SELECT tool_name, count(*), sum(failed) FROM events GROUP BY tool_name"))
        for column in ("session_id", "type", "kind", "tool_name", "model"):
            for tail in ("", " ORDER BY 1 DESC", " HAVING count(*) > 1"):
                sql = f"SELECT {column}, count(*), min(seq) FROM events GROUP BY {column}" + tail
                by_sorting = sql.replace(f"GROUP BY {column}", f"GROUP BY {column} || ''")
                self.assertEqual(self.values(by_sorting), self.values(sql), sql)
        self.assertEqual(["BetPlaced", "BetWon", "error"], [row[0] for row in self.values(
            "SELECT type FROM events ORDER BY type LIMIT 3")])
        self.assertEqual([["call"], ["entry"]], self.values("SELECT DISTINCT kind FROM events WHERE kind IN "
                                                            "('call', 'entry') ORDER BY kind"))

    def test_joins(self):
        self.assertEqual([[2, 3, 500]], self.values(
            "SELECT c.seq, r.seq, r.ms - c.ms FROM events c JOIN events r ON r.session_id = c.session_id "
            "AND r.tool_name = c.tool_name AND r.kind = 'result' WHERE c.kind = 'call'"))
        self.assertEqual([[6]], self.values(
            "SELECT count(*) FROM events a JOIN events b ON a.session_id = b.session_id AND b.seq = a.seq + 1"))
        # A row is the same one in whichever scan it is met.
        self.assertEqual([[2, "bet-1"], [None, "flight-1"], [None, "flight-1"]], self.values(
            "SELECT a.seq, b.session_id FROM events a RIGHT JOIN events b ON b.session_id = a.session_id AND "
            "a.type = 'BetWon' AND b.seq = a.seq WHERE b.seq = 2 OR b.type = 'error' ORDER BY b.session_id"))
        self.assertEqual([[8, 8]], self.values("SELECT count(*), count(DISTINCT rowid) FROM events"))
        self.assertEqual([["bet-1", 0], ["flight-1", 1]], self.values(
            "SELECT s.id, (SELECT count(*) FROM events e WHERE e.session_id = s.id AND e.kind = 'error') "
            "FROM sessions s ORDER BY s.id"))

    def test_redacted_payloads_are_null(self):
        self.create("r")
        self.append("r", "user_message", {"content": "secret"})
        self.assertEqual(0, self.run_it("redact", "r", "1", "--reason", "asked", "--by", "me").status)
        self.assertEqual([[1, None, None], [2, "agentstore.redacted", 1]], self.values(
            "SELECT seq, CASE WHEN seq = 1 THEN payload ELSE type END, CASE WHEN seq = 2 THEN "
            "payload LIKE '%asked%' END FROM events WHERE session_id = 'r'"))

    def append(self, session, kind, payload):
        self.ok("append", session, "--type", kind, "--payload", json.dumps(payload))


class Money(Sql):
    def setUp(self):
        super().setUp()
        self.create("m")
        amounts = ["0.1", "0.2", "9007199254740993", "0.1234567890123456789", "-12.50", "1e-7"]
        drafts = [f'{{"type":"FundsDeposited","payload":{{"amount":{amount},"asset":"A{n}"}}}}'
                  for n, amount in enumerate(amounts)]
        drafts += [f'{{"type":"llm_response","payload":{{}},"metadata":{{"model":"m","cost_usd":{cost}}}}}'
                   for cost in ("0.1", "0.2", "0.30000000000000004")]
        self.ok("append", "m", "-", stdin="\n".join(drafts) + "\n")

    def test_a_number_where_it_gives_the_decimal_back(self):
        rows = self.values("SELECT typeof(amount), amount, amount_text FROM entries", status=7)
        self.assertEqual([["real", 0.1, "0.1"], ["real", 0.2, "0.2"],
                          ["integer", 9007199254740993, "9007199254740993"],
                          ["null", None, "0.1234567890123456789"], ["real", -12.5, "-12.5"],
                          ["real", 1e-07, "0.0000001"]], rows)

    def test_digits_that_are_lost_are_told(self):
        outcome = self.run_it("sql", "SELECT amount FROM entries")
        self.assertEqual(7, outcome.status)
        self.assertIn("1 amounts have more digits than a number holds, and are NULL", outcome.err)
        self.assertEqual(6 + 2, len(outcome.lines()))
        self.assertEqual(0, self.run_it("sql", "SELECT amount_text FROM entries").status)

    def test_sums_are_exact_or_say_that_they_are_not(self):
        self.assertEqual([["0.60000000000000004"]], self.values("SELECT decimal_sum(cost_usd_text) FROM events"))
        outcome = self.run_it("sql", "SELECT sum(cost_usd), total(cost_usd) FROM events WHERE seq < 9")
        self.assertEqual(0, outcome.status)
        self.assertEqual(1, outcome.err.count("a SUM over amounts is a double"))
        self.assertEqual("", self.run_it("sql", "SELECT sum(tokens_in), max(cost_usd_text), sum(cost_usd_text) "
                                         "FROM events").err)

    def test_decimal_functions_take_numbers_and_texts(self):
        self.assertEqual([["0.3", "0.6", 0, -1, 1, None]], self.values(
            "SELECT decimal_add(0.1, '0.2'), decimal_add(1e-1, 0.2, '0.3'), decimal_cmp('1.50', 1.5), "
            "decimal_cmp('9007199254740992', '9007199254740993'), decimal_cmp(2, '1'), decimal_add(1, NULL)"))
        self.assertEqual([["0.1"], ["0.3"], ["0.60000000000000004"]], self.values(
            "SELECT decimal_sum(cost_usd_text) OVER (ORDER BY seq) FROM events WHERE kind = 'answer'"))
        self.refused("SELECT decimal_add('abc', 1)", says='"abc" is not a decimal')

    def test_an_amount_that_cannot_be_read(self):
        self.ok("append", "m", "--type", "BetPlaced", "--payload", '{"amount":"1,5"}')
        outcome = self.run_it("sql", "SELECT count(*) FROM entries")
        self.assertEqual(7, outcome.status, str(outcome))
        self.assertIn("#10", outcome.err)


class Views(Sql):
    COLUMNS = {
        "agent_current_state": "agent_id session_id last_event_type payload last_event_at agent_type user_id "
                               "session_started_at",
        "session_summary": "session_id agent_id total_events user_messages tool_calls decisions errors "
                           "first_event_at latest_event_at session_duration total_tokens_used",
        "agent_task_progress": "session_id agent_id decisions_made tools_invoked tasks_completed had_error "
                               "is_closed last_decision_at"}

    def as_expected(self, row):
        """A row of ours as PostgreSQL writes it."""
        row = dict(row)
        for name, value in row.items():
            if name.endswith("_at") and value is not None:
                row[name] = re.sub(r"\.?0*Z$", "", value)
            elif name == "payload":
                row[name] = json.loads(value)
            elif name in ("had_error", "is_closed"):
                row[name] = bool(value)
        return row

    def test_they_say_what_postgresql_says_of_two_hundred_sessions(self):
        write_store(self.store)
        expected = json.loads((HERE / "views/expected.json").read_text())
        for view, columns in self.COLUMNS.items():
            with self.subTest(view=view):
                theirs = expected[view]
                for row in theirs:
                    for name, value in row.items():
                        if name.endswith("_at") and value is not None:
                            row[name] = re.sub(r"(\.\d*?)?0*$", r"\1", value.removesuffix("+00:00")) \
                                if "." in value else value.removesuffix("+00:00")
                answer = self.ok("sql", f"SELECT * FROM {view} ORDER BY session_id", "--json").json()
                self.assertEqual(columns.split(), answer["columns"])
                self.assertEqual(theirs, [self.as_expected(row) for row in answer["rows"]])
        agent = self.rows("SELECT session_id FROM agent_current_state WHERE agent_id = 'a-9' ORDER BY session_id")
        self.assertEqual([row["session_id"] for row in expected["agent_current_state"] if row["agent_id"] == "a-9"],
                         [row["session_id"] for row in agent])

    def test_they_count_as_the_projections(self):
        for session in ("flight-search", "agent-001", "ticket-48213"):
            state = self.ok("state", session, "--projection", "summary", "--json", "--store", SAMPLE).json()["state"]
            row = self.rows("SELECT * FROM session_summary WHERE session_id = :id", "--param",
                            f"id={state['session_id']}", "--store", SAMPLE)[0]
            self.assertEqual(state, row)

    def test_their_text_for_other_databases(self):
        for dialect, word in (("postgres", "CREATE VIEW"), ("risingwave", "CREATE MATERIALIZED VIEW"),
                              ("sqlite", "CREATE VIEW")):
            text = self.ok("sql", "--views", "--dialect", dialect).out
            for view in self.COLUMNS:
                self.assertIn(f"{word} {view} AS", text)
        self.refused("--views", "--dialect", "oracle", says="it is postgres, risingwave or sqlite")
        self.refused("SELECT 1", "--views", says="do not go together")


class Formats(Sql):
    QUERY = "SELECT 1 AS n, 0.1 AS r, 'a|b' AS t, '=1+1' AS f, NULL AS z, x'00ff' AS b, 'l1' || char(10) || '::error::' AS l"

    def setUp(self):
        super().setUp()
        make_go_folder(self.store)

    def test_json(self):
        self.assertEqual({"schema": "agentstore/sql/1", "columns": ["n", "r", "t", "f", "z", "b", "l"],
                          "rows": [{"n": 1, "r": 0.1, "t": "a|b", "f": "=1+1", "z": None, "b": "00ff",
                                    "l": "l1\n::error::"}], "incomplete": []},
                         self.ok("sql", self.QUERY, "--format", "json").json())
        self.assertEqual([], self.ok("sql", "SELECT 1 WHERE 0", "--json").json()["rows"])

    def test_json_lines(self):
        out = self.ok("sql", "SELECT seq, type FROM events WHERE session_id = 'bet-1'", "--format", "jsonl").out
        self.assertEqual('{"seq":1,"type":"BetPlaced"}\n{"seq":2,"type":"BetWon"}\n', out)

    def test_csv(self):
        out = self.ok("sql", self.QUERY + ", -5 AS neg, '' AS e, '-5' AS d, 'say \"hi\"' AS q", "--format", "csv").out
        self.assertEqual([["n", "r", "t", "f", "z", "b", "l", "neg", "e", "d", "q"],
                          ["1", "0.1", "a|b", "'=1+1", "", "00ff", "l1\n::error::", "-5", "", "-5", 'say "hi"']],
                         list(csv.reader(io.StringIO(out))))

    def test_markdown(self):
        self.assertEqual("| n | t | l |\n| --- | --- | --- |\n| 1 | a\\|b | l1\\n::error:: |\n",
                         self.ok("sql", "SELECT 1 AS n, 'a|b' AS t, 'l1' || char(10) || '::error::' AS l",
                                 "--format", "markdown").out)

    def test_a_table(self):
        out = self.ok("sql", "SELECT type, count(*) AS n FROM events GROUP BY type ORDER BY type DESC LIMIT 2").out
        self.assertEqual("type          n\n───────────────\nuser_message  1\ntool_result   1\n", out)
        self.assertIn("\\u{3a}:set", self.ok("sql", "SELECT '::set' AS a").out)

    def test_names_that_come_again(self):
        self.assertEqual(["seq", "seq:1", "seq:2", "seq:1:1"],
                         self.ok("sql", "SELECT seq, seq, 7 AS seq, 8 AS \"seq:1\" FROM events LIMIT 1",
                                 "--json").json()["columns"])

    def test_a_file_by_its_ending(self):
        self.ok("sql", "SELECT 1 AS a", "-o", "x.csv")
        self.assertEqual("a\n1\n", (self.folder / "x.csv").read_text())
        self.ok("sql", "SELECT 1 AS a", "-o", "x.jsonl")
        self.assertEqual('{"a":1}\n', (self.folder / "x.jsonl").read_text())
        self.refused("SELECT 1", "--format", "xml", says="it is table, json, jsonl, csv or markdown")

    def test_a_database_of_all_tables(self):
        self.ok("sql", "-o", "all.db")
        with sqlite3.connect(self.folder / "all.db") as database:
            self.assertEqual([(8,)], database.execute("SELECT count(*) FROM events").fetchall())
            self.assertEqual([("flight-1", "search", 1)], database.execute(
                "SELECT session_id, tool_name, failed FROM tool_calls").fetchall())
            for table in ("sessions", "labels", "entries", *Views.COLUMNS):
                theirs = database.execute(f"SELECT * FROM {table}").fetchall()
                self.assertEqual(self.values(f"SELECT * FROM {table}"), [list(row) for row in theirs], table)
        database.close()

    def test_a_database_of_one_answer(self):
        self.ok("sql", "SELECT type, count(*) AS n, 1 AS n FROM events GROUP BY type ORDER BY type", "-o", "one.db")
        database = sqlite3.connect(self.folder / "one.db")
        self.assertEqual(("BetPlaced", 1, 1), database.execute('SELECT type, n, "n:1" FROM result').fetchone())
        database.close()
        self.refused("SELECT FORM", "-o", "two.db")
        self.assertFalse((self.folder / "two.db").exists())

    def test_a_question_in_a_file_and_its_parameters(self):
        (self.folder / "q.sql").write_text("-- a question\nSELECT :a AS a, typeof(@a) AS t, $b AS b\n;\n")
        self.assertEqual([[12, "integer", "x y=z"]],
                         self.values("@" + str(self.folder / "q.sql"), "--param", "a=12", "--param", "b=x y=z"))
        self.assertEqual([["real", "text", "text"]], self.values(
            "SELECT typeof(:a), typeof(:b), typeof(:c)", "--param", "a=0.50", "--param", "b=007", "--param", "c="))

    def test_the_examples_all_answer(self):
        text = self.ok("sql", "--examples").out
        examples = [part for part in text.split(";\n") if part.strip()]
        self.assertGreater(len(examples), 9)
        for example in examples:
            with self.subTest(example=example):
                self.assertEqual(0, self.run_it("sql", example, "--store", SAMPLE).status)
        shown = self.ok("sql", "--schema").out
        for table in ("sessions", "labels", "events", "tool_calls", "entries", *Views.COLUMNS):
            self.assertRegex(shown, f"CREATE (TABLE|VIEW) {table} ")
        sqlite3.connect(":memory:").executescript(shown)

    def test_the_manual_has_every_column(self):
        manual = (HERE.parents[1] / "man/agentstore-sql.5").read_text().replace("\n", " ")
        for name, kind, about in re.findall(r"^  (\w+) ([A-Z]+),? +-- (.*)$", self.ok("sql", "--schema").out, re.M):
            self.assertIn(f".It {name} Ta {kind} Ta {about}", manual)
        for example in re.findall("^-- (.*)$", self.ok("sql", "--examples").out, re.M):
            self.assertIn(example, manual)


class BadInput(Sql):
    def setUp(self):
        super().setUp()
        make_go_folder(self.store)

    def test_what_does_not_parse_says_where_and_why(self):
        self.refused("SELECT count(* FROM events", says='near "FROM": syntax error (line 1, column 16, at `FROM events`)')
        self.refused("SELECT 1\n  FORM events\n WHERE", says="(line 2, column")
        self.refused("SELECT 'abc", says="unrecognized token")
        self.refused("", says="no SQL is given")
        self.refused("-- nothing", says="there is no SQL to answer")
        self.refused("SELECT 1; SELECT 2", says="there is more than one statement")

    def test_what_does_not_read_is_refused_and_named(self):
        for sql, named in [("INSERT INTO events (seq) VALUES (1)", "only reads"), ("DELETE FROM events", "only reads"),
                           ("UPDATE sessions SET name = 'x'", "only reads"), ("DROP TABLE events", "DROP TABLE events"),
                           ("CREATE TABLE x (a)", "CREATE TABLE x"), ("CREATE TEMP TABLE x (a)", "CREATE TABLE x"),
                           ("CREATE VIEW v AS SELECT 1", "CREATE VIEW v"), ("CREATE TEMP VIEW v AS SELECT 1", "CREATE VIEW v"),
                           ("ATTACH 'x.db' AS x", "ATTACH"), ("DETACH main", "DETACH"),
                           ("PRAGMA journal_mode = OFF", "PRAGMA journal_mode"), ("PRAGMA writable_schema = 1", "PRAGMA writable_schema"),
                           ("SELECT load_extension('x')", "load_extension()"), ("BEGIN", "a transaction"),
                           ("SAVEPOINT a", "a savepoint"), ("VACUUM INTO 'x.db'", ""), ("ANALYZE", "ANALYZE"), ("REINDEX", ""),
                           ("INSERT INTO sqlite_schema VALUES (1, 2, 3, 4, 5)", ""),
                           ("CREATE VIRTUAL TABLE x USING fts5(a)", "CREATE VIRTUAL TABLE x")]:
            with self.subTest(sql=sql):
                self.refused(sql, says=named)
        for sql, named in [("SELECT * FROM pragma_hard_heap_limit(100)", "PRAGMA hard_heap_limit"),
                           ("SELECT * FROM Pragma_optimize(1)", "PRAGMA optimize"), ("SELECT * FROM pragma_journal_mode", "PRAGMA journal_mode"),
                           ("SELECT fts3_tokenizer('simple')", "fts3_tokenizer()"), ("ALTER TABLE events RENAME TO x", "ALTER TABLE events"),
                           ("VACUUM", "this writes")]:
            with self.subTest(sql=sql):
                self.refused(sql, says="only reads, and this is " + named if named != "this writes" else named)
        self.assertEqual([], [path for path in self.folder.iterdir() if path != self.store])
        self.assertEqual(34, len(self.values("SELECT name FROM pragma_table_info('events')")))

    def test_what_nobody_has_is_named_with_the_nearest(self):
        self.refused("SELECT * FROM evnts", says=["no such table: evnts", "did you mean events?"])
        self.refused("SELECT * FROM temp.events", says="no such table: temp.events")
        self.refused("SELECT * FROM nobody.events", says="no such table: nobody.events")
        self.refused("SELECT * FROM customers_by_region", says="there are agent_current_state, session_summary")
        self.refused("SELECT tool_nam FROM events", says="did you mean tool_name?")
        self.refused("SELECT decimal_summ(1)", says="did you mean decimal_sum?")
        self.refused('SELECT "text in double quotes" FROM events', says="no such column")

    def test_parameters(self):
        self.refused("SELECT :a", says="the parameter :a has no value; give it with --param a=VALUE")
        self.refused("SELECT :abc", "--param", "abd=1", "--param", "abc=2", says=["no parameter :abd", "did you mean abc?"])
        self.refused("SELECT ?", says="a parameter has no name")
        self.refused("SELECT :a", "--param", "a", says="is not NAME=VALUE")
        self.refused("SELECT :a", "--param", "a=0.12345678901234567890", says="more digits")

    def test_too_much(self):
        self.refused("SELECT " + ", ".join(["1"] * 1001), says="too many columns in result set (1,000 at the most)")
        self.assertEqual(1000, len(self.values("SELECT " + ", ".join(["1"] * 1000))[0]))
        self.refused("SELECT zeroblob(70000000)", says="a value is larger than 64 MiB")
        self.refused("SELECT replace(hex(zeroblob(10000000)), '00', '1234567')", says="a value is larger than 64 MiB")
        (self.folder / "long.sql").write_text("SELECT 1" + " + 1" * 300_000)
        self.refused("@" + str(self.folder / "long.sql"), says="is longer than 1 MiB")
        self.refused("SELECT group_concat(a) FROM (WITH RECURSIVE t(a) AS (SELECT 1 UNION ALL SELECT a + 1 FROM t "
                     "LIMIT 3000000) SELECT a FROM t)", "--memory", "8", status=5, says="MiB of memory")
        self.refused("SELECT 1", "--memory", "1", says="--memory")
        self.refused("SELECT 1", "--timeout", "0", says="--timeout")

    def test_what_never_ends(self):
        start = time.perf_counter()
        self.refused(ENDLESS, "--timeout", "1", status=7, says="no answer after 1 s")
        self.assertLess(time.perf_counter() - start, 20)

    def test_an_interrupt(self):
        running = subprocess.Popen([BIN, "sql", ENDLESS, "-o", "x.db"],
                                   env=self.environment(), cwd=self.folder, stderr=subprocess.PIPE,
                                   stdout=subprocess.PIPE)
        for _ in range(1000):
            if any(path.name.startswith(".x.db") for path in self.folder.iterdir()):
                break
            time.sleep(0.01)
        time.sleep(0.2)
        running.send_signal(signal.SIGINT)
        running.communicate(timeout=20)
        self.assertEqual(130, running.returncode)
        self.assertEqual([self.store], list(self.folder.iterdir()))

    def test_a_damaged_session_among_many(self):
        self.sound = False
        for number in range(30):
            self.create(f"s{number:02}")
            for drafts in (2, 3):
                self.ok("append", f"s{number:02}", "-", "--batch", stdin='{"type":"custom"}\n' * drafts)
        log = self.log_of("s07")
        lines = log.read_bytes().splitlines(keepends=True)
        log.write_bytes(b"".join(lines[:2]) + b"{damaged}\n" + b"".join(lines[3:]))
        outcome = self.run_it("sql", "SELECT count(*) AS n, count(DISTINCT session_id) AS s FROM events WHERE type = 'custom'", "--json")
        self.assertEqual(1, outcome.status, str(outcome))
        self.assertEqual([{"n": 29 * 5 + 2, "s": 30}], outcome.json()["rows"])
        self.assertIn("s07", outcome.err)
        self.assertTrue(outcome.json()["incomplete"])
        skipped = self.run_it("sql", "SELECT count(*) FROM events WHERE type = 'custom'", "--json", "--on-corrupt", "skip")
        self.assertEqual((7, 29 * 5 + 4), (skipped.status, skipped.json()["rows"][0]["count(*)"]))
        totals = self.run_it("sql", "SELECT id, events FROM sessions WHERE id = 's07'", "--json")
        self.assertEqual((1, None), (totals.status, totals.json()["rows"][0]["events"]))

    def test_a_torn_end(self):
        self.sound = False
        log = self.log_of("bet-1")
        log.write_bytes(log.read_bytes() + b'{"session_id":"bet-1","sequ')
        outcome = self.run_it("sql", "SELECT count(*) AS n FROM events", "--json")
        self.assertEqual((7, [{"n": 8}]), (outcome.status, outcome.json()["rows"]), str(outcome))
        self.assertIn("bet-1", outcome.json()["incomplete"][0])
        self.assertEqual(7, self.run_it("sql", "SELECT id, events FROM sessions").status)
        self.assertEqual(0, self.run_it("sql", "SELECT id, name FROM sessions").status)

    def test_an_output_that_is_full_or_closed(self):
        with open("/dev/full", "wb") as full:
            outcome = self.run_it("sql", "SELECT * FROM events", stdout=full)
        self.assertEqual(5, outcome.status)
        self.assertIn("No space left", outcome.err)
        self.assertEqual(5, self.run_it("sql", "SELECT 1", "-o", "/dev/full").status)
        self.create("one")
        self.refused("SELECT 1", "-o", self.store / "x.csv", says="it is in the store")
        self.refused("SELECT 1", "-o", self.folder / "none/x.db", status=5)
        reader, writer = os.pipe()
        os.close(reader)
        with os.fdopen(writer, "wb") as closed:
            self.assertEqual(0, self.run_it("sql", "SELECT * FROM events", stdout=closed).status)

    def test_no_store(self):
        self.refused("SELECT 1", "--store", self.folder / "none", status=3)
        self.refused("SELECT 1", "nobody", status=3)
        (self.folder / "words.txt").write_text("no log at all\n")
        self.refused("SELECT count(*) FROM events", self.folder / "words.txt", says="its format is not known")
        self.refused("SELECT count(*) FROM events", "-", stdin="no log at all\n", says="its format is not known")

    def test_hostile_text_is_shown_escaped(self):
        out = self.ok("sql", "SELECT text, payload FROM events", "--store", SAMPLE).out
        self.assertNotRegex(out, r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\u200b]")
        self.assertNotRegex(out, r"(?m)^::")


class Many(Sql):
    def test_a_log_that_is_read_by_several_threads(self):
        (self.store / "events").mkdir(parents=True)
        (self.store / "sessions").mkdir()
        text = "x" * 300
        lines = [go_line("big", n, ("tool_called", "tool_result", "custom")[n % 3], f'{{"n":{n},"text":"{text}"}}',
                         f"2026-03-07T12:{n // 1000:02}:{n // 20 % 50:02}.{n % 20:03}Z") for n in range(1, 30_001)]
        self.log_of("big").write_text("".join(lines))
        (self.store / "sessions/big.json").write_text('{"id":"big","created_at":"2026-03-07T12:00:00Z","event_count":30000}')
        self.assertEqual([["custom", 10000], ["tool_called", 10000], ["tool_result", 10000]],
                         self.values("SELECT type, count(*) FROM events GROUP BY type ORDER BY type"))
        self.assertEqual([[450015000, 29999]], self.values("SELECT sum(payload ->> '$.n'), count(gap_ms) FROM events"))
        self.assertEqual([[29000]], self.values("SELECT max(seq) FROM events WHERE session_id = 'big' AND seq BETWEEN 28000 AND 29000"))
        # Asked for one row, it stops reading.
        self.assertEqual([[1]], self.values("SELECT seq FROM events LIMIT 1"))


if __name__ == "__main__":
    main()
