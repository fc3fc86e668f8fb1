#!/usr/bin/env python3
"""Pages in a real browser: every control by mouse and by keyboard, and that a page asks for nothing."""

import json
import shutil
import sys
import tempfile
from pathlib import Path

import browser
from support import Case, main

SAMPLE = Path(__file__).resolve().parents[2] / "sample-data"
SHOWN = "return Array.from(document.querySelectorAll('article')).filter(row => row.checkVisibility({contentVisibilityAuto: false})).map(row => Number(row.id.slice(1)))"
SETTLED = "return document.body.classList.contains('settled')"


class InBrowser(Case):
    """One browser for all; pages of the sample sessions, made once."""

    @classmethod
    def setUpClass(cls):
        cls.window = browser.Browser().__enter__()
        cls.addClassCleanup(cls.window.__exit__)
        cls.pages = Path(tempfile.mkdtemp(prefix="agentstore-pages."))
        cls.addClassCleanup(shutil.rmtree, cls.pages, True)

    def setUp(self):
        super().setUp()
        shutil.copytree(SAMPLE, self.store, ignore=shutil.ignore_patterns("pages", "pictures", "damaged"))
        if not (self.pages / "index.html").exists():
            outcome = self.run_it("export", "--all", "--format", "html", "-o", self.pages)
            self.assertEqual(0, outcome.status, str(outcome))
        self.window.scheme("light")
        self.window.resize(1200, 900)

    def open(self, session, part=""):
        self.window.open(self.pages / f"{session}.html", part)

    def shown(self):
        self.window.wait(SETTLED)
        return self.window.run(SHOWN)

    def numbers(self, session, *words):
        return [event["sequence_number"] for event in self.events(session, *words)]

    def current(self):
        return self.window.run("return (document.querySelector('article.current') || {}).id")

    def search(self, text):
        self.window.run("const s = document.getElementById('search'); s.value = arguments[0];"
                        "s.dispatchEvent(new Event('input'))", text)
        self.window.wait("return !document.getElementById('count').textContent.startsWith('reading')")

    def test_search_finds_what_grep_finds(self):
        self.open("run-0303")
        self.assertEqual(self.numbers("run-0303"), self.shown())
        for text in ("ledger", "Bash", "bash", "exit 1", "npm run migrate", "IF NOT EXISTS", "nothing like it"):
            with self.subTest(text=text):
                self.search(text)
                found = self.run_it("replay", "run-0303", "--format", "jsonl", "-g", text)
                numbers = [json.loads(line)["sequence_number"] for line in found.lines()]
                self.assertEqual(numbers, self.shown())
                self.assertEqual(f"{len(numbers)} of 29 events", self.window.text("#count"))

    def test_search_reads_escapes_as_grep_does(self):
        self.open("hostile")
        if self.window.run("return document.getElementById('bookkeeping') !== null"):
            self.window.click("#bookkeeping")
        for text in ("日本", '"quoted"', "evil.example", "\U0001f44d"):
            with self.subTest(text=text):
                self.search(text)
                self.assertEqual(self.numbers("hostile", "-g", text), self.shown())

    def test_kinds_and_tools_are_those_of_sql_and_replay(self):
        self.open("run-0303")
        for kind in ("call", "result", "answer", "message", "plan"):
            with self.subTest(kind=kind):
                asked = self.ok("sql", f"SELECT seq FROM events WHERE session_id='run-0303' AND kind='{kind}' ORDER BY seq",
                                "--json").json()
                self.window.click(f"button.kind[data-kind={kind}]")
                self.assertEqual([row["seq"] for row in asked["rows"]], self.shown())
                self.assertEqual("true", self.window.run(
                    "return document.querySelector(arguments[0]).ariaPressed", f"[data-kind={kind}]"))
                self.window.click(f"button.kind[data-kind={kind}]")
        for tool in ("Bash", "Edit"):
            with self.subTest(tool=tool):
                self.window.run("const t = document.getElementById('tool'); t.value = arguments[0];"
                                "t.dispatchEvent(new Event('change'))", tool)
                self.assertEqual(self.numbers("run-0303", "--tool", tool), self.shown())
        self.window.press("Escape")
        self.assertEqual(29, len(self.shown()))

    def test_the_way_from_error_to_error_by_keys_and_by_mouse(self):
        self.open("run-0303")
        failed = self.window.run("return Array.from(document.querySelectorAll('article.failed')).map(r => r.id)")
        self.assertEqual(["e8", "e9", "e11", "e12"], failed)
        seen = []
        for _ in range(5):
            self.window.press("e")
            seen.append(self.current())
        self.assertEqual([*failed, "e8"], seen)
        self.window.press("E")
        self.assertEqual("e12", self.current())
        self.window.click("#next-error")
        self.assertEqual("e8", self.current())

    def test_keys_move_unfold_and_show_the_stored_line(self):
        self.open("run-0303")
        self.window.press("g")
        self.assertEqual("e1", self.current())
        self.window.press("j", "j", "k")
        self.assertEqual("e2", self.current())
        self.window.press("G")
        self.assertEqual("e29", self.current())
        self.open("run-0303", "e14")
        self.assertEqual("e14", self.current())
        self.window.press("o")
        self.window.wait("return document.querySelector('#e14 .parts') && document.querySelector('#e15 .parts')")
        self.assertEqual(["added", "removed"], self.window.run(
            "return Array.from(document.querySelectorAll('#e14 .difference span')).map(s => s.className).filter(c => c).sort()"))
        self.window.press("s")
        self.window.wait("return document.querySelector('#e14 .stored')")
        self.assertEqual(self.log_of("run-0303").read_text().splitlines()[13], self.window.text("#e14 .stored pre"))
        self.window.press("s", "o")
        self.window.wait("return !document.querySelector('#e14 .stored') && !document.querySelector('#e14 details').open")
        self.window.press("/")
        self.assertEqual("search", self.window.run("return document.activeElement.id"))
        self.window.press("B", "a", "s", "h")
        self.window.wait("return document.getElementById('count').textContent.includes(' of ')")
        self.window.press("Escape")
        self.assertEqual("29 events", self.window.text("#count"))
        self.window.press("?")
        self.assertTrue(self.window.run("return document.getElementById('keys').open"))
        self.window.click("#keys button")
        self.window.click("#show-keys")
        self.window.press("Escape")
        self.assertFalse(self.window.run("return document.getElementById('keys').open"))

    def test_the_mouse_unfolds_links_and_chooses(self):
        self.open("run-0303")
        self.window.click("#e3 summary")
        self.window.wait("return document.querySelector('#e3 .parts') && document.querySelector('#e4 .parts')")
        self.assertEqual("e3", self.current())
        self.window.click("#actions button:last-child")
        self.window.wait("return document.querySelector('#e3 .stored')")
        self.window.click("#e4 summary a")
        self.assertEqual("#e3", self.window.run("return location.hash"))
        self.window.click(".waterfall a[href='#e24']")
        # The page is told of another address after the click.
        self.window.wait("return (document.querySelector('article.current') || {}).id === 'e24'")

    def test_a_link_to_an_event_that_is_filtered_out_shows_it(self):
        self.open("run-0303")
        self.window.click("button.kind[data-kind=plan]")
        self.assertEqual([2], self.shown())
        self.window.run("location.hash = 'e9'")
        self.window.wait("return (document.querySelector('article.current') || {}).id === 'e9'")
        self.assertEqual(29, len(self.shown()))

    def test_a_long_message_is_shown_whole_when_asked(self):
        text = "word " * 3000
        self.append("run-0304", {"type": "user_message", "payload": {"content": text}})
        page = self.folder / "long.html"
        self.ok("export", "run-0304", "--format", "html", "-o", page)
        self.window.open(page)
        self.window.click("button.more")
        self.window.wait("return document.querySelector('#e16 .parts pre')")
        self.assertEqual(text.strip(), self.window.text("#e16 .parts pre").strip())

    def test_an_overview_is_searched_sorted_and_leads_to_its_pages(self):
        self.window.open(self.pages / "index.html")
        rows = "return Array.from(document.querySelectorAll('#list tbody tr')).filter(r => !r.hidden).map(r => r.cells[0].textContent)"
        self.assertEqual(8, len(self.window.run(rows)))
        self.window.press("/")
        self.window.press(*"fix-total")
        self.assertEqual(["fix-total-1", "fix-total-2"], sorted(self.window.run(rows)))
        self.assertEqual("2 of 8 sessions", self.window.text("#count"))
        self.window.press("Escape")
        self.window.click("#list th:nth-child(9) button")
        self.assertEqual("move-payments", self.window.run(rows)[0])
        self.window.click("#list th:first-child button")
        self.assertEqual(sorted(self.window.run(rows), key=str.lower), self.window.run(rows))
        self.window.click("#list a[href='run-0303.html']")
        self.window.wait("return document.body.classList.contains('session')")

    def test_no_page_complains_or_asks_the_network_at_any_width_dark_and_light(self):
        for name in ("index", "run-0303", "agent-001", "hostile"):
            path = self.pages / f"{name}.html"
            for scheme, width in (("light", 400), ("dark", 1000), ("light", 2000)):
                with self.subTest(page=name, scheme=scheme, width=width):
                    self.window.scheme(scheme)
                    self.window.resize(width)
                    self.window.open(path)
                    self.assertLessEqual(self.window.run("return document.documentElement.scrollWidth"), width)
        self.assertEqual([], self.window.complaints())
        self.assertEqual([], self.window.requests())

    def test_nothing_of_a_log_runs_even_where_it_is_unfolded(self):
        self.open("hostile")
        self.window.run("for (const d of document.querySelectorAll('details')) d.open = true")
        self.window.wait("return Array.from(document.querySelectorAll('article details')).every(d => d.querySelector('.parts'))")
        self.assertEqual([], self.window.complaints())
        self.assertEqual(0, self.window.run("return document.querySelectorAll('article img, article script, article b b').length"))


if __name__ == "__main__":
    missing = browser.missing()
    if missing:
        print(missing)
        sys.exit(77)
    main()
