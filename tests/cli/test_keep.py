"""`keep`: what agents left on a machine is kept, what is lost is said, and the hook comes and goes.
The homes are made up."""

import fcntl
import json
import os
import pty
import random
import re
import shutil
import signal
import subprocess
import sys
import time
import unittest
from datetime import datetime, timedelta, timezone
from pathlib import Path

from json_schema import check
from support import BIN, Case, main

ROOT = Path(__file__).resolve().parents[2]
DAY_S = 24 * 3600
SETTLED_S = 3  # A younger file might change once more without a trace.


def session_id(number):
    return f"0000000{number}-1111-4222-8333-444444444444"


def record(session, number, text="said", **more):
    return json.dumps({"type": "user", "sessionId": session, "uuid": f"{session}-{number}", "cwd": "/src/shop",
                       "timestamp": f"2026-03-07T12:{number // 60 % 60:02}:{number % 60:02}.000Z",
                       "message": {"role": "user", "content": f"{text} {number}"}, **more}) + "\n"


class Home(Case):
    """A machine with folders of agents, and no store yet."""

    def setUp(self):
        super().setUp()
        self.claude = self.home / ".claude"
        self.projects = self.claude / "projects"
        self.kept = self.home / ".local/share/agentstore"

    def environment(self, extra=None):
        env = super().environment({"AGENTSTORE_STORE": "", **(extra or {})})
        for name in ("CLAUDE_CONFIG_DIR", "CODEX_HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME"):
            if name not in (extra or {}):
                env.pop(name, None)
        return env

    def transcript(self, number, lines=3, project="-src-shop"):
        """Writes the transcript of a session of Claude Code; gives its path."""
        path = self.projects / project / f"{session_id(number)}.jsonl"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("".join(record(session_id(number), line) for line in range(lines)))
        return path

    def history(self, *numbers):
        self.claude.mkdir(parents=True, exist_ok=True)
        with open(self.claude / "history.jsonl", "a", encoding="utf-8") as file:
            for number in numbers:
                file.write(json.dumps({"display": f"prompt of {number}", "pastedContents": {},
                                       "timestamp": 1772884800000 + number, "project": "/src/shop",
                                       "sessionId": session_id(number)}) + "\n")

    def keep(self, *words, **more):
        return self.ok("keep", "--json", *words, **more).json()

    def wait_until_settled(self):
        newest = max((file.stat().st_ctime for file in self.home.rglob("*") if file.is_file()), default=0)
        while time.time() < newest + SETTLED_S:
            time.sleep(0.05)

    def on_terminal(self, words, typed=b"", columns=80):
        """Runs it on a terminal, and types; its status and what was shown."""
        child, terminal = pty.fork()
        if child == 0:
            os.chdir(self.folder)
            os.execve(BIN, [BIN, *words], self.environment({"TERM": "dumb", "COLUMNS": str(columns)}))
        shown = b""
        os.write(terminal, typed)
        while True:
            try:
                got = os.read(terminal, 4096)
            except OSError:
                break
            if not got:
                break
            shown += got
        os.close(terminal)
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), shown.decode()


