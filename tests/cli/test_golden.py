"""The shapes that scripts rely on, to the byte. AGENTSTORE_UPDATE_GOLDEN=1 writes them anew."""

import os
from pathlib import Path

from support import Case, main, make_go_folder

GOLDEN = Path(__file__).resolve().parent.parent / "golden"
UPDATE = os.environ.get("AGENTSTORE_UPDATE_GOLDEN")


class Golden(Case):
    def setUp(self):
        super().setUp()
        make_go_folder(self.store)

    def check(self, name, *words, status=0, stream="out"):
        outcome = self.run_it(*words)
        self.assertEqual(status, outcome.status, str(outcome))
        text = getattr(outcome, stream).replace(str(self.folder), "FOLDER")
        if UPDATE:
            (GOLDEN / name).write_text(text)
        self.assertEqual((GOLDEN / name).read_text(), text, str(outcome))

    def test_sessions(self):
        self.check("sessions.json", "sessions", "--json")

    def test_sessions_table(self):
        self.check("sessions.txt", "sessions")

    def test_state(self):
        self.check("state.json", "state", "flight-1", "--json", "--at", "2026-03-07")

    def test_balance(self):
        self.check("balance.json", "balance", "bet-1", "--json", "--at", "2026-03-01T09:12:41Z")

    def test_register(self):
        self.check("register.json", "balance", "bet-1", "--json", "--each", "event")

    def test_balances_of_all(self):
        self.check("balance-all.json", "balance", "--all-sessions", "--json")

    def test_pnl(self):
        self.check("pnl.json", "state", "bet-1", "--projection", "pnl", "--json")

    def test_stats(self):
        self.check("stats.json", "stats", "flight-1", "--json", "--by", "tool")

    def test_stats_of_all(self):
        self.check("stats-all.json", "stats", "--json")

    def test_bisect(self):
        self.check("bisect.json", "bisect", "bet-1", "balance > 0", "--json")

    def test_verify(self):
        self.check("verify.json", "verify", "--json")

    def test_verify_with_findings(self):
        log = self.log_of("bet-1")
        log.write_text(log.read_text().replace("25.5", "25.5.5"))
        self.check("verify-damaged.json", "verify", "--json", status=1)

    def test_audit(self):
        words = ("audit", "--max-cost", "0.01", "--severity", "error")
        for ending, format in (("json", "json"), ("txt", "text"), ("xml", "junit"), ("md", "markdown")):
            with self.subTest(format=format):
                self.check(f"audit.{ending}", *words, "--format", format, status=1)
        self.check("audit-github.txt", *words, "--format", "github", status=1)

    def test_replay(self):
        self.check("replay.json", "replay", "flight-1", "--json")

    def test_timeline(self):
        self.check("replay.txt", "replay", "flight-1")

    def test_export(self):
        self.check("export.json", "export", "bet-1")

    def test_export_as_lines(self):
        self.check("export.jsonl", "export", "bet-1", "--format", "jsonl")

    def test_import(self):
        os.rename(self.store, self.folder / "go")
        self.check("import.json", "import", "go", "--json")

    def test_whatif(self):
        self.check("whatif.json", "whatif", "bet-1", "--without", "1", "--json")

    def test_whatif_for_people(self):
        self.check("whatif.txt", "whatif", "bet-1", "--without", "1")

    def test_blame(self):
        self.check("blame.json", "blame", "bet-1", "/balance", "--json")

    def test_blame_of_all(self):
        self.check("blame.txt", "blame", "bet-1")

    def test_diff(self):
        self.check("diff.json", "diff", "flight-1@4", "flight-1", "--json", status=1)

    def test_diff_for_people(self):
        self.check("diff.txt", "diff", "flight-1@4", "flight-1", status=1)

    def test_replay_of_states(self):
        self.check("replay-state.json", "replay", "bet-1", "--state", "--json")
        self.check("replay-state.txt", "replay", "bet-1", "--state")

    def test_replay_of_patches(self):
        self.check("replay-patch.jsonl", "replay", "bet-1", "--patch")

    def test_an_error(self):
        self.check("error.txt", "replay", "flihgt-1", "--json", status=3, stream="err")


if __name__ == "__main__":
    main()
