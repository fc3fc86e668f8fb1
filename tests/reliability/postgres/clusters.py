"""Clusters of PostgreSQL that a campaign starts itself, on loopback, in a folder of its own, and stops
again: a primary with a synchronous standby, and two nodes under Patroni with etcd."""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "support"))
import postgres

HOST = "127.0.0.1"
DATABASE = "test"
USER = "tester"


def free_port():
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return probe.getsockname()[1]


def wait_until(what, is_so, timeout_s=90):
    deadline = time.monotonic() + timeout_s
    while not is_so():
        if time.monotonic() > deadline:
            raise RuntimeError(f"after {timeout_s} s this is still not so: {what}")
        time.sleep(0.05)


def processes_in(folder):
    """The processes that work in a folder: of a server all, as each of them does."""
    found = []
    for entry in Path("/proc").iterdir():
        try:
            if entry.name.isdigit() and (entry / "cwd").readlink().is_relative_to(folder):
                found.append(int(entry.name))
        except OSError:  # it has ended
            pass
    return sorted(found)


def signal_all(folder, which):
    """The oldest first, and again until none is new: so that none escapes as it is forked."""
    known = set()
    while new := set(processes_in(folder)) - known:
        for pid in sorted(new):
            try:
                os.kill(pid, which)
            except ProcessLookupError:
                pass
        known |= new


class Node:
    """A server of PostgreSQL, and what watches over it, in a folder of its own."""

    def __init__(self, cluster, name):
        self.name, self.folder, self.port = name, cluster.folder / name, free_port()
        self.data = self.folder / "data"
        self.owner, self.children = cluster.owner, []
        cluster.make_folder(self.folder)

    def start(self, *words):
        with open(self.folder / "log", "ab") as log:
            self.children.append(subprocess.Popen(
                list(map(str, words)), stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd=self.folder,
                preexec_fn=postgres.die_with_parent, **self.owner))

    def run(self, program, *arguments):
        subprocess.run([postgres.programs() / program, *map(str, arguments)], check=True,
                       capture_output=True, stdin=subprocess.DEVNULL, cwd=self.folder, **self.owner)

    def psql(self, sql, database="postgres"):
        """What a statement gives; None: there is no answer."""
        done = subprocess.run([postgres.programs() / "psql", "-X", "-q", "-A", "-t", "-h", HOST, "-p",
                               str(self.port), "-U", USER, "-d", database, "-c", sql],
                              stdin=subprocess.DEVNULL, capture_output=True, text=True,
                              env={**os.environ, "PGCONNECT_TIMEOUT": "3"})
        return done.stdout.strip() if done.returncode == 0 else None

    def kill(self):
        """As the power does to a machine: no process of it is asked."""
        signal_all(self.folder, signal.SIGKILL)
        for child in self.children:
            child.wait()
        self.children = []
        wait_until(f"{self.name} is gone", lambda: not processes_in(self.folder))


class Cluster:
    """Nodes, of which one may be written. Runs as long as it is a context. `attacks` names what can be
    done to it."""

    attacks = ()

    def __init__(self, names=("one", "two")):
        self.owner = postgres.owner()
        self.folder = Path(tempfile.mkdtemp(prefix="agentstore-pg."))
        self.make_folder(self.folder)
        self.nodes = [Node(self, name) for name in names]

    def __enter__(self):
        try:
            self.begin()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(self, kind, *_):
        if kind not in (None, SystemExit):
            self.show_logs()
        self.stop()

    def show_logs(self):
        for log in sorted(self.folder.glob("*/log")):
            lines = log.read_text(errors="replace").splitlines()[-40:]
            print(f"--- {log}", *lines, sep="\n", file=sys.stderr)

    def begin(self):
        """Starts what is needed to take writes."""
        raise NotImplementedError

    def make_folder(self, folder):
        folder.mkdir(mode=0o700, exist_ok=True)
        if self.owner:
            os.chown(folder, self.owner["user"], self.owner["group"])

    def store(self):
        hosts = ",".join(f"{HOST}:{node.port}" for node in self.nodes)
        return f"postgresql://{USER}@{hosts}/{DATABASE}?target_session_attrs=read-write"

    def dsn(self):
        """The same for psycopg2."""
        ports = ",".join(str(node.port) for node in self.nodes)
        return (f"host={','.join([HOST] * len(self.nodes))} port={ports} dbname={DATABASE} user={USER} "
                "target_session_attrs=read-write connect_timeout=3")

    def heal(self):
        """Gives the primary a standby that it waits for."""
        raise NotImplementedError

    def attack(self, kind):
        getattr(self, "attack_" + kind)()

    def stop(self):
        while processes_in(self.folder):
            signal_all(self.folder, signal.SIGKILL)
            time.sleep(0.05)
        shutil.rmtree(self.folder, True)


