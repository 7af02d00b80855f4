"""The events of all attempts: appended once, chained by hashes, read back in order."""

from __future__ import annotations

import json
import os
import sqlite3
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from mockexam.errors import UserError
from mockexam.exam import events as ev
from mockexam.exam.attempt import Attempt, fold
from mockexam.exam.paper import Mode
from mockexam.store.database import backup, connect, reading, writing

INSERT_ATTEMPT = "INSERT INTO attempts (id, created, mode, exam, code, secret) VALUES (?, ?, ?, ?, ?, ?)"
INSERT_EVENT = "INSERT INTO events (attempt, seq, kind, body, previous, hash) VALUES (?, ?, ?, ?, ?, ?)"
_FIRST = "0" * 64
"""Stands for the hash before the first event."""


@dataclass(frozen=True, slots=True)
class EventRow:
    """An event in the table of events; its fields are the columns."""

    seq: int
    kind: str
    body: str
    """JSON, exactly as hashed."""
    previous: str
    hash: str


class TooLateError(UserError):
    """The event can't be recorded any more: the attempt is finished or settled, or was deleted."""


class UnknownAttemptError(UserError):
    """No attempt has this id."""

    def __init__(self, attempt: str) -> None:
        super().__init__(f"There is no attempt {attempt!r}.", hint="`mockexam review` lists all attempts.")


@dataclass(frozen=True)
class JournalEntry:
    """An event as recorded."""

    seq: int
    event: ev.Event
    hash: str


@dataclass(frozen=True)
class BrokenChain:
    """Where a chain of events is broken."""

    seq: int
    reason: str


