import json
import os
import resource
import signal

from support import Case, go_line, main, make_go_folder


class Sessions(Case):
    def test_the_table(self):
        make_go_folder(self.store)
        lines = self.ok("sessions").lines()
        self.assertEqual(["ID", "NAME", "EVENTS", "CREATED"], lines[0].split())
        self.assertEqual({"─"}, set(lines[1].strip()))
        self.assertEqual(["flight-1", "flight-search", "6", "2026-03-07", "12:00:00"],
                         lines[2].split())
        self.assertEqual(["bet-1", "(unnamed)", "2", "2026-03-01", "09:12:41"], lines[3].split())
        self.assertEqual(4, len(lines))

    def test_limit_offset_and_labels(self):
        for number in range(5):
            self.create(f"s{number}", "--label", f"odd={number % 2}", "--label", "all=yes")
        def ids(*words):
            return [s["id"] for s in self.ok("sessions", "--json", *words).json()["sessions"]]
        self.assertEqual({"s1", "s3"}, set(ids("--label", "odd=1")))
        self.assertEqual(1, len(ids("--label", "odd=1", "-n", "1")))
        self.assertEqual([], ids("-n", "0"))
        self.assertEqual(ids()[2:4], ids("--offset", "2", "-n", "2"))
        self.assertEqual([], ids("--label", "odd=1", "--label", "all=yes", "--offset", "2"))
        outcome = self.run_it("sessions", "--json", "--label", "odd=1", "--label", "all=no")
        self.assertEqual([], outcome.json()["sessions"])
        self.assertIn("no session has the label", outcome.err)

    def test_a_store_without_sessions(self):
        (self.store / "events").mkdir(parents=True)
        (self.store / "sessions").mkdir()
        self.assertEqual([], self.ok("sessions", "--json").json()["sessions"])
        self.assertEqual(0, self.run_it("sessions").status)

    def test_the_long_form_says_what_each_came_to(self):
        make_go_folder(self.store)
        text = self.ok("sessions", "-l").out
        self.assertRegex(text, r" 850 +320 ")
        self.assertRegex(text, r"\ntotal +2 sessions +8 +850 +320 +\$0.018 +1\n")
        self.assertIn("0.018", text)


