"""redact: what goes, what stays, and where else a payload is."""

import json
import os
import shutil
from pathlib import Path

from support import Case, main

SECRET = "meet me at the old mill at nine, and bring all of the maps with you please"


class Redact(Case):
    def setUp(self):
        super().setUp()
        self.create("a")

    def fill(self, *texts):
        self.append("a", *({"type": "user_message", "payload": {"content": text}} for text in texts))

    def redact(self, *words, status=0):
        outcome = self.run_it("redact", *words, "--reason", "a test")
        self.assertEqual(status, outcome.status, str(outcome))
        return outcome

    def is_anywhere(self, secret):
        """The files that hold a run of eight bytes of it."""
        runs = {secret[i:i + 8].encode() for i in range(len(secret) - 7)}
        return sorted(str(path.relative_to(self.store)) for path in self.store.rglob("*")
                      if path.is_file() and any(run in path.read_bytes() for run in runs))

    def payloads(self, session="a"):
        return [event["payload"] for event in self.events(session)
                if not event["type"].startswith("agentstore.")]

    def test_several_events_go_in_one_write(self):
        self.fill(*(f"text no. {number}" for number in range(1, 8)))
        outcome = self.redact("a", "2", "4..5", "7")
        self.assertEqual(["the payload of #2 is gone; #8 says why", "the payload of #4 is gone; #9 says why",
                          "the payload of #5 is gone; #10 says why", "the payload of #7 is gone; #11 says why"],
                         outcome.lines())
        events = self.events("a")
        self.assertEqual([[8, 11]] * 4, [event["batch"] for event in events[7:]])
        self.assertEqual([None if n in (2, 4, 5, 7) else {"content": f"text no. {n}"} for n in range(1, 8)],
                         self.payloads())
        self.assertEqual("clean", self.ok("verify", "a", "--json").json()["sessions"][0]["verdict"])
        more = self.redact("a", "..4", "--json").json()
        self.assertEqual(("agentstore/redact/1", "a", 1, 12),
                         tuple(more[key] for key in ("schema", "session_id", "sequence_number", "redacted_by")))
        self.assertEqual([(1, 12), (3, 13)],
                         [(event["sequence_number"], event["redacted_by"]) for event in more["events"]])
        self.refused(4, "redact", "a", "6", "2", "--reason", "r", saying="#8")
        self.refused(4, "redact", "a", "1..5", "--reason", "r", saying="redacted before")
        self.refused(3, "redact", "a", "6", "99", "--reason", "r", saying="#99")
        self.assertEqual({"content": "text no. 6"}, self.payloads()[5])

    def test_events_by_type_and_expression(self):
        self.fill("keep", "drop")
        self.append("a", {"type": "note", "payload": {"content": "drop"}})
        self.redact("a", "--type", "user_message", "--where", "payload_content = 'drop'")
        self.assertEqual([{"content": "keep"}, None, {"content": "drop"}], self.payloads())
        self.refused(3, "redact", "a", "--type", "none", "--reason", "r", saying="no event")
        self.refused(2, "redact", "a", "--reason", "r", saying="which events")
        self.redact("a", "1..3", "--type", "note")
        self.assertEqual([{"content": "keep"}, None, None], self.payloads())

    def test_copies_are_named_and_redacted_where_it_is_asked_for(self):
        self.fill(SECRET, "x", "y")
        for source, copy in (("a", "a2"), ("a2", "a3")):
            self.assertEqual(0, self.run_it("whatif", source, "--without", "2", "--save-as", copy).status)
        outcome = self.redact("a", "1")
        for session in ("a2", "a3"):
            self.assertIn(f"#1 of session {session} is a copy", outcome.err)
            self.assertIn(f"agentstore redact {session} 1 --reason", outcome.err)
        self.assertNotEqual([], self.is_anywhere(SECRET))
        answer = self.redact("a", "1", "--copies", "--json").json()
        self.assertEqual([("a2", 1, "a"), ("a3", 1, "a2")],
                         [(copy["session_id"], copy["sequence_number"], copy["copy_of"]["session_id"])
                          for copy in answer["copies"]])
        self.assertTrue(all(copy["redacted_by"] for copy in answer["copies"]))
        self.assertEqual([], self.is_anywhere(SECRET))
        for session in ("a", "a2", "a3"):
            self.ok("verify", session)

    def test_what_a_resumed_transcript_repeats_is_a_copy(self):
        for session, texts in (("s1", (SECRET, "same id")), ("s2", (SECRET, "another text", "more"))):
            lines = [json.dumps({"type": "user", "uuid": f"u-{number}", "sessionId": session, "cwd": "/w",
                                 "timestamp": f"2026-03-01T10:00:0{number}.000Z",
                                 "message": {"role": "user", "content": text}})
                     for number, text in enumerate(texts, 1)]
            (self.folder / f"{session}.jsonl").write_text("\n".join(lines) + "\n")
        self.assertEqual(0, self.run_it("import", "s1.jsonl", "s2.jsonl").status)
        answer = self.redact("s1", "2", "--json").json()
        self.assertEqual([], answer["copies"])
        outcome = self.redact("s1", "1")
        self.assertIn("#1 of session s2 is a copy of #1 of session s1", outcome.err)
        self.assertNotEqual([], self.is_anywhere(SECRET))
        outcome = self.redact("s1", "1", "--copies")
        self.assertIn("the payload of its copy #1 of session s2 is gone", outcome.out)
        self.assertEqual([], self.is_anywhere(SECRET))

    def test_a_session_that_ends_in_a_redaction_takes_over_what_goes_on_from_it(self):
        self.fill(SECRET, "x")
        self.redact("a", "1")
        later = self.folder / "later"
        shutil.copytree(self.store, later)
        self.ok("append", "a", "--type", "t", "--store", later)
        export = self.folder / "later.jsonl"
        self.ok("export", "a", "--store", later, "--format", "jsonl", "-o", export)
        other = self.folder / "other"
        shutil.copytree(self.store, other)
        self.assertIn("1 events imported", self.run_it("import", export).err)
        self.assertEqual(0, self.run_it("copy", "a", "--from", later, "--to", other).status)
        for store in (self.store, other):
            self.assertEqual(4, len(self.ok("replay", "a", "--format", "jsonl", "--store", store).lines()))
            self.assertEqual(["a.jsonl"], os.listdir(store / "events"))

    def test_a_name_that_was_cut_from_the_payload_goes_and_one_that_was_given_stays(self):
        self.fill(SECRET, SECRET)
        file = self.store / "sessions/a.json"
        session = json.loads(file.read_text())
        for name, stays in ((SECRET[:72], False), ("maps", True)):
            session["name"] = name
            file.write_text(json.dumps(session))
            self.redact("a", "1" if not stays else "2")
            self.assertEqual(stays, json.loads(file.read_text()).get("name") == name)
        self.assertEqual([], self.is_anywhere(SECRET))

    def torn(self, cut):
        log = self.log_of("a")
        os.truncate(log, log.stat().st_size - cut)
        # A write that was never acknowledged: the session file knows nothing of it.
        file = self.store / "sessions/a.json"
        session = json.loads(file.read_text())
        session.pop("synced_events", None)
        file.write_text(json.dumps(session))
        self.assertEqual(0, self.run_it("append", "a", "--type", "t").status)
        return "".join(path.read_text() for path in (self.store / "quarantine/a").glob("*.bytes"))

    def test_quarantined_bytes_of_another_event_stay(self):
        self.append("a", {"type": "t", "payload": {"x": 1}, "event_id": "first"})
        self.append("a", {"type": "t", "payload": {"content": "a later, torn event"}, "event_id": "second"})
        kept = self.torn(20)
        self.assertIn("a later, torn event", kept)
        self.redact("a", "first")
        after = "".join(path.read_text() for path in (self.store / "quarantine/a").glob("*.bytes"))
        self.assertEqual(kept, after)

    def test_quarantined_bytes_of_the_event_go(self):
        self.append("a", {"type": "t", "payload": {"x": 1}})
        self.append("a", {"type": "t", "payload": {"content": SECRET}, "event_id": "again"})
        self.assertIn("old mill", self.torn(230))
        self.append("a", {"type": "t", "payload": {"content": SECRET}, "event_id": "again"})
        outcome = self.redact("a", "again")
        self.assertIn("held bytes of the redacted payload", outcome.err)
        self.assertEqual([], self.is_anywhere(SECRET))


if __name__ == "__main__":
    main()