class Journal:
    """The database of attempts: a connection for one thread, beside other processes. Methods may raise UserError."""

    def __init__(self, path: Path, *, check: bool = False, for_reading: bool = False) -> None:
        """Open the database at this path, with `for_reading` on a read-only disk too."""
        self.path = path
        self._db = connect(path, check=check, for_reading=for_reading)

    def close(self) -> None:
        self._db.close()

    @property
    def connection(self) -> sqlite3.Connection:
        """The open database: for this package alone."""
        return self._db

    def start(self, event: ev.Started) -> str:
        """Record a new attempt and the start of its clock; returns its id. Refused while another is under way."""
        with writing(self._db, self.path):
            hint = "Continue it with `mockexam`, or end it with `mockexam finish`."
            self.refuse_during_attempt("An attempt is under way; its clock runs.", hint)
            attempt = self._new_id(event)
            created = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(event.at.wall))
            seed = os.urandom(16).hex()
            row = (attempt, created, event.mode, event.rules.exam, event.paper.code, seed)
            self._db.execute(INSERT_ATTEMPT, row)
            self._insert(attempt, event)
        return attempt

    def append(self, attempt: str, event: ev.Event) -> JournalEntry:
        """Record an event; when this returns, it survives a power cut. Raises TooLateError for one after its time."""
        with writing(self._db, self.path):
            self._refuse_late(attempt, event)
            return self._insert(attempt, event)

    def entries(self, attempt: str, after: int = 0) -> Iterator[JournalEntry]:
        """The events of an attempt with a larger `seq` than `after`, in order."""
        query = "SELECT seq, kind, body, hash FROM events WHERE attempt = ? AND seq > ? ORDER BY seq"
        with reading(self.path):
            rows = self._db.execute(query, (attempt, after)).fetchall()
        for seq, kind, body, hashed in rows:
            yield JournalEntry(seq=seq, event=_decode(kind, body, f"attempt {attempt}, event {seq}"), hash=hashed)

    def attempt(self, identifier: str) -> Attempt:
        """The state of an attempt."""
        return replace(self.alone(identifier), repeat=identifier in self.repeats())

    def alone(self, identifier: str) -> Attempt:
        """The same from its own events alone: for one after another, without asking for `repeat` each time."""
        events = [entry.event for entry in self.entries(identifier)]
        if not events:
            raise UnknownAttemptError(identifier)
        try:
            return fold(identifier, events)
        except (ValueError, KeyError) as error:
            raise UserError(f"This attempt's events are inconsistent: {error}.", location=identifier) from None

    def repeats(self) -> frozenset[str]:
        """The exams whose paper was sat in an earlier exam. A retry has new data, so it never is a repeat."""
        query = "SELECT id, exam, code FROM attempts WHERE mode = ? ORDER BY created, number"
        with reading(self.path):
            rows = self._db.execute(query, (Mode.EXAM,)).fetchall()
        first: dict[tuple[str, str], str] = {}
        return frozenset(name for name, *paper in rows if first.setdefault((paper[0], paper[1]), name) != name)

    def was_sat(self, exam: str, code: str) -> bool:
        """Whether an exam of this paper was started before."""
        query = "SELECT id FROM attempts WHERE mode = ? AND exam = ? AND code = ? LIMIT 1"
        return self._value(query, Mode.EXAM, exam, code) is not None

    def unsettled(self) -> str | None:
        """The attempt that is under way or not fully graded, if any."""
        return self._value(
            "SELECT id FROM attempts WHERE NOT EXISTS "
            "(SELECT 1 FROM events WHERE kind = 'settled' AND attempt = attempts.id) ORDER BY number DESC LIMIT 1"
        )

    def refuse_during_attempt(self, message: str, hint: str) -> None:
        """Raise this error while an attempt is under way."""
        if running := self.unsettled():
            raise UserError(message, location=f"attempt {running}", hint=hint)

    def newest(self) -> str | None:
        """The attempt that was started last, wherever that was, if any."""
        return self._value("SELECT id FROM attempts ORDER BY created DESC, number DESC LIMIT 1")

    def holdout_seed(self, attempt: str) -> str:
        seed = self._value("SELECT secret FROM attempts WHERE id = ?", attempt)
        if seed is None:
            raise _deleted(attempt)
        return seed

    def seen_questions(self) -> dict[str, int]:
        """How often each question was on a paper, by question id."""
        with reading(self.path):
            starts = self._db.execute("SELECT body FROM events WHERE kind = 'started'").fetchall()
        return Counter(item["question"] for (body,) in starts for item in json.loads(body)["paper"]["items"])

    def workspaces(self) -> frozenset[str]:
        """The folders that attempts were started in, without symbolic links."""
        with reading(self.path):
            starts = self._db.execute("SELECT body FROM events WHERE kind = 'started'").fetchall()
        return frozenset(os.path.realpath(json.loads(body)["workspace"]) for (body,) in starts)

    def last_hash(self, attempt: str) -> str:
        """The hash of the newest event, which stands for the whole attempt."""
        with reading(self.path):
            return self._last(attempt)[1]

    def receipt(self, attempt: str) -> str | None:
        """The hash of the newest result; None before there is one."""
        query = "SELECT hash FROM events WHERE attempt = ? AND kind = 'settled' ORDER BY seq DESC LIMIT 1"
        return self._value(query, attempt)

    def count(self, attempt: str) -> int:
        """How many events an attempt has."""
        return int(self._value("SELECT count(*) FROM events WHERE attempt = ?", attempt) or 0)

    def verify(self, attempt: str) -> BrokenChain | None:
        """The first event at which the attempt's chain is broken; None if it is intact."""
        return first_break(attempt, self.rows(attempt))

    def rows(self, attempt: str) -> list[EventRow]:
        """The events of an attempt exactly as recorded, in order."""
        query = "SELECT seq, kind, body, previous, hash FROM events WHERE attempt = ? ORDER BY seq"
        with reading(self.path):
            return [EventRow(*row) for row in self._db.execute(query, (attempt,))]

    def changes(self) -> int:
        """A number that differs when another process has written to the database."""
        with reading(self.path):
            return int(self._db.execute("PRAGMA data_version").fetchone()[0])

    def backup(self) -> Path:
        """Copy the whole database beside itself; returns the copy's path."""
        return backup(self._db, self.path)

    def _value(self, query: str, *values: str) -> str | None:
        """The first column of a query's first row, None if there is no row."""
        with reading(self.path):
            row = self._db.execute(query, values).fetchone()
        return row[0] if row else None

    def _new_id(self, event: ev.Started) -> str:
        day = time.strftime("%Y%m%d", time.gmtime(event.at.wall))
        base = f"{day}-{event.paper.code.replace('-', '')}"
        taken = {row[0] for row in self._db.execute("SELECT id FROM attempts WHERE id LIKE ?", (base + "%",))}
        names = (base if n == 1 else f"{base}-{n}" for n in range(1, len(taken) + 2))
        return next(name for name in names if name not in taken)

    def _refuse_late(self, attempt: str, event: ev.Event) -> None:
        if not self._newest_of(attempt, "started"):
            raise _deleted(attempt)
        after_finish = isinstance(
            event,
            ev.GradingResult | ev.Diagnosed | ev.GradingFailed | ev.NotReceived | ev.Settled | ev.Opened | ev.Closed,
        )
        if not after_finish and self._newest_of(attempt, "finished"):
            raise TooLateError("The attempt is finished; no more models are received.", location=f"attempt {attempt}")
        if not isinstance(event, ev.Settled | ev.GradingFailed | ev.NotReceived):
            return
        settled = self._newest_of(attempt, "settled")
        regraded = isinstance(event, ev.Settled) and settled < self._newest_of(attempt, "regraded")
        if settled and not regraded:
            raise TooLateError("This attempt already has its result.", location=f"attempt {attempt}")

    def _newest_of(self, attempt: str, kind: str) -> int:
        """The `seq` of the newest event of a kind; 0 if there is none."""
        query = "SELECT max(seq) FROM events WHERE kind = ? AND attempt = ?"
        return int(self._db.execute(query, (kind, attempt)).fetchone()[0] or 0)

    def _last(self, attempt: str) -> tuple[int, str]:
        row = self._db.execute(
            "SELECT seq, hash FROM events WHERE attempt = ? ORDER BY seq DESC LIMIT 1", (attempt,)
        ).fetchone()
        return (row[0], row[1]) if row else (0, _FIRST)

    def _insert(self, attempt: str, event: ev.Event) -> JournalEntry:
        last, previous = self._last(attempt)
        seq = last + 1
        body = to_json(ev.to_fields(event))
        hashed = _hash(previous, attempt, seq, event.kind, body)
        self._db.execute(INSERT_EVENT, (attempt, seq, event.kind, body, previous, hashed))
        return JournalEntry(seq=seq, event=event, hash=hashed)


