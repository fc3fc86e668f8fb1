"""Feeds: the events of every session, from where a cursor says that the reader stopped."""

import json
import os
import re
import shutil
import signal
import subprocess
import threading
import time

from pathlib import Path

from article import EventStore
from support import BIN, Case, main


class Feed(Case):
    def setUp(self):
        super().setUp()
        self.cursor = self.folder / "cursor"

    def feed(self, *more, status=0, **named):
        outcome = self.run_it("replay", "--all", "--cursor", self.cursor, "--format", "jsonl", *more,
                              **named)
        self.assertEqual(status, outcome.status, str(outcome))
        return outcome

    def ids(self, *more, **named):
        return [json.loads(line)["event_id"] for line in self.feed(*more, **named).lines()]

    def add(self, session, *ids, kind="custom"):
        self.append(session, *({"type": kind, "payload": {}, "event_id": one} for one in ids))

    def start(self, *more, **named):
        words = [BIN, "replay", "--all", "--follow", "--format", "jsonl",
                 "--cursor", str(self.cursor), *more]
        process = subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                   env=self.environment(), **named)
        self.addCleanup(self.end, process)
        return process

    def end(self, process):
        process.kill()
        process.wait()
        for stream in (process.stdin, process.stdout, process.stderr):
            if stream:
                stream.close()

    def wait_for(self, condition, what):
        for _ in range(400):
            if condition():
                return
            time.sleep(0.025)
        self.fail(what)


