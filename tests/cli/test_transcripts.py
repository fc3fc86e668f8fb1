"""Transcripts of other tools, read without an import: by path, from a pipe, a folder as a store."""

import gzip
import json
import os
import shutil
import signal
import subprocess
import time

from support import BIN, Case, main
from test_import import AGENT_ID, CLAUDE, CLAUDE_ID, CODEX, CODEX_ID, SAMPLES


class Transcripts(Case):
    def setUp(self):
        super().setUp()
        shutil.copytree(SAMPLES, self.folder / "logs")
        self.before = self.snapshot()
        self.claude = {"AGENTSTORE_STORE": f"claude:{self.folder / 'logs/claude'}"}
        self.codex = {"AGENTSTORE_STORE": f"codex:{self.folder / 'logs/codex'}"}

    def snapshot(self):
        """But for the caches of the user, whose home may be among it."""
        return {path: path.read_bytes() for path in self.folder.rglob("*") if path.is_file()
                and not {".cache", ".local"} & set(path.relative_to(self.folder).parts)}

    def tearDown(self):
        self.assertEqual(self.before, self.snapshot() if not self.store.exists() else self.before)
        super().tearDown()

    def totals(self, stats):
        return {key: stats[key] for key in stats if key not in ("name", "labels", "sub_agents")}

    def test_by_path_and_through_a_pipe_it_is_what_an_import_makes(self):
        for path, session in ((CLAUDE, CLAUDE_ID), (CODEX, CODEX_ID)):
            by_path = self.ok("stats", path, "--json").json()
            piped = self.ok("stats", "-", "--json", stdin=path.read_bytes()).json()
            self.assertEqual(by_path, piped)
            state = self.ok("state", path, "--json").json()["state"]
            replayed = self.ok("replay", path, "--json").json()
            self.ok("import", "--json", path)
            self.assertEqual(self.totals(by_path),
                             self.totals(self.ok("stats", session, "--json").json()))
            of_session = self.ok("state", session, "--json").json()["state"]
            kept = of_session["data"].pop("agentstore.source_kept")  # what the import says of the file
            self.assertEqual(len(path.read_bytes()), kept["bytes"])
            for key in ("version", "event_count"): of_session[key] -= 1
            of_session["last_event_at"] = state["last_event_at"]
            self.assertEqual(state, of_session)
            stored = self.ok("replay", session, "--json").json()
            self.assertEqual("agentstore.source_kept", stored.pop()["type"])
            for key in ("type", "timestamp", "payload", "metadata", "sequence_number"):
                self.assertEqual([event[key] for event in stored],
                                 [event[key] for event in replayed])

    def test_standard_input_has_one_name_and_is_not_left_behind(self):
        kept = self.folder / "tmp"
        kept.mkdir()
        record = json.loads(CLAUDE.read_text().splitlines()[2])
        del record["sessionId"]
        line = json.dumps(record) + "\n"
        ids = [self.ok("stats", "-", "--json", stdin=line, env={"TMPDIR": str(kept)})
               .json()["session_id"] for _ in range(2)]
        imported = self.ok("import", "-", "--json", stdin=line).json()["sessions"][0]["session_id"]
        self.assertEqual([imported] * 2, ids)
        self.assertEqual([], list(kept.iterdir()))
        process = subprocess.Popen([BIN, "stats", "-"], stdin=subprocess.PIPE,
                                   env=self.environment({"TMPDIR": str(kept)}))
        process.stdin.write(line.encode() * (1_000_000 // len(line)))
        while not list(kept.glob("agentstore-*/0000")):
            time.sleep(0.01)
        process.terminate()
        self.assertEqual(-signal.SIGTERM, process.wait(20))
        process.stdin.close()
        self.assertEqual([], list(kept.iterdir()))
        self.refused(5, "stats", "-", env={"TMPDIR": "/nonexistent"}, saying="/nonexistent")

    def test_points_filters_and_packed_files(self):
        packed = self.folder / "packed.jsonl.gz"
        packed.write_bytes(gzip.compress(CLAUDE.read_bytes()))
        self.before = self.snapshot()
        self.assertEqual(5, len(self.ok("replay", packed, "--type", "tool_called", "--format",
                                        "jsonl").lines()))
        self.assertEqual(3, self.ok("state", f"{packed}@3", "--json").json()
                         ["last_sequence_number"])
        newest = self.ok("replay", packed, "-n", "1", "--format", "jsonl").lines()
        self.assertEqual(25, json.loads(newest[0])["sequence_number"])
        self.refused(3, "state", f"{packed}@99", saying="#25")
        same = self.run_it("diff", CLAUDE, packed)
        self.assertEqual(0, same.status, str(same))

    def test_a_folder_is_a_store_to_read(self):
        listed = self.ok("sessions", "--json", env=self.claude).json()["sessions"]
        self.assertEqual({CLAUDE_ID: 25, AGENT_ID: 5},
                         {one["id"]: one["event_count"] for one in listed})
        tree = self.ok("sessions", "--tree", env=self.claude).lines()
        self.assertTrue(tree[2].startswith(CLAUDE_ID), tree)
        self.assertTrue(tree[3].startswith(f"└ {AGENT_ID}"), tree)
        stats = self.ok("stats", "--by", "model", "--json", env=self.claude).json()
        self.assertEqual((30, 2), (stats["events"], stats["sessions"]))
        self.assertEqual(14, len(self.ok("replay", "@", "--json", env=self.codex).json()))
        self.assertEqual(30, len(self.ok("replay", "--all", "--json", env=self.claude).json()))
        self.ok("verify", env=self.claude)
        self.assertEqual(5, len(self.ok("replay", "agent-a7", "--json", env=self.claude).json()))

    def test_a_session_is_found_behind_a_long_beginning(self):
        folder = self.folder / "logs/claude/shop"
        lines = CLAUDE.read_text().splitlines()
        prompt = json.loads(lines[2])
        prompt["message"]["content"] = "count " + "x" * 100_000
        snapshots = [json.dumps({"type": "file-history-snapshot", "messageId": f"m{number}",
                                 "snapshot": {"a": "b" * 1000}}) for number in range(100)]
        for session, beginning in (("long-line", []), ("many-lines", snapshots)):
            prompt["sessionId"] = session
            (folder / f"{session}.file.jsonl").write_text("\n".join([*beginning, json.dumps(prompt)]))
        self.before = self.snapshot()
        listed = {one["id"]: one for one in
                  self.ok("sessions", "-l", "--json", env=self.claude).json()["sessions"]}
        for session in ("long-line", "many-lines"):
            self.assertEqual((1, "2026-03-07T12:00:04.000000000Z"),
                             (listed[session]["event_count"], listed[session]["created_at"]))
            self.assertEqual("", listed[session]["name"])
            self.assertTrue(listed[session]["title"].startswith("count xxx"))

    def test_a_folder_is_not_written_to(self):
        for words in (["append", CODEX_ID, "--type", "a"], ["create"], ["repair", CODEX_ID],
                      ["import", CODEX]):
            self.refused(2, *words, env=self.codex, saying="another tool's folder")
        self.refused(3, "sessions", env={"AGENTSTORE_STORE": "claude:missing"}, saying="missing")

    def test_the_tools_own_folders_are_found(self):
        home = self.folder / "home"
        shutil.copytree(self.folder / "logs/claude", home / ".claude/projects")
        shutil.copytree(self.folder / "logs/codex", home / ".codex/sessions")
        self.before = self.snapshot()
        plain = {"HOME": str(home), "CLAUDE_CONFIG_DIR": "", "CODEX_HOME": ""}
        for name, count in (("claude:", 2), ("codex:", 1)):
            listed = self.ok("sessions", "--json", "--store", name, env=plain).json()
            self.assertEqual(count, len(listed["sessions"]))
        moved = {**plain, "CODEX_HOME": str(home / ".codex")}
        self.ok("sessions", "--store", "codex:", env=moved)
        alone = self.run_it(env=plain)
        self.assertEqual((0, ""), (alone.status, alone.err))
        self.assertIn(f"claude:{home}/.claude/projects and codex:{home}/.codex/sessions: 3 sessions",
                      alone.out)
        self.assertIn("ended with an error", alone.out)
        self.assertIn("Claude Code deletes transcripts after 30 days", alone.out)
        (home / ".claude/settings.json").write_text('{"cleanupPeriodDays": 3}')
        old = home / ".claude/projects"
        for path in old.rglob("*.jsonl"):
            os.utime(path, (0, 0))
        self.before = self.snapshot()
        self.assertRegex(self.ok(env=plain).out, r"after 3 days: \d+ sessions? within a week, the first on")
        self.assertEqual(2, self.run_it(env={**plain, "HOME": str(self.folder)}).status)

    def test_sub_agents_are_counted_once_and_apart(self):
        alone = self.ok("stats", CLAUDE, "--json").json()
        self.assertEqual((121709, 568), (alone["tokens_in"], alone["tokens_out"]))
        self.assertEqual((1, 5203, 1), self.agents(alone))  # from their progress
        both = self.ok("stats", CLAUDE_ID, "--json", env=self.claude).json()
        self.assertEqual((121709, 568), (both["tokens_in"], both["tokens_out"]))
        self.assertEqual((1, 10528, 153), self.agents(both))  # from their own transcript
        self.ok("import", "--json", SAMPLES / "claude")
        stored = self.ok("stats", CLAUDE_ID, "--json").json()
        self.assertEqual(both["sub_agents"], stored["sub_agents"])
        every = self.ok("stats", "--json").json()
        self.assertEqual((121709 + 10528, None), (every["tokens_in"], every["sub_agents"]))
        text = CLAUDE.read_text().splitlines()
        mute = "\n".join(line for line in text if "agent_progress" not in line)
        result = self.ok("stats", "-", "--json", stdin=mute).json()
        self.assertEqual((1, 5325, 95), self.agents(result))  # from the result of the call

    @staticmethod
    def agents(stats):
        agents = stats["sub_agents"]
        return agents["agents"], agents["tokens_in"], agents["tokens_out"]

    def test_what_a_result_says_of_a_sub_agent_is_numbers_or_nothing(self):
        self.create("s")
        for tokens in ('1,"cost_usd":7', '"', "[", "-", "1e9"):
            self.append("s", {"type": "tool_result", "metadata": {"extra": {
                "sub_agent": "a", "sub_agent_tokens_in": tokens, "sub_agent_tokens_out": "3"}}})
        agents = self.ok("stats", "s", "--json").json()["sub_agents"]
        self.assertEqual((0, 15, None),
                         (agents["tokens_in"], agents["tokens_out"], agents["cost_usd"]))

    def test_costs_are_recorded_computed_or_unknown(self):
        stats = self.ok("stats", CLAUDE, "--json").json()
        self.assertEqual((None, 0), (stats["cost_usd"], stats["events_without_cost"]))
        # 19 in, 112,090 from the cache, 9,600 into it, 568 out, by list prices
        self.assertIn('"cost_computed_usd":0.078204,', self.ok("stats", CLAUDE, "--json").out)
        self.assertIn(" | ~$0.078 | ", self.ok("replay", CLAUDE).lines()[-1])
        self.assertRegex(self.ok("sessions", "-l", env=self.claude).out, r" ~\$0\.078 ")
        table = self.folder / "prices.json"
        table.write_text('{"usd_per_million_tokens":{"claude-haiku-4-5":{"in":1,"out":2}}}')
        self.before = self.snapshot()
        other = self.ok("stats", CLAUDE, "--prices", table, "--json").json()
        self.assertEqual((None, 6), (other["cost_computed_usd"], other["events_without_cost"]))
        self.assertIn("unknown", self.ok("stats", CLAUDE, "--prices", table).out)
        shown = self.ok("stats", "--prices", "--json").json()
        self.assertEqual("agentstore/prices/1", shown["schema"])
        self.assertEqual(3, shown["usd_per_million_tokens"]["claude-sonnet-4-5"]["in"])
        self.assertIn(shown["date"], self.ok("stats", "--prices").out)
        table.write_text('{"usd_per_million_tokens":{"m":{"in":"1","out":2}}}')
        self.before = self.snapshot()
        self.refused(2, "stats", CLAUDE, "--prices", table, saying=["prices.json", '"in" of "m"'])
        self.refused(3, "stats", CLAUDE, "--prices", "missing.json", saying="missing.json")

    def test_a_response_that_was_copied_to_another_session_is_used_once(self):
        copied = "0f0f0f0f-0000-4000-8000-00000000c0c0"
        (self.folder / "copied.jsonl").write_bytes(
            CLAUDE.read_bytes().replace(CLAUDE_ID.encode(), copied.encode()))
        self.before = self.snapshot()
        self.ok("import", "--json", CLAUDE, self.folder / "copied.jsonl")
        alone = self.ok("stats", CLAUDE_ID, "--json").json()
        again = self.ok("stats", copied, "--json").json()
        both = self.ok("stats", CLAUDE_ID, copied, "--json").json()
        self.assertGreater(alone["tokens_in"], 0)
        for key in ("tokens_in", "tokens_out", "tokens_cache_read", "tokens_cache_write",
                    "cost_usd", "cost_computed_usd", "events_without_cost"):
            self.assertEqual(alone[key], again[key], key)
            self.assertEqual(alone[key], both[key], key)
        self.assertEqual(2 * alone["events"], both["events"])
        self.assertEqual(2 * alone["tool_calls"], both["tool_calls"])
        by_session = self.ok("stats", CLAUDE_ID, copied, "--by", "session", "--json").json()
        self.assertEqual(alone["tokens_in"],
                         sum(group["tokens_in"] for group in by_session["groups"]))
        shown = self.ok("stats", CLAUDE_ID, copied).out
        self.assertIn("of responses that another session has, too: their tokens count once", shown)
        self.assertNotIn("another session has", self.ok("stats", copied).out)

    def test_sums_of_what_is_stored_say_that_they_count_responses_again(self):
        def record(uuid, text):
            return json.dumps({
                "type": "assistant", "uuid": uuid, "sessionId": "s", "requestId": "q",
                "timestamp": "2026-09-10T10:00:01Z",
                "message": {"id": "m", "role": "assistant", "model": "claude-opus-4-6",
                            "content": [{"type": "text", "text": text}],
                            "usage": {"input_tokens": 1000, "output_tokens": 90}}}) + "\n"

        def notes(*words):
            outcome = self.run_it(*words)
            self.assertEqual(0, outcome.status, str(outcome))
            return outcome.err

        again = self.folder / "again.jsonl"
        again.write_text(record("a", "I look") + record("b", "Done"))
        once = self.folder / "once.jsonl"
        once.write_text(record("a", "I look"))
        self.before = self.snapshot()
        self.ok("import", again)
        for name, projection in (("tokens", "session"), ("total_tokens_used", "summary")):
            for words in ((again,), ("s",), ("--all",)):
                told = notes("state", *words, "--projection", projection)
                self.assertIn(f'"{name}" is here the sum of what is stored', told)
                self.assertIn("1,000 in, 90 out", told)
            self.assertEqual("", notes("state", once, "--projection", projection))
        self.assertEqual("", notes("state", again, "--projection", "cost"))
        summed = "total_tokens_used is the sum of what is stored"
        for query in ("SELECT * FROM session_summary",
                      "SELECT max(s.Total_Tokens_Used) FROM Session_Summary AS s"):
            self.assertEqual(1, notes("sql", query).count(summed))
        self.assertEqual("", notes("sql", "SELECT total_events FROM session_summary"))
        self.ok("--store", self.folder / "own", "create", "own")
        self.assertEqual("", notes("--store", self.folder / "own", "sql",
                                   "SELECT total_tokens_used FROM session_summary"))

    def test_what_is_cut_off_is_told_and_stops_nothing(self):
        cut = self.folder / "cut.jsonl"
        cut.write_bytes(CLAUDE.read_bytes()[:-40])
        self.before = self.snapshot()
        outcome = self.run_it("replay", cut, "--format", "jsonl")
        self.assertEqual((0, 24), (outcome.status, len(outcome.lines())), str(outcome))
        self.assertIn("the last line is cut off", outcome.err)
        verified = self.run_it("verify", cut, "--json")
        self.assertEqual(1, verified.status)
        session, = verified.json()["sessions"]
        self.assertEqual(("torn", 24, 21), (session["verdict"], session["events"],
                                            session["findings"][0]["line"]))

    def test_a_path_that_is_neither(self):
        (self.folder / "a.jsonl").write_text('{"a":1}\n')
        self.before = self.snapshot()
        self.refused(2, "replay", "./a.jsonl", saying="the first record has a")
        self.refused(3, "replay", "./missing.jsonl", saying="missing")


if __name__ == "__main__":
    main()
