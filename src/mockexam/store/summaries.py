"""Summaries of all attempts, stored beside the events so that thousands are read at once."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from mockexam.errors import UserError
from mockexam.exam.attempt import Phase
from mockexam.exam.clock import Reading
from mockexam.exam.outcome import Outcome, from_fields, outcome_of, to_fields
from mockexam.store.database import reading, writing
from mockexam.store.journal import Journal

SUMMARY_FORM = 2
"""Changes whenever the same events give another summary, so that stored ones are made anew."""
_BATCH = 250
"""So many attempts are read, or written, at once."""
_BUSY_MS = 200
"""How long to wait for another writer."""

ReadProgress = Callable[[int, int], None]
"""Called with how many attempts have been read, and of how many."""


@dataclass(frozen=True, slots=True)
class Damaged:
    """An attempt whose events can't be read or are inconsistent."""

    attempt: str
    reason: str


@dataclass(frozen=True, slots=True)
class AllAttempts:
    """All attempts in the database."""

    outcomes: tuple[Outcome, ...]
    """Oldest first."""
    damaged: tuple[Damaged, ...]


class _Row(NamedTuple):
    attempt: str
    newest: int | None
    """`seq` of the newest event; None if there is none."""
    seq: int | None
    """`seq` of the last event in the stored summary; None if there is no summary."""
    body: str | None


class SummaryReader:
    """Reads summaries. One that is missing or out of date is made from the events, and stored where possible."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self._db = journal.connection

    def outcomes(self, now: Reading) -> tuple[Outcome, ...]:
        """The summary of each attempt that can be read, oldest first. Raises UserError."""
        return tuple(one for one in self.each(now) if isinstance(one, Outcome))

    def each(
        self, now: Reading, progress: ReadProgress | None = None, only: Sequence[str] | None = None
    ) -> Iterator[Outcome | Damaged]:
        """All attempts, oldest first, or the ids named, in that order; holds few at a time. Raises UserError."""
        names = self.attempts() if only is None else only
        for start in range(0, len(names), _BATCH):
            yield from self._batch(names[start : start + _BATCH], now)
            if progress is not None:
                progress(min(start + _BATCH, len(names)), len(names))

    def attempts(self) -> list[str]:
        """The ids of all attempts by the time they started. Raises UserError."""
        with reading(self._journal.path):
            return [row[0] for row in self._db.execute("SELECT id FROM attempts ORDER BY created, number")]

    def _batch(self, names: Sequence[str], now: Reading) -> list[Outcome | Damaged]:
        found: list[Outcome | Damaged] = []
        repeats = self._journal.repeats()
        fresh: list[tuple[int | None, str, str]] = []
        for row in self._rows(names):
            stored = _stored(row)
            one = stored or self._summarise(row.attempt, now)
            # Asked anew: it depends on other attempts, which may be imported or deleted.
            found.append(replace(one, repeat=one.attempt in repeats) if isinstance(one, Outcome) else one)
            if stored is None and isinstance(one, Outcome) and one.phase is not Phase.RUNNING:
                body = json.dumps({"form": SUMMARY_FORM, "outcome": one}, ensure_ascii=False, default=to_fields)
                fresh.append((row.newest, body, row.attempt))
        if fresh:
            self._store(fresh)
        return found

    def _rows(self, names: Sequence[str]) -> list[_Row]:
        with reading(self._journal.path):
            # An older database on a read-only disk has no table of summaries.
            has_table = self._db.execute("SELECT 1 FROM sqlite_master WHERE name = 'summaries'").fetchone()
            columns = "s.seq, s.body" if has_table else "NULL, NULL"
            table = "LEFT JOIN summaries s ON s.attempt = a.id" if has_table else ""
            query = (
                f"SELECT a.id, (SELECT max(seq) FROM events WHERE attempt = a.id), {columns} "  # noqa: S608  # ours
                f"FROM attempts a {table} WHERE a.id = ?"
            )
            rows = [self._db.execute(query, (name,)).fetchone() for name in names]
        return [_Row(*row) for row in rows if row]  # one that was deleted meanwhile has no row

    def _summarise(self, attempt: str, now: Reading) -> Outcome | Damaged:
        try:
            return outcome_of(self._journal.alone(attempt), now, self._journal.receipt(attempt))
        except UserError as error:
            return Damaged(attempt, error.message)
        except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError) as error:
            # Altered events may hold anything where a number is due.
            return Damaged(attempt, f"This attempt's events are inconsistent: {error}.")

    def _store(self, fresh: Sequence[tuple[int | None, str, str]]) -> None:
        before = self._db.execute("PRAGMA busy_timeout").fetchone()[0]
        self._db.execute(f"PRAGMA busy_timeout = {_BUSY_MS}")
        try:
            with writing(self._db, self._journal.path):
                # An attempt that was deleted meanwhile must not come back by its summary.
                self._db.executemany(
                    "INSERT OR REPLACE INTO summaries (attempt, seq, body) SELECT id, ?, ? FROM attempts WHERE id = ?",
                    fresh,
                )
        except UserError:
            pass  # they are only stored for speed; what can't be written now is made anew next time
        finally:
            self._db.execute(f"PRAGMA busy_timeout = {before}")


def _stored(row: _Row) -> Outcome | None:
    """The stored summary, if it is up to date."""
    if row.body is None or row.seq != row.newest:
        return None
    try:
        values = json.loads(row.body)
        return from_fields(values["outcome"]) if values["form"] == SUMMARY_FORM else None
    except (ValueError, KeyError, TypeError):
        return None
