"""Reruns of many calls, held to the figures of a script of its own."""

import json
import os
import random
from datetime import datetime, timezone
from decimal import Decimal

from reruns.cases import RerunCase
from reruns.replay_with_prompt import fold_call, replay_with_prompt, verdict
from support import go_line, main

SEED = int(os.environ.get("AGENTSTORE_TEST_SEED", random.SystemRandom().randrange(2**32)))


class Acceptance(RerunCase):
    """A week of calls: one command, one report, and the figures of a script of its own."""

    def call(self, number, rng, turns):
        events, at_ms = [], 1_772_000_000_000 + number * 600_000
        for turn in range(turns):
            def add(kind, payload, **metadata):
                nonlocal at_ms
                events.append({"type": kind, "payload": payload, "metadata": metadata, "at_ms": at_ms})
                at_ms += rng.randrange(1, 2000)
            amount = f"{rng.randrange(10, 99)}.{rng.randrange(10, 99)}"
            add("user.utterance.v1", {"text": f"Where are my {amount} euros, order {rng.randrange(999)}?"})
            if rng.random() < 0.7:
                add("tool.call.v1", {"tool": "lookup", "args": {"order": rng.randrange(999)}})
                add("tool.result.v1", {"tool": "lookup", "result": {"amount": amount}})
            add("llm_response", {}, model="m", tokens_in=rng.randrange(100, 900),
                tokens_out=rng.randrange(10, 90), cost_usd=0.001)
            add("agent.utterance.v1", {"text": f"We  found your {amount} euros and send them back to "
                                               f"you within three working days, number {turn}."})
        return events

    def record(self, calls, turns):
        """Calls of a week, as the Go library stores them: what is rerun is only read."""
        print(f"AGENTSTORE_TEST_SEED={SEED}")
        rng, recorded, folder = random.Random(SEED), {}, self.folder / "week"
        for name in ("events", "sessions"):
            (folder / name).mkdir(parents=True)
        for number in range(calls):
            session = f"call-{number:03}"
            events = recorded[session] = self.call(number, rng, turns)
            times = [datetime.fromtimestamp(one["at_ms"] / 1000, timezone.utc) for one in events]
            texts = [at.isoformat(timespec="milliseconds").replace("+00:00", "Z") for at in times]
            (folder / "events" / f"{session}.jsonl").write_text("".join(
                go_line(session, at, one["type"], json.dumps(one["payload"]), text,
                        json.dumps(one["metadata"]))
                for at, (one, text) in enumerate(zip(events, texts), 1)))
            (folder / "sessions" / f"{session}.json").write_text(json.dumps({
                "id": session, "created_at": texts[0], "updated_at": texts[-1],
                "event_count": len(events)}))
        return recorded

    def check(self, calls, turns):
        recorded = self.record(calls, turns)
        command = self.candidate("c.py", """
            wanted = json.loads(open(os.environ["CALLS"]).read())
            for line in sys.stdin:
                turn = json.loads(line)
                number = turn["turn"]
                order = int(turn["input"].split("order ")[1][:-1])
                kind = order % 4
                if kind == 3:
                    say(type="tool.call.v1", payload={"tool": "escalate", "args": {"order": order}})
                    read()
                else:
                    for args in wanted.get(turn["input"], []):
                        say(type="tool.call.v1", payload={"tool": "lookup", "args": args})
                        read()
                euros = turn["input"].split(" euros")[0].split()[-1]
                text = ("We found your " + euros + " euros and send them back to you within three "
                        "working days, number " + str(number - 1) + ".")
                say(type="agent.utterance.v1", payload={"text": {
                    1: text.replace("found", "have found"), 2: "No."}.get(kind, text)})
                end()
        """)
        wanted = {turn["input"]: [args for _, args, _ in turn["calls"]]
                  for events in recorded.values() for turn in fold_call(events)}
        (self.folder / "calls.json").write_text(json.dumps(wanted))
        files = {path: path.read_bytes() for path in (self.folder / "week").rglob("*") if path.is_file()}
        outcome = self.run_it("rerun", "--all", "--exec", command, "--jobs", "2", "--report", "--json",
                              "--to", "sqlite:answers.db", timeout=120, env={
                                  "CALLS": "calls.json", "AGENTSTORE_STORE": str(self.folder / "week")})
        self.assertEqual(0, outcome.status, outcome.err)
        self.assertEqual(files, {path: path.read_bytes() for path in (self.folder / "week").rglob("*")
                                 if path.is_file()})
        found = outcome.json()
        self.assertEqual(calls, found["sessions"])
        self.compare(recorded, found)

    def compare(self, recorded, found):
        counts = dict.fromkeys(("same", "reworded", "changed", "tool_calls_changed", "error"), 0)
        tokens_in = tokens_out = latency = 0
        cost = Decimal(0)
        for events in recorded.values():
            def answer(number, turn):
                order = int(turn["input"].split("order ")[1][:-1])
                kind = order % 4
                text = turn["answer"][0].replace("We  found", "We found")
                if kind == 1:
                    text = text.replace("found", "have found")
                if kind == 2:
                    text = "No."
                calls = [["escalate", {"order": order}, None]] if kind == 3 else turn["calls"]
                return text, calls
            turns = fold_call(events)
            for turn, (text, calls) in zip(turns, replay_with_prompt(turns, answer)):
                counts[verdict(turn, text, calls, False)] += 1
                tokens_in += turn["tokens_in"]
                tokens_out += turn["tokens_out"]
                cost += Decimal("0.001")
                latency += turn["ended"] - turn["begun"]
        self.assertEqual(counts, found["turns"])
        self.assertTrue(all(counts[key] for key in counts if key != "error"), counts)
        self.assertEqual((tokens_in, tokens_out, float(cost), latency), tuple(
            found["recorded"][key] for key in ("tokens_in", "tokens_out", "cost_total_usd", "latency_ms")))

    def test_forty_calls(self):
        self.check(40, 4)

    def test_a_week_of_five_hundred(self):
        self.check(500, 1)


if __name__ == "__main__":
    main()
