"""A folder of Claude Code's transcripts, made up: sizes and shapes of real ones, ids of their own."""

import json
import os
import random
import uuid

RECORDS = 200  # of a transcript: half a megabyte
RARE, COMMON = "rarissimum", "error"
WORDS = ("the", "a", "file", "test", "run", "line", "value", COMMON, "build", "branch", "commit", "merge", "path",
         "return", "string", "const", "fix", "import", "class", "should", "result", "config", "log", "name", "set")


def text(dice, words):
    return " ".join(dice.choices(WORDS, k=words))


def records(dice, session, files):
    """A prompt, then calls and their results, as Claude Code writes them."""
    for number in range(RECORDS):
        common = {"parentUuid": None, "isSidechain": False, "cwd": f"/w/p{files % 7}", "version": "2.1.0",
                  "sessionId": session, "uuid": f"{session[:24]}{number:012}",
                  "timestamp": f"2026-03-0{1 + files % 9}T{number // 60:02}:{number % 60:02}:00.000Z"}
        usage = {"input_tokens": 9, "output_tokens": number, "cache_read_input_tokens": 1000}
        if number == 0:
            yield {**common, "type": "user", "message": {"role": "user", "content": text(dice, 30)}}
        elif number % 2 == 1:
            yield {**common, "type": "assistant", "requestId": f"req_{session[:8]}{number}", "message": {
                "id": f"msg_{session[:8]}{number}", "role": "assistant", "model": "claude-sonnet-4-6", "usage": usage,
                "content": [{"type": "tool_use", "id": f"toolu_{session[:8]}{number}", "name": "Bash",
                             "input": {"command": text(dice, 12), "description": text(dice, 5)}}]}}
        else:
            said = text(dice, 420)
            yield {**common, "type": "user", "toolUseResult": {"stdout": said, "stderr": "", "interrupted": False},
                   "message": {"role": "user", "content": [
                       {"type": "tool_result", "tool_use_id": f"toolu_{session[:8]}{number - 1}", "content": said}]}}


def fill(folder, files):
    """The rare word is in every hundredth file."""
    dice = random.Random(1)
    for number in range(files):
        session = str(uuid.UUID(int=dice.getrandbits(128), version=4))
        place = folder / f"-w-p{number % 100}"
        place.mkdir(parents=True, exist_ok=True)
        lines = [json.dumps(one, separators=(",", ":")) for one in records(dice, session, number)]
        if number % 100 == 50:
            lines[101] = lines[101].replace('"command":"', f'"command":"{RARE} ')
        (place / f"{session}.jsonl").write_text("\n".join(lines) + "\n")


class Growing:
    """One of the folder's files, which grows by a record at a time."""

    def __init__(self, folder):
        self.path = sorted(folder.rglob("*.jsonl"))[0]
        with self.path.open(encoding="utf-8") as file:
            self.record = next(one for one in map(json.loads, file) if one.get("type") == "user")
        self.added = 0

    def grow(self):
        self.added += 1
        self.record["uuid"] = f"grown-{os.getpid()}-{self.added}"
        with self.path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(self.record, separators=(",", ":")) + "\n")
