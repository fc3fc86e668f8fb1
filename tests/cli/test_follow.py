import json
import signal
import subprocess
import threading
import time

from support import Case, main


class Follow(Case):
    def setUp(self):
        super().setUp()
        self.create("s")

    def follow(self, *words):
        process = self.start("replay", "s", "-f", "--format", "jsonl", *words,
                             stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        process.events = []

        def collect():
            for line in process.stdout:
                process.events.append(json.loads(line))
        process.reader = threading.Thread(target=collect, daemon=True)
        process.reader.start()
        return process

    def wait_for(self, process, count):
        deadline = time.monotonic() + 20
        while len(process.events) < count and time.monotonic() < deadline:
            time.sleep(0.02)
        self.assertEqual(count, len(process.events))

    def end(self, process):
        process.send_signal(signal.SIGINT)
        self.assertEqual(0, process.wait(20), process.stderr.read().decode())
        process.reader.join(20)
        return [event["sequence_number"] for event in process.events]

    def test_events_come_as_they_are_written(self):
        self.append("s", "a", "b")
        process = self.follow()
        self.wait_for(process, 2)
        self.append("s", "c")
        self.wait_for(process, 3)
        self.append("s", "d", "e")
        self.wait_for(process, 5)
        self.assertEqual([1, 2, 3, 4, 5], self.end(process))

    def test_filters_and_the_newest_n_hold(self):
        self.append("s", "a", "b", "a", "b")
        process = self.follow("-t", "a", "-n", "1")
        self.wait_for(process, 1)
        self.append("s", "b", "a")
        self.wait_for(process, 2)
        self.assertEqual([3, 6], self.end(process))

    def test_a_killed_writer_leaves_no_gap_and_no_repeat(self):
        process = self.follow()
        for _ in range(6):
            writer = self.start("append", "s", "-", stdin=subprocess.PIPE,
                                stdout=subprocess.DEVNULL)
            pump = threading.Thread(target=self.pump, args=(writer.stdin,), daemon=True)
            pump.start()
            time.sleep(0.3)
            writer.kill()
            writer.wait()
            pump.join(10)
        # What a killed writer leaves may be torn in the middle of a line, too.
        with open(self.log_of("s"), "ab") as log:
            log.write(b'{"session_id":"s","sequence_number":')
        time.sleep(0.3)
        self.assertEqual(0, self.run_it("append", "s", "--type", "last").status)
        stored = [event["sequence_number"] for event in self.events("s")]
        self.wait_for(process, len(stored))
        self.assertEqual(list(range(1, len(stored) + 1)), stored)
        self.assertEqual(stored, self.end(process))
        self.assertEqual("last", process.events[-1]["type"])

    # At most 9 MB: six writers stay below the size up to which seals are checked, whatever the machine.
    @staticmethod
    def pump(stream):
        try:
            for _ in range(4500):
                stream.write(b'{"type":"t","payload":"' + b"x" * 2000 + b'"}\n')
                stream.flush()
        except (BrokenPipeError, ValueError, OSError):
            pass

    def test_damage_and_loss_are_told_and_waited_out(self):
        self.append("s", "a")
        self.append("s", "b")
        whole = self.log_of("s").read_bytes()
        process = self.follow()
        self.wait_for(process, 2)
        told = self.told(process)
        for bad, word in ((whole[:whole.index(b"\n") + 1], "cut back to event 1"),
                          (whole + b"garbage\n", "damaged at line 3")):
            self.log_of("s").write_bytes(bad)
            while word not in next(told):
                pass
            self.log_of("s").write_bytes(whole)
            self.append("s", "c")
            whole = self.log_of("s").read_bytes()
        self.wait_for(process, 4)
        self.assertEqual([1, 2, 3, 4], self.end(process))

    def test_what_is_wrong_at_the_end_is_the_status(self):
        self.append("s", "a")
        process = self.follow()
        self.wait_for(process, 1)
        told = self.told(process)
        with open(self.log_of("s"), "ab") as log:
            log.write(b"garbage\n")
        while "damaged" not in next(told):
            pass
        process.send_signal(signal.SIGINT)
        self.assertEqual(1, process.wait(20))

    def test_a_log_that_was_deleted_begins_again(self):
        self.append("s", "a", "b")
        process = self.follow()
        self.wait_for(process, 2)
        told = self.told(process)
        self.log_of("s").unlink()
        (self.store / "sessions/s.json").unlink()
        while "is gone" not in next(told):
            pass
        self.create("s")
        self.append("s", "c")
        self.wait_for(process, 3)
        self.assertEqual([1, 2, 1], self.end(process))

    @staticmethod
    def told(process):
        return (line.decode() for line in process.stderr)

    def test_it_ends_when_nobody_reads_any_more(self):
        self.append("s", "a")
        process = self.start("replay", "s", "--follow", stdout=subprocess.PIPE)
        process.stdout.read(1)
        process.stdout.close()
        self.assertEqual(0, process.wait(20))

    def test_it_goes_with_one_session_forwards(self):
        self.refused(2, "replay", "--all", "--follow", "-r", saying="--reverse")
        self.refused(2, "replay", "s", "-f", "-r", saying="--follow")
        self.refused(2, "replay", "-", "-f", saying="--follow")

    def test_the_timeline_is_closed_at_the_end(self):
        self.append("s", "a")
        process = self.start("replay", "s", "-f", stdout=subprocess.PIPE)
        process.stdout.read(1)
        time.sleep(0.2)
        process.send_signal(signal.SIGINT)
        self.assertIn("Total: 1 event", process.stdout.read().decode(errors="replace"))
        self.assertEqual(0, process.wait(20))


if __name__ == "__main__":
    main()
