"""What the article does by hand, and nothing of ours: fold a call's events into its conversation and
its tool calls, feed each message of the user to another prompt, compare. Used to hold the report of
`agentstore rerun --report` to its figures; reads plain event lists."""

import re

WORD = re.compile(rb"[0-9A-Za-z\x80-\xff]+")
NUMBER = re.compile(rb"(?<![0-9A-Za-z\x80-\xff])-[0-9]+(?:[.,][0-9]+)*|[0-9]+(?:[.,][0-9]+)*")


def fold_call(events):
    """The turns of a call: input, answer, tool calls with their results, tokens, cost, seconds."""
    turns = []
    for event in events:
        kind, payload, metadata = event["type"], event["payload"], event.get("metadata", {})
        if kind == "user.utterance.v1":
            turns.append({"input": payload["text"], "answer": [], "calls": [], "tokens_in": 0,
                          "tokens_out": 0, "cost": 0, "begun": event["at_ms"], "ended": None})
        elif turns:
            turn = turns[-1]
            if kind == "agent.utterance.v1":
                turn["answer"].append(payload["text"])
            elif kind == "tool.call.v1":
                turn["calls"].append([payload["tool"], payload["args"], None])
            elif kind == "tool.result.v1":
                turn["calls"][-1][2] = payload["result"]
            elif kind == "llm_response":
                turn["tokens_in"] += metadata["tokens_in"]
                turn["tokens_out"] += metadata["tokens_out"]
                turn["cost"] += metadata["cost_usd"]
            if kind != "custom":
                turn["ended"] = event["at_ms"]
    return turns


def replay_with_prompt(turns, answer):
    """Each turn once more: `answer(number, turn)` gives a text and calls with their results."""
    return [answer(number, turn) for number, turn in enumerate(turns, 1)]


def words(text):
    return {word.lower() for word in WORD.findall(text.encode())}


def verdict(turn, text, calls, failed):
    if failed:
        return "error"
    if turn["calls"] != calls:
        return "tool_calls_changed"
    before = "\n".join(turn["answer"])
    if before.split() == text.split():
        return "same"
    a, b = words(before), words(text)
    numbers = sorted(NUMBER.findall(before.encode())) == sorted(NUMBER.findall(text.encode()))
    if numbers and (not (a | b) or len(a & b) / len(a | b) >= 0.8):
        return "reworded"
    return "changed"
