"""Tables, numbers and sums: what people see at several widths, and what the sums come to.
AGENTSTORE_UPDATE_GOLDEN=1 writes the golden files anew."""

import csv
import fcntl
import io
import json
import os
import pty
import shutil
import struct
import subprocess
import termios
import unicodedata
from decimal import Decimal
from pathlib import Path

from support import BIN, Case, main

TOP = Path(__file__).resolve().parents[2]
GOLDEN = TOP / "tests/golden/tables"
UPDATE = os.environ.get("AGENTSTORE_UPDATE_GOLDEN")
CORPUS = os.environ.get("AGENTSTORE_CORPUS")
SCREENS = {
    "sessions": ["sessions"],
    "sessions-long": ["sessions", "-l"],
    "stats": ["stats"],
    "stats-by-day": ["stats", "--by", "day"],
    "stats-by-model": ["stats", "--by", "model"],
    "stats-by-tool": ["stats", "--by", "tool"],
    "stats-by-command": ["stats", "--by", "command,session"],
    "stats-by-two": ["stats", "--by", "agent,type"],
    "balance-all": ["balance", "--all"],
    "balance-each": ["balance", "casino-ledger", "--each", "event"],
    "whatif": ["whatif", "casino-ledger", "--without", "5"],
    "blame": ["blame", "flight-search"],
    "diff-stat": ["diff", "run-0301", "run-0302", "--stat"],
    "verify": ["verify"],
    "prices": ["stats", "--prices", "--no-pager"],
}


def columns_of(line):
    """As far as these screens need it: wide characters take two columns, marks none."""
    return sum(0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in "WF" else 1
               for c in line)


class Tables(Case):
    def setUp(self):
        super().setUp()
        self.sound = False  # some of the sample data is damaged on purpose

    def on_terminal(self, *words, columns=80, env=None, color=False):
        """What a terminal gets to see."""
        terminal, inside = pty.openpty()
        fcntl.ioctl(inside, termios.TIOCSWINSZ, struct.pack("HHHH", 50, columns, 0, 0))
        environment = self.environment({"TERM": "xterm", "TZ": "UTC", "PAGER": "cat", **(env or {})})
        for name in ("COLUMNS", "AGENTSTORE_PAGER", "NO_COLOR"):
            if name not in (env or {}):
                environment.pop(name, None)
        words = [*words, "--color", "always" if color else "never"]
        process = subprocess.Popen([BIN, *words], stdin=inside, stdout=inside,
                                   stderr=subprocess.DEVNULL, env=environment, cwd=self.folder)
        os.close(inside)
        got = b""
        while True:
            try:
                piece = os.read(terminal, 65536)
            except OSError:  # The other side is closed.
                break
            if not piece:
                break
            got += piece
        process.wait(60)
        os.close(terminal)
        return got.decode().replace("\r\n", "\n")

    def sample(self):
        shutil.copytree(TOP / "sample-data", self.store,
                        ignore=shutil.ignore_patterns("locks", "snapshots", "cache"))

    def test_screens_at_several_widths(self):
        self.sample()
        for name, words in SCREENS.items():
            for columns in (60, 80, 200):
                with self.subTest(name=name, columns=columns):
                    text = self.on_terminal(*words, columns=columns)
                    # How old the prices are is another answer tomorrow.
                    text = text.split("the prices are those of")[0]
                    golden = GOLDEN / f"{name}-{columns}.txt"
                    if UPDATE:
                        GOLDEN.mkdir(exist_ok=True)
                        golden.write_text(text)
                    self.assertEqual(golden.read_text(), text)

    def test_no_line_wraps_and_narrow_terminals_are_survived(self):
        self.sample()
        for name, words in SCREENS.items():
            for columns in (20, 40, 60, 70, 90, 120):
                with self.subTest(name=name, columns=columns):
                    text = self.on_terminal(*words, columns=columns)
                    self.assertNotEqual("", text)
                    if columns < 60:
                        continue
                    for line in text.splitlines():
                        self.assertLessEqual(columns_of(line), columns, text)

    def test_columns_are_obeyed_and_a_pipe_is_whole(self):
        self.sample()
        narrow = self.on_terminal("sessions", "-l", columns=200, env={"COLUMNS": "60"})
        self.assertEqual(narrow, self.on_terminal("sessions", "-l", columns=60))
        whole = self.ok("sessions", "-l").out
        self.assertEqual(whole, self.ok("sessions", "-l", env={"COLUMNS": "60"}).out)
        self.assertIn("3f6c0f5e-9d0a-4c39-8d5e-0b2f3a1c7e11", whole)
        wide = self.on_terminal("sessions", "-l", "--wide", columns=60)
        self.assertIn("3f6c0f5e-9d0a-4c39-8d5e-0b2f3a1c7e11", wide)

    def test_a_file_gets_what_a_pipe_gets(self):
        self.sample()
        self.on_terminal("sessions", "-l", "--utc", "-o", "out.txt", columns=60)
        self.assertEqual(self.ok("sessions", "-l").out, (self.folder / "out.txt").read_text())

    def test_colour_underlines_what_the_text_says(self):
        self.sample()
        painted = self.on_terminal("stats", "--by", "tool", color=True)
        self.assertIn("\x1b[1mtotal\x1b[0m", painted)

    def test_titles_of_any_kind(self):
        for number, title in enumerate(["👩‍👩‍👧‍👦 family", "🇩🇪🇫🇷" * 300, "日本語" * 400, "שלום\u202e", "\x1b[2J\n::x",
                                        "e" + "\u0301" * 40]):
            self.create(f"s-{number}")
            self.append(f"s-{number}", {"type": "user_message", "payload": {"content": title}})
        for columns in (20, 60, 80):
            text = self.on_terminal("sessions", columns=columns)
            self.assertNotIn("\x1b[2J", text)
            self.assertNotIn("\u202e", text)
            self.assertIn("🇩🇪", text)
        self.assertIn("\"👩‍👩‍👧‍👦 family\"", text)


