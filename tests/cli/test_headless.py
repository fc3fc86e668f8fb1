"""What agents print where they run without a screen: streams, beside the transcript of the same run."""

import json
import os

from support import Case, main

SESSION = "5e551011-0000-4000-8000-000000000001"


def stream(**members):
    return {"session_id": SESSION, "parent_tool_use_id": None, **members}


INIT = stream(type="system", subtype="init", cwd="/shop", model="large", tools=["Bash"], uuid="i")


def says(uuid, message, words, tokens_out):
    return {"id": message, "role": "assistant", "model": "claude-opus-4-6",
            "content": [{"type": "text", "text": words}],
            "usage": {"input_tokens": 1000, "output_tokens": tokens_out}}


STREAM = [
    INIT,
    stream(type="assistant", uuid="a1", message=says("a1", "m1", "I look", 2)),
    stream(type="assistant", uuid="a2", message=says("a2", "m2", "Done", 1)),
]
RESULT = stream(type="result", subtype="success", is_error=False, duration_ms=2118, num_turns=2,
                total_cost_usd=0.5, usage={"input_tokens": 2000, "output_tokens": 90},
                modelUsage={"claude-opus-4-6": {"inputTokens": 2000, "outputTokens": 90,
                                                "costUSD": 0.4},
                            "claude-haiku-4-5": {"inputTokens": 7, "outputTokens": 8,
                                                 "costUSD": 0.1}}, uuid="r")
TRANSCRIPT = [
    {"type": "user", "uuid": "p", "sessionId": SESSION, "timestamp": "2026-09-10T10:00:00Z",
     "message": {"role": "user", "content": "Look"}},
    {"type": "assistant", "uuid": "a1", "sessionId": SESSION, "requestId": "q1",
     "timestamp": "2026-09-10T10:00:01Z", "message": says("a1", "m1", "I look", 50)},
    {"type": "assistant", "uuid": "a2", "sessionId": SESSION, "requestId": "q2",
     "timestamp": "2026-09-10T10:00:02Z", "message": says("a2", "m2", "Done", 40)},
]


class Headless(Case):
    def write(self, name, records):
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("".join(json.dumps(record) + "\n" for record in records))
        return path

    def test_a_run_says_what_it_used(self):
        stats = self.ok("stats", self.write("run.jsonl", STREAM + [RESULT]), "--json").json()
        self.assertEqual(SESSION, stats["session_id"])
        self.assertEqual([2007, 98], [stats["tokens_in"], stats["tokens_out"]])
        self.assertEqual([0.5, 0.5], [stats["cost_usd"], stats["cost_total_usd"]])
        self.assertEqual(2118, stats["duration_ms"])
        self.assertEqual([], stats["incomplete"])

    def test_a_run_without_a_result_is_not_said_to_have_used_nothing(self):
        path = self.write("cut.jsonl", STREAM)
        stats = self.run_it("stats", path, "--json").json()
        for figure in ("tokens_in", "tokens_out", "cost_usd", "cost_total_usd"):
            self.assertIsNone(stats[figure])
        self.assertIn("a run has no result", " ".join(stats["incomplete"]))

    def test_a_stream_without_times_has_that_of_its_file_however_it_is_read(self):
        path = self.write("claude/p/run.jsonl", STREAM + [RESULT])
        os.utime(path, (1_772_884_800, 1_772_884_800))
        self.ok("import", path)
        ways = [self.ok("stats", path, "--json").json(),
                self.ok("stats", SESSION, "--store", f"claude:{self.folder / 'claude'}", "--json").json(),
                self.ok("stats", SESSION, "--json").json()]
        for stats in ways:
            self.assertEqual("2026-03-07T12:00:00.000000000Z", stats["first_event_at"])
            self.assertEqual(2118, stats["duration_ms"])

    def test_a_codex_turn_that_was_not_completed_is_not_said_to_have_used_nothing(self):
        path = self.write("cut.jsonl", [{"type": "thread.started", "thread_id": "t"},
                                        {"type": "turn.started"},
                                        {"type": "item.completed",
                                         "item": {"id": "i", "type": "command_execution",
                                                  "command": "make test", "exit_code": 2,
                                                  "aggregated_output": "2 failed",
                                                  "status": "failed"}}])
        self.assertIsNone(self.run_it("stats", path, "--json").json()["tokens_in"])
        shown = self.ok("replay", path).out
        for words in ("make test", "exit 2", "2 failed"):
            self.assertIn(words, shown)

    def test_a_stream_and_the_transcript_of_its_run_are_one_session(self):
        self.write("both/p/run.jsonl", STREAM + [RESULT])
        self.write("both/p/transcript.jsonl", TRANSCRIPT)
        folder = self.ok("--store", f"claude:{self.folder / 'both'}", "stats", "--json").json()
        for names in (["run", "transcript"], ["transcript", "run"]):
            store = self.folder / names[0]
            for name in names:
                self.ok("--store", store, "import", self.folder / f"both/p/{name}.jsonl")
            imported = self.ok("--store", store, "stats", "--json").json()
            for stats in (folder, imported):
                self.assertEqual(1, stats["sessions"])
                self.assertEqual([2007, 98], [stats["tokens_in"], stats["tokens_out"]])
                self.assertEqual(0.5, stats["cost_total_usd"])
                self.assertEqual(1, stats["by_type"]["user_message"])

    def test_a_codex_stream_and_the_rollout_of_its_thread_are_one_session(self):
        thread = "019a0000-0000-7000-8000-000000000001"
        at = "2026-09-10T10:00:0"
        tokens = {"input_tokens": 1000, "cached_input_tokens": 400, "output_tokens": 50}
        self.write("both/rollout.jsonl", [
            {"timestamp": at + "0Z", "type": "session_meta", "payload": {"id": thread, "cwd": "/w"}},
            {"timestamp": at + "1Z", "type": "turn_context", "payload": {"model": "gpt-5.4"}},
            {"timestamp": at + "2Z", "type": "event_msg", "payload": {
                "type": "token_count", "info": {"total_token_usage": tokens,
                                                "last_token_usage": tokens}}}])
        self.write("both/exec.jsonl", [{"type": "thread.started", "thread_id": thread},
                                       {"type": "turn.started"},
                                       {"type": "turn.completed", "usage": tokens}])
        stats = self.ok("--store", f"codex:{self.folder / 'both'}", "stats", "--json").json()
        self.assertEqual([1, 1000, 50], [stats[key] for key in ("sessions", "tokens_in", "tokens_out")])
        for names in (["rollout", "exec"], ["exec", "rollout"]):
            for name in names:
                self.ok("--store", self.folder / names[0], "import",
                        self.folder / f"both/{name}.jsonl")
            imported = self.ok("--store", self.folder / names[0], "stats", "--json").json()
            self.assertEqual([1, 1000, 50],
                             [imported[key] for key in ("sessions", "tokens_in", "tokens_out")])
            self.assertIsNotNone(imported["cost_total_usd"])


if __name__ == "__main__":
    main()
