"""A store of many sessions: lists, names and @ are the same with its cache and without."""

import json
import shutil
import time

from support import Case, main

SESSIONS = 1100


class Listing(Case):
    def setUp(self):
        super().setUp()
        self.sound = False  # A thousand logs are not held against a verifier one by one.
        for part in ("sessions", "events"):
            (self.store / part).mkdir(parents=True)
        (self.store / "agentstore.json").write_text('{"format":1}\n')
        for number in range(SESSIONS):
            self.make(number)
        time.sleep(3)  # What is younger than some seconds is not taken from a cache.

    def make(self, number, env="prod"):
        at = f"2026-03-07T12:{number // 60 % 60:02}:{number % 60:02}Z"
        session = {"id": f"s-{number}", "name": f"run-{number}", "created_at": at, "updated_at": at,
                   "event_count": 1, "labels": {"env": env}}
        (self.store / f"sessions/s-{number}.json").write_text(json.dumps(session, indent=2))
        event = {"session_id": f"s-{number}", "sequence_number": 1, "type": "user_message",
                 "timestamp": at, "payload": {}, "metadata": {}}
        (self.store / f"events/s-{number}.jsonl").write_text(json.dumps(event) + "\n")

    def answers(self):
        # All that a person or a program sees: status, standard output and standard error.
        asked = (["sessions"], ["sessions", "-n", "5", "--json"], ["sessions", "--label", "env=dev"],
                 ["replay", "run-7"], ["replay", "s-1099"], ["replay", "@~3"], ["replay", "run-x"])
        return [str(self.run_it(*words)) for words in asked]

    def uncached(self):
        shutil.rmtree(self.store / "cache", ignore_errors=True)
        found = self.answers()
        shutil.rmtree(self.store / "cache", ignore_errors=True)
        return found

    def test_the_cache_is_not_seen_in_answers(self):
        plain = self.uncached()
        self.assertEqual(self.answers(), plain)
        self.assertTrue(self.cached("cache/sessions").exists())
        self.assertEqual(self.answers(), plain)

        self.make(9, env="dev")
        (self.store / "sessions/s-1098.json").unlink()
        (self.store / "events/s-1098.jsonl").unlink()
        self.make(SESSIONS + 1)
        changed = self.answers()
        self.assertNotEqual(changed, plain)
        self.assertEqual(changed, self.uncached())

        self.answers()
        self.cached("cache/sessions").write_text("agentstore sessions 1\nrubbish")
        self.assertEqual(self.answers(), changed)

    def test_the_folder_of_the_go_library_gets_none(self):
        (self.store / "agentstore.json").unlink()
        self.answers()
        self.assertFalse((self.store / "cache").exists())


main()
