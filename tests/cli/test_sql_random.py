"""sql: random questions have the answers that a plain SQLite database of the same rows gives.

AGENTSTORE_SEED and AGENTSTORE_ROUNDS choose another run; a failure prints its seed and question.
"""

import json
import os
import random
import sqlite3
import time

from support import Case, main

SEED = int(os.environ.get("AGENTSTORE_SEED", "1"))
ROUNDS = int(os.environ.get("AGENTSTORE_ROUNDS", "120"))

TYPES = ["user_message", "tool_called", "tool_result", "llm_request", "llm_response", "error", "custom",
         "FundsDeposited", "BetPlaced", "BetWon", "decision_made", "session_started", "my.type"]
SESSIONS = ["a", "b", "c", "d", "e", "none"]
TIMES = [f"2026-03-{day:02}T{hour:02}:00:00" for day in (1, 2, 3) for hour in (0, 9, 18)]


def drafts(pick, count):
    for n in range(count):
        kind = pick.choice(TYPES)
        payload = {"amount": pick.choice([1, 2.5, 4]), "tool": pick.choice("xyz"), "content": pick.choice(["", "hi", "é"]),
                   "token_count": pick.randrange(5)}
        if pick.random() < .5:
            payload["call_id"] = f"c{pick.randrange(6)}"
        if pick.random() < .3:
            payload["asset"] = pick.choice(["USD", "BTC"])
        metadata = {"model": pick.choice(["m1", "m2"]), "tokens_in": pick.randrange(9), "cost_usd": pick.choice([0, .25, 1])}
        fraction = pick.choice(["Z", ".5Z", ".000000001Z", ".0009Z"])
        yield {"type": kind, "payload": payload, "metadata": pick.choice([{}, metadata]),
               "timestamp": pick.choice(TIMES) + fraction, "event_id": f"i{n}"}


