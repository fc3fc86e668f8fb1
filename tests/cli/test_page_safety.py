#!/usr/bin/env python3
"""What a log says is text in a page, and nothing else."""

import json
import os
import random
import re
from pathlib import Path

from support import Case, go_line, main

# What our templates are made of. Everything else would have come from a log.
TAGS = {"html", "head", "meta", "title", "style", "body", "script", "main", "header", "p", "h1", "h2",
        "h3", "dl", "dt", "dd", "div", "section", "figure", "figcaption", "b", "i", "em", "span",
        "svg", "g", "path", "rect", "text", "a", "input", "select", "option", "button", "output",
        "label", "noscript", "article", "time", "details", "summary", "pre", "code", "footer",
        "dialog", "kbd", "form", "table", "thead", "tbody", "tr", "th", "td"}
ATTRIBUTE = re.compile(r'([a-zA-Z-]+)(?:="[^"<>]*")?')


class Safety(Case):
    def check_markup(self, page):
        text = page.decode()
        self.assertEqual(1, text.count("<script>"))
        self.assertEqual(1, text.count("Content-Security-Policy"))
        style, script = text.index("<style>"), text.index("<script>")
        bare = (text[:style] + text[text.index("</style>"):script] + text[text.index("</script>", script):])
        for tag in re.findall(r"<(/?[^>]*)>", bare):
            name, _, rest = tag.lstrip("/").partition(" ")
            if name == "!doctype":
                continue
            self.assertIn(name.split("\n")[0], TAGS, tag)
            for attribute in ATTRIBUTE.findall(re.sub(r'="[^"]*"', '=""', rest)):
                self.assertFalse(attribute.lower().startswith("on"), tag)
                self.assertNotEqual("style", attribute, tag)
        for link in re.findall(r'href="([^"]*)"', bare):
            self.assertRegex(link, r"^(#[a-z0-9]+|[A-Za-z0-9_][A-Za-z0-9._-]*\.html(#e\d+)?)$")
        self.assertIsNone(re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b\u200c\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]", bare))

    def test_five_hundred_hostile_sessions_make_no_markup(self):
        seed = int(os.environ.get("AGENTSTORE_TEST_SEED", "22"))
        print(f"seed {seed}")
        chance = random.Random(seed)
        pieces = ["<script>alert(1)</script>", "</script>", "<img src=x onerror=alert(1)>", "\"'><b>", "-->",
                  "{{style}}", "javascript:alert(1)", "\u202egpj.exe", "\x1b]0;x\x07", "]]>", "<svg/onload=1>",
                  "&lt;", "\u0000", "```\n<b>", "\u2028", "a b", "../../etc", "%3Cscript%3E", "</style>", "</title>"]
        word = lambda: "".join(chance.choice(pieces) for _ in range(chance.randint(1, 4)))
        folder = self.folder / "go"
        for name in ("events", "sessions", "snapshots"):
            (folder / name).mkdir(parents=True)
        for number in range(500):
            lines, at = [], 0
            for kind, payload in (
                    ("user_message", {"content": word(), "role": word()}),
                    (chance.choice(["tool_called", "tool.call.v1"]), {"tool": word(), "args": {word(): word()}}),
                    ("tool_result", {"tool": word(), "error": word(), "result": word()}),
                    (chance.choice(["error", "llm_response", "custom", "BetPlaced"]),
                     {"message": word(), "content": word(), "amount": word(), "asset": word()})):
                at += 1
                metadata = json.dumps({"tool_name": word(), "model": word(), "worker_id": word(),
                                       "extra": {"record_type": word()}})
                lines.append(go_line(f"s{number}", at, kind, json.dumps(payload), "2026-03-01T00:00:0%dZ" % at, metadata))
            (folder / f"events/s{number}.jsonl").write_text("".join(lines))
            (folder / f"sessions/s{number}.json").write_text(json.dumps({
                "id": f"s{number}", "name": word(), "labels": {"project": word(), word(): word()},
                "created_at": "2026-03-01T00:00:00Z", "updated_at": "2026-03-01T00:00:04Z", "event_count": 4}))
        pages = self.folder / "pages"
        outcome = self.run_it("export", "--all", "--format", "html", "-o", pages, "--store", folder)
        self.assertEqual(0, outcome.status, str(outcome))
        written = sorted(pages.iterdir())
        self.assertEqual(501, len(written))
        for path in written:
            with self.subTest(page=path.name):
                self.check_markup(path.read_bytes())

    def test_the_hostile_sample_session_makes_no_markup(self):
        sample = Path(__file__).resolve().parents[2] / "sample-data"
        for words in (("export", "hostile"), ("stats",)):
            page = self.run_it(*words, "--format", "html", "--store", sample)
            self.assertEqual(0, page.status, str(page))
            self.check_markup(page.bytes)


if __name__ == "__main__":
    main()
