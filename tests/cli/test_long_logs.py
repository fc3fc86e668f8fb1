"""Answers from deep within a log that is read in several batches (of 4,096 events at most)."""

import os
import resource
import subprocess

from support import Case, main

EVENTS = 10_000


class LongLogs(Case):
    def setUp(self):
        super().setUp()
        self.create("s")
        self.append("s", *({"type": "BetPlaced" if number % 2 == 0 else "BetWon",
                            "payload": {"amount": number},
                            "timestamp": f"2026-03-01T{number // 3600:02}:{number // 60 % 60:02}:"
                                         f"{number % 60:02}Z"}
                           for number in range(1, EVENTS + 1)))

    def test_a_running_balance_ends_at_its_point(self):
        last = self.ok("balance", "s@9001", "--each", "event", "--json").json()["rows"][-1]
        self.assertEqual((9001, 4501), (last["sequence_number"], last["balance"]))
        self.assertIn("up to #9001 of 10,000", self.ok("balance", "s@9001").out)
        by_time = self.ok("balance", "s", "--at", "2026-03-01T02:30:01Z", "--each", "event",
                          "--json").json()["rows"]
        self.assertEqual((9001, 9001), (len(by_time), by_time[-1]["sequence_number"]))

    def test_assertions_see_no_event_behind_the_point(self):
        self.ok("balance", "s@9000", "--assert", "balance <= 4500", "--assert", "balance >= -4500")
        outcome = self.run_it("balance", "s@9001", "--assert", "balance <= 4500",
                              "--assert", "bet_count < 4400", "--assert", "win_count >= 0")
        self.assertEqual(1, outcome.status, str(outcome))
        self.assertIn("balance <= 4500 (balance = 4501), as of #9001", outcome.err)
        self.assertIn("bet_count < 4400 (bet_count = 4500), as of #9001", outcome.err)
        self.assertNotIn("win_count", outcome.err)

    def test_what_differs_behind_a_point_is_no_difference(self):
        self.ok("diff", "s@9000", "s@9000")
        outcome = self.run_it("diff", "s@9000", "s@9001", "--json")
        self.assertEqual((1, 9000), (outcome.status, outcome.json()["common_prefix"]))
        self.refused(3, "diff", "s@10001", "s", saying="its last is #10000")

    def test_what_is_followed_up_to_an_event_ends_there(self):
        for words in (["..9000"], ["8999..9000"], ["..9000", "-t", "BetPlaced"]):
            out = self.ok("replay", "s", "--follow", "--format", "jsonl", "--seq", *words,
                          timeout=20).lines()
            self.assertIn('"sequence_number":9000,', out[-1])

    def peak_mib(self, *words):
        process = self.start(*words, stdout=subprocess.DEVNULL)
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        self.assertEqual(0, process.returncode)
        return usage.ru_maxrss / 1024  # at least that of this process, which it came from

    def test_a_long_line_has_room_twice_and_no_more(self):
        def with_little_memory():
            resource.setrlimit(resource.RLIMIT_AS, (1 << 30, 1 << 30))
        if self.run_it("--version", preexec_fn=with_little_memory).status != 0:
            self.skipTest("a sanitizer needs more memory than this leaves")
        line_mib = 40
        payload = self.folder / "payload.json"
        payload.write_text('"' + "word " * (line_mib * 2**20 // 5) + '"')
        self.ok("append", "s", "--type", "tool_called", "--payload", f"@{payload}")
        self.append("s", *({"type": "BetWon"},) * 10)
        for words in (["replay", "s"], ["replay", "s", "--format", "jsonl"],
                      ["replay", "s", "--json"], ["replay", "s", "-t", "tool_called", "--json"],
                      ["stats", "s", "--json"], ["export", "s", "--format", "json"],
                      ["export", "s", "--format", "jsonl"], ["verify", "s"]):
            self.assertLess(self.peak_mib(*words), 32 + 2 * line_mib, words)

    def test_one_thread_does_where_no_other_can_be_made(self):
        def without_room_for_stacks():
            hard = resource.getrlimit(resource.RLIMIT_STACK)[1]
            resource.setrlimit(resource.RLIMIT_STACK, (1 << 46, hard))
        if self.run_it("--version", preexec_fn=without_room_for_stacks).status != 0:
            self.skipTest("a sanitizer does not run so")
        self.assertGreater(self.log_of("s").stat().st_size, 4 << 20)
        for words in (["stats", "s", "--json"], ["verify", "s"], ["sessions"],
                      ["export", "s", "--format", "json"]):
            self.assertEqual(str(self.ok(*words)),
                             str(self.ok(*words, preexec_fn=without_room_for_stacks)))


if __name__ == "__main__":
    main()
