"""What came of every attempt on record: summaries, kept beside the events so that thousands are read at once."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from mockexam.errors import UserError
from mockexam.exam.attempt import Phase
from mockexam.exam.clock import Reading
from mockexam.exam.outcome import Outcome, from_fields, outcome_of, to_fields
from mockexam.store.database import reading, writing
from mockexam.store.journal import Journal

SUMMARY_FORM = 2
"""Changes whenever the same events come to another summary, so that kept ones are made anew."""
_AT_ONCE = 250
"""So many attempts are read, or written, in one go."""

_PATIENCE_MS = 200
"""So long it is waited for another writer."""

ReadProgress = Callable[[int, int], None]
"""Told how many attempts have been gone through, and of how many."""


@dataclass(frozen=True, slots=True)
class Damaged:
    """An attempt whose events can't be read or make no sense."""

    attempt: str
    reason: str


@dataclass(frozen=True, slots=True)
class AllAttempts:
    """Everything on record."""

    outcomes: tuple[Outcome, ...]
    """Oldest first."""
    damaged: tuple[Damaged, ...]


@dataclass(frozen=True, slots=True)
class _Row:
    attempt: str
    newest: int
    """`seq` of the newest event; 0 if there is none."""
    seq: int | None
    """`seq` that the kept summary goes to; None if there is none."""
    body: str | None


class History:
    """Reads summaries: where one is missing or old it is made from the events, and kept if it can be."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self._db = journal.connection

    def outcomes(self, now: Reading, told: ReadProgress | None = None) -> tuple[Outcome, ...]:
        """What came of each attempt that can be read, oldest first. Raises UserError."""
        return self.past(now, told).outcomes

    def past(self, now: Reading, told: ReadProgress | None = None) -> AllAttempts:
        """What came of each attempt, and which can't be read. Raises UserError."""
        found = list(self.each(now, told))
        return AllAttempts(
            outcomes=tuple(one for one in found if isinstance(one, Outcome)),
            damaged=tuple(one for one in found if isinstance(one, Damaged)),
        )

    def each(
        self, now: Reading, told: ReadProgress | None = None, only: Sequence[str] | None = None
    ) -> Iterator[Outcome | Damaged]:
        """The same one by one, oldest first, or the ids named, in that order; holds few at a time. Raises UserError."""
        names = self.attempts() if only is None else only
        for start in range(0, len(names), _AT_ONCE):
            yield from self._some(names[start : start + _AT_ONCE], now)
            if told is not None:
                told(min(start + _AT_ONCE, len(names)), len(names))

    def attempts(self) -> list[str]:
        """The ids of all attempts, oldest first: those of an archive stand where they were sat. Raises UserError."""
        with reading(self._journal.path):
            return [row[0] for row in self._db.execute("SELECT id FROM attempts ORDER BY created, number")]

    def _some(self, names: Sequence[str], now: Reading) -> list[Outcome | Damaged]:
        found: list[Outcome | Damaged] = []
        fresh: list[tuple[str, int, str]] = []
        for row in self._rows(names):
            kept = _kept(row)
            one = kept or self._summarise(row.attempt, now)
            found.append(one)
            if kept is None and isinstance(one, Outcome) and one.phase is not Phase.RUNNING:
                fresh.append((row.attempt, row.newest, _as_text(one)))
        self._keep(fresh)
        return found

    def _rows(self, names: Sequence[str]) -> list[_Row]:
        kept, table = ("s.seq, s.body", "LEFT JOIN summaries s ON s.attempt = a.id") if self._has_table() else ("", "")
        query = (
            f"SELECT a.id, (SELECT max(seq) FROM events WHERE attempt = a.id), {kept or 'NULL, NULL'} "  # noqa: S608  # columns of ours
            f"FROM attempts a {table} WHERE a.id = ?"
        )
        with reading(self._journal.path):
            rows = [self._db.execute(query, (name,)).fetchone() for name in names]
        # One that was deleted meanwhile is no row.
        return [_Row(row[0], row[1] or 0, row[2], row[3]) for row in rows if row]

    def _has_table(self) -> bool:
        """Whether summaries can be kept: an older record on a read-only disk has no table for them."""
        with reading(self._journal.path):
            return bool(self._db.execute("SELECT 1 FROM sqlite_master WHERE name = 'summaries'").fetchone())

    def _summarise(self, attempt: str, now: Reading) -> Outcome | Damaged:
        try:
            return outcome_of(self._journal.attempt(attempt), now, self._journal.receipt(attempt))
        except UserError as error:
            return Damaged(attempt, error.message)
        except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError) as error:
            # Altered events may hold anything where a number is due.
            return Damaged(attempt, f"The record of this attempt makes no sense: {error}.")

    def _keep(self, fresh: Sequence[tuple[str, int, str]]) -> None:
        if not fresh:
            return
        before = self._db.execute("PRAGMA busy_timeout").fetchone()[0]
        self._db.execute(f"PRAGMA busy_timeout = {_PATIENCE_MS}")
        try:
            with writing(self._db, self._journal.path):
                # An attempt that was deleted meanwhile must not come back by its summary.
                self._db.executemany(
                    "INSERT OR REPLACE INTO summaries (attempt, seq, body) "
                    "SELECT ?1, ?2, ?3 WHERE EXISTS (SELECT 1 FROM attempts WHERE id = ?1)",
                    fresh,
                )
        except UserError:
            # They are only kept for speed; what can't be written now is made anew next time.
            return
        finally:
            self._db.execute(f"PRAGMA busy_timeout = {before}")


def _kept(row: _Row) -> Outcome | None:
    """The kept summary, if it still holds."""
    if row.body is None or row.seq != row.newest:
        return None
    try:
        values = json.loads(row.body)
        return from_fields(values["outcome"]) if values["form"] == SUMMARY_FORM else None
    except (ValueError, KeyError, TypeError):
        return None


def _as_text(outcome: Outcome) -> str:
    return json.dumps({"form": SUMMARY_FORM, "outcome": to_fields(outcome)}, ensure_ascii=False, separators=(",", ":"))