class Replay(Case):
    def setUp(self):
        super().setUp()
        make_go_folder(self.store)

    def numbers(self, *words, session="flight-1"):
        return [event["sequence_number"] for event in self.events(session, *words)]

    def test_the_timeline(self):
        lines = self.ok("replay", "flight-1").lines()
        self.assertTrue(lines[0].startswith("┌─ flight-search"), lines[0])
        self.assertIn("Sat 7 Mar 2026, UTC", lines[0])
        self.assertRegex(lines[1], r"^│ #1 +12:00:00 +user_message +\"Find flights\"")
        self.assertRegex(lines[3], r"#3 .*search.*500 ms.*rate limit")
        self.assertRegex(lines[5], r"^│ +Sun 8 Mar 2026 +│$")
        self.assertRegex(lines[6], r"#5 +00:00:00 .*model-a.*320.*\$0\.018.*Take EW456")
        self.assertRegex(lines[-1], r"^Total: 6 events \| 1,?170 tokens \| \$0\.018 \| 1 tool call")
        self.assertEqual({100}, {len(line) for line in lines[:-1]})
        self.assertEqual({70}, {len(line) for line in
                                self.ok("replay", "flight-1", env={"COLUMNS": "70"}).lines()[:-1]})

    def test_jsonl_is_the_log_and_json_an_array_of_it(self):
        log = self.log_of("flight-1").read_bytes()
        self.assertEqual(log, self.ok("replay", "flight-1", "--format", "jsonl").bytes)
        array = self.ok("replay", "flight-1", "--json")
        self.assertEqual([json.loads(line) for line in log.splitlines()], array.json())
        self.assertEqual(array.out, self.ok("replay", "flight-1", "--format", "json").out)
        self.assertEqual([], self.run_it("replay", "flight-1", "--json", "-t", "nothing").json())
        self.refused(2, "replay", "flight-1", "--format", "xml", saying="xml")

    def test_filters(self):
        for expected, words in {
            (2, 3): ["-t", "tool_*"], (1, 2, 3): ["--type", "user_message,tool_*"],
            (1, 4, 5, 6): ["-T", "tool_*"], (2,): ["-t", "tool_*", "-T", "tool_result"],
            (3, 4): ["--seq", "3..4"], (5, 6): ["--seq", "5.."], (1, 2): ["--seq", "..2"],
            (4,): ["--seq", "4"], (): ["--seq", "7.."],
            (5, 6): ["--since", "2026-03-08"], (1, 2, 3, 4): ["--until", "2026-03-07"],
            (1, 2, 3, 4): ["--before", "2026-03-08"],
            (2, 3): ["-S", "2026-03-07T12:00:00.5Z", "-U", "2026-03-07T12:00:01Z"],
            (2,): ["-S", "2026-03-07T12:00:00.5Z", "--before", "2026-03-07T12:00:01Z"],
            (5, 6): ["-n", "2"], (): ["-n", "0"], (2, 3): ["-n", "2", "-t", "tool_*"],
            (6, 5, 4, 3, 2, 1): ["-r"], (6, 5): ["-r", "-n", "2"], (3, 2): ["--reverse", "-t", "tool*"],
            (1, 2, 3, 4, 5, 6): ["-n", "100"],
        }.items():
            with self.subTest(words=words):
                self.assertEqual(list(expected), self.numbers(*words))

    def test_grep(self):
        for expected, words in {
            (1,): ["-g", "find flights"], (): ["-g", "FIND"], (1,): ["-g", "Find"],
            (5,): ["-g", "€65"], (5,): ["-g", r"at €\d+\.10"], (4, 5): ["-g", '"model":"model-a"'],
            (2, 3): ["-g", "^tool_"], (3, 6): ["-g", "rate limit|timeout"],
        }.items():
            with self.subTest(words=words):
                self.assertEqual(list(expected), self.numbers(*words))
        self.refused(2, "replay", "flight-1", "-g", "(", saying="--grep")

    def test_bad_filters(self):
        for words in (["--since", "2026-03-08", "--until", "2026-03-07"],
                      ["--since", "2026-03-08", "--before", "2026-03-08"], ["--since", "nonsense"],
                      ["--seq", "5..3"], ["--seq", "x"], ["--seq", ".."], ["--seq", "-1"],
                      ["-n", "-5"], ["-n", "x"], ["--on-corrupt", "ignore"]):
            with self.subTest(words=words):
                self.refused(2, "replay", "flight-1", *words)

    def test_all_sessions_in_order_of_time(self):
        events = [json.loads(line) for line in
                  self.ok("replay", "--all", "--format", "jsonl").lines()]
        self.assertEqual(8, len(events))
        self.assertEqual(["bet-1"] * 2 + ["flight-1"] * 6, [e["session_id"] for e in events])
        text = self.ok("replay", "--all").out
        self.assertIn("flight-search", text)
        self.assertIn("bet-1", text)
        self.assertRegex(text.splitlines()[-1], "^Total: 8 events")
        self.refused(2, "replay", saying="--all")
        self.refused(2, "replay", "flight-1", "--all")

    def test_quiet(self):
        self.assertEqual("", self.ok("replay", "flight-1", "-q").out)
        outcome = self.run_it("replay", "flight-1", "-q", "-t", "nothing")
        self.assertEqual((1, "", ""), (outcome.status, outcome.out, outcome.err))

    def test_a_file_is_there_whole_or_not_at_all(self):
        target = self.folder / "out.jsonl"
        self.assertEqual("", self.ok("replay", "flight-1", "--format", "jsonl", "-o", target).out)
        self.assertEqual(self.log_of("flight-1").read_bytes(), target.read_bytes())
        self.refused(2, "replay", "flight-1", "-o", self.folder, saying="folder")
        self.refused(5, "replay", "flight-1", "-o", self.folder / "missing/out")
        self.assertEqual(["data", "out.jsonl"], sorted(os.listdir(self.folder)))

    def test_a_signal_leaves_no_half_written_file(self):
        log = self.folder / "long.jsonl"
        log.write_text("".join(go_line("s", number, "a", "{}", "2026-03-07T12:00:00Z")
                               for number in range(1, 100_001)))
        for signal_number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            for _ in range(20):  # until one is still at it when the signal comes
                process = self.start("replay", log, "-w", "sequence_number > 0", "-o", "out")
                while process.poll() is None and not list(self.folder.glob(".out.*")):
                    pass
                process.send_signal(signal_number)
                if process.wait(20) == -signal_number:
                    break
            else:
                self.fail(f"never ended by signal {signal_number}")
            self.assertEqual([], list(self.folder.glob(".out.*")))

    def test_a_file_that_may_not_grow_is_refused_and_leaves_nothing(self):
        def limit():
            resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))
        self.refused(5, "replay", "flight-1", "--format", "jsonl", "-o", "out",
                     saying="File too large", preexec_fn=limit)
        self.assertEqual(["data"], os.listdir(self.folder))

    def test_a_log_by_path_and_from_stdin(self):
        log = self.log_of("flight-1")
        for words in ([log], ["-"], [log.relative_to(self.folder)]):
            outcome = self.ok("replay", *words, "--format", "jsonl", stdin=log.read_bytes(),
                              env={"AGENTSTORE_STORE": "/nonexistent"})
            self.assertEqual(log.read_bytes(), outcome.bytes)
        self.assertIn("flight-1", self.ok("replay", "-", stdin=log.read_bytes()).lines()[0])

    def test_backwards_through_a_log_that_does_not_fit_in_memory(self):
        def with_little_memory():
            limit = 90 << 20
            resource.setrlimit(resource.RLIMIT_DATA, (limit, limit))
        if self.run_it("--version", preexec_fn=with_little_memory).status != 0:
            self.skipTest("a sanitizer needs more memory than this leaves")
        self.create("big")
        count, size = 500, 200_000
        drafts = "".join(json.dumps({"type": "x", "payload": {"n": n, "t": "y" * size}}) + "\n"
                         for n in range(count))
        self.ok("append", "big", "-", stdin=drafts)
        log = self.log_of("big").read_bytes().splitlines(keepends=True)
        outcome = self.run_it("replay", "big", "-r", "--format", "jsonl",
                              preexec_fn=with_little_memory)
        self.assertEqual(0, outcome.status, str(outcome))
        self.assertEqual(b"".join(reversed(log)), outcome.bytes)

    def test_hostile_content_is_escaped_for_people_and_whole_for_machines(self):
        self.create("h")
        text = "\x1b[31m::error::##[x] \u202e \u200b \U000e0041 \x85"
        self.append("h", {"type": "user_message", "payload": {"content": text}})
        shown = self.ok("replay", "h").out
        for bad in ("\x1b", "\u202e", "\u200b", "\U000e0041", "\x85", "##["):
            self.assertNotIn(bad, shown)
        self.assertFalse([line for line in shown.splitlines() if line.startswith("::")])
        self.assertEqual(text, self.events("h")[0]["payload"]["content"])


