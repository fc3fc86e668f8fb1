"""A platform's transactions as events, and the tour's loop against a server that fails now and then."""

import json
import re
import shutil
import subprocess
import threading
import time
import unittest
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlparse

from support import BIN, Case, main

TOUR = (Path(__file__).resolve().parents[2] / "sample-data/README.md").read_text()
MANUAL = (Path(__file__).resolve().parents[2] / "man/agentstore-feeds.5").read_text()
PAGE = [
    {"id": "tx-1", "type": "deposit", "amount": 100, "timestamp": "2026-03-01T00:00:01Z"},
    {"id": "tx-2", "type": "bet", "amount": 25.50, "timestamp": "2026-03-01T00:00:02Z"},
    {"id": "tx-3", "type": "win", "amount": 51, "timestamp": "2026-03-01T00:00:03Z"},
    {"id": "tx-4", "type": "fee", "amount": 0.1, "timestamp": "2026-03-01T00:00:04Z"},
    {"id": "tx-5", "type": "withdraw", "amount": 10, "timestamp": "2026-03-01T00:00:05Z"},
    {"id": "tx-6", "type": "faucet", "amount": 5, "timestamp": "2026-03-01T00:00:06Z"},
    {"id": "tx-7", "type": "escrow", "amount": 1, "timestamp": "2026-03-01T00:00:07Z"},
    {"id": "tx-8", "type": "airdrop", "amount": "some", "timestamp": "2026-03-01T00:00:08Z"},
]
LOOP = re.search(r"```sh\n(while :; do\n.*?purpleflea.*?)```", TOUR, re.S)[1]


class Platform(BaseHTTPRequestHandler):
    """Pages of three behind `since`, which may overlap; every third answer is bad."""
    answers = 0

    def do_GET(self):
        since = parse_qs(urlparse(self.path).query).get("since", [""])[0]
        first = next((n for n, one in enumerate(PAGE) if one["id"] == since), -1) + 1
        page = PAGE[max(first - 1, 0):first + 3]
        Platform.answers += 1
        body = json.dumps({"transactions": page}).encode()
        if Platform.answers % 4 == 1:
            self.send_error(500)
            return
        self.send_response(200)
        if Platform.answers % 4 == 2:  # cut off: of the length that it says, and of no length
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body[:-7] if Platform.answers % 4 in (2, 3) else body)

    def log_message(self, *_):
        pass


class Transactions(Case):
    def setUp(self):
        super().setUp()
        self.create("agent-001")

    def take(self, page, *words, status=0):
        text = page if isinstance(page, str) else json.dumps({"transactions": page})
        outcome = self.run_it("import", "--as", "purpleflea", "-", "--session", "agent-001", *words,
                              stdin=text)
        self.assertEqual(status, outcome.status, str(outcome))
        return outcome

    def test_each_type_has_its_event(self):
        self.take(PAGE)
        events = self.events("agent-001")
        self.assertEqual(["FundsDeposited", "BetPlaced", "BetWon", "FeeCharged", "FundsWithdrawn",
                          "FaucetClaimed", "EscrowLocked", "UnknownTransaction"],
                         [event["type"] for event in events])
        self.assertEqual([one["id"] for one in PAGE], [event["event_id"] for event in events])
        self.assertEqual((0.1, 0.1), tuple(events[3]["payload"][key] for key in ("fee", "amount")))
        answer = self.run_it("balance", "agent-001", "--json").json()
        self.assertEqual(119.4, answer["balance"])

    def test_again_nothing_changes(self):
        self.take(PAGE[:3])
        self.assertIn("2 events imported, 3 were here before", self.take(PAGE[:5]).err)
        answer = self.take(PAGE[:5], "--json").json()
        self.assertEqual((0, 5), tuple(answer["sessions"][0][key] for key in ("events", "already")))
        self.assertEqual(5, len(self.events("agent-001")))

    def test_the_cursor_is_the_newest_id(self):
        ask = ("import", "--as", "purpleflea", "--session", "agent-001", "--print-cursor")
        self.assertEqual("", self.ok(*ask).out)
        self.assertEqual("tx-3\n", self.take(PAGE[2::-1], "--print-cursor").out)  # newest first
        self.assertEqual("tx-3\n", self.take(PAGE[:2], "--print-cursor").out)
        self.append("agent-001", "custom")
        self.assertEqual("tx-3\n", self.ok(*ask).out)

    def test_bad_pages_change_nothing(self):
        good = {"id": "a", "type": "bet", "amount": 1}
        for page in ([good, {"type": "bet", "amount": 1}], [good, {**good, "id": "b", "amount": "1"}],
                     [good, {"id": "b", "type": "win"}], '{"transactions":[{"id":"a"', "",
                     "<html>Internal Server Error</html>", '[{"id":"a","type":"bet","amount":NaN}]',
                     [good, 7], [good, {**good, "id": "b", "timestamp": "noon"}]):
            with self.subTest(page=page):
                self.take(page, status=2)
        self.assertEqual([], self.events("agent-001"))

    def test_an_id_with_other_content_is_a_conflict(self):
        self.take(PAGE[:2])
        self.take([{**PAGE[0], "amount": 101}, PAGE[2]], status=4)
        self.take([PAGE[2], {**PAGE[2], "amount": 7}], status=4)  # in one page
        self.assertEqual(2, len(self.events("agent-001")))

    def test_flags(self):
        for words, status in ((["--as", "purpleflea", "-"], 2), (["--session", "agent-001", "-"], 2),
                              (["--as", "purpleflea", "-", "--session", "nobody"], 3),
                              (["--as", "purpleflea", "--session", "agent-001"], 2)):
            self.assertEqual(status, self.run_it("import", *words, stdin="[]").status, words)

    def test_the_loop_of_the_tour(self):
        self.assertIn(LOOP, MANUAL)
        if not shutil.which("curl"):
            self.skipTest("there is no curl")
        server = ThreadingHTTPServer(("127.0.0.1", 0), Platform)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        self.addCleanup(server.server_close)
        self.addCleanup(server.shutdown)
        tools = self.folder / "bin"
        tools.mkdir()
        (tools / "agentstore").symlink_to(Path(BIN).resolve())
        environment = self.environment({"PAUSE": "0.05",
                                        "FEED": f"http://127.0.0.1:{server.server_port}/"})
        environment["PATH"] = f"{tools}:{environment['PATH']}"
        with subprocess.Popen(["sh", "-c", LOOP], cwd=self.folder, env=environment,
                              stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                              start_new_session=True) as loop:
            try:
                for _ in range(600):
                    if len(self.events("agent-001")) >= len(PAGE):
                        break
                    time.sleep(0.05)
            finally:
                loop.kill()
        self.assertEqual([one["id"] for one in PAGE],
                         [event["event_id"] for event in self.events("agent-001")])
        self.assertGreater(Platform.answers, 8)


if __name__ == "__main__":
    main()
