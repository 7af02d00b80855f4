"""Deleting attempts: out of the record, out of its spare copy, and their kept models and scripts with them.

The events' own guard against deletion is lifted inside the one transaction and stands again when it ends. The folders
go after the commit: a crash in between leaves folders that no attempt owns, which `prune` removes.
"""

from __future__ import annotations

import secrets
import sqlite3
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from pathlib import Path

from mockexam.errors import ToldError
from mockexam.records.database import reading, writing
from mockexam.records.journal import Journal
from mockexam.records.kept_files import HIDDEN, Freed, folders, keeping_house, kept_in, remove

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

    All or none: raises ToldError, naming the attempt, where one is not on record, under way or not fully marked; also
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
    """What deleting these would free. Raises ToldError as `delete_attempts` does."""
    wanted = tuple(dict.fromkeys(ids))
    check_ended(journal, wanted)
    kept = [one for attempt in wanted for one in kept_in(submissions / attempt)]
    return Freed(wanted, models=sum(not one.is_scripts for one in kept), size=sum(one.size for one in kept))


def check_ended(journal: Journal, ids: Sequence[str]) -> None:
    """Raise ToldError, naming the attempt, for one that is not on record, under way or not fully marked."""
    for attempt in ids:
        if not journal.connection.execute("SELECT 1 FROM attempts WHERE id = ?", (attempt,)).fetchone():
            raise ToldError(
                f"There is no attempt {attempt!r}; nothing was deleted.", remedy="`mockexam review` lists all attempts."
            )
        if journal.receipt(attempt) is None:
            raise ToldError(
                "This attempt is under way or not fully marked; nothing was deleted.",
                where=f"attempt {attempt}",
                remedy="End it first with `mockexam finish`.",
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
    """The ids of all attempts on record. Raises ToldError."""
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
    except ToldError as error:
        return [f"The spare copy of the record still holds what was deleted. {error.what}"]
    return []


def _stays(folder: Path, reason: str | None = None) -> str:
    return f"{folder} could not be removed{f' ({reason})' if reason else ''}; the next prune tries again."
