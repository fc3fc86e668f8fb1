"""Every answer in JSON is as its schema in formats/schemas says, and has nothing that it lacks."""

import json
import shlex
import shutil
from pathlib import Path

from json_schema import check
from support import Case, main

ROOT = Path(__file__).resolve().parents[2]
SCHEMAS = ROOT / "formats/schemas"
SAMPLE = ROOT / "sample-data"
DIALECT = "https://json-schema.org/draft/2020-12/schema"

# Commands whose answer is one JSON object that names its schema.
ASKED = r"""
sessions
sessions -l
sessions --label none=x
sessions --store . --store other
sessions -l --store claude:transcripts/claude
sessions -l --store . --store claude:transcripts/claude
find flight
find zzz
find e --store . --store claude:transcripts/claude -n 3
state flight-search
state flight-search --at 2026-03-07
state flight-search --before 2026-03-07T12:00:01Z
state agent-001 --projection balance
state torn
state --all --projection pnl --on-corrupt skip
sql 'SELECT type, count(*), 0.5, NULL FROM events GROUP BY type'
stats
stats flight-search
stats --by model,day
stats --by tool
stats --by session,type
stats --store claude:transcripts/claude
stats 5b0d6a52 --store claude:transcripts/claude
stats --store codex:transcripts/codex --by model
stats torn --on-corrupt prefix
stats --explain
stats --explain --store claude:transcripts/claude
stats --prices
balance agent-001
balance agent-001 --asset BTC
balance agent-001 --at 2026-03-01
balance agent-001 --each event
balance agent-001 --each hour
balance agent-001 --each day
balance agent-001 --ledger rules.json
balance --all
whatif agent-001 --without 5
whatif agent-001 --without 5 --cascade
whatif agent-001 --replace '5={"amount":10,"asset":"PFLEA"}' --save-as what-1
whatif agent-001 --insert-after '4={"type":"FundsDeposited","payload":{"amount":50}}'
whatif flight-search --not-type tool_result
whatif --all --not-type BetWon --cascade --on-corrupt skip
blame agent-001 /balance
blame agent-001
blame agent-001 --all
blame flight-search /data/llm_response/content
bisect agent-001 'total_wagered > 400'
bisect agent-001 'total_wagered > 400000'
bisect agent-001 --exec 'true'
bisect --all 'total_wagered > 100' --on-corrupt skip
bisect --all --on-corrupt skip --projection pnl --exec 'exit 1'
diff flight-search@4 flight-search
diff flight-search flight-search
diff flight-search agent-001
verify
verify flight-search --head 0000000000000000000000000000000000000000000000000000000000000000@3
verify flight-search --caches
audit
audit agent-001 --max-cost 1
audit torn --max-events 2
audit --list
export agent-001
show flight-search#5
show flight-search 3..6
show agent-001 5
show 5b0d6a52 1..20 --store claude:transcripts/claude
show --context flight-search#12
show --context 5b0d6a52#20 --store claude:transcripts/claude
sql "SELECT type, count(*) AS n, 1.5 AS x, NULL AS none FROM events GROUP BY type"
copy agent-001 --from . --to copied
copy agent-001@3 --id forked
rerun ticket-48213 --exec 'exec candidates/stand-in'
rerun ticket-48213 --exec 'exec candidates/stand-in'
rerun --report
rerun --report --by none
replay --all --cursor feed.cursor --lag
create new-1 --label a=b
label new-1 --name one
label new-1
repair torn --dry-run
repair torn
repair damaged --salvage
redact new-2 1 --reason x
redact new-2 2 --reason x --copies
import transcripts
import transcripts --dry-run
restore 5b0d6a52 --to restored
restore 5b0d6a52 --kept 7 --to restored
import broken.jsonl
keep --from transcripts/claude --store kept
keep --install --dry-run
"""


class Schemas(Case):
    def setUp(self):
        super().setUp()
        self.sound = False
        shutil.copytree(SAMPLE, self.store)
        self.ok("create", "other", "--store", self.store / "other")
        self.ok("create", "new-2")
        (self.home / ".claude").mkdir()
        self.append("new-2", {"type": "note", "payload": {"a": 1}},
                    {"type": "llm_response", "payload": {"cost_usd": "x"}})
        for name in ("torn", "damaged"):
            log = self.log_of(name)
            self.ok("create", name)
            self.append(name, *("note" for _ in range(5)))
            text = log.read_text()
            lines = text.splitlines(keepends=True)
            log.write_text(text + lines[-1][:50].replace(":5", ":6") if name == "torn" else
                           "".join([*lines[:2], "garbage\n", *lines[3:]]))
        (self.store / "rules.json").write_text(
            '{"default_asset":"PFLEA","types":{"FundsDeposited":{"sign":1,"amount":"/amount","asset":"/asset"}}}')
        (self.store / "broken.jsonl").write_text('{"type":"user","sessionId":"x"}\n{"no')

    def answer_to(self, line, flag="--json"):
        outcome = self.run_it(*shlex.split(line), *filter(None, [flag]),
                              env={"AGENTSTORE_STORE": "."}, cwd=self.store)
        if not flag: return outcome, []
        return outcome, [json.loads(one) for one in outcome.err.splitlines()]

    def answers(self):
        """Each object that was answered, with the command that it is from."""
        for line in ASKED.strip().splitlines():
            outcome, said = self.answer_to(line)
            for one in said:
                yield line, "error", one
            if outcome.out:
                answer = outcome.json()
                yield line, answer["schema"].split("/")[1], answer

    def schema(self, name):
        return json.loads((SCHEMAS / f"{name}.json").read_text())

    def test_every_answer_is_as_its_schema_says(self):
        used = set()
        for line, name, answer in self.answers():
            with self.subTest(command=line):
                used.add(name)
                self.assertEqual([], check(answer, self.schema(name)))
        there = {file.stem for file in SCHEMAS.glob("*.json")}
        self.assertEqual(set(), there - used - {"event", "receipt"})

    def test_lines_are_as_their_schemas_say(self):
        for line, name in (("replay --all --format jsonl", "event"),
                           ("append new-2 --type x", "receipt"),
                           ("submit agent-001 DepositFunds --data '{\"amount\":1}'", "receipt")):
            outcome, _ = self.answer_to(line, flag=None)
            for text in outcome.lines():
                if text[0] == "{":
                    self.assertEqual([], check(json.loads(text), self.schema(name)), line)

    def test_the_schemas_say_what_they_are(self):
        for file in SCHEMAS.glob("*.json"):
            with self.subTest(file=file.name):
                schema = json.loads(file.read_text())
                self.assertEqual(DIALECT, schema["$schema"])
                self.assertTrue(schema["title"] and schema["description"])
                named = schema.get("properties", {}).get("schema")
                if named: self.assertEqual(f"agentstore/{file.stem}/1", named["const"])

    def test_an_answer_that_drifts_is_found(self):
        schema = self.schema("state")
        answer = self.answer_to("state flight-search")[0].json()
        self.assertEqual([], check(answer, schema))
        self.assertTrue(check({**answer, "more": 1}, schema))
        self.assertEqual([], check({**answer, "more": 1}, schema, strict=False))
        self.assertTrue(check({**answer, "last_sequence_number": "3"}, schema))
        del answer["projection"]
        self.assertTrue(check(answer, schema))


if __name__ == "__main__":
    main()