class OfAFolder(Feed):
    def test_each_call_gives_what_is_new(self):
        self.create("a")
        self.create("b")
        self.add("a", "a1", "a2")
        self.add("b", "b1")
        self.assertEqual(["a1", "a2", "b1"], sorted(self.ids()))
        self.assertEqual([], self.ids())
        self.add("b", "b2")
        self.create("c")
        self.add("c", "c1")
        self.assertEqual(["b2", "c1"], sorted(self.ids()))

    def test_the_cursor_is_lines_that_people_can_read(self):
        self.create("a")
        self.add("a", "a1")
        self.feed()
        header, line = map(json.loads, self.cursor.read_text().splitlines())
        self.assertEqual({"agentstore_cursor": 1, "store": str(self.store.resolve())}, header)
        self.assertEqual(("a", 1), (line["session_id"], line["sequence_number"]))
        self.add("a", "a2")
        self.feed()
        self.assertEqual(3, len(self.cursor.read_text().splitlines()))  # appended

    def test_it_is_compacted(self):
        self.create("a")
        self.add("a", "a1")
        self.feed()
        header, line = self.cursor.read_text().splitlines()
        self.cursor.write_text("\n".join([header] + [line] * 3000) + "\n")
        self.add("a", "a2")
        self.assertEqual(["a2"], self.ids())
        self.assertEqual(2, len(self.cursor.read_text().splitlines()))

    def test_filters_pass_over_for_good(self):
        self.create("a")
        self.add("a", "a1")
        self.add("a", "a2", kind="error")
        self.assertEqual(["a2"], self.ids("-t", "error"))
        self.assertEqual([], self.ids())

    def test_following_gets_new_events_and_new_sessions(self):
        self.create("a")
        self.add("a", "a1")
        process = self.start()
        self.assertEqual("a1", json.loads(process.stdout.readline())["event_id"])
        self.add("a", "a2")
        self.assertEqual("a2", json.loads(process.stdout.readline())["event_id"])
        self.create("late")
        self.add("late", "l1")
        self.assertEqual("l1", json.loads(process.stdout.readline())["event_id"])
        process.send_signal(signal.SIGTERM)
        self.assertEqual(0, process.wait())
        self.assertEqual([], self.ids())

    def test_killed_again_and_again_nothing_is_lost(self):
        sessions = [f"s{n}" for n in range(4)]
        for session in sessions:
            self.create(session)
        wanted = set()
        ended = threading.Event()

        def write():
            for number in range(30):
                for session in sessions:
                    self.add(session, f"{session}-{number}")
            ended.set()

        wanted = {f"{session}-{number}" for session in sessions for number in range(30)}
        writer = threading.Thread(target=write)
        writer.start()
        seen = []
        while not (ended.is_set() and wanted <= set(seen)):
            process = self.start()
            threading.Timer(0.25, process.kill).start()
            for line in process.stdout:
                if line.endswith(b"\n"):
                    seen.append(json.loads(line)["event_id"])
            self.end(process)
        writer.join()
        self.assertEqual(wanted, set(seen))
        for session in sessions:  # in order, but for what was repeated
            firsts = [int(one.split("-")[1]) for one in dict.fromkeys(seen)
                      if one.startswith(session + "-")]
            self.assertEqual(sorted(firsts), firsts)

    def test_what_a_dead_reader_left_in_the_pipe_comes_again(self):
        self.create("a")
        self.add("a", "a1", "a2")
        process = self.start()
        self.wait_for(lambda: self.cursor.exists() and self.cursor.stat().st_size > 0, "no cursor")
        time.sleep(0.3)
        process.stdout.close()
        self.assertEqual(0, process.wait())
        self.assertEqual(["a1", "a2"], self.ids())

    def test_a_reader_that_stalls_gets_it_later(self):
        self.create("a")
        self.add("a", *(f"a{n}" for n in range(300)))
        process = self.start()
        time.sleep(0.5)
        got = [json.loads(process.stdout.readline())["event_id"] for _ in range(300)]
        self.assertEqual([f"a{n}" for n in range(300)], got)

    def test_acknowledged_events_do_not_come_again(self):
        self.create("a")
        self.create("b")
        self.add("a", "a1", "a2", "a3")
        self.add("b", "b1")
        process = self.start("--ack", stdin=subprocess.PIPE)
        got = {json.loads(process.stdout.readline())["event_id"] for _ in range(4)}
        self.assertEqual({"a1", "a2", "a3", "b1"}, got)
        process.stdin.write(b"a2\n")
        process.stdin.flush()
        self.wait_for(lambda: '"sequence_number":2' in self.cursor.read_text(), "not moved")
        process.kill()
        process.wait()
        self.assertEqual(["a3", "b1"], sorted(self.ids()))

    def test_an_unknown_acknowledgement_is_told(self):
        self.create("a")
        self.add("a", "a1")
        outcome = self.feed("--ack", stdin="nobody\na1\n")
        self.assertIn("nobody", outcome.err)
        self.feed("--ack", stdin="")

    def test_lag(self):
        self.create("a")
        self.add("a", "a1")
        self.feed()
        self.append("a", {"type": "custom", "payload": {}, "timestamp": "2026-01-01T00:00:00Z"})
        answer = self.run_it("replay", "--all", "--cursor", self.cursor, "--lag", "--json").json()
        self.assertEqual("agentstore/lag/1", answer["schema"])
        [one] = answer["sessions"]
        self.assertEqual(("a", 2, 1, 1), tuple(one[key] for key in
                                               ("session_id", "newest", "cursor", "events")))
        self.assertGreater(one["seconds"], 3600)
        late = self.run_it("replay", "--all", "--cursor", self.cursor, "--lag", "--max-lag", "60s")
        self.assertEqual(1, late.status, str(late))
        self.assertIn("1 of 1 session behind, by 1 event", late.out)
        self.feed()
        fine = self.run_it("replay", "--all", "--cursor", self.cursor, "--lag", "--max-lag", "60s")
        self.assertEqual(0, fine.status, str(fine))

    def test_a_log_that_was_replaced_comes_again(self):
        self.create("a")
        self.add("a", "a1", "a2")
        self.feed()
        text = self.cursor.read_text().replace('"sequence_number":2', '"sequence_number":9').replace('"bytes":', '"bytes":1')
        self.cursor.write_text(text)
        outcome = self.feed()
        self.assertEqual(2, len(outcome.lines()))
        self.assertIn("from its start", outcome.err)

    def test_a_damaged_session_does_not_stop_the_others(self):
        self.create("a")
        self.create("b")
        self.add("a", "a1")
        self.add("a", "a2")
        self.add("b", "b1")
        log = self.store / "events/a.jsonl"
        log.write_bytes(log.read_bytes().replace(b'"a2"', b'"aX"'))
        outcome = self.feed(status=1)
        self.assertEqual({"a1", "b1"}, {json.loads(line)["event_id"] for line in outcome.lines()})
        self.assertIn("session a", outcome.err)

    def test_bad_cursors(self):
        self.create("a")
        self.add("a", "a1")
        self.feed()
        whole = self.cursor.read_text()
        self.cursor.write_text(whole + '{"session_id":"a","seq')  # torn: was never there
        self.assertEqual([], self.ids())
        self.assertEqual(whole, self.cursor.read_text())
        self.cursor.write_text(whole + "nonsense\n" + whole.splitlines()[1] + "\n")
        self.assertIn("line 3", self.feed(status=1).err)
        self.cursor.write_text("hello\n")
        self.assertIn("no cursor", self.feed(status=2).err)
        self.cursor.write_text(whole.replace(str(self.store.resolve()), "/other"))
        self.assertIn("/other", self.feed(status=2).err)

    def test_a_cursor_has_one_reader(self):
        self.create("a")
        self.add("a", "a1")
        process = self.start()
        process.stdout.readline()
        self.assertIn("another reader", self.feed(status=6).err)

    def test_flags_that_do_not_go_together(self):
        self.create("a")
        for words in (["a", "--cursor", "c"], ["--all", "--ack"], ["--all", "--lag"],
                      ["--all", "--follow", "--cursor", "c", "--json"], ["--all", "--follow", "--reverse"],
                      ["--all", "--cursor", "c", "--max-lag", "5s"],
                      ["--all", "--from-position", "1"],
                      ["--all", "--cursor", "c", "--lag", "--max-lag", "soon"]):
            self.assertEqual(2, self.run_it("replay", *words).status, words)

    def test_many_sessions_with_nothing_new_are_soon_asked(self):
        count = 2000
        (self.store / "events").mkdir(parents=True)
        (self.store / "sessions").mkdir()
        line = ('{"session_id":"s%d","sequence_number":1,"type":"custom","payload":{},'
                '"timestamp":"2026-03-01T00:00:00Z","metadata":{}}\n')
        for n in range(count):
            (self.store / f"events/s{n}.jsonl").write_text(line % n)
            (self.store / f"sessions/s{n}.json").write_text(
                f'{{"id":"s{n}","created_at":"2026-03-01T00:00:00Z",'
                '"updated_at":"2026-03-01T00:00:00Z","event_count":1}')
        process = self.start("--ack", stdin=subprocess.PIPE)
        for _ in range(count):
            process.stdin.write(json.loads(process.stdout.readline())["session_id"].encode() + b"#1\n")
        process.stdin.flush()
        self.wait_for(lambda: self.cursor.read_text().count("\n") > count, "not moved")
        before = self.cpu_s(process)
        time.sleep(2)
        polls = 2 / 0.1
        self.assertLess((self.cpu_s(process) - before) / polls, 0.02)

    @staticmethod
    def cpu_s(process):
        with open(f"/proc/{process.pid}/stat") as stat:
            fields = stat.read().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


