"""Names are given by people, are unique, and address a session; titles are shown, and address none."""

import json
import subprocess

from support import BIN, Case, main

PROMPT = {"type": "user", "sessionId": "imported-1", "uuid": "u1", "timestamp": "2026-03-01T10:00:00Z",
          "cwd": "/x", "version": "1", "message": {"role": "user", "content": "hello Zelda\nsecond line"}}


class Names(Case):
    def sessions(self, *words):
        return {one["id"]: one for one in self.ok("sessions", "--json", *words).json()["sessions"]}

    def transcript(self, *records):
        path = self.folder / "transcript.jsonl"
        path.write_text("".join(json.dumps(one) + "\n" for one in records))
        return path

    def test_a_name_is_that_of_one_session(self):
        self.create("a", "--name", "first")
        self.refused(4, "create", "--name", "first", saying=["session a", "first"])
        self.refused(4, "create", "--name", "a", saying="id of a session")
        self.refused(4, "create", "first", saying="name of session a")
        self.refused(4, "create", "a", saying="exists")
        self.create("own", "--name", "own")
        self.assertEqual({"a", "own"}, set(self.sessions()))

    def test_of_processes_at_once_one_gets_the_name(self):
        self.create("before")
        words = [BIN, "create", "--name", "wanted"]
        racing = [subprocess.Popen(words, env=self.environment(), stdout=subprocess.PIPE,
                                   stderr=subprocess.PIPE) for _ in range(8)]
        outcomes = []
        for one in racing:
            one.communicate()
            outcomes.append(one.returncode)
        self.assertEqual([0] + 7 * [4], sorted(outcomes))
        self.assertEqual(["", "wanted"], sorted(one["name"] for one in self.sessions().values()))

    def test_words_that_mean_something_else_are_no_names(self):
        for name in ("@", "@~1", "@x", "x@1", "x@12", "@@3"):
            self.refused(2, "create", "--name", name, saying="cannot be a session's name")
        self.refused(2, "create", "x@1", saying="session id")
        self.create("mail", "--name", "someone@example.com")
        self.create("open", "--name", "x@")
        self.append("mail", "user_message")
        self.refused(2, "whatif", "mail", "--without", "1", "--save-as", "mail@1")
        self.refused(2, "whatif", "mail", "--without", "1", "--save-as", "@")
        self.create("run", "--name", "fork")
        self.refused(4, "whatif", "mail", "--without", "1", "--save-as", "fork", saying="session run")
        for word in ("@", "@~1", "mail@1"):
            self.refused(3, "append", word, "--type", "x", saying="to write to")
        self.assertEqual(1, self.sessions()["mail"]["event_count"])

    def test_old_stores_with_equal_names_are_read(self):
        for one in ("a", "b", "c"):
            self.create(one)
            file = self.store / "sessions" / f"{one}.json"
            name = "@" if one == "c" else "twin"
            file.write_text(json.dumps({**json.loads(file.read_text()), "name": name}))
        self.append("a", "x")
        self.refused(3, "replay", "twin", saying=["a (twin)", "b (twin)"])
        self.refused(3, "append", "twin", "--type", "x", saying=["a (twin)", "b (twin)"])
        self.refused(3, "append", "@", "--type", "x", saying="to write to")
        self.assertEqual("a", self.ok("state", "@", "--json").json()["session_id"])
        self.refused(4, "label", "c", "--name", "twin", saying="is called")
        self.ok("label", "a", "--name", "own")
        self.ok("append", "twin", "--type", "x")
        self.assertEqual(1, self.sessions()["b"]["event_count"])

    def test_the_newest_session_is_that_of_an_agent(self):
        self.create("old")
        self.append("old", {"type": "x", "timestamp": "2026-03-01T00:00:00Z"},
                    {"type": "y", "timestamp": "2026-03-01T00:00:01Z"})
        self.create("new", "--created-at", "2026-03-02")
        self.append("new", {"type": "x", "timestamp": "2026-03-02T00:00:00Z"})
        newest = lambda word: self.ok("stats", word, "--json").json()["session_id"]
        self.assertEqual(["new", "old"], [newest("@"), newest("@~1")])
        self.assertEqual(0, self.run_it("redact", "old", "1", "--reason", "test").status)
        for number in range(20):
            self.ok("label", "old", f"k={number}")
        self.assertEqual(["new", "old"], [newest("@"), newest("@~1")])
        self.create("fresh")
        self.assertEqual(["fresh", "new", "old"], [newest("@"), newest("@~1"), newest("@~2")])
        self.refused(3, "state", "@~3", saying="there are only 3")

    def test_creation_can_be_told(self):
        for given, kept in (("2026-03-07T12:00:00.5+01:00", "2026-03-07T11:00:00.500000000Z"),
                            ("2026-03-07", "2026-03-07T00:00:00.000000000Z"),
                            ("@1772884800", "2026-03-07T12:00:00.000000000Z")):
            session = self.ok("create", "--json", "--created-at", given).json()
            self.assertEqual(kept, session["created_at"])
        self.refused(2, "create", "--created-at", "someday", saying="someday")
        exported = self.ok("export", session["id"]).out
        self.run_it("import", "-", "--store", self.folder / "other", stdin=exported)
        other = self.ok("sessions", "--json", "--store", self.folder / "other").json()["sessions"]
        self.assertEqual(kept, other[0]["created_at"])

    def test_an_import_gives_no_name(self):
        self.ok("import", self.transcript(PROMPT))
        self.assertEqual({"imported-1": ""}, {id: one["name"] for id, one in self.sessions().items()})
        self.assertEqual("2026-03-01T10:00:00.000000000Z", self.sessions()["imported-1"]["created_at"])
        self.assertEqual("hello Zelda", self.sessions("-l")["imported-1"]["title"])
        self.assertIn('imported-1  "hello Zelda"', self.ok("sessions").out)
        self.assertIn('─ "hello Zelda" · imported', self.ok("replay", "imported-1").out)
        for word in ("hello Zelda", '"hello Zelda"', "hello"):
            self.refused(3, "replay", word, saying="no session")
        self.create("--name", "hello")
        self.ok("replay", "hello")
        self.ok("append", "hello", "--type", "x")

    def test_a_recorded_title_comes_before_the_prompt(self):
        title = {"type": "ai-title", "sessionId": "imported-1", "aiTitle": "Zelda \u001b[31m " + "x" * 100}
        self.run_it("import", self.transcript(PROMPT, title))
        shown = self.sessions("-l")["imported-1"]["title"]
        self.assertEqual((73, "…"), (len(shown), shown[-1]))
        self.assertNotIn("\u001b", self.ok("sessions").out)

    def test_a_title_goes_with_its_payload(self):
        self.ok("import", self.transcript(PROMPT))
        self.assertEqual(0, self.run_it("redact", "imported-1", "1", "--reason", "GDPR").status)
        self.assertIsNone(self.sessions("-l")["imported-1"]["title"])
        self.assertIn("(unnamed)", self.ok("sessions").out)
        for words in (["sessions"], ["sessions", "-l"], ["replay", "imported-1"]):
            self.assertNotIn("Zelda", self.ok(*words).out)
        found = [path for path in self.store.rglob("*") if path.is_file() and b"Zelda" in path.read_bytes()]
        self.assertEqual([], found)

    def test_an_imported_name_that_is_taken_is_left_out(self):
        self.create("a", "--name", "run")
        self.append("a", "x", "y")
        exported = self.ok("export", "a").out
        other = ("--store", self.folder / "other")
        self.ok("create", "b", "--name", "run", *other)
        done = self.run_it("import", "-", *other, stdin=exported)
        self.assertEqual(0, done.status, str(done))
        self.assertIn("without its name", done.err)
        listed = {one["id"]: one for one in self.ok("sessions", "--json", *other).json()["sessions"]}
        self.assertEqual({"a": ("", 2), "b": ("run", 0)},
                         {id: (one["name"], one["event_count"]) for id, one in listed.items()})
        third = ("--store", self.folder / "third")
        self.ok("create", "c", "--name", "a", *third)
        self.refused(4, "import", "-", *third, stdin=exported, saying="name of session c")


if __name__ == "__main__":
    main()
