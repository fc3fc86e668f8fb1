#!/usr/bin/env python3
"""Pages of HTML: what they hold, that they can be verified and taken back, and where they go."""

import base64
import gzip
import json
import os
import re
import resource
import shutil
from pathlib import Path

from support import Case, go_line, main
from test_evidence import PKCS8_HEAD, SEED

STORED = re.compile(rb'^<script type="application/gzip" class="stored" data-first="\d+">(.*)</script>$',
                    re.MULTILINE)


def stored_lines(page):
    return b"".join(gzip.decompress(base64.b64decode(block)) for block in STORED.findall(page))


def blocks_changed(page, change):
    """The page with other stored lines."""
    def again(match):
        lines = gzip.decompress(base64.b64decode(match.group(1)))
        return match.group(0).replace(match.group(1), base64.b64encode(gzip.compress(change(lines))))
    return STORED.sub(again, page)


class Pages(Case):
    def page(self, session, *words, status=0):
        path = self.folder / f"{session}.html"
        outcome = self.run_it("export", session, "--format", "html", "-o", path, *words)
        self.assertEqual(status, outcome.status, str(outcome))
        return path

    def work(self, session="work", name="fix <b>", **more):
        """A short session in our own store."""
        self.ok("create", session, "--name", name, "--label", "project=shop", **more)
        drafts = [
            {"type": "user_message", "timestamp": "2026-03-07T12:00:00Z",
             "payload": {"content": "fix the total; my key is AKIA" + "IOSFODNN7EXAMPLE"}},
            {"type": "tool_called", "timestamp": "2026-03-07T12:00:01Z",
             "payload": {"tool": "Bash", "args": {"command": "make test"}},
             "metadata": {"tool_name": "Bash"}},
            {"type": "tool_result", "timestamp": "2026-03-07T12:00:04Z",
             "payload": {"tool": "Bash", "error": "exit 2"},
             "metadata": {"tool_name": "Bash", "duration_ms": 3000}},
            {"type": "llm_response", "timestamp": "2026-03-07T12:00:09Z",
             "payload": {"content": "Done — naïve 日本."},
             "metadata": {"model": "m-1", "tokens_in": 10, "tokens_out": 20, "cost_usd": 0.5}},
        ]
        self.ok("append", session, "-", stdin="".join(json.dumps(d) + "\n" for d in drafts))
        return self.store / f"events/{session}.jsonl"

    # Evidence

    def test_a_page_carries_the_lines_as_stored_and_is_verified(self):
        log = self.work()
        page = self.page("work")
        self.assertEqual(log.read_bytes(), stored_lines(page.read_bytes()))
        verified = self.ok("verify", page, "--json").json()["sessions"][0]
        self.assertEqual(("work", "clean", 4), (verified["session_id"], verified["verdict"],
                                                verified["events"]))
        in_store = self.ok("verify", "work", "--json").json()["sessions"][0]
        self.assertEqual((in_store["head"], in_store["root"]), (verified["head"], verified["root"]))
        self.assertIn(f"{in_store['head']}@4", page.read_text())
        self.ok("verify", page, "--head", f"{in_store['head']}@4")

    def test_a_page_is_held_to_a_checkpoint(self):
        self.work()
        key, note = self.folder / "key.pem", self.folder / "note"
        der = base64.encodebytes(PKCS8_HEAD + SEED).decode()
        key.write_text(f"-----BEGIN PRIVATE KEY-----\n{der}-----END PRIVATE KEY-----\n")
        key.chmod(0o600)
        signer = ("--key", key, "--name", "example.com/audit")
        note.write_bytes(self.run_it("checkpoint", "work", *signer).bytes)
        public = self.ok("checkpoint", *signer, "--verifier-key").out.strip()
        page = self.page("work")
        self.ok("verify", page, "--checkpoint", note, "--key", public)
        shorter = self.page("work@2")
        self.assertEqual(1, self.run_it("verify", shorter, "--checkpoint", note, "--key", public).status)

    def test_a_page_is_imported_to_the_byte_with_name_and_labels(self):
        log = self.work()
        page = self.page("work")
        other = self.folder / "other"
        self.assertEqual(0, self.run_it("import", page, "--store", other).status)
        self.assertEqual(log.read_bytes(), (other / "events/work.jsonl").read_bytes())
        session = self.ok("sessions", "--store", other, "--json").json()["sessions"][0]
        self.assertEqual(("fix <b>", {"project": "shop"}), (session["name"], session["labels"]))
        self.assertEqual(self.ok("replay", "work").out, self.ok("replay", "work", "--store", other).out)

    def test_a_page_is_read_where_a_log_is(self):
        self.work()
        page = self.page("work")
        self.assertEqual(4, self.ok("stats", page, "--json").json()["events"])
        self.ok("verify", "-", stdin=page.read_bytes())
        self.ok("verify", "work.html", cwd=self.folder)
        packed = self.folder / "page.html.gz"
        packed.write_bytes(gzip.compress(page.read_bytes()))
        self.ok("verify", packed)

    def test_a_changed_line_a_missing_block_and_a_cut_page_are_found(self):
        self.work()
        page = self.page("work")
        whole = page.read_bytes()
        page.write_bytes(blocks_changed(whole, lambda lines: lines.replace(b"make test", b"make tests")))
        outcome = self.run_it("verify", page)
        self.assertEqual(1, outcome.status, str(outcome))
        self.assertIn("seal", outcome.out)
        page.write_bytes(blocks_changed(whole, lambda lines: lines[lines.index(b"\n") + 1:]))
        self.assertEqual(1, self.run_it("verify", page).status)
        for size in (len(whole) // 3, len(whole) // 2, len(whole) - 20):
            page.write_bytes(whole[:size])
            self.refused(2, "import", page, "--store", self.folder / "no", saying=["cannot read the page"])
        page.write_bytes(STORED.sub(lambda match: match.group(0).replace(match.group(1), b"H4sIAAAA"), whole))
        self.refused(2, "import", page, "--store", self.folder / "no", saying=["gzip"])

    def test_with_a_filter_or_a_point_a_page_is_an_extract(self):
        self.work()
        page = self.page("work", "-t", "tool_*")
        self.assertIn("This page is an <b>extract</b>", page.read_text())
        self.assertEqual(2, len(stored_lines(page.read_bytes()).splitlines()))
        self.assertEqual(1, self.run_it("verify", page).status)
        self.assertEqual(0, self.run_it("verify", page, "--extract").status)
        self.refused(2, "import", page, "--store", self.folder / "no", saying=["is an extract"])
        self.assertIn("<b>extract</b>", self.page("work@2").read_text())
        self.assertNotIn("<b>extract</b>", self.page("work").read_text())

    def test_an_extract_does_not_say_of_what_is_left_out_that_it_is_not_there(self):
        self.work()
        part = self.page("work", "-t", "tool_called").read_text()
        self.assertIn("Events of the session are left out", part)
        self.assertIn("<dd>not known from an extract</dd>", part)
        self.assertNotIn("no result</i>", part)
        masked = self.page("work", "-t", "tool_called", "--redact").read_text()
        self.assertIn("<dd>not known from an extract</dd>", masked)
        whole = self.page("work").read_text()
        self.assertNotIn("are left out", whole)
        self.assertIn("<dd>with an answer</dd>", whole)

    def test_a_page_says_what_verify_said_and_verify_what_it_did_not_look_at(self):
        self.work()
        page = self.page("work")
        self.assertIn('<dt>Verified when made</dt><dd><a href="#check">clean</a></dd>', page.read_text())
        page.write_text(page.read_text().replace("<b>fix", "<b>mix"))
        verified = self.ok("verify", page)
        self.assertIn("the stored lines in it were verified, and not what it shows", verified.out)
        self.assertNotIn("not what it shows", self.ok("verify", "work").out)

    def test_redact_masks_counts_and_leaves_no_stored_line(self):
        self.work()
        outcome = self.run_it("export", "work", "--format", "html", "--redact")
        self.assertEqual(0, outcome.status, str(outcome))
        self.assertIn("--redact masked 1 AWS access key", outcome.err)
        self.assertNotIn("IOSFODNN7", outcome.out)
        self.assertIn("[redacted: AWS access key]", outcome.out)
        self.assertEqual([], STORED.findall(outcome.bytes))
        self.assertIn("It cannot be verified", outcome.out)
        page = self.folder / "masked.html"
        page.write_bytes(outcome.bytes)
        self.refused(2, "import", page, "--store", self.folder / "no", saying=["secrets are masked"])

    def test_a_redacted_event_says_by_whom_and_why(self):
        self.work()
        redacted = self.run_it("redact", "work", "1", "--reason", "a <key>", "--by", "the dpo")
        self.assertEqual(0, redacted.status, str(redacted))
        page = self.page("work").read_text()
        self.assertIn("redacted by #5: a &lt;key&gt; (asked for by the dpo)", page)
        self.assertNotIn("fix the total", page)
        self.ok("verify", self.page("work"))

    # Folders

    def export_all(self, folder, *words, status=0):
        outcome = self.run_it("export", "--all", "--format", "html", "-o", folder, *words)
        self.assertEqual(status, outcome.status, str(outcome))
        return outcome

    def test_a_folder_has_an_overview_and_a_page_a_session(self):
        self.work("work")
        self.work("index", "another")
        folder = self.folder / "pages"
        self.assertIn("2 pages written", self.export_all(folder).err)
        self.assertEqual({"index.html", "index-2.html", "work.html"}, {p.name for p in folder.iterdir()})
        index = (folder / "index.html").read_text()
        self.assertIn('<a href="work.html">fix &lt;b&gt;</a>', index)
        self.assertIn('<a href="index-2.html">', index)
        self.ok("verify", folder / "index-2.html")
        self.refused(2, "import", folder / "index.html", "--store", self.folder / "no", saying=["overview"])

    def test_what_did_not_change_is_not_written_again(self):
        self.work("one")
        self.work("two", "second")
        folder = self.folder / "pages"
        self.export_all(folder)
        before = (folder / "one.html").stat()
        self.assertIn("0 pages written into", self.export_all(folder).err)
        self.ok("append", "two", "--type", "user_message", "--text", "more")
        self.assertIn("1 page written", self.export_all(folder).err)
        after = (folder / "one.html").stat()
        self.assertEqual((before.st_ino, before.st_mtime_ns), (after.st_ino, after.st_mtime_ns))
        self.assertEqual(5, len(stored_lines((folder / "two.html").read_bytes()).splitlines()))
        self.ok("label", "one", "--name", "another name")
        self.assertIn("1 page written", self.export_all(folder).err)
        self.assertIn("2 pages written", self.export_all(folder, "--redact").err)

    def test_a_folder_of_others_is_refused_and_left_alone(self):
        self.work()
        folder = self.folder / "home"
        folder.mkdir()
        self.export_all(folder)
        (folder / ".work.html.aB3dE6").write_text("")  # left by a run that was killed
        self.export_all(folder)
        (folder / "notes.txt").write_text("mine")
        self.refused(2, "export", "--all", "--format", "html", "-o", folder, saying=["notes.txt"])
        (folder / "notes.txt").unlink()
        (folder / "mine.html").write_text("<!doctype html>\n<title>mine</title>")
        self.refused(2, "export", "--all", "--format", "html", "-o", folder, saying=["mine.html"])
        self.assertEqual("<!doctype html>\n<title>mine</title>", (folder / "mine.html").read_text())
        (folder / "mine.html").unlink()
        target = self.folder / "target"
        target.write_text("")
        (folder / "link.html").symlink_to(target)
        self.refused(2, "export", "--all", "--format", "html", "-o", folder, saying=["link.html"])
        self.refused(2, "export", "--all", "--format", "html", "-o", target, saying=["not a folder"])
        self.refused(2, "export", "--all", "--format", "html", saying=["-o DIR"])

    def test_an_overview_is_of_what_was_asked_for(self):
        self.work("one")
        self.ok("create", "two", "--label", "project=other")
        self.ok("append", "two", "--type", "user_message", "--text", "x", "--timestamp", "2026-04-01T00:00:00Z")
        folder = self.folder / "pages"
        self.export_all(folder, "--since", "2026-04-01")
        self.assertEqual({"index.html", "two.html"}, {p.name for p in folder.iterdir()})
        self.assertIn("since 2026-04-01", (folder / "index.html").read_text())
        other = self.folder / "other"
        self.export_all(other, "--project", "shop")
        self.assertEqual({"index.html", "one.html"}, {p.name for p in other.iterdir()})

    def test_an_overview_has_the_figures_of_stats(self):
        self.work()
        path = self.folder / "overview.html"
        self.ok("stats", "--format", "html", "-o", path)
        page = path.read_text()
        stats = self.ok("stats", "--json").json()
        self.assertIn(f"<dt>Tokens in</dt><dd>{stats['tokens_in']}</dd>", page)
        self.assertIn("<dt>Cost</dt><dd>$0.50</dd>", page)
        self.assertIn('<td class="name">Bash</td><td>1</td><td class="bad">1</td>', page)
        self.assertNotIn(' href="', page.split("<body")[1])
        self.refused(2, "stats", "--format", "html", "--by", "day", saying=["--by"])

    def test_an_overview_says_which_prices_costs_were_computed_from(self):
        self.ok("create", "work")
        self.ok("append", "work", "-t", "llm_response", "--payload", '{"content":"x"}', "--metadata",
                '{"model":"claude-opus-4-6","tokens_in":1000000,"tokens_out":0}')
        table = self.folder / "mine.json"
        table.write_text(self.ok("--json", "stats", "--prices").out)
        page = self.ok("stats", "--format", "html", "--prices", table).out
        self.assertIn(f"~ computed from {table}", page)
        self.assertNotIn("list prices", page)
        self.assertIn("~ computed from list prices of ", self.ok("stats", "--format", "html").out)

    def test_sub_agents_are_lanes_that_lead_to_their_pages(self):
        self.ok("create", "parent")
        self.ok("append", "parent", "--type", "user_message", "--text", "x", "--timestamp", "2026-03-01T00:00:00Z")
        self.ok("create", "child", "--name", "look <it> up", "--label", "parent_session=parent")
        self.append("child", {"type": "tool_called", "payload": {"tool": "Grep"}, "timestamp": "2026-03-01T00:00:01Z"},
                    {"type": "tool_result", "payload": {"tool": "Grep"}, "timestamp": "2026-03-01T00:00:03Z"})
        folder = self.folder / "pages"
        self.export_all(folder)
        page = (folder / "parent.html").read_text()
        self.assertIn('<a href="child.html">look &lt;it&gt; up</a>', page)
        self.assertIn('<a href="child.html#e1">', page)
        self.assertIn("1, apart from all above", page)
        self.assertIn("look &lt;it&gt; up</text>", self.page("parent").read_text())
        self.append("child", "user_message")
        self.assertIn("2 pages written", self.export_all(folder).err)

    def test_sub_agents_are_known_where_labels_choose_their_parents(self):
        self.ok("create", "parent", "--label", "project=shop")
        self.ok("append", "parent", "--type", "user_message", "--text", "x", "--timestamp", "2026-03-01T00:00:00Z")
        self.ok("create", "child", "--name", "look", "--label", "parent_session=parent")
        self.append("child", {"type": "tool_called", "payload": {"tool": "Grep"}, "timestamp": "2026-03-01T00:00:01Z"})
        folder = self.folder / "pages"
        self.export_all(folder, "--project", "shop")
        self.assertEqual({"index.html", "parent.html"}, {p.name for p in folder.iterdir()})
        page = (folder / "parent.html").read_text()
        self.assertIn("look</text>", page)
        self.assertIn("1, apart from all above", page)

    def test_sub_agents_stand_in_the_order_in_which_they_began(self):
        self.ok("create", "parent")
        self.ok("append", "parent", "--type", "user_message", "--text", "x", "--timestamp", "2026-03-01T00:00:00Z")
        for name, second in (("b", 2), ("c", 3), ("a", 1)):
            self.ok("create", name, "--name", f"agent-{name}", "--label", "parent_session=parent")
            self.append(name, {"type": "tool_called", "payload": {"tool": "Grep"},
                               "timestamp": f"2026-03-01T00:00:0{second}Z"})
        page = self.page("parent").read_text()
        self.assertEqual(["a", "b", "c"], re.findall(r">agent-(.)</text>", page))

    # Bad input

    def transcript(self, *records):
        path = self.folder / "11111111-1111-4111-8111-111111111111.jsonl"
        path.write_text("".join((r if isinstance(r, str) else json.dumps(r)) + "\n" for r in records))
        return path

    def record(self, number, **more):
        return {"type": "user", "uuid": f"00000000-0000-4000-8000-00000000000{number}", "parentUuid": None,
                "sessionId": "11111111-1111-4111-8111-111111111111", "cwd": "/w", "version": "2.0.1",
                "timestamp": f"2026-03-01T00:00:0{number}.000Z",
                "message": {"role": "user", "content": f"say {number}"}, **more}

    def test_a_page_of_a_transcript_says_what_could_not_be_read_and_that_nothing_seals_it(self):
        path = self.transcript(self.record(1), '{"type": oh}', self.record(2))
        page = self.folder / "page.html"
        self.assertEqual(0, self.run_it("export", path, "--format", "html", "-o", page).status)
        text = page.read_text()
        self.assertIn("1 place of the log could not be read: what stood there is not shown.", text)
        self.assertIn("from the transcript of another tool, and nothing seals them; <code>agentstore import", text)
        path = self.transcript(self.record(1), self.record(2))
        self.assertEqual(0, self.run_it("export", path, "--format", "html", "-o", page).status)
        self.assertNotIn("could not be read", page.read_text())

    def test_a_page_without_the_lines_of_sub_agents_in_its_file_is_an_extract(self):
        path = self.transcript(self.record(1), self.record(2, isSidechain=True, agentId="abc"), self.record(3))
        page = self.folder / "page.html"
        self.assertEqual(0, self.run_it("export", path, "--format", "html", "-o", page).status)
        self.assertIn("<b>extract</b>", page.read_text())
        self.assertNotIn("agentstore import", page.read_text())
        self.assertEqual(0, self.run_it("verify", page, "--extract").status)

    def test_sessions_of_nothing_of_one_event_and_without_times(self):
        self.ok("create", "none")
        self.assertIn("0 events", self.page("none").read_text())
        for folder in ("events", "sessions", "snapshots"):
            (self.folder / "go" / folder).mkdir(parents=True)
        log = self.folder / "go/events/still.jsonl"
        log.write_text(go_line("still", 1, "user_message", '{"content":"x"}', "0001-01-01T00:00:00Z"))
        page = self.run_it("export", "still", "--format", "html", "--store", self.folder / "go")
        self.assertEqual(0, page.status, str(page))
        self.assertIn("do not say when they happened", page.out)
        self.assertEqual(log.read_bytes(), stored_lines(page.bytes))
        log.write_text(go_line("still", 1, "tool_called", '{"tool":"a"}', "2026-01-02T00:00:00Z")
                       + go_line("still", 2, "tool_result", '{"tool":"a"}', "2026-01-01T00:00:00Z"))
        page = self.run_it("export", "still", "--format", "html", "--store", self.folder / "go")
        self.assertIn("Time runs backwards", page.out)

    def test_a_damaged_log_makes_no_page(self):
        log = self.work()
        self.sound = False
        log.write_bytes(log.read_bytes().replace(b"make test", b"make tests"))
        path = self.folder / "work.html"
        self.assertEqual(1, self.run_it("export", "work", "--format", "html", "-o", path).status)
        self.assertFalse(path.exists())

    def test_what_has_no_project_is_in_the_table_of_projects(self):
        self.work()
        self.ok("create", "loose")
        self.ok("append", "loose", "-t", "llm_response", "--payload", '{"content":"yes"}', "--metadata",
                '{"model":"m-1","tokens_in":7,"tokens_out":8,"cost_usd":0.25}')
        page = self.folder / "all.html"
        self.ok("stats", "--format", "html", "-o", page)
        projects = page.read_text().split("<h2>Projects</h2>")[1].split("</table>")[0]
        self.assertIn('<tr><td class="name">shop</td><td>1</td><td>10</td><td>20</td><td>$0.50</td></tr>', projects)
        self.assertIn('<tr><td class="name"><i>no project</i></td><td>1</td><td>7</td><td>8</td><td>$0.25</td></tr>',
                      projects)
        models = page.read_text().split("<h2>Models</h2>")[1].split("</table>")[0]
        self.assertNotIn("no model", models)

    def test_a_full_disk_leaves_nothing_half_written(self):
        self.work()
        with open("/dev/full", "wb") as full:
            self.assertEqual(5, self.run_it("export", "work", "--format", "html", stdout=full).status)
        folder = self.folder / "pages"
        limit = lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (10000, 10000))
        outcome = self.run_it("export", "--all", "--format", "html", "-o", folder, preexec_fn=limit)
        self.assertEqual(5, outcome.status, str(outcome))
        self.assertEqual(1, outcome.err.count("cannot write"), outcome.err)
        self.assertEqual([], list(folder.iterdir()))

    def test_words_that_do_not_fit_are_refused(self):
        self.work()
        self.refused(2, "export", "work", "--format", "json", "-t", "error", saying=["--format html"])
        self.refused(2, "export", "work", "--format", "jsonl", "--redact", saying=["markdown and html"])
        self.refused(2, "export", "work", "--format", "htmx", saying=["html"])

    # Sample data

    def test_the_sample_pages_are_what_is_made_of_the_sample_sessions(self):
        sample = Path(__file__).resolve().parents[2] / "sample-data"
        shutil.copytree(sample, self.store, ignore=shutil.ignore_patterns("pages", "pictures", "damaged"))
        # Versions come and go.
        changing = re.compile(r'agentstore \d+\.\d+\.\d+|(?<=agentstore-page" content=")[^"]*')
        for name, words in (("move-payments", ("export", "run-0303")), ("overview", ("stats",))):
            with self.subTest(page=name):
                made = self.ok("--utc", *words, "--format", "html").out
                path = sample / f"pages/{name}.html"
                if os.environ.get("AGENTSTORE_UPDATE_GOLDEN"):
                    path.write_text(made)
                self.assertEqual(changing.sub("", path.read_text()), changing.sub("", made))
        self.ok("verify", sample / "pages/move-payments.html")


if __name__ == "__main__":
    main()