class Sums(Case):
    def calls(self):
        for day, session, tool, duration, failed in (
                (1, "a", "Bash", 100, True), (1, "a", "Bash", 300, False), (2, "a", "Edit", 5, False),
                (2, "b", "Bash", 200, False), (9, "b", "Bash", 41000, False)):
            yield session, [
                {"type": "tool_called", "payload": {"tool": tool, "args": {
                    "command": "ls", "file_path": f"/x/{tool}.txt"}},
                 "timestamp": f"2026-03-{day:02}T10:00:00Z"},
                {"type": "tool_result", "payload": {"tool": tool, "is_error": failed},
                 "metadata": {"duration_ms": duration},
                 "timestamp": f"2026-03-{day:02}T10:00:01Z"}]

    def make(self):
        self.create("a", "--label", "project=shop", "--label", "user_id=u1", "--label", "agent_id=x")
        self.create("b", "--label", "project=lib", "--label", "team=core", "--label", "agent_type=y")
        for session, drafts in self.calls():
            self.append(session, *drafts)
        for session, cost in (("a", 0.5), ("b", 1.25)):
            self.append(session, {"type": "llm_response", "payload": {"content": "ok"}, "metadata": {
                "model": "m", "tokens_in": 1000, "tokens_out": 10, "tokens_cache_read": 960,
                "cost_usd": cost}, "timestamp": "2026-03-09T11:00:00Z"})

    def groups(self, by, *more):
        answer = self.ok("stats", "--by", by, "--json", *more).json()
        return {tuple(group["by"].values()): group for group in answer["groups"]}

    def test_what_tools_took(self):
        self.make()
        groups = self.groups("tool")
        bash = groups[("Bash",)]
        self.assertEqual([4, 1, 2, 41600, 200, 41000, 41000],
                         [bash[key] for key in ("calls", "failed", "sessions", "duration_ms_sum",
                                                "duration_ms_p50", "duration_ms_p95",
                                                "duration_ms_max")])
        self.assertIsNone(groups[(None,)]["duration_ms_sum"])
        text = self.ok("stats", "--by", "tool").out
        self.assertRegex(text, r"\nBash +4 +1 +25 % +200 ms +41.0 s +41.0 s +41.6 s\n")
        self.assertRegex(text, r"\ntotal +5 +1 +20 % ")
        self.assertNotIn("(none)", text)

    def test_groups_of_every_kind(self):
        self.make()
        for by, keys in {"agent": ["x", "y"], "user": ["u1", None], "project": ["lib", "shop"],
                         "label:team": ["core", None], "hour": ["2026-03-01 10:00", "2026-03-02 10:00",
                                                                "2026-03-09 10:00", "2026-03-09 11:00"],
                         "day": ["2026-03-01", "2026-03-02", "2026-03-09"],
                         "week": ["2026-W09", "2026-W10", "2026-W11"], "month": ["2026-03"],
                         "file": ["/x/Bash.txt", "/x/Edit.txt", None], "command": ["ls", None],
                         "tool": ["Bash", "Edit", None], "model": ["m", None],
                         "type": ["llm_response", "tool_called", "tool_result"],
                         "session": ["a", "b"]}.items():
            with self.subTest(by=by):
                groups = self.groups(by)
                self.assertEqual({(key,) for key in keys}, set(groups))
                self.assertEqual(12, sum(group["events"] for group in groups.values()))
        self.assertEqual({("shop", "m"), ("shop", None), ("lib", "m"), ("lib", None)},
                         set(self.groups("project,model")))
        self.refused(2, "stats", "--by", "projct", saying=["did you mean \"project\"?"])
        self.refused(2, "stats", "--by", "label:", saying=["--by cannot be \"label:\""])

    def test_sessions_have_no_duration_together_but_the_sum_of_their_own(self):
        self.make()
        answer = self.ok("stats", "--json").json()
        own = [self.ok("stats", session, "--json").json()["duration_ms"] for session in ("a", "b")]
        self.assertEqual(sum(own), answer["sessions_duration_ms"])
        self.assertIn("the sum of each session's own", self.ok("stats").out)
        by_project = self.groups("project")
        self.assertEqual(own, [by_project[("shop",)]["sessions_duration_ms"],
                               by_project[("lib",)]["sessions_duration_ms"]])

    def test_sessions_are_sorted_and_narrowed(self):
        self.make()
        ids = lambda *words: [one["id"] for one in self.ok("sessions", "--json", *words).json()["sessions"]]
        self.assertEqual(["a", "b"], ids("--sort", "cost"))
        self.assertEqual(["b", "a"], ids("--sort", "cost:desc"))
        self.assertEqual(["b"], ids("--sort", "cost:desc", "-n", "1"))
        self.assertEqual(["a"], ids("--sort", "cost", "-r", "-n", "1", "--offset", "1"))
        self.assertEqual(["a", "b"], ids("--sort", "id"))
        self.assertEqual(["a"], ids("--project", "shop"))
        self.assertEqual([], ids("--until", "2026-03-08"))
        self.assertEqual(2, len(ids("--since", "2026-03-09")))
        self.refused(2, "sessions", "--sort", "cst", saying=["did you mean \"cost\"?"])
        self.refused(2, "sessions", "--sort", "cost:down", saying=["write asc or desc"])
        self.assertIn("PROJECT", self.ok("sessions").out)

    def test_a_diff_in_figures(self):
        self.make()
        outcome = self.run_it("diff", "a", "b", "--stat", "--json")
        self.assertEqual((1, ""), (outcome.status, outcome.err), str(outcome))
        found = outcome.json()
        self.assertEqual("agentstore/diff-stat/1", found["schema"])
        self.assertEqual({"same": True, "a": "ok", "b": "ok"}, found["final_answer"])
        for key in ("equal", "changed", "missing", "added"):
            self.assertEqual(found[key], sum(one[key] for one in found["by_type"]))
        self.assertEqual(7, found["equal"] + found["changed"] + found["missing"])
        self.assertEqual(5, found["equal"] + found["changed"] + found["added"])
        text = self.run_it("diff", "a", "b", "--stat").out
        self.assertIn("final answers  the same\n", text)
        self.assertRegex(text, r"\ntool_called +Bash ")
        self.assertRegex(text, r"\ncost +\$0.5 +\$1.25 +\+\$0.75\n")
        same = self.run_it("diff", "a", "a", "--stat")
        self.assertEqual(0, same.status)
        self.assertIn("every event is equal", same.out)

    def rows(self, *words):
        outcome = self.run_it("export", "--format", "csv", *words)
        self.assertEqual(0, outcome.status, str(outcome))
        return list(csv.DictReader(io.StringIO(outcome.bytes.decode(), newline="")))

    def check_csv(self, *store):
        stats = json.loads(self.run_it("stats", "--json", *store).out, parse_float=Decimal)
        calls = self.rows("--all", *store)
        # What only a parent tells of its sub-agents is apart in `stats`, too.
        rows = [row for row in calls if not row["agent"]]
        for key in ("tokens_in", "tokens_out", "tokens_cache_read", "tokens_cache_write",
                    "tokens_reasoning"):
            self.assertEqual(stats[key] or 0, sum(int(row[key] or 0) for row in rows), key)
        for source, key in (("recorded", "cost_usd"), ("computed", "cost_computed_usd")):
            self.assertEqual(Decimal(stats[key] or 0), sum(
                Decimal(row["cost_usd"]) for row in rows if row["cost_source"] == source), key)
        self.assertEqual(stats["events_without_cost"],
                         sum(row["cost_source"] == "unknown" for row in rows))
        by_session = self.rows("--all", "--by", "session", *store)
        for key in ("tokens_in", "tokens_out"):
            self.assertEqual(sum(int(row[key] or 0) for row in calls),
                             sum(int(row[key] or 0) for row in by_session))
        return calls

    def test_csv_comes_to_what_stats_comes_to(self):
        self.make()
        calls = self.check_csv()
        self.assertEqual(["a", "b"], sorted(row["session_id"] for row in calls))
        self.assertEqual(["a"], [row["session_id"] for row in self.rows("a")])
        self.assertEqual({"recorded"}, {row["cost_source"] for row in calls})
        self.refused(2, "export", "--format", "csv", saying=["no session is named"])
        self.refused(2, "export", "a", "--all", "--format", "csv", saying=["--all and a session are given"])
        self.refused(2, "export", "a", "--by", "day", "--format", "csv", saying=["it is call or session"])

    def test_csv_of_a_folder_of_transcripts_comes_to_it_too(self):
        if not CORPUS:
            self.skipTest("AGENTSTORE_CORPUS is not set")
        for folder in sorted((Path(CORPUS) / "transcripts-2026").iterdir()):
            tool = "codex" if folder.name.startswith("codex") else "claude"
            if self.run_it("sessions", "--store", f"{tool}:{folder}").status == 0:
                with self.subTest(folder=folder.name):
                    self.check_csv("--store", f"{tool}:{folder}")


if __name__ == "__main__":
    main()
