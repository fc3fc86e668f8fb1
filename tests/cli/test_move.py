import base64
import gzip
import json
import os

from support import Case, main, make_go_folder


class Move(Case):
    def setUp(self):
        super().setUp()
        self.other = {"AGENTSTORE_STORE": str(self.folder / "other")}

    def fill(self):
        self.create("s", "--name", "näme \"x\"", "--label", "k=v")
        self.append("s", {"type": "a", "payload": {"text": "ünï\u2028 \"\\ \n", "big": 1 << 90}},
                    {"type": "b", "payload": None}, {"type": "c", "payload": "}],\"events\":["})
        self.ok("append", "s", "-", "--batch", stdin='{"type":"d"}\n{"type":"e"}\n')

    def sessions(self, **more):
        return self.ok("sessions", "--json", **more).json()["sessions"]

    def check_same(self):
        mine = self.log_of("s").read_bytes()
        theirs = (self.folder / "other/events/s.jsonl").read_bytes()
        self.assertEqual(mine, theirs)
        self.assertEqual(self.sessions(), self.sessions(env=self.other))
        self.assertEqual("clean", self.ok("verify", "--json", env=self.other).json()
                         ["sessions"][0]["verdict"])

    def test_there_and_back_not_a_byte_changes(self):
        self.fill()
        for form in ("json", "jsonl"):
            with self.subTest(form=form):
                self.other["AGENTSTORE_STORE"] = str(self.folder / "other")
                self.ok("export", "s", "--format", form, "-o", "out")
                outcome = self.run_it("import", "out", env=self.other)
                self.assertEqual((0, ""), (outcome.status, outcome.out), str(outcome))
                self.check_same()
                os.rename(self.folder / "other", self.folder / f"other-{form}")

    def test_an_export_that_lacks_its_last_events_is_an_extract(self):
        self.create("s")
        for kind in ("a", "b", "c"):
            self.append("s", {"type": kind})
        for form in ("json", "jsonl", "html"):
            with self.subTest(form=form):
                whole = self.folder / f"whole.{form}"
                cut = self.folder / f"cut.{form}"
                self.ok("export", "s", "--format", form, "-o", whole)
                self.ok("verify", whole)
                self.cut_last_event(whole, cut)
                outcome = self.run_it("verify", cut)
                self.assertEqual(1, outcome.status, str(outcome))
                self.assertIn("is an extract", outcome.err)
                answer = self.ok("verify", cut, "--extract", "--json").json()["sessions"][0]
                self.assertEqual(("extract", 2, {"events": 1, "ranges": [[3, 3]]}),
                                 tuple(answer[key] for key in ("verdict", "events", "absent")))
                self.assertEqual(7, self.run_it("state", cut, "--assert", "event_count = 2").status)
                self.assertEqual(0, self.run_it("state", cut, "--extract", "--assert", "event_count = 2").status)
                self.refused(7, "import", cut, saying=["1 event is absent (#3)"], env=self.other)
                self.assertEqual([], self.sessions(env=self.other))

    @staticmethod
    def cut_last_event(whole, cut):
        text = whole.read_text()
        if whole.suffix == ".html":
            begin = text.index(">", text.index('<script type="application/gzip" class="stored" data-first=')) + 1
            end = text.index("</script>", begin)
            lines = gzip.decompress(base64.b64decode(text[begin:end])).splitlines(True)
            packed = base64.b64encode(gzip.compress(b"".join(lines[:-1]))).decode()
            cut.write_text(text[:begin] + packed + text[end:])
        elif whole.suffix == ".json":
            export = json.loads(text)
            last = json.dumps(export["events"][-1], separators=(",", ":"))
            assert ",\n" + last in text
            cut.write_text(text.replace(",\n" + last, ""))
        else:
            cut.write_text("".join(text.splitlines(True)[:-1]))

    def test_through_a_pipe_and_again(self):
        self.fill()
        whole = self.ok("export", "s").bytes
        self.assertEqual({"schema", "session", "events"}, set(json.loads(whole)))
        self.assertEqual("agentstore/export/1", json.loads(whole)["schema"])
        first = self.ok("import", "-", "--json", stdin=whole, env=self.other).json()
        self.assertEqual("agentstore/import/1", first["schema"])
        self.assertEqual((5, 0, True), self.receipt(first))
        again = self.ok("import", "-", "--json", stdin=whole, env=self.other).json()
        self.assertEqual((0, 5, False), self.receipt(again))
        self.append("s", "f")
        more = self.ok("export", "s", "--format", "jsonl").bytes
        third = self.ok("import", "-", "--json", stdin=more, env=self.other).json()
        self.assertEqual((1, 5, False), self.receipt(third))
        self.check_same()

    @staticmethod
    def receipt(answer):
        one, = answer["sessions"]
        return one["events"], one["already"], one["created"]

    def test_an_export_that_was_indented_is_the_same_again(self):
        self.create("s")
        self.append("s", {"type": "a", "payload": {"list": [1, 2, {"x": "y"}]}}, "b")
        indented = json.dumps(self.ok("export", "s").json(), indent=2)
        outcome = self.run_it("import", "-", stdin=indented, env=self.other)
        self.assertEqual(0, outcome.status, str(outcome))
        self.check_same()

    def test_a_folder_of_the_go_library(self):
        make_go_folder(self.folder / "go")
        outcome = self.run_it("import", "go")
        self.assertEqual((0, ""), (outcome.status, outcome.out), str(outcome))
        for name in ("flight-1", "bet-1"):
            self.assertEqual((self.folder / f"go/events/{name}.jsonl").read_bytes(),
                             self.log_of(name).read_bytes())
        go = {"AGENTSTORE_STORE": str(self.folder / "go")}
        self.assertEqual(self.sessions(env=go), self.sessions())
        again = self.ok("import", "go", "--json").json()["sessions"]
        self.assertEqual([0, 0], [one["events"] for one in again])
        self.assertFalse((self.folder / "go/agentstore.json").exists())
        self.assertFalse((self.folder / "go/locks").exists())

    def test_one_bad_session_does_not_stop_the_rest(self):
        make_go_folder(self.folder / "go")
        log = self.folder / "go/events/bet-1.jsonl"
        log.write_text(log.read_text().replace('"amount":25.5', '"amount":25.5"', 1))
        outcome = self.run_it("import", "go", "--json")
        self.assertEqual(1, outcome.status, str(outcome))
        self.assertIn("bet-1", outcome.err)
        receipts = {one["session_id"]: one for one in outcome.json()["sessions"]}
        self.assertEqual(6, receipts["flight-1"]["events"])
        self.assertIsNotNone(receipts["bet-1"]["error"])
        self.assertEqual(["flight-1"], [session["id"] for session in self.sessions()])

    def test_another_history_is_a_conflict(self):
        self.fill()
        exported = self.ok("export", "s").bytes
        self.ok("create", "s", env=self.other)
        self.ok("append", "s", "--type", "other", env=self.other)
        before = (self.folder / "other/events/s.jsonl").read_bytes()
        self.refused(4, "import", "-", stdin=exported, env=self.other, saying="s")
        self.assertEqual(before, (self.folder / "other/events/s.jsonl").read_bytes())

    def test_a_tampered_export_is_refused_whole(self):
        self.fill()
        exported = self.ok("export", "s").out.replace('"type":"c"', '"type":"C"')
        outcome = self.run_it("import", "-", stdin=exported, env=self.other)
        self.assertIn(outcome.status, (1, 2), str(outcome))
        self.assertEqual([], self.sessions(env=self.other))

    def test_what_is_no_export(self):
        cases = ["", "{", "[]", "{}", '{"schema":"x/1"}', '{"schema":"agentstore/export/1"}',
                 '{"schema":"agentstore/export/1","events":[]}', '{"type":"a"}\n',
                 '{"schema":"agentstore/export/1","session":{"id":"s"},"events":[]}',
                 '{"schema":"agentstore/export/1","session":{"id":"s","created_at":'
                 '"2026-01-01T00:00:00Z"},"events":[', "not json", "\0\0\0"]
        for text in cases:
            with self.subTest(text=text):
                self.refused(2, "import", "-", stdin=text)
        self.refused(3, "import", "missing", saying="missing")
        (self.folder / "foreign").mkdir()
        self.refused(2, "import", "foreign", saying="foreign")
        self.refused(2, "import")
        self.assertEqual([], self.sessions())

    def test_export_to_a_file(self):
        self.fill()
        self.ok("export", "s", "-o", "out.json")
        self.assertEqual(self.ok("export", "s").bytes, (self.folder / "out.json").read_bytes())
        (self.folder / "there").mkdir()
        self.assertEqual(0, self.run_it("export", "s", "-o", "there").status)
        self.assertEqual(["s.json"], os.listdir(self.folder / "there"))
        self.refused(2, "export", "s", "--format", "pdf", saying="pdf")
        self.refused(3, "export", "nobody")
        self.assertEqual(["data", "out.json", "there"], sorted(os.listdir(self.folder)))

    def test_a_damaged_session_leaves_no_half_export(self):
        self.sound = False
        make_go_folder(self.store)
        log = self.log_of("flight-1")
        log.write_text(log.read_text().replace('"tool":"search"', '"tool":"search', 1))
        (self.folder / "out.json").write_text("as it was")
        self.refused(1, "export", "flight-1", "-o", "out.json", saying="flight-1")
        self.assertEqual("as it was", (self.folder / "out.json").read_text())
        self.assertEqual(["data", "out.json"], sorted(os.listdir(self.folder)))

    def test_an_empty_session(self):
        self.create("s", "--name", "n")
        self.run_it("import", "-", stdin=self.ok("export", "s").bytes, env=self.other)
        self.assertEqual(self.sessions(), self.sessions(env=self.other))


if __name__ == "__main__":
    main()
