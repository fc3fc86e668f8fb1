"""find: equal to a slow search through every event, over samples, random transcripts and a corpus."""

import json
import os
import random
import re
import unicodedata
import shutil
from collections import Counter
from pathlib import Path

from support import Case, main
from test_import import CLAUDE_ID, SAMPLES

NO_TEXT = {"type", "role", "usage", "signature", "encrypted_content"}
KINDS = {"user_message": "message", "user.utterance.v1": "message", "message_received": "message",
         "llm_response": "answer", "llm_request": "request", "tool_called": "call",
         "tool_result": "result", "plan_created": "plan", "error": "error", "state_updated": "state"}
SEED = int(os.environ.get("AGENTSTORE_TEST_SEED", random.SystemRandom().randrange(1 << 32)))


class Pairs(list):
    """An object, with every member that it has."""


def parse(text):
    return json.loads(text, object_pairs_hook=Pairs, parse_int=str, parse_float=str,
                      parse_constant=str)


def texts_of(value, name=""):
    """The texts and numbers of a payload: values that say something."""
    if isinstance(value, Pairs):
        for key, inner in value:
            if key not in NO_TEXT:
                yield from texts_of(inner, key)
    elif isinstance(value, list):
        for inner in value:
            yield from texts_of(inner)
    elif isinstance(value, str):
        yield value


def compiled(word):
    sensitive = any(unicodedata.category(c) in ("Lu", "Lt") for c in word)
    if len(word) > 2 and word[0] == word[-1] == "/":
        return re.compile(word[1:-1], 0 if sensitive else re.IGNORECASE)
    return re.compile(re.escape(word), 0 if sensitive else re.IGNORECASE)


def clean(text):
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


