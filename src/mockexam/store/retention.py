"""Stored models and scripts: what is there, how large it is, and deleting it, with or without its attempt.

An attempt goes out of the database, its backup and its log. The events' own guard against deletion is lifted inside
the one transaction and stands again when it ends. The folders go after the commit: a crash in between leaves folders
that no attempt owns, which `prune` removes.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import nullcontext, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from mockexam.errors import UserError
from mockexam.exam.attempt import AttemptQuestion, Phase, Submission
from mockexam.exam.scoring import Verdict
from mockexam.files import reason_of, remove, rename
from mockexam.store.attempt_lock import retention_lock
from mockexam.store.database import reading, writing
from mockexam.store.journal import Journal, UnknownAttemptError

HIDDEN = "."
"""The names of folders on their way in or out begin so; no attempt's id does."""
Progress = Callable[[float, str], None]
"""Called with a fraction from 0 to 1 and the current step."""
_GUARD = "events_last"
"""The trigger that refuses to delete events."""
_FREE_PAGES = 1000
"""Above so many unused pages, if they are a quarter of the file, the database is compacted."""


@dataclass(frozen=True, slots=True)
class StoredItem:
    """A model, or a folder of scripts, in an attempt's folder."""

    name: str
    size: int
    """Bytes."""

    @property
    def is_scripts(self) -> bool:
        """Whether it holds the scripts of a question (`q<number>-code-...`), not a model."""
        return "-code-" in self.name


@dataclass(frozen=True, slots=True)
class Freed:
    """What was removed, or would be."""

    attempts: tuple[str, ...] = ()
    """Those that are deleted, or that lost models."""
    models: int = 0
    size: int = 0
    """Bytes."""
    strays: int = 0
    """Folders without an attempt in the database."""
    left: tuple[str, ...] = ()
    """What could not be removed, in a user's words."""

    @classmethod
    def of(cls, items: Sequence[StoredItem], **more: Any) -> Freed:
        """What removing these items frees."""
        return cls(models=sum(not item.is_scripts for item in items), size=_total(items), **more)

    def __add__(self, other: Freed) -> Freed:
        """Both. Only counts are held: there may be many thousands of items."""
        return Freed(*(getattr(self, name) + getattr(other, name) for name in self.__slots__))


@dataclass(frozen=True, slots=True)
class DiskUse:
    """Bytes on the disk."""

    database: int
    """The database with its log, its backup and copies of damaged files."""
    models: int
    scripts: int
    by_attempt: Mapping[str, int]
    """Models and scripts of each attempt in the database that has any."""
    strays: int = 0
    """Folders without an attempt in the database; not part of `models` and `scripts`."""

    @property
    def total(self) -> int:
        return self.database + self.models + self.scripts + self.strays


def items_in(folder: Path, *, files_only: bool = False) -> list[StoredItem]:
    """What lies in an attempt's folder, by name; nothing if the folder is missing. Raises UserError."""
    entries = [e for e in _entries(folder) if not files_only or e.is_file(follow_symlinks=False)]
    return sorted((StoredItem(entry.name, _size(entry)) for entry in entries), key=lambda item: item.name)


def folders(submissions: Path) -> list[str]:
    """The names of all folders in the folder of submissions, sorted. Raises UserError."""
    return sorted(entry.name for entry in _entries(submissions) if entry.is_dir(follow_symlinks=False))


def _entries(folder: Path) -> list[os.DirEntry[str]]:
    try:
        with os.scandir(folder) as found:
            return list(found)
    except (FileNotFoundError, NotADirectoryError):
        return []
    except OSError as error:
        raise UserError(f"The stored models can't be read: {reason_of(error)}.", location=str(folder)) from None


def _size(entry: os.DirEntry[str]) -> int:
    """Bytes of a file, or of all files in a folder; what vanishes meanwhile counts nothing."""
    try:
        if not entry.is_dir(follow_symlinks=False):
            return entry.stat(follow_symlinks=False).st_size
        with os.scandir(entry.path) as found:
            return sum(_size(below) for below in found)
    except OSError:
        return 0


def _total(items: Iterable[StoredItem]) -> int:
    return sum(item.size for item in items)


def known_attempts(journal: Journal) -> set[str]:
    """The ids of all attempts in the database. Raises UserError."""
    with reading(journal.path):
        return {row[0] for row in journal.connection.execute("SELECT id FROM attempts")}