class Keep(Home):
    def events_of_sessions(self):
        """How many prompts each session has in the store."""
        return {log.stem: log.read_text().count('"type":"user_message"')
                for log in sorted((self.kept / "events").glob("*.jsonl"))}

    def counts(self, answer):
        return {name: answer[name] for name in ("kept", "new", "grown")}

    def test_what_is_new_is_kept_and_what_has_grown_is_said(self):
        first, second = self.transcript(1), self.transcript(2)
        answer = self.keep()
        self.assertEqual({"kept": 2, "new": 2, "grown": 0}, self.counts(answer))
        self.assertEqual(([], []), (answer["lost"], answer["changed"]))
        self.assertEqual(str(self.kept), answer["store"])
        self.assertEqual({"kept": 2, "new": 0, "grown": 0}, self.counts(self.keep()))
        with open(first, "a", encoding="utf-8") as file:
            file.write(record(session_id(1), 3))
        self.transcript(3)
        again = self.keep()
        self.assertEqual({"kept": 3, "new": 1, "grown": 1}, self.counts(again))
        self.assertEqual(1 + 3, again["events"])
        self.assertTrue(second.exists())
        self.assertEqual({session_id(1): 4, session_id(2): 3, session_id(3): 3}, self.events_of_sessions())

    def test_what_was_redacted_is_not_kept_again(self):
        path = self.transcript(1)
        with open(path, "a", encoding="utf-8") as file:
            file.write(record(session_id(1), 3, "my key is sk-SECRETKEY"))
        self.keep()
        done = self.run_it("redact", session_id(1), "--where", "text LIKE '%SECRETKEY%'", "--reason", "a key",
                           "--store", self.kept)
        self.assertEqual(0, done.status, done)
        self.wait_until_settled()
        log = self.kept / "events" / f"{session_id(1)}.jsonl"
        before = log.read_bytes()
        self.assertNotIn(b"SECRETKEY", before)
        for caches in (True, False):
            if not caches: shutil.rmtree(self.kept / "cache", ignore_errors=True)
            self.assertEqual((0, 0), tuple(self.keep()[name] for name in ("new", "events")))
            self.assertEqual(before, log.read_bytes())

    def test_files_of_sub_agents_are_sessions_too(self):
        path = self.transcript(1)
        agent = path.with_suffix("") / "subagents/agent-a1.jsonl"
        agent.parent.mkdir(parents=True)
        agent.write_text(record(session_id(1), 7, isSidechain=True, agentId="a1"))
        answer = self.keep()
        self.assertEqual({"kept": 2, "new": 2, "grown": 0}, self.counts(answer))
        with open(agent, "a", encoding="utf-8") as file:
            file.write(record(session_id(1), 8, isSidechain=True, agentId="a1"))
        self.assertEqual({"kept": 2, "new": 0, "grown": 1}, self.counts(self.keep()))

    def test_of_five_sessions_that_are_named_two_have_no_file(self):
        for number in (1, 2, 4):
            self.transcript(number)
        self.history(1, 2, 3, 4, 5, 3)
        answer = self.keep()
        self.assertEqual([session_id(5), session_id(3)], [one["session_id"] for one in answer["lost"]])
        self.assertEqual({"session_id": session_id(3), "agent": "claude-code", "title": "prompt of 3",
                          "project": "/src/shop", "last_at": "2026-03-07T12:00:00.003000000Z",
                          "index": str(self.claude / "history.jsonl")}, answer["lost"][1])
        text = self.ok("keep").out
        self.assertIn("already lost  2 sessions", text)
        self.assertIn(f"{session_id(3)}  2026-03-07  shop  \"prompt of 3\"", text)

    def test_what_was_deleted_there_and_is_kept_here_is_not_lost(self):
        path = self.transcript(1)
        self.transcript(2)
        self.history(1, 2)
        self.wait_until_settled()
        self.keep()
        path.unlink()
        answer = self.keep()
        self.assertEqual(([], [session_id(1)], 2),
                         (answer["lost"], answer["kept_only_here"], answer["kept"]))
        self.assertIn("1 session: kept here, in none of these folders", self.ok("keep").out)
        (self.claude / "history.jsonl").unlink()
        shutil.rmtree(self.kept / "cache")
        self.assertEqual([session_id(1)], self.keep("--dry-run")["kept_only_here"])
        self.assertEqual([session_id(1)], self.keep()["kept_only_here"])

    def test_every_index_is_read(self):
        codex = self.home / ".codex"
        codex.mkdir()
        gone = "019cc8f4-2d10-7a41-b0de-00000000000"
        (codex / "history.jsonl").write_text(
            json.dumps({"session_id": gone + "1", "ts": 1772884800, "text": "first prompt"}) + "\n" +
            json.dumps({"session_id": gone + "2", "ts": 1772884801, "text": "second prompt"}) + "\n")
        (codex / "session_index.jsonl").write_text("".join(
            json.dumps({"id": gone + "2", "thread_name": name, "updated_at": "2026-03-07T12:00:09Z"}) + "\n"
            for name in ("old name", "new name")))
        self.transcript(1)
        (self.projects / "-src-shop/sessions-index.json").write_text(json.dumps({"version": 1, "entries": [
            {"sessionId": session_id(number), "firstPrompt": "prompt", "summary": summary,
             "modified": "2026-03-07T12:00:00.000Z", "projectPath": "/src/shop"}
            for number, summary in ((1, "kept"), (2, "A summary"), (3, ""))]}))
        rollout = codex / f"sessions/2026/03/07/rollout-2026-03-07T12-30-00-{gone}1.jsonl"
        lost = self.keep()["lost"]
        self.assertEqual(
            {(gone + "1", "codex", "first prompt", "2026-03-07T12:00:00.000000000Z"),
             (gone + "2", "codex", "new name", "2026-03-07T12:00:09.000000000Z"),
             (session_id(2), "claude-code", "A summary", "2026-03-07T12:00:00.000000000Z"),
             (session_id(3), "claude-code", "prompt", "2026-03-07T12:00:00.000000000Z")},
            {(one["session_id"], one["agent"], one["title"], one["last_at"]) for one in lost})
        rollout.parent.mkdir(parents=True)
        rollout.write_text(json.dumps({"timestamp": "2026-03-07T12:30:00.000Z", "type": "session_meta",
                                       "payload": {"id": gone + "1", "cwd": "/src/shop", "timestamp":
                                                   "2026-03-07T12:30:00.000Z"}}) + "\n")
        self.assertEqual(3, len(self.keep()["lost"]))

    def test_broken_lines_of_an_index_cost_themselves_alone(self):
        self.transcript(1)
        self.history(1, 2)
        with open(self.claude / "history.jsonl", "a", encoding="utf-8") as file:
            file.write('{"display": \n\x00\n' + '{"display":"old","timestamp":1,"project":"/x"}\n' * 3)
        self.history(3)
        with open(self.claude / "history.jsonl", "a", encoding="utf-8") as file:
            file.write('{"display":"in the mak')  # It is written right now.
        outcome = self.run_it("keep", "--json")
        self.assertEqual(0, outcome.status, str(outcome))
        self.assertIn("2 lines of", outcome.err)
        answer = outcome.json()
        self.assertEqual([session_id(3), session_id(2)], [one["session_id"] for one in answer["lost"]])
        self.assertEqual(3, answer["prompts_of_nobody"])
        self.assertIn("3 prompts of older versions without a session's id", self.run_it("keep").out)

    def test_nothing_on_the_machine_is_said_with_what_to_do(self):
        outcome = self.refused(3, "keep", saying=["no transcripts of Claude Code or Codex", "--from DIR"])
        self.assertFalse(self.kept.exists(), str(outcome))
        self.refused(3, "keep", "--json", saying="--from DIR")
        self.claude.mkdir()
        self.refused(3, "keep", saying=str(self.claude))
        self.refused(3, "keep", "--from", self.folder / "none", saying="there is no folder")

    def test_without_a_home_the_folders_are_named(self):
        self.transcript(1)
        env = {"HOME": ""}
        self.refused(2, "keep", env=env, saying=["HOME is not set", "--store DIR"])
        self.refused(3, "keep", "--store", self.store, env=env, saying="--from DIR")
        answer = self.keep("--store", self.store, "--from", self.claude, env=env)
        self.assertEqual(1, answer["new"])

    def test_folders_that_are_named(self):
        self.transcript(1)
        self.history(1, 2)
        moved = self.folder / "old laptop/.claude"
        shutil.copytree(self.claude, moved)
        plain = self.folder / "plain"
        plain.mkdir()
        (plain / "x.jsonl").write_text(record(session_id(3), 1))
        shutil.rmtree(self.claude)
        for named in (moved, moved / "projects"):
            answer = self.keep("--from", named, "--store", self.folder / named.name)
            self.assertEqual((1, [session_id(2)]), (answer["new"], [one["session_id"] for one in answer["lost"]]))
            self.assertEqual([], answer["retention"])  # Nobody deletes in it.
        answer = self.keep("--from", moved, "--from", plain, "--from", plain / ".", "--from", moved)
        self.assertEqual((2, 2), (answer["new"], len(answer["folders"])))
        elsewhere = self.keep(env={"CLAUDE_CONFIG_DIR": str(moved)})
        self.assertEqual([str(moved)], [one["path"] for one in elsewhere["folders"]])

    def test_the_store_is_the_one_that_was_chosen(self):
        self.transcript(1)
        answer = self.keep(env={"AGENTSTORE_STORE": str(self.store)})
        self.assertEqual((str(self.store), 1), (answer["store"], answer["new"]))
        self.assertIn("look          agentstore sessions\n",
                      self.ok("keep", env={"AGENTSTORE_STORE": str(self.store)}).out)
        self.assertFalse(self.kept.exists())
        database = f"sqlite:{self.folder}/kept.db"
        self.assertEqual(1, self.run_it("keep", "--json", "--store", database).json()["new"])
        again = self.run_it("keep", "--json", "--store", database).json()
        self.assertEqual((1, 0, 0), (again["kept"], again["new"], again["grown"]))
        text = self.ok("keep", env={"XDG_DATA_HOME": str(self.folder / "my data")}).out
        self.assertIn(f"look          agentstore sessions --store '{self.folder}/my data/agentstore'\n", text)
        self.assertEqual(0o700, (self.folder / "my data/agentstore").stat().st_mode & 0o777)
        self.refused(2, "keep", "--store", self.store, "--store", "x", saying="several stores")
        self.refused(2, "keep", "--store", "claude:", saying="another tool's folder")

    def test_every_store_on_the_machine_is_also_the_one_of_keep(self):
        self.transcript(1)
        self.keep()
        (self.projects / f"-src-shop/{session_id(1)}.jsonl").unlink()
        found = self.ok("find", "said", "--store", "all", "--json").json()["sessions"]
        self.assertEqual([(session_id(1), str(self.kept))],
                         [(one["session_id"], one["store"]) for one in found])

    def test_a_dry_run_writes_nothing(self):
        self.transcript(1)
        self.history(1, 2)
        answer = self.keep("--dry-run")
        self.assertEqual({"kept": 0, "new": 1, "grown": 0}, self.counts(answer))
        self.assertEqual([session_id(2)], [one["session_id"] for one in answer["lost"]])
        self.assertFalse((self.home / ".local").exists())
        self.keep()
        self.transcript(1, lines=5)
        self.assertEqual({"kept": 1, "new": 0, "grown": 1}, self.counts(self.keep("--dry-run")))
        self.assertEqual({"kept": 1, "new": 0, "grown": 1}, self.counts(self.keep()))

    def test_a_broken_file_does_not_stop_the_rest(self):
        self.transcript(1)
        broken = self.projects / "-src-shop" / f"{session_id(2)}.jsonl"
        broken.write_bytes(b"\0" * 4096)
        torn = self.transcript(3)
        torn.write_text(torn.read_text()[:-20])
        (self.projects / "-src-shop/empty.jsonl").write_text("")
        self.history(1, 2, 3)
        outcome = self.run_it("keep", "--json")
        self.assertEqual(2, outcome.status, str(outcome))
        answer = outcome.json()
        self.assertEqual((2, []), (answer["kept"], answer["lost"]))
        self.assertIn(str(broken), [one["path"] for one in answer["not_kept"]])
        text = self.run_it("keep").out
        self.assertIn("not kept", text)
        self.assertIn(broken.name, text)

    def test_an_empty_transcript_is_nothing_and_one_that_was_emptied_has_changed(self):
        path = self.transcript(1)
        self.transcript(2).write_text("")
        kept_bytes = path.stat().st_size
        answer = self.keep()
        self.assertEqual(({"kept": 1, "new": 1, "grown": 0}, [], []),
                         (self.counts(answer), answer["changed"], answer["not_kept"]))
        path.write_text("")
        for _ in range(2):
            answer = self.keep()
            self.assertEqual([(str(path), session_id(1), kept_bytes, 0)],
                             [(one["path"], one["session_id"], one["kept"]["bytes"], one["found"]["bytes"])
                              for one in answer["changed"]])
            self.assertEqual(([], []), (answer["not_kept"], answer["kept_only_here"]))
        agent = path.with_suffix("") / "subagents/agent-a1.jsonl"
        agent.parent.mkdir(parents=True)
        agent.write_text(record(session_id(1), 7, isSidechain=True, agentId="a1"))
        self.keep()
        agent.write_text("")
        answer = self.keep()
        self.assertEqual(({str(path), str(agent)}, []),
                         ({one["path"] for one in answer["changed"]}, answer["kept_only_here"]))
        to = self.folder / "back"
        self.ok("restore", session_id(1), "--to", to, "--store", self.kept)
        self.assertEqual(kept_bytes, (to / path.relative_to(self.claude)).stat().st_size)

    def test_sessions_of_files_that_were_not_kept_do_not_count(self):
        self.transcript(1)
        self.transcript(2, lines=4000)

        def small_files():
            import resource
            resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))

        outcome = self.run_it("keep", "--json", preexec_fn=small_files)
        answer = outcome.json()
        self.assertEqual(({"kept": 1, "new": 1, "grown": 0}, 3, 1),
                         (self.counts(answer), answer["events"], len(answer["not_kept"])), str(outcome))
        self.ok("create", "empty", "--label", "source=claude-code", "--store", self.kept)
        self.assertEqual({"kept": 2, "new": 0, "grown": 1}, self.counts(self.keep()))

    def test_a_transcript_that_another_process_keeps_is_named(self):
        path = self.transcript(1)
        self.keep()
        with open(path, "a", encoding="utf-8") as file:
            file.write(record(session_id(1), 3))
        held = os.open(self.kept / "sources" / session_id(1), os.O_RDONLY)
        fcntl.flock(held, fcntl.LOCK_EX)
        outcome = self.run_it("keep", "--json")
        self.assertEqual(6, outcome.status, str(outcome))
        self.assertEqual([str(path)], [one["path"] for one in outcome.json()["not_kept"]])
        self.assertIn("another process", outcome.err)
        os.close(held)
        self.assertEqual([], self.keep()["not_kept"])

    def test_a_folder_that_is_gone_does_not_stop_the_rest(self):
        self.transcript(1)
        disk = self.folder / "disk"
        disk.mkdir()
        (disk / f"{session_id(2)}.jsonl").write_text(record(session_id(2), 1))
        self.assertEqual(2, self.keep("--from", disk)["new"])
        shutil.rmtree(disk)
        self.transcript(3)
        outcome = self.run_it("keep", "--json", "--from", disk)
        self.assertEqual(3, outcome.status, str(outcome))
        answer = outcome.json()
        self.assertEqual({"kept": 3, "new": 1, "grown": 0}, self.counts(answer))
        self.assertIn(f'there is no folder "{disk}"', answer["not_kept"][0]["error"])
        self.assertEqual([], answer["kept_only_here"])  # It is not known what is on that disk.

    def test_a_pipe_instead_of_settings_holds_nothing_up(self):
        self.transcript(1)
        os.mkfifo(self.claude / "settings.json")
        answer = self.keep(timeout=20)
        self.assertEqual((1, 30), (answer["new"], answer["retention"][0]["days"]))
        self.refused(2, "keep", "--install", "--yes", saying="not a regular file", timeout=20)

    def test_loops_of_links_and_folders_that_cannot_be_read(self):
        self.transcript(1)
        (self.projects / "-src-shop/loop").symlink_to(self.projects)
        (self.projects / "-src-shop/self.jsonl").symlink_to("self.jsonl")
        self.assertEqual(1, self.keep()["new"])
        if os.getuid() != 0:
            self.skipTest("only root can become nobody")
        closed = self.projects / "-closed"
        closed.mkdir(mode=0o000)
        for folder in (self.home, self.folder):
            folder.chmod(0o755)
        self.store.mkdir()
        self.store.chmod(0o777)
        outcome = self.run_it("keep", "--json", "--store", self.store / "s", **self.as_nobody())
        self.assertEqual(5, outcome.status, str(outcome))
        self.assertEqual(1, outcome.json()["new"], str(outcome))
        self.assertIn("-closed", outcome.json()["not_kept"][0]["error"])

    def test_a_full_disk_is_said(self):
        self.transcript(1)
        if not os.path.exists("/dev/full"):
            self.skipTest("there is no /dev/full")
        with open("/dev/full", "w", encoding="utf-8") as full:
            outcome = self.run_it("keep", stdout=full)
        self.assertEqual(5, outcome.status, str(outcome))

    def test_an_append_that_fails_is_said(self):
        self.transcript(1, lines=4000)

        def small_files():
            import resource
            resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))

        outcome = self.run_it("keep", "--json", preexec_fn=small_files)
        self.assertEqual(5, outcome.status, str(outcome))
        self.assertEqual(1, len(outcome.json()["not_kept"]), str(outcome))
        self.assertEqual(1, self.keep()["kept"])

    def test_when_the_agent_deletes_what(self):
        now = time.time()
        for number, days in ((1, 29.5), (2, 40), (3, 2)):
            path = self.transcript(number)
            os.utime(path, (now - days * DAY_S,) * 2)
        told, = self.keep()["retention"]
        self.assertEqual((30, False, 1, 2), (told["days"], told["chosen"], told["due"], told["in_week"]))
        self.assertEqual([session_id(number) + ".jsonl" for number in (2, 1, 3)],
                         [Path(one["path"]).name for one in told["oldest"]])
        day = (datetime.fromtimestamp(now, timezone.utc) + timedelta(days=0.5)).strftime("%Y-%m-%d")
        self.assertEqual(day, told["oldest"][1]["goes_at"][:10])
        text = self.ok("keep").out
        self.assertIn("Claude Code deletes a transcript 30 days after its last change (its default): "
                      "2 transcripts within a week, 1 at its next start", text)
        (self.claude / "settings.json").write_text('{"cleanupPeriodDays": 99999}')
        told, = self.keep()["retention"]
        self.assertEqual((99999, True, 0, 0), (told["days"], told["chosen"], told["due"], told["in_week"]))
        self.assertIn("(its cleanupPeriodDays): none goes within a week", self.ok("keep").out)

    def test_of_codex_nothing_is_said_of_deleting(self):
        folder = self.home / ".codex/sessions"
        shutil.copytree(ROOT / "sample-data/transcripts/codex", folder)
        answer = self.keep()
        self.assertEqual((1, []), (answer["new"], answer["retention"]))
        self.assertNotIn("delete", self.ok("keep").out)

    def test_nothing_that_is_unchanged_is_opened(self):
        if shutil.which("strace") is None:
            self.skipTest("there is no strace")
        for number in range(1, 6):
            self.transcript(number)
        results = self.projects / "-src-shop" / session_id(1) / "tool-results"
        results.mkdir(parents=True)
        (results / "toolu_1.txt").write_text("text")
        (results / "mcp.json").write_text("{}")
        (self.projects / "-src-shop/memory.md").write_text("text")
        self.wait_until_settled()
        self.keep()
        with open(self.transcript(5), "a", encoding="utf-8") as file:
            file.write(record(session_id(5), 9))
        trace = self.folder / "trace"
        done = subprocess.run(["strace", "-f", "-e", "trace=open,openat", "-o", trace, BIN, "keep", "--json"],
                              env=self.environment(), cwd=self.folder, capture_output=True, check=False)
        self.assertEqual(0, done.returncode, done.stderr)
        answer = json.loads(done.stdout)
        self.assertEqual((1, 4), (answer["grown"], answer["unchanged"]))
        opened = {name for name in re.findall(r'"([^"]+)"', trace.read_text())
                  if name.startswith(str(self.projects)) and Path(name).is_file()}
        self.assertEqual({str(self.projects / f"-src-shop/{session_id(5)}.jsonl")}, opened)

    def test_two_at_once_do_it_once(self):
        for number in range(1, 6):
            self.transcript(number, lines=400)
        both = [self.start("keep", "--json", stdout=subprocess.PIPE, stderr=subprocess.PIPE) for _ in range(2)]
        answers = []
        for process in both:
            out, err = process.communicate(timeout=60)
            self.assertEqual((0, b""), (process.returncode, err))
            answers.append(json.loads(out))
        self.assertEqual([0, 5], sorted(one["new"] for one in answers))
        self.assertEqual([5, 5], [one["kept"] for one in answers])
        self.assertEqual(0, self.run_it("verify", "--store", self.kept).status)

    def test_one_that_waits_too_long_says_so(self):
        self.transcript(1)
        self.keep()
        held = os.open(self.kept, os.O_RDONLY)
        self.addCleanup(os.close, held)
        fcntl.flock(held, fcntl.LOCK_EX)
        self.refused(6, "keep", saying="another `agentstore keep` is at work")

    def test_one_that_was_killed_is_made_up_for(self):
        seed = int(os.environ.get("AGENTSTORE_TEST_SEED", random.randrange(1 << 30)))
        print(f"seed {seed}")
        chance = random.Random(seed)
        for number in range(1, 9):
            self.transcript(number, lines=1500)
        for _ in range(4):
            process = self.start("keep", "-q", stderr=subprocess.DEVNULL)
            time.sleep(chance.random() * 0.15)
            process.send_signal(signal.SIGKILL)
            process.wait()
        answer = self.keep()
        self.assertEqual((8, []), (answer["kept"], answer["not_kept"]))
        self.assertEqual([1500] * 8, [*self.events_of_sessions().values()])
        self.assertEqual(0, self.run_it("verify", "--store", self.kept).status)

    def test_files_that_grow_meanwhile_are_kept_as_far_as_they_are(self):
        path = self.transcript(1, lines=3)
        writer = subprocess.Popen(
            [sys.executable, "-c",
             "import sys, time\n"
             "lines = sys.stdin.read().splitlines(True)\n"
             "file = open(sys.argv[1], 'a')\n"
             "for line in lines:\n"
             "    file.write(line[:30]); file.flush(); file.write(line[30:]); file.flush()\n", path],
            stdin=subprocess.PIPE, text=True)
        self.addCleanup(self.stop, writer)
        writer.stdin.write("".join(record(session_id(1), line) for line in range(3, 3000)))
        writer.stdin.close()
        while writer.poll() is None:
            self.assertIn(self.run_it("keep", "-q").status, (0, 5))
        self.keep()
        self.assertEqual({session_id(1): 3000}, self.events_of_sessions())

    def test_answers_are_as_their_schema_says(self):
        self.transcript(1)
        self.history(1, 2)
        (self.projects / "-src-shop/x.jsonl").write_bytes(b"\0\0")
        schema = json.loads((ROOT / "formats/schemas/keep.json").read_text())
        self.assertEqual([], check(self.run_it("keep", "--json").json(), schema))
        self.assertEqual([], check(self.run_it("keep", "--json", "--dry-run").json(), schema))
        hook = json.loads((ROOT / "formats/schemas/keep-hook.json").read_text())
        for words in (["--install", "--dry-run"], ["--install", "--yes"], ["--uninstall", "--yes"]):
            self.assertEqual([], check(self.keep(*words), hook))

    def test_what_shrank_or_changed_is_said(self):
        shrunk, changed, grown = (self.transcript(number, lines=6) for number in (1, 2, 3))
        self.keep()
        shrunk.write_text("".join(shrunk.read_text().splitlines(True)[:2]))
        changed.write_text(changed.read_text().replace("said 1", "sang 1"))
        with open(grown, "a", encoding="utf-8") as file:
            file.write(record(session_id(3), 6))
        answer = self.keep()
        self.assertEqual({str(shrunk): session_id(1), str(changed): session_id(2)},
                         {one["path"]: one["session_id"] for one in answer["changed"]})
        of_shrunk = next(one for one in answer["changed"] if one["path"] == str(shrunk))
        self.assertEqual(shrunk.stat().st_size, of_shrunk["found"]["bytes"])
        self.assertGreater(of_shrunk["kept"]["bytes"], of_shrunk["found"]["bytes"])
        for number in (1, 2):
            log = (self.kept / f"events/{session_id(number)}.jsonl").read_text()
            self.assertIn('"type":"agentstore.source_changed"', log)
        self.assertEqual([], self.keep()["changed"])
        schema = json.loads((ROOT / "formats/schemas/keep.json").read_text())
        self.assertEqual([], check(answer, schema))
        self.assertEqual(0, self.run_it("verify", "--store", self.kept).status)

    def test_a_narrow_screen_is_enough(self):
        self.transcript(1)
        self.history(1, 2, 3)
        for columns in (80, 60):
            status, shown = self.on_terminal(["keep"], columns=columns)
            self.assertEqual(0, status, shown)
            self.assertRegex(shown, r'already lost  2 sessions: .*\r\n +00000003  2026-03-07  shop  "prompt of 3"')
            for line in shown.splitlines():
                self.assertTrue(len(line) <= columns or " " not in line.strip(), line)

    def test_what_others_wrote_cannot_move_the_screen(self):
        self.transcript(1)
        with open(self.claude / "history.jsonl", "w", encoding="utf-8") as file:
            file.write(json.dumps({"display": "a\x1b[31m\n::cmd::", "timestamp": 1, "sessionId": "x\n\x1b]0;"}) + "\n")
        out = self.ok("keep").out
        self.assertNotIn("\x1b", out)
        self.assertFalse([line for line in out.splitlines() if line.startswith("::")])


