import json
import os
import select
import subprocess

from support import Case, main


class Append(Case):
    def test_an_event_by_flags_is_acknowledged(self):
        self.create("s")
        receipt = self.ok("append", "s", "--type", "user_message", "--payload",
                          '{ "content" : "hi" , "n": 9007199254740993 }', "--metadata",
                          '{"model":"m"}', "--event-id", "e-1", "--timestamp",
                          "2026-03-07T13:00:00.5+01:00").json()
        self.assertEqual({"sequence_number", "event_id", "hash", "duplicate"}, set(receipt))
        self.assertEqual((1, "e-1", False),
                         (receipt["sequence_number"], receipt["event_id"], receipt["duplicate"]))
        line = self.log_of("s").read_text()
        self.assertIn('"payload":{"content":"hi","n":9007199254740993}', line)
        self.assertIn('"timestamp":"2026-03-07T12:00:00.500000000Z"', line)

    def test_a_payload_may_come_from_a_file(self):
        self.create("s")
        (self.folder / "payload.json").write_text("[1, 2]\n")
        self.ok("append", "s", "--type", "x", "--payload", "@payload.json")
        self.ok("append", "s", "--type", "x", "--payload", "@-", stdin="3")
        self.refused(3, "append", "s", "--type", "x", "--payload", "@missing", saying="missing")
        self.assertEqual([[1, 2], 3], [event["payload"] for event in self.events("s")])

    def test_a_payload_that_looks_like_a_list_stays_whole(self):
        self.create("s")
        self.ok("append", "s", "--type", "x", "--payload", "[1,2,3]")
        self.assertEqual([1, 2, 3], self.events("s")[0]["payload"])

    def test_drafts_come_line_by_line(self):
        self.create("s")
        acks = self.append("s", {"type": "a", "payload": {"k": "v"}}, {"type": "b", "event_id": "e"},
                           {"type": "c", "timestamp": "2026-01-01T00:00:00Z", "metadata": {"x": 1}})
        self.assertEqual([1, 2, 3], [ack["sequence_number"] for ack in acks])
        self.assertEqual("e", acks[1]["event_id"])
        self.assertEqual(["a", "b", "c"], [event["type"] for event in self.events("s")])

    def test_a_last_line_without_newline_counts_and_an_empty_one_does_not(self):
        self.create("s")
        self.assertEqual(1, len(self.ok("append", "s", "-", stdin='{"type":"a"}').lines()))
        self.assertEqual(1, len(self.ok("append", "s", "-", stdin='{"type":"a"}\n\n').lines()))
        self.assertEqual("", self.ok("append", "s", "-", stdin="").out)
        outcome = self.run_it("append", "s", "-", stdin='{"type":"a"}\n\n{"type":"b"}\n')
        self.assertEqual((2, 1), (outcome.status, len(outcome.lines())), str(outcome))
        self.assertIn("stdin:2", outcome.err)

    def test_a_bad_line_ends_it_and_what_came_before_stands(self):
        self.create("s")
        bad_lines = ['{"type":"a"', '{"typ":"a"}', '{"type":"a","type":"b"}', '{"type":"a","id":"x"}',
                     '[]', '"a"', '{}', '{"type":1}', '{"type":"a","event_id":7}',
                     '{"type":"a","event_id":"\\ud800"}', '{"type":"a","event_id":"a\\udfff"}',
                     '{"type":"a","timestamp":"yesterday"}', '{"type":"a b"}', '{"type":"agentstore.x"}',
                     '{"type":"a","metadata":[]}', '{"type":"a","payload":{"k":1,"k":2}}',
                     '{"type":"a"} x', '\ufeff{"type":"a"}']
        for number, bad in enumerate(bad_lines, 1):
            with self.subTest(bad=bad):
                text = '{"type":"ok"}\n' + bad + '\n{"type":"never"}\n'
                outcome = self.run_it("append", "s", "-", stdin=text)
                self.assertEqual(2, outcome.status, str(outcome))
                self.assertEqual([number], [json.loads(line)["sequence_number"]
                                            for line in outcome.lines()])
                self.assertIn("stdin:2", outcome.err, str(outcome))
        self.assertEqual({"ok"}, {event["type"] for event in self.events("s")})

    def test_a_batch_is_there_whole_or_not_at_all(self):
        self.create("s")
        outcome = self.refused(2, "append", "s", "-", "--batch",
                               stdin='{"type":"a"}\n{"type":"b"\n', saying="stdin:2")
        self.assertNotIn("are stored", outcome.err)
        self.assertEqual([], self.events("s"))
        text = "".join(f'{{"type":"t{n}"}}\n' for n in range(1000))
        self.assertEqual(1000, len(self.ok("append", "s", "-", "--batch", stdin=text).lines()))
        self.assertIn('"batch":[1,1000]', self.log_of("s").read_text())

    def test_acknowledgements_come_as_soon_as_events_are_durable(self):
        self.create("s")
        process = self.start("append", "s", "-", stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        for number in (1, 2, 3):
            process.stdin.write(b'{"type":"a"}\n')
            process.stdin.flush()
            ready, _, _ = select.select([process.stdout], [], [], 20)
            self.assertTrue(ready, "no acknowledgement while stdin stays open")
            self.assertEqual(number, json.loads(process.stdout.readline())["sequence_number"])
        process.stdin.close()
        self.assertEqual(0, process.wait(20))

    def test_lines_that_are_waiting_share_a_write_and_long_input_is_no_problem(self):
        self.create("s")
        text = "".join(f'{{"type":"t","payload":{n}}}\n' for n in range(5000))
        self.assertEqual(5000, len(self.ok("append", "s", "-", stdin=text).lines()))
        self.assertEqual(list(range(5000)), [event["payload"] for event in self.events("s")])

    def test_a_closed_stdout_does_not_stop_the_appending(self):
        self.create("s")
        text = "".join('{"type":"t"}\n' for _ in range(3000)).encode()
        read_end, write_end = os.pipe()
        os.close(read_end)
        outcome = self.run_it("append", "s", "-", stdin=text, stdout=write_end)
        os.close(write_end)
        self.assertEqual((0, ""), (outcome.status, outcome.err), str(outcome))
        self.assertEqual(3000, len(self.events("s")))

    def test_a_stdout_that_was_never_open_does_not_stop_it_either(self):
        self.create("s")
        outcome = self.run_it("append", "s", "-", stdin='{"type":"t"}\n', stdout=None,
                              preexec_fn=lambda: os.close(1))
        self.assertEqual((0, ""), (outcome.status, outcome.err), str(outcome))
        self.assertEqual(1, len(self.events("s")))

    def test_expected_versions(self):
        self.create("s")
        self.ok("append", "s", "--type", "a", "--expect-version", "0")
        self.refused(4, "append", "s", "--type", "a", "--expect-version", "0")
        self.ok("append", "s", "--type", "a", "--expect-version", "1")
        text = '{"type":"a"}\n' * 600
        self.assertEqual(600, len(self.ok("append", "s", "-", "--expect-version", "2",
                                          stdin=text).lines()))
        self.assertEqual(602, len(self.events("s")))

    def test_the_same_event_again_is_a_duplicate_and_another_of_that_id_a_conflict(self):
        self.create("s")
        first = self.ok("append", "s", "--type", "a", "--event-id", "e").json()
        again = self.ok("append", "s", "--type", "a", "--event-id", "e", "--expect-version",
                        "0").json()
        self.assertEqual({**first, "duplicate": True}, again)
        self.refused(4, "append", "s", "--type", "b", "--event-id", "e", saying="e")
        outcome = self.run_it("append", "s", "-", stdin='{"type":"x"}\n{"type":"b","event_id":"e"}\n'
                                                        '{"type":"y"}\n')
        self.assertEqual(4, outcome.status, str(outcome))
        self.assertIn("stdin:2", outcome.err)
        self.assertEqual(["a", "x"], [event["type"] for event in self.events("s")])

    def test_a_session_is_named_exactly(self):
        self.create("flight-1", "--name", "flight")
        self.refused(3, "append", "flight-", "--type", "a", saying="flight-")
        self.refused(3, "append", "nobody", "--type", "a")
        self.refused(3, "append", "a/b", "--type", "a")
        self.ok("append", "flight", "--type", "a")
        self.assertEqual(1, len(self.events("flight-1")))

    def test_misuse(self):
        self.create("s")
        self.refused(2, "append", "s", saying="--type")
        self.refused(2, "append")
        self.refused(2, "append", "s", "-", "--type", "a")
        self.refused(2, "append", "s", "file", saying="file")
        self.refused(2, "append", "s", "--type", "a", "--batch")
        self.refused(2, "append", "s", "--type", "a", "--expect-version", "-1", saying="-1")
        self.refused(2, "append", "s", "--type", "a", "--durability", "maybe", saying="maybe")

    def test_weaker_durability_is_shown(self):
        self.create("s")
        outcome = self.run_it("append", "s", "--type", "a", "--durability", "none")
        self.assertEqual(0, outcome.status)
        self.assertIn("--durability none", outcome.err)

    def test_a_created_session_is_there_and_a_second_one_a_conflict(self):
        made = self.ok("create", "s", "--name", "n", "--label", "a=b", "--label", "c=d=e",
                       "--json").json()
        self.assertEqual("agentstore/create/1", made.pop("schema"))
        self.assertEqual({"a": "b", "c": "d=e"}, made["labels"])
        self.assertEqual([made], self.ok("sessions", "--json").json()["sessions"])
        self.refused(4, "create", "s", saying="s")
        self.refused(2, "create", "--label", "novalue", saying="novalue")
        self.refused(2, "create", "--label", "=v")
        self.assertRegex(self.create(), "^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-"
                                        "[0-9a-f]{12}$")


if __name__ == "__main__":
    main()