class Single(Cluster):
    """One server, which may be given settings of its own, and have one folder of its data (base, pg_wal) on
    a disk of 80 MiB, which needs root."""

    def __init__(self, settings=(), on_small_disk=None):
        super().__init__(["one"])
        self.primary = self.nodes[0]
        self.settings, self.part = list(settings), on_small_disk
        self.disk = self.folder / "disk"

    def begin(self):
        self.init(self.primary)
        if self.part:
            self.disk.mkdir()
            self.mount("size=80m")
            shutil.move(self.primary.data / self.part, self.disk / self.part)
            (self.primary.data / self.part).symlink_to(self.disk / self.part)
            subprocess.run(["chown", "-R", f"{self.owner['user']}:{self.owner['group']}", self.disk],
                           check=True)
        self.start(self.primary)
        self.primary.psql(f"CREATE DATABASE {DATABASE}")

    def mount(self, how):
        subprocess.run(["mount", "-t", "tmpfs", "-o", how, "tmpfs", self.disk], check=True)

    def stop(self):
        if self.part and self.disk.is_mount():
            subprocess.run(["umount", "--lazy", self.disk], check=True)
        super().stop()

    def init(self, node):
        node.run("initdb", "-D", node.data, "-U", USER, "-A", "trust", "--no-sync", "-E", "UTF8",
                 "--locale=C")
        with (node.data / "pg_hba.conf").open("a") as rules:
            rules.write(f"host replication all {HOST}/32 trust\n")

    def start(self, node):
        settings = [f"listen_addresses={HOST}", f"port={node.port}", "unix_socket_directories=",
                    "max_connections=80", *self.settings]
        node.start(postgres.programs() / "postgres", "-D", node.data,
                   *(word for setting in settings for word in ("-c", setting)))
        wait_until(f"{node.name} answers", lambda: node.psql("SELECT 1") == "1")


class Pair(Single):
    """A primary and a synchronous standby, which this script promotes. What is promoted waits for no standby
    until it has one."""

    attacks = ("primary", "pause")

    def __init__(self):
        super().__init__(["wal_sender_timeout=5s", "wal_keep_size=512MB"])
        self.standby = Node(self, "two")
        self.nodes.append(self.standby)

    def heal(self):
        if processes_in(self.standby.folder):
            return
        shutil.rmtree(self.standby.data, True)
        self.standby.run("pg_basebackup", "-h", HOST, "-p", self.primary.port, "-U", USER, "-D",
                         self.standby.data, "-c", "fast", "-R", "-d",
                         f"application_name={self.standby.name}")
        self.start(self.standby)
        self.primary.psql(f"ALTER SYSTEM SET synchronous_standby_names = '{self.standby.name}'")
        self.primary.psql("SELECT pg_reload_conf()")
        wait_until("the primary waits for its standby", lambda: self.primary.psql(
            "SELECT sync_state, current_setting('synchronous_standby_names') FROM pg_stat_replication")
            == f"sync|{self.standby.name}")

    def promote(self):
        self.standby.psql("ALTER SYSTEM RESET synchronous_standby_names")
        self.standby.psql("SELECT pg_reload_conf()")
        self.standby.psql("SELECT pg_promote()")

    def attack_primary(self):
        self.primary.kill()
        self.promote()
        self.primary, self.standby = self.standby, self.primary

    def attack_pause(self):
        """It stands still, goes on beside the one that took its place, and is killed then."""
        signal_all(self.primary.folder, signal.SIGSTOP)
        try:
            self.promote()
            time.sleep(20)
        finally:
            signal_all(self.primary.folder, signal.SIGCONT)
        time.sleep(5)
        self.primary.kill()
        self.primary, self.standby = self.standby, self.primary