SHAPES = {
    "absent": None,
    "empty object": "{}",
    "empty object with a line end": "{}\n",
    "empty object over lines": "{\n}\n",
    "empty object with blanks": "{  }",
    "one member": '{\n  "model": "opus"\n}\n',
    "no newline at the end": '{\n  "model": "opus"\n}',
    "in one line": '{"model":"opus","a":{"b":[1,2]}}',
    "in one line with blanks": '{ "model": "opus", "cleanupPeriodDays": 90 }\n',
    "tabs": '{\n\t"model": "opus",\n\t"env": {\n\t\t"A": "1"\n\t}\n}\n',
    "four blanks": '{\n    "model": "opus"\n}\n',
    "no indentation": '{\n"model": "opus"\n}\n',
    "CRLF": '{\r\n  "model": "opus",\r\n  "env": {}\r\n}\r\n',
    "empty in CRLF": '{}\r\n',
    "unicode": '{\n  "größe": "☃ \\u00e9 \U0001f600",\n  "x\\/y": "\\ud800"\n}\n',
    "big numbers": '{\n  "n": 123456789012345678901234567890,\n  "f": 1.50e+300, "z": -0.0\n}\n',
    "a byte order mark": '\ufeff{\n  "model": "opus"\n}\n',
    "empty hooks": '{\n  "hooks": {}\n}\n',
    "empty hooks over lines": '{\n  "hooks": {\n  },\n  "model": "opus"\n}\n',
    "other hooks": '{\n  "hooks": {\n    "PreToolUse": [{"matcher": "Bash", "hooks": []}]\n  }\n}\n',
    "no SessionEnd hook": '{\n  "hooks": {\n    "SessionEnd": []\n  }\n}\n',
    "a SessionEnd hook of others": '{\n  "hooks": {\n    "SessionEnd": [\n      {\n        "hooks": [\n          '
                                   '{"type": "command", "command": "say bye"}\n        ]\n      }\n    ]\n  }\n}\n',
    "a SessionEnd hook of others in a line": '{"hooks":{"SessionEnd":[{"hooks":[{"type":"command",'
                                             '"command":"agentstore keep"}]}]}}',
    "white space around": '\n\n  {\n  "model": "opus"  \n ,"x":1\n\n}  \n\n',
}


