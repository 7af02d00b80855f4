"""Deleting attempts: out of the record, out of its spare copy, and their kept models and scripts with them.

The events' own guard against deletion is lifted inside the one transaction and stands again when it ends. The folders
go after the commit: a crash in between leaves folders that no attempt owns, which `prune` removes.
"""

from __future__ import annotations

import secrets
import sqlite3
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from mockexam.errors import UserError
from mockexam.exam.attempt import AttemptQuestion, Phase, Submission
from mockexam.exam.scoring import Verdict
from mockexam.store.database import reading, writing
from mockexam.store.journal import Journal
from mockexam.store.kept_models import HIDDEN, Freed, Kept, folders, keeping_house, kept_in, remove

__all__ = [
    "Freed", "Progress", "check_ended", "clear_aside", "delete_attempts", "known_attempts", "set_aside", "would_delete",
]  # fmt: skip

Progress = Callable[[float, str], None]
"""Told a fraction from 0 to 1 and what is being done."""
_GUARD = "events_last"
"""The trigger that refuses to delete events."""
_LOOSE_PAGES = 1000
"""So many unused pages, and a quarter of the file, are worth writing it anew for."""


def delete_attempts(
    journal: Journal, ids: Sequence[str], submissions: Path, progress: Progress = lambda _, __: None
) -> Freed:
    """Delete ended attempts with all that was kept of them; their workspaces are the candidate's and stay.

    All or none: raises UserError, naming the attempt, where one is not on record, under way or not fully marked; also
    where the record can't be written.
    """
    wanted = tuple(dict.fromkeys(ids))
    with keeping_house(submissions):
        progress(0.0, "deleting from the record")
        _delete_rows(journal, wanted)
        left = set_aside(journal, wanted, submissions)
        left += _forget(journal)
        freed = clear_aside(submissions, progress)
    return Freed(wanted, freed.models, freed.size, left=(*left, *freed.left))


def would_delete(journal: Journal, ids: Sequence[str], submissions: Path) -> Freed:
    """What deleting these would free. Raises UserError as `delete_attempts` does."""
    wanted = tuple(dict.fromkeys(ids))
    check_ended(journal, wanted)
    kept = [one for attempt in wanted for one in kept_in(submissions / attempt)]
    return Freed(wanted, models=sum(not one.is_scripts for one in kept), size=sum(one.size for one in kept))


def check_ended(journal: Journal, ids: Sequence[str]) -> None:
    """Raise UserError, naming the attempt, for one that is not on record, under way or not fully marked."""
    for attempt in ids:
        if not journal.connection.execute("SELECT 1 FROM attempts WHERE id = ?", (attempt,)).fetchone():
            raise UserError(
                f"There is no attempt {attempt!r}; nothing was deleted.", hint="`mockexam review` lists all attempts."
            )
        if journal.receipt(attempt) is None:
            raise UserError(
                "This attempt is under way or not fully marked; nothing was deleted.",
                location=f"attempt {attempt}",
                hint="End it first with `mockexam finish`.",
            )


def set_aside(journal: Journal, ids: Iterable[str], submissions: Path) -> list[str]:
    """Rename the folders of attempts that are not on record to names that no attempt has; what failed, in words.

    No attempt is started meanwhile: one with the same paper on the same day would take over the id, and the folder.
    The caller keeps house.
    """
    there = set(folders(submissions))
    left = []
    with writing(journal.connection, journal.path):
        for attempt in sorted(there.intersection(ids) - known_attempts(journal)):
            try:
                (submissions / attempt).rename(submissions / f"{HIDDEN}deleted-{attempt}-{secrets.token_hex(4)}")
            except OSError as error:
                left.append(_stays(submissions / attempt, error.strerror))
    return left


def clear_aside(submissions: Path, progress: Progress = lambda _, __: None) -> Freed:
    """Remove what was set aside, now or before a crash; what it freed. The caller keeps house."""
    away = [submissions / name for name in folders(submissions) if name.startswith(HIDDEN)]
    models = size = 0
    left: list[str] = []
    for number, folder in enumerate(away):
        progress(number / len(away), "removing kept models")
        kept = kept_in(folder)
        if remove(folder):
            models += sum(not one.is_scripts for one in kept)
            size += sum(one.size for one in kept)
        else:
            left.append(_stays(folder))
    progress(1.0, "kept models removed")
    return Freed(models=models, size=size, strays=len(away) - len(left), left=tuple(left))


def known_attempts(journal: Journal) -> set[str]:
    """The ids of all attempts on record. Raises UserError."""
    with reading(journal.path):
        return {row[0] for row in journal.connection.execute("SELECT id FROM attempts")}


def _delete_rows(journal: Journal, ids: Sequence[str]) -> None:
    database = journal.connection
    # What is deleted is overwritten with zeros; most builds of SQLite leave it readable in the file.
    database.execute("PRAGMA secure_delete = ON")
    with writing(database, journal.path):
        check_ended(journal, ids)
        guard = database.execute("SELECT sql FROM sqlite_master WHERE type = 'trigger' AND name = ?", (_GUARD,))
        statements = [row[0] for row in guard.fetchall()]
        if statements:
            database.execute(f"DROP TRIGGER {_GUARD}")
        database.executemany("DELETE FROM events WHERE attempt = ?", [(attempt,) for attempt in ids])
        database.executemany(
            "DELETE FROM attempts WHERE id = ?", [(attempt,) for attempt in ids]
        )  # its summary goes too
        for statement in statements:
            database.execute(statement)


