#!/usr/bin/env python3
"""A PostgreSQL server of a test's own: in a folder of its own, reached by a socket there, gone with the
test.

    postgres.py COMMAND [ARGUMENT]...    runs it with AGENTSTORE_TEST_POSTGRES, the address of a server;
                                         status 77 where PostgreSQL is not installed
"""

import ctypes
import glob
import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
from pathlib import Path

SKIPPED = 77
READY = b"database system is ready to accept"


def programs():
    """The folder of initdb and postgres; None: there is none."""
    folders = sorted(glob.glob("/usr/lib/postgresql/*/bin"), reverse=True)
    folders += [Path(found).parent for found in (shutil.which("initdb"),) if found]
    for folder in map(Path, folders):
        if all((folder / name).exists() for name in ("initdb", "postgres", "psql")):
            return folder
    return None


def owner():
    """As whom a server runs: never as root."""
    if os.geteuid() != 0:
        return {}
    for name in ("postgres", "nobody"):
        try:
            user = pwd.getpwnam(name)
        except KeyError:
            continue
        return {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}
    return {}


def die_with_parent():
    ctypes.CDLL(None).prctl(1, signal.SIGQUIT)


class Server:
    """A database "test" for the user "tester", in UTF-8. What it writes is not synced: a kill of its
    processes loses nothing of it, as the system's own cache stays. A user "locked" needs a password."""

    def __init__(self, options=()):
        self.bin = programs()
        self.folder = Path(tempfile.mkdtemp(prefix="agentstore-pg."))
        self.options = list(options)
        self.process = None
        self.owner = owner()
        if self.owner:
            os.chown(self.folder, self.owner["user"], self.owner["group"])
        self.run("initdb", "-D", self.folder / "data", "-U", "tester", "-A", "trust", "--no-sync",
                 "-E", "UTF8", "--locale=C")
        rules = self.folder / "data" / "pg_hba.conf"
        rules.write_text("local all locked scram-sha-256\nlocal all all trust\n")
        self.start()
        self.psql("postgres", "CREATE DATABASE test")

    def run(self, program, *arguments):
        done = subprocess.run([self.bin / program, *map(str, arguments)], cwd=self.folder,
                              stdin=subprocess.DEVNULL, capture_output=True, **self.owner)
        if done.returncode != 0:
            raise RuntimeError(f"{program}: {done.stderr.decode(errors='replace')}")
        return done.stdout.decode()

    def start(self):
        settings = ["listen_addresses=", f"unix_socket_directories={self.folder}", "fsync=off",
                    "logging_collector=off", "max_connections=60", "autovacuum_naptime=1h",
                    "log_destination=stderr", *self.options]
        words = [self.bin / "postgres", "-D", self.folder / "data"]
        for setting in settings:
            words += ["-c", setting]
        self.process = subprocess.Popen(words, cwd=self.folder, stdin=subprocess.DEVNULL,
                                        stderr=subprocess.PIPE, preexec_fn=die_with_parent,
                                        env={**os.environ, "LC_ALL": "C"}, **self.owner)
        said = b""
        for line in self.process.stderr:
            said += line
            if READY in line:
                break
        else:
            raise RuntimeError(f"the server did not start: {said.decode(errors='replace')}")
        # What it says later is read, or it would wait for that.
        stream = self.process.stderr
        threading.Thread(target=lambda: [None for _ in stream], daemon=True).start()

    def signal(self, which):
        self.process.send_signal(which)

    def kill(self):
        """As the power does to a server: no process of it is asked."""
        children = subprocess.run(["ps", "-o", "pid=", "--ppid", str(self.process.pid)],
                                  capture_output=True, text=True).stdout.split()
        for pid in (self.process.pid, *map(int, children)):
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
        self.process.wait()
        self.process.stderr.close()

    def stop(self):
        if self.process and self.process.poll() is None:
            self.process.send_signal(signal.SIGQUIT)
            self.process.wait()
        shutil.rmtree(self.folder, True)

    def address(self, database="test", user="tester", **more):
        words = "".join(f"&{key}={value}" for key, value in more.items())
        return f"postgresql://{user}@/{database}?host={self.folder}{words}"

    def psql(self, database, *statements, user="tester"):
        """What the statements give, as text."""
        words = [self.bin / "psql", "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-h",
                 self.folder, "-U", user, "-d", database]
        for statement in statements:
            words += ["-c", statement]
        done = subprocess.run(list(map(str, words)), stdin=subprocess.DEVNULL, capture_output=True,
                              text=True)
        if done.returncode != 0:
            raise RuntimeError(done.stderr)
        return done.stdout.strip()


def main():
    if programs() is None:
        print("SKIPPED: PostgreSQL is not installed", file=sys.stderr)
        return SKIPPED
    server = Server()
    try:
        return subprocess.run(sys.argv[1:], env={**os.environ, "AGENTSTORE_TEST_POSTGRES":
                                                 server.address()}).returncode
    finally:
        server.stop()


if __name__ == "__main__":
    sys.exit(main())