def _deleted(attempt: str) -> TooLateError:
    return TooLateError("This attempt was deleted.", location=f"attempt {attempt}")


def to_json(value: object) -> str:
    """The value as compact JSON text, the same each time."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)


def first_break(attempt: str, rows: Iterable[EventRow]) -> BrokenChain | None:
    """The first of these events at which their chain is broken; None if it is intact."""
    previous, expected = _FIRST, 1
    for row in rows:
        if row.seq != expected:
            return BrokenChain(expected, "the event is missing")
        if row.previous != previous or row.hash != _hash(previous, attempt, row.seq, row.kind, row.body):
            return BrokenChain(row.seq, "the event was altered")
        previous, expected = row.hash, expected + 1
    return None


def _hash(previous: str, attempt: str, seq: int, kind: str, body: str) -> str:
    """SHA-256 over the previous hash and the whole event, as JSON so that no two events read alike."""
    import hashlib  # reading needs no hash, and `status` only reads

    return hashlib.sha256(json.dumps([previous, attempt, seq, kind, body]).encode()).hexdigest()


def _decode(kind: str, body: str, where: str) -> ev.Event:
    try:
        return ev.from_fields(kind, json.loads(body))
    except ValueError as error:
        raise UserError(f"An event can't be read: {error}.", location=where) from None