class Questions:
    """Makes them; all columns that they ask for are in the tables."""

    COLUMNS = {
        "events": {"session_id": SESSIONS, "seq": range(-1, 30), "type": TYPES + ["user_*", ""],
                   "kind": ["message", "call", "result", "answer", "entry", "other", "nothing"],
                   "ms": None, "timestamp": None, "tool_name": ["x", "y", "z"], "failed": [0, 1], "model": ["m1", "m2"],
                   "gap_ms": [0, 500, 3600000], "call_id": ["c1", "c2"], "token_count": range(5), "cost_usd": [0, .25, 1],
                   "event_id": ["i1", "i2", "i12"], "text": ["", "hi", "é"]},
        "tool_calls": {"session_id": SESSIONS, "call_seq": range(30), "result_seq": range(30), "tool_name": ["x", "y", "z"],
                       "failed": [0, 1], "duration_ms": [0, 1000]},
        "entries": {"session_id": SESSIONS, "seq": range(30), "type": TYPES, "asset": ["USD", "PFLEA"], "amount": [1, 2.5, 4]},
        "sessions": {"id": SESSIONS, "events": range(30), "agent_id": ["p", "q"], "errors": range(4), "project": ["w"]},
        "labels": {"session_id": SESSIONS, "key": ["agent_id", "project"], "value": ["p", "q"]},
    }
    SESSION = {"sessions": "id"}

    def __init__(self, pick):
        self.pick = pick

    def value(self, table, column):
        pick = self.pick
        known = self.COLUMNS[table][column]
        if pick.random() < .05:
            return pick.choice(["NULL", "'x'", "7", "2.5", "-9223372036854775808", "9223372036854775807", "''", "x'61'", "'3'", "3.0"])
        if column == "timestamp":
            return "'" + pick.choice([pick.choice(TIMES) + pick.choice([".000000000Z", ".500000000Z", "Z", ""]),
                                      pick.choice(["2026-03-02", "2026-03", "2026-03-02T09", "2027"])]) + "'"
        if column == "ms":
            return str(1772323200000 + pick.choice([0, 32400000, 86400000, 118800000]) + pick.choice([0, 0, 1, -1, 500]))
        value = pick.choice(list(known))
        return f"'{value}'" if isinstance(value, str) else str(value)

    def column(self, tables):
        name, table = self.pick.choice(tables)
        return name, table, self.pick.choice(list(self.COLUMNS[table]))

    def atom(self, tables):
        pick = self.pick
        name, table, column = self.column(tables)
        left = f"{name}.{column}"
        form = pick.randrange(9)
        if form == 0:
            return f"{left} IN ({', '.join(self.value(table, column) for _ in range(pick.randrange(4)))})"
        if form == 1:
            return f"{left} BETWEEN {self.value(table, column)} AND {self.value(table, column)}"
        if form == 2:
            return f"{left} IS {pick.choice(['', 'NOT '])}NULL"
        if form == 3:
            return f"{self.value(table, column)} {pick.choice(['<', '>', '=', '<='])} {left}"
        if form == 4:
            other, of, its = self.column(tables)
            return f"{left} {pick.choice(['=', '<', 'IS'])} {other}.{its}"
        if form == 5 and isinstance(self.COLUMNS[table][column], list):
            return f"{left} = {self.value(table, column)} COLLATE NOCASE"
        if form == 6:
            return f"{left} IN (SELECT {column} FROM {table} WHERE {column} > {self.value(table, column)})"
        return f"{left} {pick.choice(['=', '=', '=', '<', '<=', '>', '>=', '!=', 'IS'])} {self.value(table, column)}"

    def condition(self, tables, depth=0):
        pick = self.pick
        if depth > 2 or pick.random() < .4:
            return self.atom(tables)
        parts = [self.condition(tables, depth + 1) for _ in range(pick.choice([2, 2, 3]))]
        text = "(" + pick.choice([" AND ", " AND ", " OR "]).join(parts) + ")"
        return "NOT " + text if pick.random() < .1 else text

    def join_on(self, tables, name, table):
        with_name, with_table = self.pick.choice(tables)
        keys = [f"{name}.{self.SESSION.get(table, 'session_id')} = {with_name}.{self.SESSION.get(with_table, 'session_id')}"]
        if self.pick.random() < .5:
            other, of, its = self.column(tables)
            own = self.pick.choice(list(self.COLUMNS[table]))
            keys.append(f"{name}.{own} {self.pick.choice(['=', '=', '<', '>='])} {other}.{its}")
        if self.pick.random() < .3:
            keys.append(self.atom(tables + [(name, table)]))
        if self.pick.random() < .1:
            keys.pop(0)
        return " AND ".join(keys) or "1"

    def question(self):
        pick = self.pick
        tables = [("t0", pick.choice(["events", "events", "events", *self.COLUMNS]))]
        source = f"{tables[0][1]} t0"
        for n in range(1, pick.choice([1, 1, 2, 2, 3])):
            table = pick.choice(["events", "events", *self.COLUMNS])
            on = self.join_on(tables, f"t{n}", table)
            source += f" {pick.choice(['JOIN', 'JOIN', 'LEFT JOIN', 'LEFT JOIN', 'RIGHT JOIN', 'FULL JOIN'])} {table} t{n} ON {on}"
            tables.append((f"t{n}", table))
        where = f" WHERE {self.condition(tables)}" if pick.random() < .85 else ""
        columns = [f"{name}.{column}" for name, _, column in (self.column(tables) for _ in range(pick.choice([1, 2, 4])))]
        form = pick.randrange(8)
        if form == 0:
            return f"SELECT {columns[0]}, count(*), min({columns[-1]}), max({columns[-1]}) FROM {source}{where} GROUP BY {columns[0]}"
        if form == 1:
            return f"SELECT DISTINCT {', '.join(columns)} FROM {source}{where}"
        if form == 2:
            name, table = tables[-1]
            key = self.SESSION.get(table, "session_id")
            inner = f"SELECT count(*) FROM events i WHERE i.session_id = {name}.{key} AND {self.condition([('i', 'events')])}"
            return f"SELECT {columns[0]}, ({inner}) FROM {source}{where}"
        if form == 3 and tables[0][1] == "events" and len(tables) == 1:
            return (f"SELECT t0.session_id, t0.seq, lag(t0.seq) OVER w, row_number() OVER w FROM {source}{where} "
                    "WINDOW w AS (PARTITION BY t0.session_id ORDER BY t0.seq)")
        if form == 4:
            name, table = tables[0]
            key = self.SESSION.get(table, "session_id")
            return (f"SELECT {', '.join(columns)} FROM {source} WHERE {pick.choice(['', 'NOT '])}EXISTS (SELECT 1 FROM events i "
                    f"WHERE i.session_id = {name}.{key} AND {self.condition([('i', 'events')])})")
        if form == 5:
            return f"SELECT count(*) FROM {source}{where}"
        if form == 6:
            return (f"SELECT {columns[0]} FROM {source}{where} {pick.choice(['UNION', 'UNION ALL', 'EXCEPT', 'INTERSECT'])} "
                    f"SELECT {pick.choice(['session_id', 'seq', 'type'])} FROM events")
        return f"SELECT {', '.join(columns)} FROM {source}{where}"


def in_any_order(rows):
    return sorted(json.dumps(list(row), ensure_ascii=False) for row in rows)


class RandomQuestions(Case):
    def setUp(self):
        super().setUp()
        self.pick = random.Random(SEED)
        for name in "abcde":
            self.ok("create", name, "--label", f"agent_id={self.pick.choice('pq')}", "--label", "project=w")
            lines = [json.dumps(draft) for draft in drafts(self.pick, self.pick.choice([0, 3, 12, 25]) if name != "a" else 20)]
            if lines:
                self.ok("append", name, "-", stdin="\n".join(lines) + "\n")
        self.ok("sql", "-o", "all.db")
        self.database = sqlite3.connect(self.folder / "all.db")
        self.addCleanup(self.database.close)
        slow = time.monotonic() + 300
        self.database.set_progress_handler(lambda: time.monotonic() > slow, 1_000_000)

    def test_the_answers_of_a_plain_database(self):
        questions = Questions(self.pick)
        if sqlite3.sqlite_version_info < (3, 39):
            self.skipTest("this SQLite has no RIGHT JOIN")
        for number in range(ROUNDS):
            question = questions.question()
            try:
                wanted = in_any_order(self.database.execute(question))
            except sqlite3.OperationalError as refusal:
                self.fail(f"{question}: {refusal}")
            outcome = self.run_it("sql", question, "--format", "jsonl")
            with self.subTest(seed=SEED, number=number, question=question):
                self.assertEqual(0, outcome.status, str(outcome))
                rows = [json.loads(line).values() for line in outcome.out.splitlines()]
                self.assertEqual(wanted, in_any_order(rows), self.plan(question))

    def plan(self, question):
        return self.run_it("sql", "EXPLAIN QUERY PLAN " + question, "--format", "csv").out


if __name__ == "__main__":
    main()
