"""As people use it."""

import ctypes
import json
import os
import re
import shutil
import subprocess
import tempfile
import threading
import time
import unittest
from pathlib import Path

from support import BIN, Case, main

libc = ctypes.CDLL(None, use_errno=True)
MS_RDONLY, MS_REMOUNT, MS_BIND = 1, 32, 4096


def mount(source, target, kind, flags, data=""):
    if libc.mount(source.encode(), str(target).encode(), kind.encode(), flags, data.encode()) != 0:
        raise OSError(ctypes.get_errno(), "mount")


def can_mount():
    if os.geteuid() != 0:
        return False
    with tempfile.TemporaryDirectory() as folder:
        try:
            mount("tmpfs", folder, "tmpfs", 0, "size=1m")
        except OSError:
            return False
        libc.umount2(folder.encode(), 0)
    return True


CAN_MOUNT = can_mount()


class People(Case):
    def shell(self, command, env=None, timeout=120):
        path = f"{Path(BIN).resolve().parent}:{os.environ['PATH']}"
        return subprocess.run(["bash", "-c", "set -o pipefail; " + command], capture_output=True,
                              env=self.environment({"PATH": path, **(env or {})}), timeout=timeout,
                              text=True, cwd=self.folder)

    def test_every_listed_session_can_be_asked_for(self):
        for number in range(300):
            path = self.store / "sessions"
            if number == 0:
                self.create()
            meta = json.loads(next(path.glob("*.json")).read_text())
            meta["id"] = f"3f6c0f5e-9d0a-4c39-8d5e-{number:012x}"
            (path / f"{meta['id']}.json").write_text(json.dumps(meta))
        done = self.shell("agentstore sessions | awk 'NR>2{print $1}' | "
                          "xargs -I{} agentstore stats {}", env={"COLUMNS": "60"})
        self.assertEqual((0, ""), (done.returncode, done.stderr))
        done = self.shell("agentstore sessions | awk 'NR>2{print $1}' | sort -u | wc -l",
                          env={"COLUMNS": "60"})
        self.assertEqual("301", done.stdout.strip())

    def test_two_hundred_processes_at_once(self):
        self.create("s")
        processes = [self.start("append", "s", "--type", "t", "--payload", str(n),
                                stdout=subprocess.PIPE, stderr=subprocess.PIPE)
                     for n in range(200)]
        numbers = []
        for process in processes:
            out, err = process.communicate(timeout=120)
            self.assertEqual((0, b""), (process.returncode, err))
            numbers.append(json.loads(out)["sequence_number"])
        self.assertEqual(list(range(1, 201)), sorted(numbers))
        events = self.events("s")
        self.assertEqual(list(range(1, 201)), [event["sequence_number"] for event in events])
        self.assertEqual(list(range(200)), sorted(event["payload"] for event in events))

    def reading(self):
        return [["sessions"], ["replay", "s", "-q"], ["state", "s"], ["stats", "s"], ["verify", "s"],
                ["export", "s", "-o", "/dev/null"]]

    def start_writer(self):
        writer = self.start("append", "s", "-", bufsize=0, stdin=subprocess.PIPE,
                            stdout=subprocess.PIPE)

        def pump():
            try:
                while True:
                    time.sleep(0.002)  # so that what is read does not grow faster than it is read
                    writer.stdin.write(b'{"type":"t","payload":"' + b"x" * 500 + b'"}\n')
            except (BrokenPipeError, ValueError):
                pass

        threading.Thread(target=pump, daemon=True).start()
        threading.Thread(target=writer.stdout.read, daemon=True).start()
        return writer

    @unittest.skipUnless(os.geteuid() == 0, "needs root, to become another user")
    def test_another_user_reads_while_a_writer_is_at_work(self):
        self.store.mkdir(0o755)
        self.create("s")
        self.append("s", "first")
        shutil.rmtree(self.store / "locks", ignore_errors=True)
        for path in [self.folder, *self.store.rglob("*"), self.store]:
            path.chmod(0o755 if path.is_dir() else 0o644)

        for words in self.reading():
            self.ok(*words, **self.as_nobody())
        self.assertFalse((self.store / "locks").exists(), "reading makes no lock file")
        writer = self.start_writer()
        for _ in range(5):
            for words in self.reading():
                outcome = self.run_it(*words, **self.as_nobody())
                self.assertEqual(0, outcome.status, str(outcome))
        writer.kill()

    @unittest.skipUnless(CAN_MOUNT, "needs root, to mount")
    def test_a_read_only_mount_while_a_writer_is_at_work(self):
        self.create("s")
        self.append("s", "first")
        view = self.folder / "view"
        view.mkdir()
        mount(str(self.store), view, "", MS_BIND)
        self.addCleanup(libc.umount2, str(view).encode(), 2)
        mount("", view, "", MS_BIND | MS_REMOUNT | MS_RDONLY)
        env = {"AGENTSTORE_STORE": str(view)}
        writer = self.start_writer()
        for _ in range(5):
            for words in self.reading():
                outcome = self.run_it(*words, env=env)
                self.assertEqual(0, outcome.status, str(outcome))
        writer.kill()
        writer.wait()
        self.refused(5, "append", "s", "--type", "x", env=env)

    def test_head_of_a_log_with_a_long_line(self):
        self.create("s")
        self.append("s", "first")
        long = b'{"type":"user_message","payload":{"content":"' + b"word " * 12_000_000 + b'"}}\n'
        process = self.start("append", "s", "-", stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        process.communicate(long, timeout=120)
        self.assertEqual(0, process.returncode)
        for _ in range(20):
            self.append("s", "later")
        done = self.shell("agentstore replay s | head -3", env={"COLUMNS": "80"})
        self.assertEqual((0, ""), (done.returncode, done.stderr))
        self.assertEqual([80, 80, 80], [len(line) for line in done.stdout.splitlines()])
        self.assertIn("word word", done.stdout)

    @unittest.skipUnless(CAN_MOUNT, "needs root, to mount")
    def test_a_full_disk(self):
        small = self.folder / "small"
        small.mkdir()
        mount("tmpfs", small, "tmpfs", 0, "size=10m")
        self.addCleanup(libc.umount2, str(small).encode(), 2)
        env = {"AGENTSTORE_STORE": str(small / "data")}
        self.ok("create", "s", env=env)
        drafts = self.folder / "drafts"
        with open(drafts, "w") as file:
            for number in range(1_000_000):
                file.write(f'{{"type":"t","event_id":"e{number}","payload":{number}}}\n')
        with open(drafts, "rb") as stdin:
            outcome = self.run_it("append", "s", "-", stdin=stdin, env=env, timeout=280)
        self.assertEqual(5, outcome.status, outcome.err)
        acknowledged = [json.loads(line)["event_id"] for line in outcome.lines()]
        self.assertGreater(len(acknowledged), 1000)
        next_draft = int(re.search(r"stdin:(\d+)", outcome.err).group(1))
        self.assertEqual(len(acknowledged) + 1, next_draft)
        stored = self.ids(env)
        self.assertEqual(acknowledged, stored)
        self.assertEqual(0, self.run_it("verify", "s", env=env).status)

        mount("tmpfs", small, "tmpfs", MS_REMOUNT, "size=20m")
        with open(drafts, "rb") as stdin:
            head = b"".join(stdin.readline() for _ in range(len(stored) + 500))
        outcome = self.run_it("append", "s", "-", stdin=head, env=env, timeout=280)
        self.assertEqual(0, outcome.status, outcome.err)
        again = [json.loads(line)["duplicate"] for line in outcome.lines()]
        self.assertEqual([True] * len(stored) + [False] * 500, again)
        self.assertEqual([f"e{number}" for number in range(len(stored) + 500)], self.ids(env))

    def ids(self, env):
        lines = self.ok("replay", "s", "--format", "jsonl", env=env).lines()
        return [json.loads(line)["event_id"] for line in lines]

    def test_a_log_can_be_grepped(self):
        self.create("s")
        self.append("s", "error", {"type": "note", "payload": {"quoted": {"type": "error"}}}, "error",
                    {"type": "note", "payload": '"type":"error"'}, "error_occurred")
        stats = self.ok("stats", "s", "--json").json()
        self.assertEqual((3, 2), (stats["errors"], stats["by_type"]["error"]))
        log = self.log_of("s")
        loose = self.shell(f"""grep -c '"type":"error"' {log}""").stdout.strip()
        self.assertEqual("3", loose, "a payload may say it, too")
        anchored = self.shell(
            f"""grep -cE '^\\{{"session_id":"[^"]*","sequence_number":[0-9]+,"type":"error",' {log}""")
        self.assertEqual("2", anchored.stdout.strip(), anchored.stderr)


if __name__ == "__main__":
    main()
