"""Answers of audits: for people, machines and CI, whatever the logs hold."""

import json
import re
import xml.etree.ElementTree as XML
from pathlib import Path

from support import main
from test_audit import ALONE, SAMPLE, AuditCase
from test_audit_rule_files import HEAD


def unescaped(text):
    return text.replace("%0A", "\n").replace("%0D", "\r").replace("%3A", ":").replace("%2C", ",").replace("%25", "%")


class Formats(AuditCase):
    HOSTILE = ["::error::pwned", "\n::set-output name=x::y", "\r\n::add-mask::a", "%0A::stop-commands::z", "##[command]rm", "##vso[task.setvariable]x",
               "<script>alert(1)</script>", "]]>", "| a | b |", "`code|x`", "@everyone #1", "\x1b[2J", "\u202e0001", "\u2028::warning::x", "a,title=b::c",
               "=cmd()", "]](http://x)", "\ufffe", "\x00\x01", "https://evil.test/", "--><b>", "'\"&", "\t::debug::x", "\U000e0041", "\ud800"]

    def red(self):
        self.write("s-1", [{"type": "tool_called", "payload": {"tool": "x"}}, {"type": "error", "payload": {"message": "429"}}], name="a run")
        self.write("s-2", [{"type": "session_started"}])
        self.write("s-3", [{"type": "note"}])

    def test_for_people(self):
        self.red()
        outcome = self.run_it("audit")
        self.assertEqual(1, outcome.status)
        self.assertEqual("", outcome.err)
        lines = outcome.lines()
        self.assertEqual("in a run  s-1", lines[0])
        self.assertRegex(lines[1], r"^ +#1  error     call-without-result +x has no result$")
        self.assertRegex(lines[2], r"^ +#2  error     unanswered-error +nothing came after the error: 429$")
        self.assertIn("fix not-closed: Record session_ended", outcome.out)
        self.assertEqual("3 findings in 2 of 3 sessions: 2 errors, 1 warning (8 rules, 4 events)", lines[-1])
        self.assertEqual("no findings in 1 session (8 rules, 1 event)\n", self.ok("audit", "s-3").out)
        self.assertIn("\x1b[31merror", self.run_it("audit", "--color", "always").out)
        self.assertEqual(2, len(self.found(1, "--severity", "error")))
        self.assertEqual("", self.run_it("audit", "-q").out)

    def test_several_files_of_one_audit(self):
        self.red()
        files = [self.folder / name for name in ("a.json", "a.sarif", "a.xml", "a.md", "a.txt")]
        words = [word for file in files for word in ("--also", file)]
        outcome = self.run_it("audit", "--format", "github", *words)
        self.assertEqual(1, outcome.status)
        for file in files:
            alone = self.run_it("audit", "-o", self.folder / ("alone" + file.suffix))
            self.assertEqual(1, alone.status)
            self.assertEqual((self.folder / ("alone" + file.suffix)).read_text(), file.read_text())
        self.ok("create", "x", "--store", self.folder / "ours")
        self.refused(2, "audit", "--also", self.folder / "ours/x.json", saying="in the store")

    def test_sarif(self):
        self.red()
        self.log_of("s-3").write_text("")
        sarif = json.loads(self.run_it("audit", "--format", "sarif").out)
        self.check_sarif(sarif)
        run = sarif["runs"][0]
        error = next(one for one in run["results"] if one["ruleId"] == "unanswered-error")
        place = error["locations"][0]["physicalLocation"]
        self.assertTrue(place["artifactLocation"]["uri"].endswith("/data/events/s-1.jsonl"))
        self.assertEqual({"startLine": 2}, place["region"])
        self.assertFalse(run["invocations"][0]["executionSuccessful"])
        self.assertEqual(["open"], [one["kind"] for one in run["results"] if "kind" in one])
        relative = json.loads(self.run_it("audit", "s-1", "--store", "data", "--format", "sarif").out)
        uri = relative["runs"][0]["results"][0]["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
        self.assertEqual("data/events/s-1.jsonl", uri)

    def check_sarif(self, sarif):
        """What the schema of SARIF 2.1.0 asks of the objects that we write."""
        self.assertEqual({"$schema", "version", "runs"}, set(sarif))
        self.assertEqual("2.1.0", sarif["version"])
        self.assertRegex(sarif["$schema"], r"^https://.*sarif-schema-2\.1\.0\.json$")
        for run in sarif["runs"]:
            self.assertEqual({"tool", "columnKind", "invocations", "results"}, set(run))
            self.assertIn(run["columnKind"], ("utf16CodeUnits", "unicodeCodePoints"))
            driver = run["tool"]["driver"]
            self.assertEqual({"name", "version", "rules"}, set(driver))
            ids = [rule["id"] for rule in driver["rules"]]
            self.assertEqual(len(ids), len(set(ids)))
            for rule in driver["rules"]:
                self.assertEqual({"id", "name", "shortDescription", "fullDescription", "help", "defaultConfiguration"}, set(rule))
                self.assertIn(rule["defaultConfiguration"]["level"], ("none", "note", "warning", "error"))
                for text in ("shortDescription", "fullDescription", "help"):
                    self.assertTrue(rule[text]["text"])
            for call in run["invocations"]:
                self.assertIsInstance(call["executionSuccessful"], bool)
                self.assertIsInstance(call["exitCode"], int)
                for told in call["toolExecutionNotifications"]:
                    self.assertEqual({"level", "message"}, set(told))
            for result in run["results"]:
                self.assertLessEqual(set(result), {"ruleId", "ruleIndex", "level", "kind", "message", "locations", "partialFingerprints", "baselineState"})
                self.assertEqual(result["ruleId"], ids[result["ruleIndex"]])
                self.assertIn(result["level"], ("note", "warning", "error") if "kind" not in result else ("none",))
                self.assertIn(result.get("kind", "fail"), ("fail", "open"))
                self.assertTrue(result["message"]["text"])
                self.assertRegex(result["partialFingerprints"]["agentstoreFinding/v1"], "^[0-9a-f]{32}$")
                for location in result["locations"]:
                    self.assertLessEqual(set(location), {"physicalLocation", "logicalLocations"})
                    if place := location.get("physicalLocation"):
                        self.assertRegex(place["artifactLocation"]["uri"], r"^[A-Za-z0-9._~/%:-]+$")
                        self.assertGreaterEqual(place.get("region", {}).get("startLine", 1), 1)

    def test_junit(self):
        self.red()
        self.log_of("s-3").write_text("")
        suites = XML.fromstring(self.run_it("audit", "--format", "junit").out)
        self.assertEqual(("24", "3", "1"), tuple(suites.get(key) for key in ("tests", "failures", "errors")))
        cases = {(case.get("classname"), case.get("name")): case for case in suites.iter("testcase")}
        self.assertEqual(24, len(cases))
        self.assertEqual("x has no result", cases["s-1", "call-without-result"].find("failure").get("message"))
        self.assertIsNotNone(cases["s-3", "integrity"].find("error"))
        self.assertEqual(0, len(cases["s-1", "secrets"]))

    def hostile(self, count):
        for number in range(count):
            bad = [self.HOSTILE[(number + n * 7) % len(self.HOSTILE)] for n in range(4)]
            self.write(f"h-{number}", [
                {"type": "tool_called", "payload": {"tool": bad[0], "args": {"command": bad[1], "file": "/x" + bad[2]}}},
                {"type": "llm_response", "metadata": {"model": bad[3]}},
                {"type": "FundsWithdrawn", "payload": {"amount": 1, "asset": bad[2]}},
                {"type": "error", "payload": {"message": "".join(bad)}}], {"cwd": bad[1]}, name=f"{bad[3]} {number}")
        return ("--forbid-tool", "*", "--forbid-command", "(?s).", "--forbid-model", "*", "--allow-path", "/srv")

    def test_500_hostile_logs_inject_nothing(self):
        words = self.hostile(500)
        files = {kind: self.folder / f"a.{kind}" for kind in ("json", "sarif", "xml", "md", "txt")}
        outcome = self.run_it("audit", *words, "--format", "github", *(word for file in files.values() for word in ("--also", file)))
        self.assertEqual(1, outcome.status, outcome.err[:2000])
        answer = json.loads(files["json"].read_text())
        self.assertGreater(len(answer["findings"]), 2000)
        self.check_annotations(outcome.out, answer["findings"])
        self.check_sarif(json.loads(files["sarif"].read_text()))
        XML.parse(files["xml"])
        for kind in ("md", "txt"):
            for line in files[kind].read_text().split("\n"):
                self.assertFalse(line.lstrip().startswith("::"), line)
                self.assertNotRegex(line, r"##\[|##vso\[")
        for file in (*files.values(), None):
            text = file.read_text() if file else outcome.out
            if file == files["json"]: continue  # For machines: it has what the log says.
            self.assertNotRegex(text, "[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\U000e0000-\U000e007f]")
        rows = [line for line in files["md"].read_text().split("\n") if line.startswith("| ")]
        for row in rows:
            self.assertEqual(6, len(re.findall(r"(?<!\\)\|", row)), row)
        self.assertNotIn("<script", files["md"].read_text())

    def check_annotations(self, text, findings):
        """As a runner reads them: a line that begins with :: is a command, up to the next ::."""
        told = 0
        for line in re.split(r"\r\n|\r|\n", text):
            self.assertNotRegex(line, r"##\[|##vso\[")
            if not line.lstrip().startswith("::"): continue
            command = re.match(r"^::(error|warning|notice) (title=[^:,]+,file=[^:,]+(?:,line=\d+)?)::(.*)$", line)
            self.assertIsNotNone(command, line)
            title = unescaped(command[2].split(",")[0].removeprefix("title="))
            self.assertEqual("agentstore " + findings[told]["rule"], title)
            told += 1
        self.assertEqual(len(findings), told)

    def test_where_things_stand_in_a_transcript(self):
        file = next((SAMPLE / "transcripts/claude/shop").glob("5b*.jsonl"))
        answer = self.run_it("audit", file, "--json", *ALONE, "forbidden-tools", "--forbid-tool", "*").json()
        self.assertTrue(answer["findings"])
        lines = file.read_text().splitlines()
        for one in answer["findings"]:
            self.assertEqual(str(file), one["file"])
            self.assertIn("tool_use", lines[one["line"] - 1])


    def test_sarif_has_no_more_results_than_code_scanning_takes(self):
        self.write("s-1", [{"type": "note"}] * 160)
        rule = self.folder / "r.sql"
        rule.write_text(HEAD + "SELECT a.session_id, a.seq, 'x' AS message FROM events a, events b")
        words = ("--rules", rule, "--no-rule", "*", "--rule", "mine", "--also", self.folder / "a.json")
        run = json.loads(self.run_it("audit", *words, "--format", "sarif").out)["runs"][0]
        self.assertEqual(25_000, len(run["results"]))
        told = run["invocations"][0]
        self.assertEqual(["600 of 25600 findings are left out here"],
                         [one["message"]["text"] for one in told["toolExecutionNotifications"]])
        self.assertTrue(told["executionSuccessful"])
        self.assertEqual(25_600, len(json.loads((self.folder / "a.json").read_text())["findings"]))

    def test_findings_of_no_session_and_of_a_database(self):
        rule = self.folder / "r.sql"
        rule.write_text(HEAD + "SELECT NULL AS session_id, NULL AS seq, NULL AS message")
        self.red()
        words = ("--rules", rule, "--rule", "mine", "--no-rule", "not-closed")
        sarif = json.loads(self.run_it("audit", *words, "--format", "sarif").out)
        self.check_sarif(sarif)
        self.assertEqual("sessions", sarif["runs"][0]["results"][-1]["locations"][0]["physicalLocation"]["artifactLocation"]["uri"])
        self.assertEqual("W.", sarif["runs"][0]["results"][-1]["message"]["text"])
        suites = XML.fromstring(self.run_it("audit", *words, "--format", "junit").out)
        self.assertEqual(["mine"], [case.get("name") for case in suites.iter("testcase") if case.get("classname") == "all sessions"])
        database = f"sqlite:{self.folder}/x.db"
        self.ok("copy", "--from", SAMPLE, "--to", database, "hostile")
        sarif = json.loads(self.run_it("audit", "--store", database, "--format", "sarif").out)
        self.check_sarif(sarif)
        self.assertEqual({"hostile"}, {one["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] for one in sarif["runs"][0]["results"]})


if __name__ == "__main__":
    main()
