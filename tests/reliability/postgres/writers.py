"""Writers of a campaign: processes that append until they are told to stop, and what each of them was
told: {event id: (number, hash)}."""

import json
import subprocess
import sys
import threading
import time
from pathlib import Path

# Each line on standard input is the id of an event, which is appended until that is known to be done.
WITH_PSYCOPG2 = """
import json, sys, time, psycopg2
dsn, session, statement = sys.argv[1:]
conn = None
for line in sys.stdin:
    event_id = line.strip()
    while True:
        try:
            if conn is None:
                conn = psycopg2.connect(dsn)
            with conn.cursor() as cur:
                cur.execute(statement, (session, event_id))
                number, sealed = cur.fetchone()
            conn.commit()
            break
        except psycopg2.Error:
            conn = None
            time.sleep(0.05)
    print(json.dumps({"event_id": event_id, "sequence_number": number, "hash": sealed}), flush=True)
"""
BY_FUNCTION = "SELECT sequence_number, hash FROM agentstore.append(%s, 'x', '{}', %s)"
BY_INSERT = ("INSERT INTO agentstore.agent_events (session_id, event_type, payload, event_id) "
             "VALUES (%s, 'x', '{}', %s) RETURNING sequence_number, hash")


class Writer(threading.Thread):
    """Sends `window` events, waits for their acknowledgements, and so on."""

    def __init__(self, words, name, window=1, env=None, line=lambda one: one):
        super().__init__(name=name, daemon=True)
        self.window, self.env, self.line = window, env, line
        self.acknowledged, self.longest_wait_s, self.said = {}, 0.0, ""
        self.stop = threading.Event()
        self.process = subprocess.Popen(list(map(str, words)), stdin=subprocess.PIPE, text=True,
                                        stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=env)
        self.listener = threading.Thread(target=self.listen, daemon=True)

    def listen(self):
        self.said = self.process.stderr.read()

    def run(self):
        self.listener.start()
        sent = 0
        try:
            while not self.stop.is_set():
                ids = [f"{self.name}-{sent + n}" for n in range(self.window)]
                sent += self.window
                self.process.stdin.write("".join(self.line(one) + "\n" for one in ids))
                self.process.stdin.flush()
                before = time.monotonic()
                for _ in ids:
                    answer = self.process.stdout.readline()
                    if not answer.endswith("\n"):
                        raise BrokenPipeError
                    told = json.loads(answer)
                    self.acknowledged[told["event_id"]] = (told["sequence_number"], told["hash"])
                    now = time.monotonic()
                    self.longest_wait_s = max(self.longest_wait_s, now - before)
                    before = now
            self.process.stdin.close()
        except BrokenPipeError:
            pass
        self.process.wait()
        self.listener.join()


def ours(program, session, name, window, env, payload="{}"):
    return Writer([program, "append", session, "-"], name, window, env,
                  lambda one: f'{{"type":"x","event_id":"{one}","payload":{payload}}}')


def python_with_psycopg2():
    for program in (sys.executable, "/usr/bin/python3"):
        if Path(program).exists() and subprocess.run([program, "-c", "import psycopg2"],
                                                     capture_output=True).returncode == 0:
            return program
    raise RuntimeError("psycopg2 is not installed")


def others(dsn, session, name, statement):
    return Writer([python_with_psycopg2(), "-u", "-c", WITH_PSYCOPG2, dsn, session, statement], name)