class Find(Case):
    def events_of(self, store, *words):
        """Every event, as its stored line has it."""
        out = self.run_it("replay", "--all", "--store", store, "--format", "jsonl", *words).out
        return [parse(line) for line in out.splitlines()]

    def slowly(self, events, words, in_session=False):
        """Hits by session and kind."""
        patterns = [compiled(word) for word in words]
        hits, seen = {}, {}
        for pairs in events:
            event = dict(pairs)
            payload = event["payload"]
            metadata = dict(event.get("metadata") or [])
            if event["type"] == "custom" and "unread" in dict(metadata.get("extra") or []):
                payload = parse(dict(payload)["text"])
            said = [clean(text) for text in texts_of(payload)]
            has = {i for i, pattern in enumerate(patterns) if any(map(pattern.search, said))}
            if not has or (not in_session and len(has) < len(patterns)):
                continue
            session = event["session_id"]
            seen.setdefault(session, set()).update(has)
            hits.setdefault(session, Counter())[KINDS.get(event["type"], "other")] += 1
        return {session: dict(kinds) for session, kinds in hits.items()
                if len(seen[session]) == len(patterns)}

    def check(self, store, events, words, *more):
        """The quick search, which parses what it must, and the one that numbers its hits."""
        slow = self.slowly(events, words, "--session" in more)
        listed = self.run_it("find", *words, "--store", store, "-c", *more)
        self.assertEqual(0, listed.status, str(listed))
        counts = {line.split()[1]: int(line.split()[0]) for line in listed.lines()}
        self.assertEqual({one: sum(kinds.values()) for one, kinds in slow.items()}, counts,
                         (SEED, words))
        found = self.run_it("find", *words, "--store", store, "--json", *more).json()
        self.assertEqual(slow, {one["session_id"]: one["hits_by_kind"]
                                for one in found["sessions"]}, (SEED, words))
        self.assertEqual(sum(counts.values()), found["hits"])
        numbers = {(dict(event)["session_id"], int(dict(event)["sequence_number"])): dict(event)
                   for event in events}
        for one in found["sessions"]:
            best = numbers[one["session_id"], one["best"]["sequence_number"]]
            self.assertEqual(best["type"], one["best"]["type"], (SEED, words))
            self.assertEqual(best.get("event_id", one["best"]["event_id"]), one["best"]["event_id"])

    def words_from(self, rng, events, count):
        """Words that are there, parts of them, and words that are not."""
        texts = [text for event in events for text in texts_of(dict(event)["payload"])]
        for _ in range(count):
            text = rng.choice(texts) if texts else "x"
            start = rng.randrange(len(text) + 1)
            piece = text[start:start + rng.choice((2, 3, 5, 9, 20))].strip()
            piece = clean(piece).replace("\0", "").replace('"', "").replace("\ufffd", "")
            if not piece or (piece[0] == piece[-1] == "/") or piece.startswith("-"):
                piece = rng.choice(("error", "text", "content", "zzzqq", "Bash", "sessionid"))
            yield rng.choice((piece, piece.lower(), piece.upper()) if piece.isascii() else (piece,))

    def test_the_samples(self):
        rng = random.Random(SEED)
        for store in (f"claude:{SAMPLES / 'claude'}", f"codex:{SAMPLES / 'codex'}"):
            events = self.events_of(store)
            self.assertTrue(events)
            for word in self.words_from(rng, events, 12):
                self.check(store, events, [word])

    def record(self, rng, session, number):
        say = lambda: " ".join(rng.choice(WORDS) for _ in range(rng.randrange(1, 6)))
        stamp = f"2026-03-0{rng.randrange(1, 9)}T12:{number % 60:02}:00.000Z"
        common = {"parentUuid": None, "isSidechain": rng.random() < 0.1, "sessionId": session,
                  "cwd": "/w/shop", "version": "2.1.0", "uuid": f"{session}-{number}",
                  "timestamp": stamp}
        kind = rng.randrange(6)
        if kind == 0:
            return {**common, "type": "user", "message": {"role": "user", "content": say()}}
        if kind == 1:
            return {**common, "type": "assistant", "message": {
                "id": f"m{number}", "role": "assistant", "model": "claude-x",
                "content": [{"type": "text", "text": say()}],
                "usage": {"input_tokens": 3, "output_tokens": number, "service_tier": "standard"}}}
        if kind == 2:
            return {**common, "type": "assistant", "message": {
                "id": f"m{number}", "role": "assistant", "model": "claude-x", "content": [
                    {"type": "tool_use", "id": f"t{number}", "name": rng.choice(("Bash", "Edit")),
                     "input": {"command": say(), "file_path": f"/w/shop/{rng.choice(WORDS)}.py"}}],
                "usage": {"input_tokens": 3, "output_tokens": number}}}
        if kind == 3:
            return {**common, "type": "user", "toolUseResult": {"stdout": say(), "n": number},
                    "message": {"role": "user", "content": [
                        {"type": "tool_result", "tool_use_id": f"t{number - 1}", "content": say(),
                         "is_error": rng.random() < 0.3}]}}
        if kind == 4:
            return {"type": "summary", "summary": say(), "leafUuid": "x"}
        return {**common, "type": "system", "subtype": "local_command", "content": say()}

    def write(self, rng, record):
        spaced = rng.random() < 0.2
        line = json.dumps(record, ensure_ascii=rng.random() < 0.5,
                          separators=None if spaced else (",", ":"))
        if rng.random() < 0.1:  # Any letter may be written so.
            line = line.replace("lint", "\\u006cint").replace("task", "ta\\u0073\\u006B")
        if rng.random() < 0.05:
            line = line.replace('"version"', '"uuid":"again","version"')
        return line

    def test_random_transcripts(self):
        for case in range(3):
            rng = random.Random(SEED + case)
            folder = self.folder / f"logs{case}"
            for project in range(3):
                (folder / f"p{project}").mkdir(parents=True)
            for number in range(8):
                session = f"5e55{number % 6:04}-0000-4000-8000-000000000000"
                lines = []
                for n in range(rng.randrange(1, 40)):
                    lines.append(self.write(rng, self.record(rng, session, n)))
                    if rng.random() < 0.1:
                        lines.append(lines[-1])
                    if rng.random() < 0.05:
                        lines.append(lines[-1][:rng.randrange(len(lines[-1]))])
                text = "\n".join(lines) + ("\n" if rng.random() < 0.7 else "")
                place = folder / f"p{rng.randrange(3)}" / f"{session if number < 6 else number}.jsonl"
                place.write_bytes(text.encode("utf-8", "surrogatepass"))
            store = f"claude:{folder}"
            events = self.events_of(store)
            for word in rng.sample(QUESTIONS, 7):
                self.check(store, events, word)
            plain = [word for word in WORDS if '"' not in word]
            self.check(store, events, rng.sample(plain, 2), "--session")
            for word in rng.sample(WORDS, 5):
                # What decides reads every file, whatever its bytes.
                pattern = ("--all", "-g", re.escape(word), "--store", store, "--format", "jsonl")
                whole = self.run_it("replay", *pattern, "--assert", "seq > 0", "--allow-empty")
                quick = self.run_it("replay", *pattern)
                self.assertEqual((0, whole.out), (quick.status, quick.out), (SEED, word))

    def test_what_converters_write_is_known(self):
        sources = Path(__file__).resolve().parents[2] / "formats/sources"
        texts = re.findall(r'^    "(.*)"', (sources / "made_texts.cpp").read_text(), re.M)
        known = " ".join(texts)
        for path in sources.glob("*.?pp"):
            if path.name == "made_texts.cpp":
                continue
            text = re.sub(r"//.*|#include.*", "", path.read_text())
            literals = re.findall(r'"((?:[^"\\]|\\.)*)"', text) + re.findall(r'R"\(([^)]*)\)"', text)
            for word in re.findall(r"[A-Za-z0-9]{2,}", " ".join(literals)):
                self.assertIn(word.lower(), known, path.name)

    def test_a_corpus(self):
        corpus = os.environ.get("AGENTSTORE_CORPUS")
        if not corpus:
            self.skipTest("AGENTSTORE_CORPUS is not set")
        rng = random.Random(SEED)
        for name, scheme in (("a-claude-code", "claude:"), ("b-codex", "codex:")):
            folders = sorted((Path(corpus) / "agent-logs").glob(f"{name[0]}-*"))
            if not folders:
                continue
            few = self.folder / name
            few.mkdir()
            for path in rng.sample(sorted(folders[0].rglob("*.jsonl")), 6):
                if path.stat().st_size < 1 << 20:
                    shutil.copy(path, few)
            if not any(few.iterdir()):
                continue
            events = self.events_of(scheme + str(few))
            for word in self.words_from(rng, events, 6):
                self.check(scheme + str(few), events, [word])

    def test_a_store_of_ours(self):
        for name in ("one", "two"):
            self.create(name, "--name", f"the-{name}")
            self.append(name, {"type": "user_message", "payload": {"content": f"Fix the lint of {name}"}},
                        {"type": "tool_called", "payload": {"tool": "Bash", "args": {
                            "command": "mise run lint -- --fix", "file_path": "/w/cmd/root.go"}}},
                        {"type": "tool_result", "payload": {"error": None, "result": "a/b \"ok\" 429"}},
                        {"type": "custom", "payload": {"error": "usage", "usage": "lint"}})
        events = self.events_of(str(self.store))
        for words in (["lint"], ["Lint"], ["FIX"], ["fix", "run"], ["429"], ["a/b"], ["/li.t/"],
                      ["error"], ["two"]):
            self.check(str(self.store), events, words)
        self.check(str(self.store), events, ["fix", "ok"], "--session")
        self.assertEqual([], self.ok("find", "fix", "429", "--session", "-l", "-t", "custom",
                                     "--json").json()["sessions"])
        self.assertEqual(["one", "two"], sorted(self.ok("find", "lint", "-l").lines()))
        self.assertEqual(1, len(self.ok("find", "lint", "-l", "-n", "1").lines()))
        for words, hits in ((("--file", "root.go"), 1), (("--file", "/w/cmd/root.go"), 1),
                            (("--file", "oot.go"), 0), (("--command", "lint mise"), 0),
                            (("--command", "lint", "--command", "mise"), 1),
                            (("--command", "mise run"), 1), (("lint", "--tool", "Ba*"), 1),
                            (("lint", "-t", "user_*"), 1), (("lint", "-T", "user_*"), 1),
                            (("lint", "-U", "2020-01-01"), 0), (("lint", "-S", "2020-01-01"), 2)):
            with self.subTest(words=words):
                found = self.run_it("find", *words, "--json").json()["sessions"]
                self.assertEqual([hits] * (2 if hits else 0), [one["hits"] for one in found])

    def test_what_people_see(self):
        self.create("one", "--label", "project=shop")
        self.append("one", {"type": "user_message", "payload": {"content": "Please lint\u001b[31m it"},
                            "timestamp": "2026-03-07T12:00:00Z"},
                    {"type": "tool_called", "payload": {"tool": "Bash", "args": {"command": "::set lint"}},
                     "timestamp": "2026-03-07T12:01:00Z"},
                    {"type": "tool_result", "payload": {"result": "done"},
                     "timestamp": "2026-03-07T12:02:00Z"})
        shown = self.ok("find", "lint")
        self.assertEqual(
            'one  shop  2026-03-07 12:01  2 hits: 1 message, 1 call  "Please lint\\u{1b}[31m it"\n'
            "     user    Please «lint»\\u{1b}[31m it\n"
            "Total: 2 hits in 1 session, of 1 session\nagentstore show one#1\n", shown.out)
        around = self.ok("find", "::set", "-C", "1").lines()
        self.assertEqual(["    #1", "  > #2", "    #3"], [line[:6] for line in around[2:5]])
        nothing = self.run_it("find", "zzz")
        self.assertEqual((0, ""), (nothing.status, nothing.out))
        self.assertIn("nothing was found in 1 session", nothing.err)
        self.assertEqual(1, self.run_it("find", "zzz", "-q").status)
        self.assertEqual(0, self.run_it("find", "lint", "-q").status)

    def test_a_session_in_two_stores_counts_once(self):
        self.ok("import", "--json", SAMPLES / "claude")
        claude = f"claude:{SAMPLES / 'claude'}"
        alone = {one["session_id"]: one["hits"] for one in
                 self.ok("find", "e", "--json", "--store", claude).json()["sessions"]}
        both = self.run_it("find", "e", "--json", "--store", claude, "--store", self.store)
        self.assertEqual(alone, {one["session_id"]: one["hits"] for one in both.json()["sessions"]
                                 if one["session_id"] in alone})
        self.assertIn("each counts once", both.err)
        self.assertIn(CLAUDE_ID, alone)

    def test_bad_input(self):
        self.create("one")
        self.refused(2, "find", saying="no WORDS")
        self.refused(2, "find", "", saying="nothing to look for")
        self.refused(2, "find", "/(/", saying="pattern of find")
        self.refused(2, "find", "x", "-l", "-c", saying="-l and -c")
        self.refused(2, "find", "x", "-C", "1", "--json", saying="-C")
        self.refused(2, "find", *map(str, range(65)), saying="64 words")
        self.refused(3, "find", "x", "--store", self.folder / "none", saying="none")
        self.refused(3, "find", "x", "--store", f"claude:{self.folder / 'none'}", saying="none")

    def test_a_capital_letter_of_any_script_is_meant(self):
        self.create("one")
        for text in ("\u00fcber", "\u00dcBER", "\u041f\u0440\u0438\u0432\u0435\u0442", "\u01c6"):
            self.append("one", {"type": "t", "payload": {"text": text}})
        for word, hits in (("\u00fcber", 2), ("\u00dcBER", 1), ("\u00dcber", 0), ("/\u00dcBE./", 1),
                           ("\u043f\u0440\u0438\u0432\u0435\u0442", 1), ("\u041f\u0420\u0418\u0412\u0415\u0422", 0),
                           ("\u01c6", 1), ("\u01c5", 0), ("/\\p{Lu}BER/", 1), ("/\\p{Ll}ber/", 2)):
            with self.subTest(word):
                found = self.ok("find", word, "-c").out.split() if hits else self.run_it("find", word, "-c").out
                self.assertEqual([str(hits), "one"] if hits else "", found)
                pattern = word.strip("/")
                lines = self.run_it("replay", "one", "-g", pattern, "--format", "jsonl").lines()
                self.assertEqual(hits, len(lines))

    def test_a_session_that_cannot_be_read_is_missed(self):
        self.sound = False
        for name in ("one", "two"):
            self.create(name)
            self.append(name, {"type": "t", "payload": {"text": "lint"}})
        self.log_of("two").unlink()
        self.log_of("two").mkdir()
        for words in (["-c"], ["-l"], ["--json"], ["-q"], []):
            with self.subTest(words):
                found = self.run_it("find", "lint", *words)
                self.assertEqual(7, found.status, str(found))
                self.assertIn("incomplete", found.err)

    def test_damage_is_told_and_what_is_before_it_is_found(self):
        self.sound = False
        self.create("one")
        for n in range(4):
            self.append("one", {"type": "t", "payload": {"text": f"lint {n}"}})
        log = self.log_of("one")
        lines = log.read_bytes().splitlines(keepends=True)
        lines[2] = lines[2].replace(b"lint 2", b"lint 9")
        log.write_bytes(b"".join(lines))
        found = self.run_it("find", "lint", "-c")
        self.assertEqual("      2 one\n", found.out)
        self.assertIn("warning", found.err)
        self.assertNotEqual(0, self.run_it("find", "lint", "-q").status)


WORDS = ["lint", "task", "Task", "asK", "ta\u017fk", "\u212aelvin", "kelvin", "err/or", "error", "text",
         "content", "429", "1.5e3", "na\u00efve", "\u4fee\u590d", "\U0001f642", "tab\there", "new\nline",
         "quote\"d", "back\\slash", "stdout", "Bash", "a.b", "\u044f", "\u042f", "{\"k\":1}", "nlint"]
QUESTIONS = [["lint"], ["task"], ["Task"], ["kelvin"], ["error"], ["err/or"], ["text"], ["content"],
             ["429"], ["\u4fee"], ["\U0001f642"], ["na\u00efve"], ["\u044f"], ["bash"], ["here"], ["nlint"],
             ["slash"], ["standard"], ["lint", "task"], ["/l.nt/"], ["/err.?or|stdout/"], ["/\\d\\d\\d/"],
             ["root"], ["shop"], ["k"], ["s"], ["line"], ["b006c"], ["true"]]

if __name__ == "__main__":
    print(f"seed {SEED}")
    main()