class OfTheManual(Feed):
    """What agentstore-feeds(5) gives to be copied."""

    def recipe(self, word):
        manual = (Path(__file__).resolve().parents[2] / "man/agentstore-feeds.5").read_text()
        blocks = re.findall(r"^\.Bd -literal.*?\n(.*?)^\.Ed$", manual, re.M | re.S)
        [found] = [block for block in blocks if word in block]
        return found.replace("\\e", "\\")

    def shell(self, script):
        tools = self.folder / "bin"
        tools.mkdir(exist_ok=True)
        if not (tools / "agentstore").exists():
            (tools / "agentstore").symlink_to(Path(BIN).resolve())
        (tools / "kcat").write_text("#!/bin/sh\ncat >>sent\n")
        (tools / "kcat").chmod(0o755)
        environment = self.environment({"PATH": f"{tools}:{os.environ['PATH']}"})
        process = subprocess.Popen(["sh", "-c", script], cwd=self.folder, env=environment,
                                   stderr=subprocess.PIPE, start_new_session=True)
        self.addCleanup(self.end, process)
        return process

    def test_into_kafka(self):
        self.create("a")
        self.add("a", "a1", "a2")
        script = self.recipe("kcat")
        self.assertEqual(0, self.shell(script).wait(), "the first page")
        self.add("a", "a3")
        self.assertEqual(1, self.shell(script.replace("kcat", "false")).wait())
        self.assertEqual(0, self.shell(script).wait(), "the page that did not arrive")
        sent = [line.split("\t", 1) for line in (self.folder / "sent").read_text().splitlines()]
        self.assertEqual(["a"] * 3, [key for key, _ in sent])
        self.assertEqual(["a1", "a2", "a3"], [json.loads(line)["event_id"] for _, line in sent])

    def test_into_a_projection_by_jq(self):
        if not shutil.which("jq"):
            self.skipTest("there is no jq")
        self.create("a")
        self.append("a", *({"type": "tool_called", "metadata": {"tool_name": name}, "event_id": str(n)}
                           for n, name in enumerate(("Read", "Bash", "Read"))))
        process = self.shell(self.recipe("mkfifo"))
        cursor = self.folder / "tools.cursor"
        self.wait_for(lambda: cursor.exists() and '"sequence_number":3' in cursor.read_text(),
                      "the cursor did not move")
        os.killpg(process.pid, signal.SIGTERM)
        self.assertIn(b"Read", process.stderr.read())