class Hook(Home):
    def setUp(self):
        super().setUp()
        self.claude.mkdir()
        self.settings = self.claude / "settings.json"

    def write(self, text):
        if text is None:
            self.settings.unlink(missing_ok=True)
        else:
            self.settings.write_bytes(text.encode("utf-8", "surrogatepass"))

    def bytes(self):
        return self.settings.read_bytes() if self.settings.exists() else None

    def install(self, *words, **more):
        return self.run_it("keep", "--install", "--yes", *words, **more)

    def commands(self):
        settings = json.loads(self.settings.read_text("utf-8-sig"))
        return [hook["command"] for entry in settings["hooks"]["SessionEnd"] for hook in entry["hooks"]]

    def own_commands(self):
        return [command for command in self.commands() if "by agentstore keep --install" in command]

    def test_it_comes_and_goes_without_a_trace(self):
        for name, text in SHAPES.items():
            with self.subTest(shape=name):
                self.write(text)
                before = self.bytes()
                self.assertEqual(0, self.install().status)
                self.assertEqual(1, len(self.own_commands()))
                installed = self.bytes()
                if before is not None:
                    self.assertEqual(self.without_hooks(json.loads(before.decode("utf-8-sig"))),
                                     self.without_hooks(json.loads(installed.decode("utf-8-sig"))))
                    self.assertEqual(b"\r\n" in before, b"\r\n" in installed)
                    self.assertEqual(installed.count(b"\n") if b"\r\n" in before else 0, installed.count(b"\r\n"))
                self.assertEqual(0, self.install().status)
                self.assertEqual(installed, self.bytes())
                self.assertEqual(0, self.run_it("keep", "--uninstall", "--yes").status)
                self.assertEqual(before, self.bytes())

    @staticmethod
    def without_hooks(settings):
        return {key: value for key, value in settings.items() if key != "hooks"}

    def test_it_comes_and_goes_in_settings_of_any_layout(self):
        seed = int(os.environ.get("AGENTSTORE_TEST_SEED", random.randrange(1 << 30)))
        print(f"seed {seed}")
        chance = random.Random(seed)

        def value(depth):
            kind = chance.randrange(5 if depth < 3 else 3)
            if kind == 0:
                return chance.choice(["true", "null", "1e400", "-0", "12345678901234567890"])
            if kind <= 2:
                return json.dumps("".join(chance.choice('a{}[]",:\\ \té\n') for _ in range(chance.randrange(5))))
            if kind == 3:
                return contain("[", [value(depth + 1) for _ in range(chance.randrange(3))], "]")
            return members([f'"k{n}"' for n in range(chance.randrange(3))], depth)

        def blank():
            return chance.choice(["", "", " ", "\n", "\n  ", "\r\n\t"])

        def contain(opening, items, closing):
            return opening + ",".join(blank() + item + blank() for item in items) + blank() + closing

        def members(keys, depth, given=()):
            items = [f"{key}{blank()}:{blank()}{value(depth + 1)}" for key in keys] + list(given)
            chance.shuffle(items)
            return contain("{", items, "}")

        for _ in range(60):
            entries = contain("[", [value(2) for _ in range(chance.randrange(3))], "]")
            hooks = members([f'"E{n}"' for n in range(chance.randrange(3))], 1,
                            [f'"SessionEnd":{blank()}{entries}'] if chance.randrange(2) else [])
            text = blank() + members([f'"m{n}"' for n in range(chance.randrange(3))], 0,
                                     [f'"hooks":{blank()}{hooks}'] if chance.randrange(2) else []) + blank()
            self.write(text)
            before = self.bytes()
            outcome = self.install()
            self.assertEqual(0, outcome.status, str(outcome) + repr(text))
            self.assertEqual(1, self.settings.read_text("utf-8").count("by agentstore keep --install"), text)
            json.loads(self.settings.read_text("utf-8"))
            self.assertEqual(0, self.run_it("keep", "--uninstall", "--yes").status)
            self.assertEqual(before, self.bytes())

    def test_what_others_changed_since_stays(self):
        for name, text in SHAPES.items():
            with self.subTest(shape=name):
                self.write(text)
                self.install()
                changed = json.loads(self.settings.read_text("utf-8-sig"))
                changed["theme"] = "dark"
                changed["hooks"]["SessionEnd"].append({"hooks": [{"type": "command", "command": "say more"}]})
                self.settings.write_text(json.dumps(changed, indent=1))
                self.assertEqual(0, self.run_it("keep", "--uninstall", "--yes").status)
                after = json.loads(self.settings.read_text())
                self.assertEqual("dark", after["theme"])
                self.assertIn("say more", self.commands())
                self.assertEqual([], self.own_commands())
                self.assertEqual(len(changed["hooks"]["SessionEnd"]) - 1, len(after["hooks"]["SessionEnd"]))

    def test_a_hook_that_others_put_beside_ours_stays(self):
        self.install()
        changed = json.loads(self.settings.read_text())
        changed["hooks"]["SessionEnd"][0]["hooks"].insert(0, {"type": "command", "command": "theirs"})
        self.settings.write_text(json.dumps(changed))
        self.run_it("keep", "--uninstall", "--yes")
        self.assertEqual(["theirs"], self.commands())

    def test_it_runs_anywhere_says_nothing_and_fails_never(self):
        self.projects = self.claude / "projects"
        self.transcript(1)
        program = self.folder / "my tools" / "it's agentstore"
        program.parent.mkdir()
        shutil.copy(Path(BIN).resolve(), program)
        store = self.folder / "a store"
        self.assertEqual(0, self.install("--store", "a store", program=program).status)
        command, = self.own_commands()
        entry, = json.loads(self.settings.read_text())["hooks"]["SessionEnd"]
        self.assertEqual(("command", True), (entry["hooks"][0]["type"], entry["hooks"][0]["timeout"] > 1))

        def run():
            return subprocess.run(["sh", "-c", command], env=self.environment(), cwd="/", input=b'{"reason":"other"}',
                                  capture_output=True, timeout=60, check=False)

        done = run()
        self.assertEqual((0, b"", b""), (done.returncode, done.stdout, done.stderr))
        listed = self.ok("sessions", "--store", store, "--json").json()["sessions"]
        self.assertEqual([session_id(1)], [one["id"] for one in listed])
        program.unlink()
        done = run()
        self.assertEqual((0, b"", b""), (done.returncode, done.stdout, done.stderr))

    def test_another_store_changes_the_hook_in_its_place(self):
        self.write(SHAPES["other hooks"])
        before = self.bytes()
        self.install("--store", self.folder / "one")
        self.install("--store", self.folder / "two")
        command, = self.own_commands()
        self.assertIn(str(self.folder / "two"), command)
        self.run_it("keep", "--uninstall", "--yes")
        self.assertEqual(before, self.bytes())

    def test_settings_that_cannot_be_read_stay_as_they_are(self):
        for text in ("", "{", '{"a":1,}', '// mine\n{"a": 1}', "[]", '"x"', '{"hooks": []}', '{"hooks": {"SessionEnd": {}}}',
                     '{"hooks": {}, "hooks": {}}', '{"a": 1} x', '{"a": "\n"}'):
            for words in (["--install", "--yes"], ["--uninstall", "--yes"], ["--install", "--dry-run"]):
                with self.subTest(text=text, words=words):
                    self.write(text)
                    self.refused(2, "keep", *words, saying=[str(self.settings), "nothing was changed"])
                    self.assertEqual(text.encode(), self.bytes())

    def test_the_change_is_shown_and_a_dry_run_makes_none(self):
        self.write(SHAPES["one member"])
        before = self.bytes()
        outcome = self.ok("keep", "--install", "--dry-run")
        self.assertEqual(before, self.bytes())
        lines = outcome.lines()
        self.assertEqual([f"--- {self.settings}", f"+++ {self.settings}"], lines[:2])
        self.assertIn('-  "model": "opus"', lines)
        self.assertIn('+  "model": "opus",', lines)
        self.assertTrue([line for line in lines if line.startswith("+") and "keep -q --store" in line])
        crontab = [line for line in lines if line.startswith("17 * * * * ")]
        self.assertEqual(1, len(crontab))
        self.assertIn(str(self.kept), crontab[0])
        if shutil.which("patch"):
            patched = self.folder / "patched"
            patched.write_bytes(before)
            diff = outcome.out[:outcome.out.index("\nA line for")]
            subprocess.run(["patch", patched], input=diff.encode(), capture_output=True, check=True)
            self.install()
            self.assertEqual(patched.read_bytes(), self.bytes())

    def test_nobody_is_changed_for_without_a_yes(self):
        self.write(SHAPES["one member"])
        before = self.bytes()
        self.refused(2, "keep", "--install", saying=["--yes", "--dry-run"])
        self.assertEqual(before, self.bytes())
        self.install()
        installed = self.bytes()
        self.refused(2, "keep", "--uninstall", saying="--yes")
        self.assertEqual(installed, self.bytes())
        self.refused(2, "keep", "--install", "--uninstall", saying="choose one")

    def test_a_person_is_asked(self):
        self.write(SHAPES["one member"])
        before = self.bytes()
        status, shown = self.on_terminal(["keep", "--install"], b"n\n")
        self.assertEqual((1, before), (status, self.bytes()), shown)
        self.assertIn("Make this change? [y/N]", shown)
        self.assertLess(shown.index("+++ "), shown.index("Make this change?"))
        status, shown = self.on_terminal(["keep", "--install"], b"y\n")
        self.assertEqual(0, status, shown)
        self.assertEqual(1, len(self.own_commands()))
        status, shown = self.on_terminal(["keep", "--uninstall"], b"yes\n")
        self.assertEqual((0, before), (status, self.bytes()), shown)

    def test_a_link_stays_a_link_and_a_mode_a_mode(self):
        real = self.folder / "dotfiles/settings.json"
        real.parent.mkdir()
        real.write_text(SHAPES["tabs"])
        real.chmod(0o640)
        self.settings.symlink_to(real)
        self.assertEqual(0, self.install().status)
        self.assertTrue(self.settings.is_symlink())
        self.assertEqual(0o640, real.stat().st_mode & 0o777)
        self.assertIn("agentstore keep --install", real.read_text())
        self.assertEqual(["settings.json"], os.listdir(real.parent))
        self.run_it("keep", "--uninstall", "--yes")
        self.assertEqual((True, SHAPES["tabs"]), (self.settings.is_symlink(), real.read_text()))
        real.unlink()
        self.refused(2, "keep", "--install", "--yes", saying="a link to nothing")

    def test_without_claude_code_the_line_for_crontab_is_left(self):
        self.claude.rmdir()
        self.refused(3, "keep", "--install", "--yes", saying=["no folder of Claude Code", "crontab -e"])

    def test_a_folder_that_a_variable_names_is_known_to_the_hook(self):
        work = self.folder / "work%"
        work.mkdir()
        env = {"CLAUDE_CONFIG_DIR": str(work)}
        outcome = self.install(env=env)
        self.assertEqual(0, outcome.status, str(outcome))
        self.assertIn("--from", (work / "settings.json").read_text())
        self.assertFalse(self.settings.exists())
        self.assertIn("work\\%", [line for line in outcome.lines() if line.startswith("17 ")][0])

    def test_what_the_hook_keeps_is_there(self):
        copy = self.home / "copy/projects"
        copy.mkdir(parents=True)
        for words, folder in ((["~/copy"], copy.parent), ([copy], copy)):
            outcome = self.ok("keep", "--install", "--dry-run", "--from", *words)
            self.assertIn(f"--from '{folder}'" if "'" in outcome.out else f"--from {folder}", outcome.out)
        self.refused(3, "keep", "--install", "--yes", "--from", self.folder / "none", saying="there is no folder")
        (self.folder / "file").write_text("no store")
        for store, status in (("claude:", 2), (self.folder / "file", 2), (f"sqlite:{self.folder}/none/x.db", 5)):
            for words in (["--yes"], ["--dry-run"]):
                self.refused(status, "keep", "--install", *words, "--store", store)
        outcome = self.ok("keep", "--install", "--dry-run", "--store", "typo:xyz")
        self.assertIn(f"{self.folder}/typo:xyz", outcome.out)
        self.assertEqual((None, False), (self.bytes(), self.kept.exists()))

    def test_a_change_that_could_not_be_shown_is_not_made(self):
        self.write(SHAPES["one member"])
        before = self.bytes()
        with open("/dev/full", "w", encoding="utf-8") as full:
            outcome = self.run_it("keep", "--install", "--yes", stdout=full)
        self.assertEqual((5, before), (outcome.status, self.bytes()), str(outcome))

    def test_hooks_that_are_all_off_are_told_of(self):
        self.write('{"disableAllHooks": true}')
        self.assertIn("disableAllHooks", self.install().err)


if __name__ == "__main__":
    main()