def disk_use(journal: Journal, submissions: Path) -> DiskUse:
    """What the database and the stored models and scripts take. Looks at every file. Raises UserError."""
    # The folders first: one that an attempt makes is there only when the attempt is in the database.
    found = {name: items_in(submissions / name) for name in folders(submissions)}
    known = known_attempts(journal)
    stored = [item for name, items in found.items() if name in known for item in items]
    beside = items_in(journal.path.parent, files_only=True)
    return DiskUse(
        database=_total(item for item in beside if item.name.startswith(journal.path.name)),
        models=_total(item for item in stored if not item.is_scripts),
        scripts=_total(item for item in stored if item.is_scripts),
        by_attempt={name: _total(items) for name, items in found.items() if items and name in known},
        strays=sum(_total(items) for name, items in found.items() if name not in known),
    )


def delete_attempts(
    journal: Journal, ids: Sequence[str], submissions: Path, progress: Progress = lambda _, __: None
) -> Freed:
    """Delete ended attempts, models and scripts, not workspaces: all, or none and raise UserError."""
    wanted = tuple(dict.fromkeys(ids))
    with retention_lock(submissions):
        _delete_rows(journal, wanted, lambda done, text: progress(done / 3, text))
        left = hide_folders(journal, wanted, submissions)
        progress(1 / 3, "compacting the database")
        left += _purge(journal)
        freed = remove_hidden(submissions, lambda done, text: progress((1 + 2 * done) / 3, text))
    return replace(freed, attempts=wanted, strays=0, left=(*left, *freed.left))


def would_delete(
    journal: Journal, ids: Sequence[str], submissions: Path, progress: Progress = lambda _, __: None
) -> Freed:
    """What deleting these would free. Raises UserError as `delete_attempts` does."""
    wanted = tuple(dict.fromkeys(ids))
    _check_ended(journal, wanted)
    return replace(_freed_by(submissions, wanted, progress), attempts=wanted)


def _freed_by(submissions: Path, names: Sequence[str], progress: Progress = lambda _, __: None) -> Freed:
    """What removing the folders of these names frees."""
    freed = Freed()
    for number, name in enumerate(names):
        progress(number / len(names), "adding up stored models")
        freed += Freed.of(items_in(submissions / name))
    return freed


def _check_ended(journal: Journal, ids: Sequence[str]) -> None:
    for attempt in ids:
        if not journal.connection.execute("SELECT 1 FROM attempts WHERE id = ?", (attempt,)).fetchone():
            raise UnknownAttemptError(attempt)
        if journal.receipt(attempt) is None:
            raise UserError(
                "This attempt is under way or not fully graded; nothing was deleted.",
                location=f"attempt {attempt}",
                hint="End it first with `mockexam finish`.",
            )


def _delete_rows(journal: Journal, ids: Sequence[str], progress: Progress) -> None:
    database = journal.connection
    # What is deleted is overwritten with zeros; most builds of SQLite leave it readable in the file.
    database.execute("PRAGMA secure_delete = ON")
    with writing(database, journal.path):
        _check_ended(journal, ids)
        guard = database.execute("SELECT sql FROM sqlite_master WHERE type = 'trigger' AND name = ?", (_GUARD,))
        statements = [row[0] for row in guard.fetchall()]
        if statements:
            database.execute(f"DROP TRIGGER {_GUARD}")
        for number, attempt in enumerate(ids):  # one by one: an interrupt is heard between two statements
            progress(number / len(ids), "deleting from the database")
            database.execute("DELETE FROM events WHERE attempt = ?", (attempt,))
            database.execute("DELETE FROM attempts WHERE id = ?", (attempt,))  # its summary goes too
        for statement in statements:
            database.execute(statement)