class Patroni(Cluster):
    """Two nodes under Patroni, and one etcd. Strictly synchronous: a primary without a standby acknowledges
    nothing. The lease is as short as Patroni allows. By etcd's older interface: by the newer one (etcd3),
    Patroni 3.0 may never name a synchronous standby again after a kill of etcd ("Synchronous replication key
    updated by someone else")."""

    attacks = ("primary", "standby", "etcd", "pause")
    timing = {"ttl": 20, "loop_wait": 2, "retry_timeout": 5}

    def begin(self):
        self.etcd = Node(self, "etcd")
        self.etcd_peer_port = free_port()
        self.start_etcd()
        for node in self.nodes:
            node.rest_port = free_port()
            (node.folder / "patroni.yml").write_text(json.dumps(self.settings(node)))  # YAML, too
            self.start(node)
        wait_until("one node leads", lambda: self.leader() is not None)
        leader = self.leader()
        wait_until("it takes writes", lambda: leader.psql(f"CREATE DATABASE {DATABASE}") is not None or
                   leader.psql("SELECT 1", DATABASE))

    def settings(self, node):
        parameters = {"max_connections": 80, "wal_keep_size": "512MB", "wal_sender_timeout": "5s",
                      "unix_socket_directories": "", "shared_buffers": "64MB"}
        return {
            "scope": "agents", "name": node.name,
            "restapi": {"listen": f"{HOST}:{node.rest_port}", "connect_address": f"{HOST}:{node.rest_port}"},
            "etcd": {"host": f"{HOST}:{self.etcd.port}"},
            "bootstrap": {
                "dcs": {**self.timing, "synchronous_mode": True, "synchronous_mode_strict": True,
                        "postgresql": {"use_pg_rewind": True, "parameters": parameters}},
                "initdb": [{"encoding": "UTF8"}, {"locale": "C"}, "data-checksums"]},
            "postgresql": {
                "listen": f"{HOST}:{node.port}", "connect_address": f"{HOST}:{node.port}",
                "data_dir": str(node.data), "bin_dir": str(postgres.programs()),
                "pgpass": str(node.folder / "pgpass"),
                "pg_hba": [f"host all all {HOST}/32 trust", f"host replication all {HOST}/32 trust"],
                "authentication": {"superuser": {"username": USER, "password": "of no use"},
                                   "replication": {"username": "replicator", "password": "of no use"}}},
            "watchdog": {"mode": "off"}}

    def start(self, node):
        node.start("/usr/bin/patroni", "patroni.yml")

    def start_etcd(self):
        client = f"http://{HOST}:{self.etcd.port}"
        peer = f"http://{HOST}:{self.etcd_peer_port}"
        self.etcd.start("/usr/bin/etcd", "--name", "etcd", "--data-dir", self.etcd.data,
                        "--listen-client-urls", client, "--advertise-client-urls", client,
                        "--listen-peer-urls", peer, "--initial-advertise-peer-urls", peer,
                        "--initial-cluster", f"etcd={peer}", "--log-level", "error", "--enable-v2")

    def asks(self, node, question):
        """Whether a node's Patroni says yes."""
        try:
            url = f"http://{HOST}:{node.rest_port}/{question}"
            with urllib.request.urlopen(url, timeout=2) as answer:
                return answer.status == 200
        except (urllib.error.URLError, OSError):
            return False

    def leader(self):
        return next((node for node in self.nodes if self.asks(node, "leader")), None)

    def other(self, node):
        return self.nodes[1 - self.nodes.index(node)]

    @property
    def primary(self):
        wait_until("one node leads", lambda: self.leader() is not None)
        return self.leader()

    def heal(self):
        if not processes_in(self.etcd.folder):
            self.start_etcd()
        for node in self.nodes:
            if not processes_in(node.folder):
                self.start(node)
        wait_until("the primary waits for its standby", lambda: (leader := self.leader()) and
                   self.asks(self.other(leader), "synchronous") and
                   "sync" in (leader.psql("SELECT sync_state FROM pg_stat_replication") or ""), 300)

    def attack_primary(self):
        primary = self.primary
        primary.kill()
        wait_until("the standby leads", lambda: self.leader() is self.other(primary))

    def attack_standby(self):
        self.other(self.primary).kill()
        time.sleep(5)

    def attack_etcd(self):
        """For longer than the lease: the primary steps down."""
        self.etcd.kill()
        time.sleep(self.timing["ttl"] + 5)

    def attack_pause(self):
        """A machine that stands still for longer than its lease, and then goes on as if nothing was."""
        primary = self.primary
        signal_all(primary.folder, signal.SIGSTOP)
        try:
            wait_until("the standby leads", lambda: self.leader() is self.other(primary))
            time.sleep(5)
        finally:
            signal_all(primary.folder, signal.SIGCONT)


class PatroniByDefault(Patroni):
    """With the times that Patroni has where nobody says otherwise."""

    timing = {"ttl": 30, "loop_wait": 10, "retry_timeout": 10}


KINDS = {"pair": Pair, "patroni": Patroni, "patroni-by-default": PatroniByDefault}
