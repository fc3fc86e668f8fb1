"""A client of agentstore for Python: the events of agents, durable when append returns.

    with agentstore.Store("agent-data") as store:
        session = store.create(name="flight-search")
        receipt = session.append("tool_called", {"tool": "search"}, event_id="call-1")
        for event in session.replay(type="tool_*"):
            print(event.sequence_number, event.type, event.payload)

One file, the standard library alone. It runs the program `agentstore`: one process a session stays
open to append to it, every other call is a process of its own. Money stays exact: numbers with a
fraction come back as Decimal. A store may be a folder, or a database ("sqlite:FILE").
"""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import tempfile
import threading
from collections.abc import Generator, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import IO, Any

VERSION = "0.1"  # of the program, up to its second number


class Error(Exception):
    """What the program refused, and why; one class for each exit status."""
    status = 0

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message + (f"; {hint}" if hint else ""))
        self.message, self.hint = message, hint


class Finding(Error): """The log is damaged, or an assertion is false."""
class Invalid(Error): """Input that was rejected."""
class NotFound(Error): """No such store, session or event."""
class Conflict(Error): """The version moved on, an id is taken, a command is refused: read again."""
class Failed(Error): """Input or output, permission, no space."""
class Busy(Error): """Another writer kept the lock for too long: try again."""
class Incomplete(Error): """Not all that was asked for could be read."""
class MissingProgram(Error): """The program is not there, or is of another version than this file."""


_BY_STATUS: dict[int, type[Error]] = dict(enumerate(
    (Finding, Invalid, NotFound, Conflict, Failed, Busy, Incomplete), 1))
for _status, _kind in _BY_STATUS.items():
    _kind.status = _status


@dataclass(frozen=True)
class Receipt:
    sequence_number: int
    event_id: str
    hash: str
    duplicate: bool  # it was there already; nothing was stored


@dataclass(frozen=True)
class Event:
    session_id: str
    sequence_number: int
    type: str
    timestamp: str  # RFC 3339, UTC
    payload: Any = None
    metadata: dict[str, Any] = field(default_factory=dict)
    event_id: str = ""
    hash: str = ""


def _dump(value: Any) -> str:
    """JSON text; a Decimal with all its digits. NaN and the like are refused."""
    if isinstance(value, Decimal) and value.is_finite():
        return format(value, "f")
    if isinstance(value, Mapping):
        members = (f"{json.dumps(str(key))}:{_dump(one)}" for key, one in value.items())
        return "{" + ",".join(members) + "}"
    if isinstance(value, (list, tuple)):
        return "[" + ",".join(map(_dump, value)) + "]"
    try:
        return json.dumps(value, allow_nan=False)
    except (TypeError, ValueError) as error:
        raise Invalid(f"this is not JSON: {error}") from None


def _load(text: str | bytes) -> Any:
    return json.loads(text, parse_float=Decimal)


def _event(text: bytes) -> Event:
    line = _load(text)
    line.setdefault("event_id", line.get("row_event_id", ""))
    return Event(**{name: line[name] for name in Event.__dataclass_fields__ if name in line})


def _receipt(text: bytes) -> Receipt:
    return Receipt(**_load(text))


def _error(status: int, said: str) -> Error:
    for line in reversed(said.splitlines()):
        try:
            told = json.loads(line)["error"]
        except (ValueError, KeyError, TypeError):
            continue
        return _BY_STATUS.get(told["code"], Error)(told["message"], told.get("hint") or "")
    return _BY_STATUS.get(status, Error)(said.strip() or f"agentstore ended with status {status}")


def _options(**given: Any) -> list[str]:
    """Flags of what is not None: seq=3 is --seq 3, a list is given several times."""
    words: list[str] = []
    for name, value in given.items():
        flag = "--" + name.replace("_", "-")
        for one in value if isinstance(value, (list, tuple)) else [value]:
            if one is True:
                words.append(flag)
            elif one is not None and one is not False:
                words += [flag, one.isoformat() if hasattr(one, "isoformat") else str(one)]
    return words


class Store:
    """The sessions of a folder or a database. Thread-safe."""
    def __init__(self, name: str | os.PathLike[str], program: str = "agentstore") -> None:
        self.name, self.program = os.fspath(name), program
        self._appenders: dict[str, _Appender] = {}
        self._lock = threading.Lock()
        version = self._run("--version").decode().split()[-1]
        if not f"{version}.".startswith(VERSION + "."):
            raise MissingProgram(f"{program} is of version {version}, and this file of {VERSION}")

    def create(self, id: str | None = None, *, name: str | None = None,
               labels: Mapping[str, str] | None = None) -> Session:
        """Makes a session, and the store where there is none."""
        pairs = [f"{key}={value}" for key, value in (labels or {}).items()]
        words = [] if id is None else [id]
        made = self._run("create", *words, *_options(name=name, label=pairs))
        return self.session(made.decode().strip())

    def session(self, id: str) -> Session:
        """A session that is there, by its id or name."""
        return Session(self, id)

    def sessions(self) -> list[dict[str, Any]]:
        return list(self._ask("sessions")["sessions"])

    def sql(self, query: str) -> list[dict[str, Any]]:
        """The rows of a query over all sessions."""
        return list(self._ask("sql", query)["rows"])

    def close(self) -> None:
        """Ends the processes that append. What was acknowledged is durable."""
        with self._lock:
            while self._appenders:
                self._appenders.popitem()[1].close()

    def __enter__(self) -> Store:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _appender(self, session: str) -> _Appender:
        with self._lock:
            return self._appenders.setdefault(session, _Appender(self, session))

    def _start(self, *words: str, **more: Any) -> subprocess.Popen[bytes]:
        try:
            return subprocess.Popen([self.program, *words], stdout=subprocess.PIPE,
                                    env={**os.environ, "AGENTSTORE_STORE": self.name}, **more)
        except FileNotFoundError:
            raise MissingProgram(f"there is no program {self.program!r}",
                                 "install agentstore, or name it: Store(…, program=…)") from None

    def _run(self, *words: str, stdin: str = "") -> bytes:
        process = self._start(*words, stdin=subprocess.PIPE, stderr=subprocess.PIPE)
        out, said = process.communicate(stdin.encode())
        if process.returncode != 0:
            raise _error(process.returncode, said.decode(errors="replace"))
        return out

    def _ask(self, *words: str) -> Any:
        return _load(self._run(*words, "--json"))

    def _stream(self, *words: str) -> Generator[bytes, None, None]:
        with tempfile.TemporaryFile() as said:
            process = self._start(*words, stdin=subprocess.DEVNULL, stderr=said)
            assert process.stdout
            try:
                yield from process.stdout
                if process.wait() != 0:
                    said.seek(0)
                    raise _error(process.returncode, said.read().decode(errors="replace"))
            finally:
                process.stdout.close()
                process.terminate()
                process.wait()