def _purge(journal: Journal) -> list[str]:
    """Take what was deleted out of SQLite's log, the backup and, where it is much, the file's size; what failed."""
    database = journal.connection
    with suppress(sqlite3.Error):  # somebody reads: it is done at the next occasion
        free, pages = (database.execute(f"PRAGMA {what}").fetchone()[0] for what in ("freelist_count", "page_count"))
        # Compacting a large file takes its time, which an attempt under way must not wait for.
        if free > max(_FREE_PAGES, pages // 4) and journal.unsettled() is None:
            database.execute("VACUUM")
        database.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
    try:
        journal.backup()
    except UserError as error:
        return [f"The backup of the database still holds what was deleted. {error.message}"]
    return []


def hide_folders(journal: Journal, ids: Iterable[str], submissions: Path) -> list[str]:
    """Rename the folders of attempts that are not in the database, to be removed; what failed, in a user's words.

    The caller holds the retention lock. No attempt starts meanwhile: one of the same id would take over the folder.
    """
    there = set(folders(submissions))
    left = []
    with writing(journal.connection, journal.path):
        for attempt in sorted(there.intersection(ids) - known_attempts(journal)):
            folder = submissions / attempt
            try:
                rename(folder, submissions / f"{HIDDEN}deleted-{attempt}-{os.urandom(4).hex()}")
            except OSError as error:
                left.append(f"{folder} could not be removed ({reason_of(error)}); the next prune tries again.")
    return left


def remove_hidden(submissions: Path, progress: Progress = lambda _, __: None) -> Freed:
    """Remove the hidden folders, of now or from before a crash. The caller holds the retention lock."""
    hidden = [submissions / name for name in folders(submissions) if name.startswith(HIDDEN)]
    freed = Freed()
    for number, folder in enumerate(hidden):
        progress(number / len(hidden), "removing stored models")
        found = Freed.of(items_in(folder), strays=1)
        gone = remove(folder)
        freed += found if gone else Freed(left=(f"{folder} could not be removed; the next prune tries again.",))
    progress(1.0, "stored models removed")
    return freed


def prune(journal: Journal, submissions: Path, dry: bool = False, progress: Progress = lambda _, __: None) -> Freed:
    """Remove all models but each question's best, last, counted and ungraded ones, and folders without an attempt.

    With `dry` only report. An attempt that is under way, not fully graded, altered or unreadable keeps all. Raises
    UserError.
    """
    with nullcontext() if dry else retention_lock(submissions):
        there = folders(submissions)
        known = known_attempts(journal)
        strays = [name for name in there if name not in known]
        freed = Freed()
        for number, attempt in enumerate(name for name in there if name in known):
            progress(number / len(there), "looking for models to remove")
            freed += _prune_attempt(journal, submissions, attempt, dry)
        if dry:
            freed += replace(_freed_by(submissions, strays), strays=len(strays))
        else:
            freed += Freed(left=tuple(hide_folders(journal, strays, submissions)))
            freed += remove_hidden(submissions)
        progress(1.0, "all attempts checked")
        return freed


def _prune_attempt(journal: Journal, submissions: Path, attempt: str, dry: bool) -> Freed:
    removed: list[StoredItem] = []
    left: list[str] = []
    for item in _removable(journal, submissions, attempt):
        if dry or remove(submissions / attempt / item.name):
            removed.append(item)
        else:
            left.append(f"{submissions / attempt / item.name} could not be removed.")
    return Freed.of(removed, attempts=(attempt,) if removed else (), left=tuple(left))


def _removable(journal: Journal, submissions: Path, attempt: str) -> list[StoredItem]:
    models = [item for item in items_in(submissions / attempt) if not item.is_scripts]
    if len(models) < 2:
        return []  # nothing to choose from: not worth reading the attempt for
    try:
        state = journal.alone(attempt)
        if state.phase is not Phase.ENDED or journal.verify(attempt) is not None:
            return []
        needed = {s.received.stored for question in state.questions for s in _needed(question)}
    except (UserError, ArithmeticError, AttributeError, LookupError, TypeError, ValueError):
        return []  # what altered events say of best and last is not reliable
    return [item for item in models if f"{attempt}/{item.name}" not in needed]


def _needed(question: AttemptQuestion) -> list[Submission]:
    """The submissions of a question whose models stay."""
    submissions = question.submissions
    graded = [s for s in submissions if s.grading is not None and s.grading.verdict is Verdict.GRADED]
    ungraded = [s for s in submissions if s.grading is None or s.grading.verdict is Verdict.GRADER_ERROR]
    best = sorted(graded, key=lambda s: (s.marks or 0, -s.order))[-1:]
    counted = [question.counted] if question.counted else []
    return [*submissions[-1:], *best, *counted, *ungraded]