class OfADatabase(Feed):
    def setUp(self):
        super().setUp()
        self.path = self.folder / "a.db"
        self.store = f"sqlite:{self.path}"
        self.events = EventStore(str(self.path))
        self.addCleanup(self.events.conn.close)

    def put(self, stream, event_id):
        self.events.append(stream, "agent", "custom", {}, self.events.version(stream),
                           event_id=event_id)

    def all_ids(self, *more, **named):
        return [json.loads(line).get("event_id") or json.loads(line)["row_event_id"]
                for line in self.feed(*more, **named).lines()]

    def test_it_has_one_position_over_all_sessions(self):
        for n in range(6):
            self.put("xyz"[n % 3], f"e{n}")
        self.assertEqual([f"e{n}" for n in range(6)], self.all_ids())
        self.assertEqual({"position": 6}, json.loads(self.cursor.read_text().splitlines()[-1]))
        self.put("y", "late")
        self.assertEqual(["late"], self.all_ids())
        self.assertEqual([], self.all_ids())

    def test_from_a_position(self):
        for n in range(4):
            self.put("xy"[n % 2], f"e{n}")
        outcome = self.run_it("replay", "--all", "--from-position", "2", "--format", "jsonl")
        self.assertEqual(0, outcome.status, str(outcome))
        self.assertEqual(2, len(outcome.lines()))
        array = self.run_it("replay", "--all", "--from-position", "2", "--json").json()
        self.assertEqual([json.loads(line) for line in outcome.lines()], array)
        none = self.run_it("replay", "--all", "--from-position", "4", "--json")
        self.assertEqual((0, []), (none.status, none.json()))
        self.feed()
        self.feed("--from-position", "2", status=2)

    def test_following_both_writers(self):
        self.put("x", "first")
        process = self.start()
        self.assertIn(b"first", process.stdout.readline())
        self.create("ours")
        self.add("ours", "second")
        self.assertIn(b"second", process.stdout.readline())
        self.put("x", "third")
        self.assertIn(b"third", process.stdout.readline())

    def test_acknowledged_and_lag(self):
        for n in range(4):
            self.put("xy"[n % 2], f"e{n}")
        first = self.all_ids("--ack", stdin="e1\n")
        self.assertEqual(4, len(first))
        answer = self.run_it("replay", "--all", "--cursor", self.cursor, "--lag", "--json").json()
        self.assertEqual(2, answer["position"]["cursor"])
        self.assertEqual(4, answer["position"]["newest"])


if __name__ == "__main__":
    main()
