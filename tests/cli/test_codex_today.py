"""Codex of today and the price table: the folders of invented transcripts with their right values,
where AGENTSTORE_CORPUS names them; and what needs no folder."""

import json
import os
import shutil
import subprocess
import unittest
from pathlib import Path

from support import Case, main

CORPUS = os.environ.get("AGENTSTORE_CORPUS")


@unittest.skipUnless(CORPUS, "AGENTSTORE_CORPUS is not set")
class Transcripts(Case):
    def stats(self, *words):
        return self.ok("stats", *words, "--json").json()

    def test_each_folder_comes_to_its_own_figures(self):
        for name, expected in {
            "codex-token-usage-record/rollout": {"tokens_in": 500, "tokens_out": 50},
            "codex-spawned-child-original-times/child": {"tokens_in": 500, "tokens_out": 50},
            "codex-fork-long-burst/child": {"tokens_in": 1000, "tokens_out": 100},
            "codex-cache-write/rollout": {"tokens_in": 1000000, "tokens_cache_read": 400000,
                                          "tokens_cache_write": 500000,
                                          "cost_computed_usd": 5.06},
            "codex-output-array/rollout": {"tool_errors": 1},
            "codex-paginated-history/rollout": {"tokens_in": 2300, "tokens_out": 70,
                                                "tool_errors": 1},
            "codex-paginated-history/items-only": {"tokens_in": 2300, "tokens_out": 70,
                                                   "tool_calls": 2, "tool_errors": 1},
            "claude-model-aliases/transcript": {"cost_computed_usd": 38, "events_without_cost": 0},
            "claude-fast-mode-cost/transcript": {"cost_computed_usd": 180},
        }.items():
            with self.subTest(name):
                path = Path(CORPUS) / "transcripts-2026" / (name + ".jsonl")
                if not path.exists():
                    path = next(path.parent.glob("*.jsonl"))
                found = self.stats(path)
                self.assertEqual(expected, {key: found[key] for key in expected})

    def test_a_packed_twin_and_the_archive_count_once(self):
        home = self.folder / "home"
        shutil.copytree(Path(CORPUS) / "transcripts-2026/codex-plain-and-zst-twin", home)
        for path in (home / "sessions").rglob("*.jsonl"):
            if shutil.which("zstd"):
                subprocess.run(["zstd", "-qk", path], check=True)
            shutil.copy(path, home / "archived_sessions")
        for store, sessions, tokens in ((f"codex:{home / 'sessions'}", 1, 1000),
                                        ("codex:", 2, 8000)):
            found = self.ok("stats", "--store", store, "--json",
                            env={"CODEX_HOME": str(home)}).json()
            self.assertEqual([sessions, tokens], [found["sessions"], found["tokens_in"]])


class PriceTable(Case):
    def respond(self, metadata):
        self.ok("create", "s")
        self.ok("append", "s", "--type", "llm_response", "--metadata", json.dumps(metadata))

    def test_what_is_shown_as_json_can_be_given(self):
        table = self.ok("--json", "stats", "--prices")
        self.assertEqual(2, table.json()["version"])
        path = self.folder / "prices.json"
        path.write_text(table.out)
        self.respond({"model": "claude-opus-4-6", "tokens_in": 1000000})
        self.assertEqual(5, self.ok("stats", "s", "--json", "--prices", path).json()[
            "cost_computed_usd"])

    def test_an_older_table_is_still_read_and_another_table_gives_another_cost(self):
        self.respond({"model": "m-20260101", "tokens_in": 1000000, "tokens_out": 1000000})
        path = self.folder / "prices.json"
        for price in (1, 3):
            path.write_text(json.dumps({"date": "2026-01-01", "usd_per_million_tokens": {
                "m": {"in": price, "out": 0.5, "note": "kept"}}}))
            found = self.ok("stats", "s", "--json", "--prices", path).json()
            self.assertEqual(price + 0.5, found["cost_computed_usd"])

    def test_what_the_table_cannot_price_is_counted_by_reason(self):
        self.respond({"model": "claude-opus-4-6", "tokens_in": 1, "extra": {"speed": "warp"}})
        self.ok("append", "s", "--type", "llm_response", "--metadata",
                json.dumps({"model": "no-such", "tokens_in": 1}))
        text = self.ok("stats", "s").out
        self.assertIn('1: no price for speed "warp" of the model "claude-opus-4-6"', text)
        self.assertIn('1: no price for the model "no-such"', text)
        found = self.ok("stats", "s", "--json").json()
        self.assertIsNone(found["cost_total_usd"])
        self.assertEqual(2, found["cost_unknown_responses"])

    def test_the_table_says_how_old_it_is(self):
        self.assertIn("the prices are those of ", self.ok("stats", "--prices").out)


if __name__ == "__main__":
    main()
