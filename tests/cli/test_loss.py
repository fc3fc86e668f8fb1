import gzip
import json

from support import Case, main, make_go_folder


class Loss(Case):
    """A log that no longer holds what was once synced, and logs that somebody else wrote over."""

    def setUp(self):
        super().setUp()
        self.sound = False
        self.create("s")
        self.append("s", *[{"type": "FundsDeposited", "payload": {"amount": n}} for n in range(1, 4)])
        self.append("s", {"type": "FundsDeposited", "payload": {"amount": 4}})
        self.append("s", {"type": "FundsDeposited", "payload": {"amount": 5}})
        self.log = self.log_of("s")
        self.lines = self.log.read_bytes().splitlines(keepends=True)

    def session_file(self):
        return self.store / "sessions/s.json"

    def verdict(self, status=1):
        outcome = self.run_it("verify", "s", "--json")
        self.assertEqual(status, outcome.status, str(outcome))
        return outcome.json()["sessions"][0]["verdict"]

    def test_a_log_cut_back_is_lost_for_every_command(self):
        self.assertEqual(5, json.loads(self.session_file().read_text())["synced_events"])
        text = b"".join(self.lines[:3])
        self.log.write_bytes(text)
        self.assertEqual("lost", self.verdict())
        for words in ("state s", "stats s", "balance s", "balance s --assert balance>=0", "diff s s",
                      "whatif s --without 1", "export s -o x", "blame s /amount"):
            outcome = self.run_it(*words.split())
            self.assertEqual(1, outcome.status, str(outcome))
            self.assertIn("has lost events", outcome.err, str(outcome))
        for mode, status in ((None, 1), ("prefix", 0), ("skip", 7)):
            words = ["--on-corrupt", mode] if mode else []
            outcome = self.run_it("replay", "s", "--format", "jsonl", *words)
            self.assertEqual((status, 3), (outcome.status, len(outcome.lines())), str(outcome))
            self.assertIn("5 events", outcome.err)
            self.assertIn("copy sessions/ first", outcome.err)
        self.refused(1, "append", "s", "--type", "t", saying=["lost events", "--accept-loss"])
        self.refused(1, "repair", "s", saying="lost events")
        self.refused(1, "repair", "s", "--salvage", saying="lost events")
        self.assertEqual(text, self.log.read_bytes())

        outcome = self.run_it("repair", "s", "--accept-loss")
        self.assertEqual(0, outcome.status, str(outcome))
        self.assertIn("had 5 events", outcome.err)
        self.ok("append", "s", "--type", "t")
        self.assertEqual("clean", self.verdict(0))
        self.assertIn("nothing to repair", self.ok("repair", "s", "--accept-loss").out)

    def test_a_log_that_is_gone_or_emptied_is_lost(self):
        for lose in (self.log.unlink, lambda: self.log.write_bytes(b"")):
            lose()
            there = self.log.exists()
            self.assertEqual("lost", self.verdict())
            self.assertEqual(1, self.run_it("verify", "--require-sealed").status)
            self.refused(1, "append", "s", "--type", "t", saying="lost events")
            self.assertEqual(there, self.log.exists())

    def test_a_batch_that_lost_its_end_after_it_was_acknowledged_is_lost_not_torn(self):
        self.log.write_bytes(b"".join(self.lines[:2]))
        self.assertEqual("lost", self.verdict())
        self.refused(1, "append", "s", "--type", "t", saying="lost events")

    def test_the_go_library_drops_the_count_and_the_rule(self):
        session = json.loads(self.session_file().read_text())
        del session["synced_events"]
        self.session_file().write_text(json.dumps(session))
        self.log.write_bytes(b"".join(self.lines[:4]))
        self.assertEqual("clean", self.verdict(0))
        self.ok("append", "s", "--type", "t")

    def test_what_an_editor_did_is_damage_and_stays_as_it_is(self):
        whole = b"".join(self.lines)
        respaced = b"".join(json.dumps(json.loads(line)).encode() + b"\n" for line in self.lines)
        ordered = b"".join(json.dumps(json.loads(line), sort_keys=True, separators=(",", ":")).encode()
                           + b"\n" for line in self.lines)
        for changed, word in ((whole.replace(b"\n", b"\r\n"), "CRLF"),
                              (b"\xef\xbb\xbf" + whole, "byte order mark"),
                              (whole.decode().encode("utf-16"), "UTF-16"),
                              (gzip.compress(whole), "gzip"), (respaced, "seal"), (ordered, "seal"),
                              (whole.replace(b'"amount":', b'"amount":9'), "seal"),
                              (whole + b"done", "event 6"), (whole + b"done\n", "syntax"),
                              (b"".join(self.lines[:1] + self.lines[2:]), "sequence")):
            with self.subTest(word):
                self.log.write_bytes(changed)
                outcome = self.run_it("verify", "s", "--json")
                found = outcome.json()["sessions"][0]
                self.assertEqual((1, "damaged"), (outcome.status, found["verdict"]), str(outcome))
                self.assertIn(word, json.dumps(found["findings"][0]))
                self.refused(1, "repair", "s")
                # An append reads the end of a log; what is missing before it is for `verify`.
                if word != "sequence":
                    self.refused(1, "append", "s", "--type", "t")
                self.assertEqual(changed, self.log.read_bytes())
                self.assertFalse((self.store / "quarantine/s").exists())

    def test_edited_events_are_salvaged_with_a_mark(self):
        self.log.write_bytes(b"".join(self.lines).replace(b'"amount":', b'"amount":9'))
        outcome = self.run_it("repair", "s", "--salvage")
        self.assertEqual((0, True), (outcome.status, "5 events kept" in outcome.out), str(outcome))
        self.assertIn("5 of them marked", outcome.err)
        events = self.events("s")
        self.assertEqual([91, 92, 93, 94, 95], [event["payload"]["amount"] for event in events[1:]])
        self.assertEqual({"seal does not fit"},
                         {event["metadata"]["salvaged"] for event in events[1:]})
        self.assertEqual("clean", self.verdict(0))
        self.sound = True

    def test_git_is_kept_from_converting_line_ends(self):
        self.assertEqual("* -text\n", (self.store / ".gitattributes").read_text())
        go = self.folder / "go"
        make_go_folder(go)
        self.ok("replay", "flight-1", "--store", go)
        self.assertFalse((go / ".gitattributes").exists())
        self.ok("append", "flight-1", "--type", "t", "--store", go)
        self.assertEqual("* -text\n", (go / ".gitattributes").read_text())


if __name__ == "__main__":
    main()
