"""Which event set a value."""

from casino import make_account
from support import Case, main


class Blame(Case):
    def setUp(self):
        super().setUp()
        self.create("flight")
        self.append("flight", *(
            {"type": kind, "payload": payload, "timestamp": f"2026-03-01T00:00:0{second}.5Z",
             "metadata": metadata}
            for second, (kind, payload, metadata) in enumerate([
                ("user_message", {"content": "\x1b[31mhi"}, {}),
                ("state_updated", {"status": "searching", "n": 1}, {}),
                ("llm_response", {"content": "x"}, {"tokens_in": 5, "tokens_out": 7}),
                ("state_updated", {"status": "searching"}, {}),
                ("state_updated", {"status": "done"}, {})])))

    def settings(self, *words):
        answer = self.ok("blame", "flight", *words, "--json").json()
        self.assertEqual("agentstore/blame/1", answer["schema"])
        return answer, [(one["by"]["sequence_number"], one["value"], one["changed"])
                        for one in answer["settings"]]

    def test_a_value_of_the_state(self):
        answer, settings = self.settings("/status")
        self.assertEqual([(5, "done", True), (4, "searching", False), (2, "searching", True)],
                         settings)
        self.assertEqual(["session", "/data/state_updated/status", "done", 3],
                         [answer[key] for key in ("projection", "pointer", "value",
                                                  "setting_count")])
        self.assertEqual((answer, settings), self.settings("/data/state_updated/status"))
        self.assertEqual([(5, "done", True)], self.settings("/status", "-n", "1")[1])
        self.assertEqual([(4, None, True), (2, 1, True)], self.settings("/n")[1])
        self.assertEqual([(3, 5, True)], self.settings("/tokens/in")[1])
        text = self.ok("blame", "flight", "/status")
        self.assertRegex(text.lines()[2], r'^"done" +#5 +00:04\.000 +state_updated$')
        self.assertRegex(text.lines()[3], r'^"searching" +#4 +00:03\.000 +state_updated  \(the same\)')
        self.assertIn("and 2 before", self.ok("blame", "flight", "/status", "-n", "1").out)

    def test_money(self):
        make_account(self)
        answer = self.ok("blame", "agent-001", "/balance", "--json").json()
        self.assertEqual("balance", answer["projection"])
        self.assertEqual([7, 6, 5, 4, 3, 2],
                         [one["by"]["sequence_number"] for one in answer["settings"]])
        self.assertEqual("evt-btc", answer["settings"][0]["by"]["event_id"])
        # From the second asset on there is no sum.
        self.assertEqual([None, 749.85], [one["value"] for one in answer["settings"][:2]])
        answer = self.ok("blame", "agent-001", "/total_wagered", "--json").json()
        self.assertEqual([5, 3], [one["by"]["sequence_number"] for one in answer["settings"]])

    def test_the_whole_state(self):
        fields = {one["pointer"]: one for one in
                  self.ok("blame", "flight", "--all", "--json").json()["fields"]}
        self.assertEqual(5, fields["/data/state_updated/status"]["by"]["sequence_number"])
        self.assertEqual(1, fields["/data/user_message/content"]["by"]["sequence_number"])
        self.assertEqual(3, fields["/tokens/out"]["by"]["sequence_number"])
        self.assertIsNone(fields["/errors"]["by"])
        self.assertNotIn("/balance", fields)
        text = self.ok("blame", "flight").out
        self.assertNotIn("\x1b", text)
        self.assertRegex(text, r"(?m)^/data/state_updated/status +\"done\" +#5")

    def test_characters_that_json_escapes_are_shown(self):
        self.create("oslo")
        self.append("oslo", {"type": "state_updated", "payload": {"now": "4 \u00b0C \u202e"}})
        self.assertIn('"\\u00b0', self.log_of("oslo").read_text().replace("4 ", ""))
        self.assertIn('"4 °C \\u{202e}"', self.ok("blame", "oslo", "/now").out)

    def test_what_was_redacted_is_named(self):
        make_account(self)
        self.run_it("redact", "agent-001", "5", "--reason", "GDPR")
        for words in (["/balance"], []):
            outcome = self.run_it("blame", "agent-001", *words, "--json")
            self.assertEqual((7, [5]), (outcome.status, outcome.json()["incomplete"]))
            self.assertEqual(1, outcome.err.count("#5: its payload was redacted"))
        self.assertEqual([], self.ok("blame", "agent-001", "/version", "--json").json()["incomplete"])
        self.run_it("redact", "flight", "4", "--reason", "GDPR")
        outcome = self.run_it("blame", "flight", "/status", "--json")
        self.assertEqual((7, [4], [5, 2]), (
            outcome.status, outcome.json()["incomplete"],
            [one["by"]["sequence_number"] for one in outcome.json()["settings"]]))
        self.run_it("redact", "flight", "1", "--reason", "GDPR")
        self.refused(3, "blame", "flight", "/data/user_message/content", saying="#1 was redacted")

    def test_misuse(self):
        self.refused(3, "blame", "flight", "/nothing", saying="/nothing")
        self.refused(2, "blame", "flight", "status", saying=("status", "slash"))
        self.refused(2, "blame", "flight", "/status", "--all", saying="--all")
        self.refused(2, "blame", "flight", "/status", "-n", "0")
        self.refused(3, "blame", "nobody", "/status", saying="nobody")
        self.create("empty")
        self.refused(3, "blame", "empty", "/status", saying="/status")


if __name__ == "__main__":
    main()