class State(Case):
    def setUp(self):
        super().setUp()
        make_go_folder(self.store)

    def state(self, *words):
        return self.ok("state", "flight-1", "--json", *words).json()

    def test_now(self):
        answer = self.state()
        self.assertEqual(6, answer["last_sequence_number"])
        self.assertEqual((None, None), (answer["at"], answer["before"]))
        self.assertEqual({"in": 850, "out": 320, "cost_usd": 0.018}, answer["state"]["tokens"])
        self.assertEqual(1, answer["state"]["errors"])

    def test_points_in_time(self):
        for expected, words in {0: ["--seq", "0"], 3: ["--seq", "3"], 6: ["--seq", "6"],
                                4: ["--at", "2026-03-07"], 5: ["--at", "2026-03-08T00:00:00Z"]}.items():
            with self.subTest(words=words):
                answer = self.state(*words)
                self.assertEqual(expected, answer["last_sequence_number"])
                self.assertEqual(expected, answer["state"]["event_count"])
        self.assertEqual(4, self.state("--before", "2026-03-08T00:00:00Z")["last_sequence_number"])
        self.assertEqual("2026-03-08T00:00:00", self.state("--before", "2026-03-08")["before"][:19])
        self.assertEqual("2026-03-08T23:59:59", self.state("--at", "2026-03-08")["at"][:19])
        answer = self.ok("state", "flight-1@3", "--json").json()
        self.assertEqual(3, answer["last_sequence_number"])

    def test_beyond_the_end(self):
        self.refused(3, "state", "flight-1", "--seq", "7", saying="#7")
        self.refused(2, "state", "flight-1", "--seq", "1", "--at", "now")
        self.refused(2, "state")

    def test_by_path_it_is_the_same(self):
        by_path = self.ok("state", self.log_of("flight-1"), "--json").json()
        self.assertEqual(self.state(), by_path)
        for words in (["state", "--seq", "0"], ["state", "--before", "2000-01-01"],
                      ["balance", "--seq", "0"]):
            self.assertEqual(self.ok(words[0], "flight-1", *words[1:], "--json").out,
                             self.ok(words[0], self.log_of("flight-1"), *words[1:], "--json").out)

    def test_for_people(self):
        self.assertIn('"event_count": 6', self.ok("state", "flight-1").out)