class Session:
    def __init__(self, store: Store, id: str) -> None:
        self.store, self.id = store, id

    def append(self, type: str, payload: Any = None, *, metadata: Mapping[str, Any] | None = None,
               event_id: str | None = None, timestamp: str | None = None,
               expected: int | None = None) -> Receipt:
        """Appends one event; durable on return. `expected`: the last sequence number that the caller
        saw (0: none), or it is a Conflict. The same event again, by its id, stores nothing."""
        draft = {"type": type, "payload": {} if payload is None else payload}
        more = {"metadata": metadata, "event_id": event_id, "timestamp": timestamp}
        draft.update((key, value) for key, value in more.items() if value is not None)
        if expected is not None:  # A process of its own may be told what to expect.
            return self.append_all([draft], expected)[0]
        return self.store._appender(self.id).append(_dump(draft))

    def append_all(self, drafts: Sequence[Mapping[str, Any]],
                   expected: int | None = None) -> list[Receipt]:
        """Appends drafts, each a mapping with `type` and what append takes: all of them or none."""
        lines = "".join(_dump(draft) + "\n" for draft in drafts)
        words = ("append", self.id, "-", "--batch", "--json", *_options(expect_version=expected))
        out = self.store._run(*words, stdin=lines)
        return [_receipt(line) for line in out.splitlines()]

    def submit(self, command: str, data: Any = None, *, event_id: str | None = None) -> Receipt:
        """Submits a command (PlaceBet): its event is durable on return, or it is a Conflict."""
        words = _options(data=_dump({} if data is None else data), event_id=event_id)
        return _receipt(self.store._run("submit", self.id, command, "--json", *words))

    def state(self, *, projection: str | None = None, seq: int | None = None, at: Any = None,
              before: Any = None) -> dict[str, Any]:
        """A state now, behind an event, or at a time (a text, or a datetime with a zone)."""
        words = _options(projection=projection, seq=seq, at=at, before=before)
        return dict(self.store._ask("state", self.id, *words)["state"])

    def balance(self, *, asset: str | None = None, seq: int | None = None, at: Any = None,
                before: Any = None) -> Any:
        """What is held, of one asset where there are several."""
        answer = self.store._ask("balance", self.id, *_options(seq=seq, at=at, before=before))
        return answer["balance"] if asset is None else answer["by_asset"].get(asset, 0)

    def replay(self, *, type: str | Sequence[str] | None = None, since: Any = None,
               until: Any = None, seq: str | None = None, where: str | None = None,
               follow: bool = False) -> Generator[Event, None, None]:
        """The events, one by one; with `follow` also those that are still to come."""
        words = _options(type=type, since=since, until=until, seq=seq, where=where, follow=follow)
        stream = self.store._stream("replay", self.id, "--format", "jsonl", *words)
        with contextlib.closing(stream) as lines:
            yield from map(_event, lines)

    def follow(self, **filters: Any) -> Iterator[Event]:
        return self.replay(follow=True, **filters)


class _Appender:
    """The open process that appends to a session, started when it is needed."""
    def __init__(self, store: Store, session: str) -> None:
        self._store, self._session = store, session
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._said: IO[bytes] | None = None

    def append(self, draft: str) -> Receipt:
        with self._lock:
            process = self._process or self._open()
            assert process.stdin and process.stdout
            told = b""
            with contextlib.suppress(BrokenPipeError):
                process.stdin.write(draft.encode() + b"\n")
                process.stdin.flush()
                told = process.stdout.readline()
            if told.endswith(b"\n"):
                return _receipt(told)
            raise self._end()

    def close(self) -> None:
        with self._lock:
            if self._process:
                self._end()

    def _open(self) -> subprocess.Popen[bytes]:
        self._said = tempfile.TemporaryFile()
        words = ("append", self._session, "-", "--json")
        self._process = self._store._start(*words, stdin=subprocess.PIPE, stderr=self._said)
        return self._process

    def _end(self) -> Error:
        process, said = self._process, self._said
        assert process and process.stdin and process.stdout and said
        self._process = self._said = None
        with contextlib.suppress(BrokenPipeError):
            process.stdin.close()
        process.wait()
        with process.stdout, said:
            said.seek(0)
            return _error(process.returncode, said.read().decode(errors="replace"))
