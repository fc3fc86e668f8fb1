"""Rules of one's own: files that are none, SQL that is refused or never ends, flags that are wrong;
and what the rules find in real transcripts."""

import os
import unittest
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from support import main
from test_audit import ALONE, AuditCase

CORPUS = os.environ.get("AGENTSTORE_CORPUS")
HEAD = "-- name: mine\n-- severity: error\n-- why: W.\n-- fix: F.\n"


class RuleFiles(AuditCase):
    def setUp(self):
        super().setUp()
        self.write("s", [{"type": "note", "payload": {"a": 1}}])
        self.mine = self.folder / "mine.sql"

    def wrong(self, text, *saying, words=()):
        self.mine.write_text(text)
        outcome = self.run_it("audit", "--rules", self.mine, *words)
        self.assertEqual((2, ""), (outcome.status, outcome.out), str(outcome))
        for word in ("mine.sql", *saying): self.assertIn(word, outcome.err)

    def test_a_rule_of_ones_own(self):
        self.mine.write_text(HEAD + "-- param: most = 0\nSELECT session_id, seq, 'a' AS message FROM events WHERE seq > :most\n")
        self.assertEqual([("s", 1)], self.found(1, "--rules", self.mine))
        self.assertEqual([("s", 1)], self.found(1, "--rules", self.folder))
        self.assertEqual([], self.found(0, "--rules", self.mine, "--param", "most=1"))
        self.refused(2, "audit", "--rules", self.mine, "--param", "mots=1", saying="did you mean most?")
        self.mine.write_text(HEAD + "-- param: most\nSELECT session_id, seq, 'a' AS message FROM events WHERE seq > :most\n")
        self.assertEqual([], self.found(0, "--rules", self.mine))
        self.refused(2, "audit", "--rules", self.mine, "--rule", "mine", saying="--param most=VALUE")

    def test_a_head_that_is_none(self):
        self.wrong("SELECT 1", ":1:", "name")
        self.wrong(HEAD.replace("error", "fatal") + "SELECT 1", ":2:", '"fatal"', "note, warning or error")
        self.wrong(HEAD.replace("why", "wyh") + "SELECT 1", ":3:", "did you mean why?")
        self.wrong(HEAD + "-- name: again\nSELECT 1", ":5:", "twice")
        self.wrong(HEAD.replace("mine", "Mine!") + "SELECT 1", ":1:", "small letters")
        self.wrong(HEAD, "no SQL")
        self.wrong(HEAD.replace("mine", "loops") + "SELECT 1", "built in")

    def test_sql_that_does_not_parse_or_writes(self):
        self.wrong(HEAD + "SELECT *\n  FORM events", "line 6, column 3")
        self.wrong(HEAD + "SELECT session_id, seq, nix AS message FROM events", "no such column")
        self.wrong(HEAD + "DELETE FROM events", "changes a table", "only reads")
        self.wrong(HEAD + "CREATE TABLE t (a)", "CREATE TABLE")
        self.wrong(HEAD + "SELECT 1; SELECT 2", "more than one statement")
        self.wrong(HEAD + "SELECT session_id, seq FROM events", "no column message")
        self.wrong(HEAD + "SELECT session_id, seq, :x AS message FROM events", ":x", "-- param: NAME")
        self.wrong(HEAD + "SELECT session_id, seq, abs(seq - 1 - 9223372036854775807 - 1) AS message FROM events", "overflow")
        self.wrong(HEAD + "SELECT session_id, 'one' AS seq, '' AS message FROM events", "seq is no number")

    def test_one_that_never_ends_is_no_pass(self):
        endless = HEAD + "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n)\nSELECT NULL AS session_id, NULL AS seq, max(i) AS message FROM n"
        self.wrong(endless, "more than 1 seconds", words=("--timeout", "1"))
        again = HEAD + "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n)\nSELECT 's' AS session_id, NULL AS seq, count(*) AS message FROM n, events WHERE seq = i % 2"
        self.wrong(again, "more than 1 seconds", words=("--timeout", "1", "--json"))

    def test_a_rule_that_is_named_is_never_left_out_without_a_word(self):
        mine = self.folder / "mine.sql"
        mine.write_text(HEAD + "-- param: least\nSELECT session_id, seq, 'm' AS message FROM events WHERE seq >= :least")
        outcome = self.run_it("audit", "--rules", mine)
        self.assertIn("is not applied without --param least=VALUE", outcome.err)
        self.assertNotIn("not applied", self.run_it("audit", "--rules", mine, "--param", "least=1").err)
        mine.write_text(HEAD + "-- param: least\nSELEKT :least")
        self.refused(2, "audit", "--rules", mine, saying="does not parse")
        mine.write_text(HEAD + "SELECT session_id, seq, 'm' AS message FROM events")
        self.refused(2, "audit", "--no-rule", "*", "--rules", mine, saying="--no-rule takes out every rule of --rules; add --rule mine")

    def test_files_that_are_not_there(self):
        self.refused(3, "audit", "--rules", self.folder / "none.sql")
        (self.folder / "rules").mkdir()
        self.refused(2, "audit", "--rules", self.folder / "rules", saying="no .sql file")

    def test_names_and_values_that_are_wrong(self):
        self.refused(2, "audit", "--rule", "loosp", saying="did you mean loops?")
        self.refused(2, "audit", "--no-rule", "secret", saying="secrets")
        self.refused(2, "audit", "--rule", "loops", "--no-rule", "loops", saying="both")
        self.refused(2, "audit", "--rule", "forbidden-tools", saying="--forbid-tool")
        self.refused(2, "audit", "--rule", "forbidden-*", saying="needs --forbid-tool")
        self.refused(2, "audit", "--no-rule", "cost-budget", "--max-cost", "1", saying="a limit of it is given")
        for words in (("--max-cost", "cheap"), ("--max-tokens", "-1"), ("--max-events", ""), ("--max-time", "soon"),
                      ("--loop", "x"), ("--max-time", "-1s"), ("--max-gap", "-5m"), ("--loop", "1"), ("--forbid-command", "("), ("--forbid-tool", ""), ("--param", "max_turns=many"),
                      ("--severity", "bad"), ("--format", "pdf"), ("--also", "x.pdf"), ("--timeout", "0"),
                      ("--since", "soonish"), ("--show", "nothing"), ("--on-corrupt", "maybe")):
            with self.subTest(words=words):
                self.refused(2, "audit", *words)

    def test_a_number_is_one_however_it_is_written(self):
        self.write("s", [{"type": "tool_called", "payload": {"tool": "x"}}] * 3)
        for words in (("--max-tool-calls", "02"), ("--max-events", "01"), ("--max-tool-calls", "2.0"), ("--loop", "03"),
                      ("--max-events", "0e5"), ("--param", "max_events=002")):
            with self.subTest(words=words):
                self.audit(1, "--no-rule", "*", *words)
        mine = self.folder / "mine.sql"
        mine.write_text("-- name: mine\n-- severity: error\n-- why: w\n-- fix: f\n-- param: limit = 5\n"
                        "SELECT session_id, seq, type AS message FROM events WHERE seq > :limit\n")
        mine = ("--no-rule", "*", "--rules", mine, "--rule", "mine")
        self.audit(0, *mine)
        self.audit(1, *mine, "--param", "limit=02")
        rule = self.folder / "mine.sql"
        rule.write_text(rule.read_text().replace("limit = 5", "limit = 02"))
        self.audit(1, *mine)
        for value in ("2k", "2,000", " 2", "", "0x2"):
            self.refused(2, "audit", *mine, "--param", f"limit={value}", saying="limit")


@unittest.skipUnless(CORPUS, "AGENTSTORE_CORPUS is not set")
class RealTranscripts(AuditCase):
    SHOWN = ("agent-logs/a-claude-code", "agent-logs/b-codex", "agent-logs/g-event-streams", "other-agents", "transcripts-2026", "cases")
    # What is known to look like a secret and to be none: (file, event).
    FALSE = set()

    def look_at(self, file):
        outcome = self.run_it("audit", file, "--json", *ALONE, "secrets")
        return outcome.json() if outcome.out else None

    def test_no_secret_is_found_in_a_hundred_of_them(self):
        files = [file for folder in self.SHOWN for file in sorted((Path(CORPUS) / folder).rglob("*.jsonl")) if file.stat().st_size]
        with ThreadPoolExecutor(2) as pool: answers = list(pool.map(self.look_at, files))
        read = [answer for answer in answers if answer and answer["events"]]
        self.assertGreaterEqual(sum(answer["sessions"] for answer in read), 100)
        found = {(Path(one["file"]).name, one["sequence_number"]) for answer in read for one in answer["findings"]
                 if one["rule"] == "secrets"}
        self.assertEqual(self.FALSE, found)


if __name__ == "__main__":
    main()