def _forget(journal: Journal) -> list[str]:
    """Take what was deleted out of SQLite's log, of the spare copy and, where it is much, out of the file's size."""
    database = journal.connection
    with suppress(sqlite3.Error):  # somebody reads: it is done at the next occasion
        loose, pages = (database.execute(f"PRAGMA {what}").fetchone()[0] for what in ("freelist_count", "page_count"))
        # Writing a large file anew takes its time, which an attempt under way must not wait for.
        if loose > max(_LOOSE_PAGES, pages // 4) and journal.unsettled() is None:
            database.execute("VACUUM")
        database.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
    try:
        journal.backup()
    except UserError as error:
        return [f"The spare copy of the record still holds what was deleted. {error.message}"]
    return []


def _stays(folder: Path, reason: str | None = None) -> str:
    return f"{folder} could not be removed{f' ({reason})' if reason else ''}; the next prune tries again."


@dataclass(frozen=True, slots=True)
class DiskUse:
    """Bytes on the disk."""

    database: int
    """The record with its log and its spare copy."""
    models: int
    scripts: int
    by_attempt: Mapping[str, int]
    """Models and scripts of each attempt on record that has any."""
    strays: int = 0
    """Folders that belong to no attempt on record; no part of `models` and `scripts`."""

    @property
    def total(self) -> int:
        """All of it."""
        return self.database + self.models + self.scripts + self.strays


def disk_use(journal: Journal, submissions: Path) -> DiskUse:
    """What the record and the kept models and scripts take. Looks at every file. Raises UserError."""
    # The folders first: one that an attempt makes is there only when the attempt is on record.
    found = {name: kept_in(submissions / name) for name in folders(submissions)}
    known = known_attempts(journal)
    mine = {name: kept for name, kept in found.items() if name in known}
    return DiskUse(
        database=_database_size(journal.path),
        models=sum(one.size for kept in mine.values() for one in kept if not one.is_scripts),
        scripts=sum(one.size for kept in mine.values() for one in kept if one.is_scripts),
        by_attempt={name: _total(kept) for name, kept in mine.items() if kept},
        strays=sum(_total(kept) for name, kept in found.items() if name not in known),
    )


def prune(journal: Journal, submissions: Path, dry: bool = False, progress: Progress = lambda _, __: None) -> Freed:
    """Remove the models that the rule lets go, and folders that belong to no attempt on record; with `dry` only tell.

    An attempt that is under way, not fully marked, altered or unreadable is left alone. Raises UserError.
    """
    if dry:
        return _prune(journal, submissions, progress, dry=True)
    with keeping_house(submissions):
        return _prune(journal, submissions, progress, dry=False)


def _staying(question: AttemptQuestion) -> list[Submission]:
    """The submissions of a question whose models stay."""
    submissions = question.submissions
    graded = [s for s in submissions if s.grading is not None and s.grading.verdict is Verdict.GRADED]
    owed = [s for s in submissions if s.grading is None or s.grading.verdict is Verdict.GRADER_ERROR]
    best = sorted(graded, key=lambda s: (s.marks or 0, -s.order))[-1:]
    counted = [question.counted] if question.counted else []
    return [*submissions[-1:], *best, *counted, *owed]


def _prune(journal: Journal, submissions: Path, progress: Progress, *, dry: bool) -> Freed:
    there = folders(submissions)
    known = known_attempts(journal)
    strays = [name for name in there if name not in known]
    gone: dict[str, list[Kept]] = {}
    left: list[str] = []
    for number, attempt in enumerate(name for name in there if name in known):
        progress(number / len(there), "looking for models that may go")
        for kept in _may_go(journal, submissions, attempt):
            if dry or remove(submissions / attempt / kept.name):
                gone.setdefault(attempt, []).append(kept)
            else:
                left.append(f"{submissions / attempt / kept.name} could not be removed.")
    cleared = _dry_strays(submissions, strays) if dry else _clear_strays(journal, submissions, strays)
    progress(1.0, "looked through all attempts")
    return Freed(
        attempts=tuple(gone),
        models=sum(len(kept) for kept in gone.values()) + cleared.models,
        size=sum(_total(kept) for kept in gone.values()) + cleared.size,
        strays=cleared.strays,
        left=(*left, *cleared.left),
    )


def _may_go(journal: Journal, submissions: Path, attempt: str) -> list[Kept]:
    models = [kept for kept in kept_in(submissions / attempt) if not kept.is_scripts]
    if len(models) < 2:
        return []  # nothing to choose from: not worth reading the attempt for
    try:
        state = journal.attempt(attempt)
        if state.phase is not Phase.ENDED or journal.verify(attempt) is not None:
            return []
        stay = {s.received.stored for question in state.questions for s in _staying(question)}
    except (UserError, ArithmeticError, AttributeError, LookupError, TypeError, ValueError):
        return []  # what altered events say of best and last is nothing to go by
    return [kept for kept in models if f"{attempt}/{kept.name}" not in stay]


def _dry_strays(submissions: Path, strays: list[str]) -> Freed:
    kept = [one for name in strays for one in kept_in(submissions / name)]
    return Freed(models=sum(not one.is_scripts for one in kept), size=_total(kept), strays=len(strays))


def _clear_strays(journal: Journal, submissions: Path, strays: list[str]) -> Freed:
    left = set_aside(journal, strays, submissions)
    freed = clear_aside(submissions)
    return Freed(models=freed.models, size=freed.size, strays=freed.strays, left=(*left, *freed.left))


def _total(kept: list[Kept]) -> int:
    return sum(one.size for one in kept)


def _database_size(path: Path) -> int:
    """The record's file and what stands beside it under its name: log, spare copy, copies of damaged ones."""
    beside = (one for one in kept_in(path.parent, files_only=True) if one.name.startswith(path.name))
    return sum(one.size for one in beside)