class Stats(Case):
    def setUp(self):
        super().setUp()
        make_go_folder(self.store)

    def test_one_and_all(self):
        one = self.ok("stats", "flight-1", "--json").json()
        self.assertEqual(("flight-1", "flight-search", 6, 850, 320),
                         (one["session_id"], one["name"], one["events"], one["tokens_in"],
                          one["tokens_out"]))
        self.assertEqual((1, 1, 1), (one["tool_calls"], one["errors"], one["tool_errors"]))
        both = self.ok("stats", "--json").json()
        self.assertEqual((None, 2, 8), (both["session_id"], both["sessions"], both["events"]))
        self.assertEqual(both, self.ok("stats", "--all", "--json").json())
        self.assertEqual(both, self.ok("stats", "flight-1", "bet-1", "--json").json())
        self.refused(2, "stats", "--all", "bet-1")

    def groups(self, *words):
        answer = self.ok("stats", "--json", *words).json()
        return {tuple(group["by"].values()): group["events"] for group in answer["groups"]}

    def test_groups(self):
        self.assertEqual({("search",): 2, (None,): 6}, self.groups("--by", "tool"))
        self.assertEqual({("model-a",): 2, (None,): 6}, self.groups("--by", "model"))
        self.assertEqual({("2026-03-01",): 2, ("2026-03-07",): 4, ("2026-03-08",): 2},
                         self.groups("--by", "day"))
        self.assertEqual({("2026-03-01",): 2, ("2026-03-07",): 6},
                         self.groups("--by", "day", "--tz", "America/New_York"))
        self.assertEqual({("flight-1",): 6, ("bet-1",): 2}, self.groups("--by", "session"))
        self.assertEqual(7 + 1, len(self.groups("--by", "type")))
        self.assertEqual({("flight-1", "2026-03-07"): 4, ("flight-1", "2026-03-08"): 2,
                          ("bet-1", "2026-03-01"): 2}, self.groups("--by", "session,day"))
        self.assertEqual(self.groups("--by", "session,day"),
                         self.groups("--by", "session", "--by", "day"))
        self.refused(2, "stats", "--by", "modle", saying="model")

    def test_filters(self):
        answer = self.ok("stats", "--json", "--type", "tool_*", "--since", "2026-03-07").json()
        self.assertEqual(2, answer["events"])

    def test_for_people(self):
        text = self.ok("stats", "flight-1").out
        for word in ("6", "850", "320", "0.018"):
            self.assertIn(word, text)
        self.assertIn("model-a", self.ok("stats", "--by", "model").out)

    def test_a_session_whose_sums_overflow_is_left_out_and_named(self):
        self.create("s")
        big = {"type": "llm_request", "metadata": {"tokens_in": 2**63 - 1}}
        self.append("s", big)
        without = self.ok("stats", "bet-1", "s", "--json").json()
        outcome = self.run_it("stats", "bet-1", "s", "flight-1", "--json")
        self.assertEqual((1, without), (outcome.status, outcome.json()), str(outcome))
        self.assertIn("flight-search is left out: the sum of tokens overflows", outcome.err)
        for by in ("type", "session"):
            outcome = self.run_it("stats", "bet-1", "s", "flight-1", "--by", by)
            self.assertRegex(outcome.out, r"\ntotal +2 +3 ")
        self.assertIn("sessions      2", self.run_it("stats", "bet-1", "s", "flight-1").out)
        self.append("s", big)
        outcome = self.run_it("stats", "s", "bet-1", "--json")
        self.assertEqual((1, 1, 2), (outcome.status, outcome.json()["sessions"],
                                     outcome.json()["events"]))
        self.assertIn("#2 of session s", outcome.err)
        outcome = self.run_it("sessions", "-l")
        self.assertEqual(1, outcome.status)
        self.assertRegex(outcome.out, r"\bs .* unknown  unknown  unknown\n")

    def test_an_overflow_far_into_a_long_log_names_the_event(self):
        payload = '"' + "x" * 600 + '"'
        log = self.folder / "long.jsonl"
        log.write_text("".join(go_line("s", number, "llm_request", payload, "2026-03-07T12:00:00Z",
                                       '{"tokens_in":%d}' % (2**62 if number % 5000 == 0 else 1))
                               for number in range(1, 10_001)))
        self.refused(1, "stats", log, saying="#10000 of session s")

    def test_one_unknown_session_does_not_stop_the_others(self):
        outcome = self.run_it("stats", "flight-1", "nobody", "--json")
        self.assertEqual((3, 6), (outcome.status, outcome.json()["events"]), str(outcome))


if __name__ == "__main__":
    main()
