"""label: names and labels that change, sealed in the log before the session's file says so."""

import json

from support import Case, main


class Label(Case):
    def setUp(self):
        super().setUp()
        self.create("s", "--name", "first", "--label", "env=dev", "--label", "old=1")
        self.append("s", "user_message")

    def session(self):
        return self.ok("label", "s", "--json").json()

    def file(self):
        return self.store / "sessions/s.json"

    def test_it_shows_and_changes(self):
        self.assertEqual("name   first\nlabel  env=dev\nlabel  old=1\n", self.ok("label", "s").out)
        out = self.ok("label", "first", "--name", "second", "env=prod=1", "old=").out
        self.assertEqual("name   second\nlabel  env=prod=1\n", out)
        session = self.session()
        self.assertEqual(("agentstore/label/1", "s", "second", {"env": "prod=1"}),
                         (session["schema"], session["id"], session["name"], session["labels"]))
        self.refused(3, "state", "first", saying="first")
        self.assertEqual("(unnamed)", self.ok("label", "s", "--name", "").out.split()[1])
        self.assertEqual("clean", self.ok("verify", "s", "--json").json()["sessions"][0]["verdict"])

    def test_the_log_says_what_was_and_what_is(self):
        self.ok("label", "s", "--name", "second", "env=prod", "old=", "new=1")
        self.ok("label", "s", "env=prod")
        event = self.events("s")[-1]
        self.assertEqual(("agentstore.session_changed", 2),
                         (event["type"], event["sequence_number"]))
        self.assertEqual({"name": {"old": "first", "new": "second"},
                          "labels": {"env": {"old": "dev", "new": "prod"},
                                     "new": {"old": None, "new": "1"},
                                     "old": {"old": "1", "new": None}}}, event["payload"])

    def test_sums_leave_it_out(self):
        self.ok("label", "s", "--name", "second")
        stats = self.ok("stats", "s", "--json", "--by", "type").json()
        self.assertEqual((1, {"user_message": 1}, stats["first_event_at"]),
                         (stats["events"], stats["by_type"], stats["last_event_at"]))
        self.assertEqual(["user_message"], [one["by"]["type"] for one in stats["groups"]])
        state = self.ok("state", "s", "--json").json()
        self.assertEqual((2, 2), (state["state"]["event_count"], state["last_sequence_number"]))

    def test_what_is_refused_changes_nothing(self):
        before = self.log_of("s").read_bytes(), self.file().read_bytes()
        self.create("other", "--name", "taken")
        self.refused(4, "label", "s", "--name", "taken", saying="session other")
        self.refused(4, "label", "s", "--name", "other", saying="id of a session")
        self.refused(2, "label", "s", "--name", "@", saying="@")
        self.refused(2, "label", "s", "x", saying="KEY=VALUE")
        self.refused(2, "label", "s", "a=1", "a=2", saying="more than once")
        self.refused(3, "label", "@", "a=1", saying="to write to")
        self.refused(3, "label", "fi", "a=1", saying="fi")
        self.refused(2, "label", "s@1", saying="whole session")
        self.refused(3, "label", "nobody", saying="nobody")
        self.assertEqual(before, (self.log_of("s").read_bytes(), self.file().read_bytes()))

    def test_the_next_append_finishes_a_change(self):
        before = self.file().read_bytes()
        self.ok("label", "s", "--name", "second", "env=prod", "old=")
        self.file().write_bytes(before)  # as if the process had died before it wrote the file
        self.ok("append", "s", "--type", "x")
        self.assertEqual(("second", {"env": "prod"}),
                         (self.session()["name"], self.session()["labels"]))

    def test_an_unfinished_change_takes_no_name_from_another(self):
        before = self.file().read_bytes()
        self.ok("label", "s", "--name", "second", "env=prod")
        self.file().write_bytes(before)
        self.create("other", "--name", "second")
        self.ok("append", "s", "--type", "x")
        self.assertEqual(("first", "prod"), (self.session()["name"], self.session()["labels"]["env"]))
        self.ok("append", "second", "--type", "x")
        self.assertEqual(1, len(self.events("other")))


if __name__ == "__main__":
    main()
