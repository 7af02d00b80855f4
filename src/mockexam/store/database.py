"""Opening the SQLite database: durable, migrated, and never overwritten when damaged or missing."""

from __future__ import annotations

import os
import sqlite3
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager, suppress
from itertools import chain
from pathlib import Path

from mockexam import __version__
from mockexam.errors import UserError, install_newer
from mockexam.files import replace
from mockexam.paths import StatePaths

SCHEMA_VERSION = 3
_BUSY_SECONDS = 10.0
_BUSY = "Another mockexam is writing to it; try again in a moment."
_FULL = "Free some space or make the folder writable; it is tried again."

_EVENTS = (
    """
    CREATE TABLE attempts (
        number  INTEGER PRIMARY KEY,
        id      TEXT NOT NULL UNIQUE,
        created TEXT NOT NULL,      -- ISO 8601, UTC
        mode    TEXT NOT NULL,
        exam    TEXT NOT NULL,
        code    TEXT NOT NULL,
        secret  TEXT NOT NULL       -- hold-out seed
    )
    """,
    """
    CREATE TABLE events (
        attempt  TEXT NOT NULL REFERENCES attempts (id),
        seq      INTEGER NOT NULL,
        kind     TEXT NOT NULL,
        body     TEXT NOT NULL,     -- JSON, exactly as hashed
        previous TEXT NOT NULL,
        hash     TEXT NOT NULL,
        PRIMARY KEY (attempt, seq)
    ) WITHOUT ROWID
    """,
    "CREATE INDEX events_by_kind ON events (kind, attempt)",
    "CREATE TRIGGER events_stay BEFORE UPDATE ON events BEGIN SELECT RAISE(ABORT, 'events are never changed'); END",
    "CREATE TRIGGER events_last BEFORE DELETE ON events BEGIN SELECT RAISE(ABORT, 'events are never deleted'); END",
)

# Derived from the events; a row is valid while `seq` is the attempt's newest event.
_SUMMARIES = """
    CREATE TABLE summaries (
        attempt TEXT PRIMARY KEY REFERENCES attempts (id) ON DELETE CASCADE,
        seq     INTEGER NOT NULL,
        body    TEXT NOT NULL       -- JSON
    ) WITHOUT ROWID
    """

_NO_CHANGE: tuple[str, ...] = ()
"""For kinds of events that an earlier version can't read: the tables stay, and that version refuses the file."""

_MIGRATIONS = (_EVENTS, (_SUMMARIES,), _NO_CHANGE)
"""The statements that lead from each version of the schema to the next, from an empty file on."""

_LAST_MIGRATION = "CREATE TABLE IF NOT EXISTS last_migration (app_version TEXT NOT NULL)"
"""One row: the mockexam that brought the file to its schema, for an older one to name."""
_WRITERS = (
    "SELECT app_version FROM last_migration",
    "SELECT json_extract(body, '$.app_version') FROM events WHERE kind IN ('started', 'opened')",
)


class DamagedDatabaseError(UserError):
    """The file is no sound database any more."""


class MissingDatabaseError(UserError):
    """The file is missing, or another one lies in its place."""


class RecordConnection(sqlite3.Connection):
    """The open database."""

    file: tuple[int, int] | None = None
    """Device and inode of its file when it was opened; None if unknown."""
    backed_up = False
    """Its file is gone, and its content was saved to the backup."""


def connect(path: Path, *, check: bool = False, for_reading: bool = False) -> sqlite3.Connection:
    """Open the database, creating or migrating it if need be; with `check` also test that it is sound.

    WAL with `synchronous=FULL`: an acknowledged commit survives a power cut. With `for_reading` a database that can't
    be written, for example on a read-only disk, is opened as it is: it may be of an older version then.
    Raises DamagedDatabaseError (a copy of the file is kept), MissingDatabaseError where only a backup or stored models
    are left, UserError if it can't be opened or is newer.
    """
    try:
        return _connect(path, check=check)
    except (DamagedDatabaseError, MissingDatabaseError):
        raise
    except UserError:
        # A database that is merely busy must not be read as if nobody changed it.
        writable = os.access(path, os.W_OK) and os.access(path.parent, os.W_OK)
        if for_reading and not writable and (read_only := _connect_read_only(path)):
            return read_only
        raise


def _connect_read_only(path: Path) -> sqlite3.Connection | None:
    """Open a database on a disk that can't be written; None if that does not work either.

    SQLite reads a file in WAL mode only beside its `-wal` and `-shm` files, which a clean close removes, or when told
    that nobody changes it (https://www.sqlite.org/wal.html#readonly).
    """
    log = path.with_name(path.name + "-wal")
    unchanging = not log.exists() or log.stat().st_size == 0
    for way in ("mode=ro", "immutable=1") if unchanging else ("mode=ro",):
        try:
            connection = sqlite3.connect(f"{path.absolute().as_uri()}?{way}", uri=True, isolation_level=None)
        except sqlite3.Error:
            continue
        with suppress(sqlite3.Error, UserError):
            if _known_version(connection, path) > 0:
                return connection
        connection.close()
    return None


def _connect(path: Path, *, check: bool) -> sqlite3.Connection:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        check_not_lost(path)
        _refuse_newer(path)
        # Transactions are begun by hand: the module's implicit ones begin too late to guard a read.
        connection = sqlite3.connect(path, timeout=_BUSY_SECONDS, isolation_level=None, factory=RecordConnection)
    except (OSError, sqlite3.OperationalError) as error:
        raise _open_error(path, error) from None
    with reading(path), ExitStack() as on_error:
        on_error.callback(connection.close)
        _prepare(connection, path, check=check)
        connection.file = file_identity(path)
        on_error.pop_all()
    return connection


def names_on_record(path: Path, attempt: str | None = None) -> list[str]:
    """The ids of all attempts, oldest first, or of an attempt's submissions by question; none if they can't be read.

    For a shell that completes a word: this neither waits nor reports, and it leaves a damaged file as it is.
    """
    query, values = "SELECT id FROM attempts ORDER BY created, number", list[str]()
    if attempt is not None:
        query = "SELECT DISTINCT json_extract(body, '$.submission') FROM events WHERE attempt = ? AND kind = 'received'"
        query, values = f"{query} ORDER BY json_extract(body, '$.number'), seq", [attempt]
    return _look_up(path, query, values)


def questions_under_way(path: Path) -> list[str]:
    """The numbers of the running attempt's questions, then their ids; in the same way."""
    query = (
        "SELECT json_extract(item.value, '$.{}') FROM events, json_each(body, '$.paper.items') AS item"
        " WHERE kind = 'started' AND attempt NOT IN (SELECT attempt FROM events WHERE kind = 'finished')"
    )
    return [*_look_up(path, query.format("number")), *_look_up(path, query.format("question"))]


def _look_up(path: Path, query: str, values: Sequence[str] = ()) -> list[str]:
    with suppress(OSError, sqlite3.Error):
        place = f"{path.absolute().as_uri()}?mode=rw"  # without `ro`, which would leave files of the log behind
        with closing(sqlite3.connect(place, uri=True, timeout=0.1)) as connection:
            return [str(row[0]) for row in connection.execute(query, values)]
    return []


@contextmanager
def reading(path: Path) -> Iterator[None]:
    """Report SQLite's errors: UserError if the file can't be read, DamagedDatabaseError if it is damaged."""
    try:
        yield
    except sqlite3.OperationalError as error:
        raise _open_error(path, error) from None
    except sqlite3.DatabaseError as error:
        raise damage_error(path, str(error)) from None


@contextmanager
def writing(connection: sqlite3.Connection, path: Path) -> Iterator[None]:
    """One transaction, alone. Raises UserError if it can't be written, MissingDatabaseError if the file is gone."""
    try:
        _roll_back(connection)
        _check_still_there(connection, path)
        connection.execute("BEGIN IMMEDIATE")
        try:
            yield
            connection.execute("COMMIT")
        except BaseException:
            _roll_back(connection)
            raise
    except sqlite3.IntegrityError:
        raise
    except sqlite3.OperationalError as error:
        hint = _BUSY if "locked" in str(error) else _FULL
        raise UserError(f"The database can't be written: {error}.", location=str(path), hint=hint) from None
    except sqlite3.DatabaseError as error:
        raise damage_error(path, str(error)) from None


def _roll_back(connection: sqlite3.Connection) -> None:
    """Undo what was begun, now or before. SQLite may have done so itself, and on a failing disk it may not work."""
    if connection.in_transaction:
        with suppress(sqlite3.OperationalError):
            connection.execute("ROLLBACK")


def _check_still_there(connection: sqlite3.Connection, path: Path) -> None:
    """SQLite would write on into a file that has no name any more, and all of that would be gone with this process."""
    if not isinstance(connection, RecordConnection) or connection.file is None:
        return
    if file_identity(path) in (connection.file, None):
        return
    if not connection.backed_up:
        backup(connection, path)
        connection.backed_up = True
    raise MissingDatabaseError(
        "The database was deleted or replaced while mockexam was open.",
        location=str(path),
        hint=f"Put it back to continue. Or leave mockexam, move any {path.name} and its -wal and -shm files "
        f"away, and rename {backup_path(path).name}, which holds everything, to {path.name}.",
    )


def backup(connection: sqlite3.Connection, path: Path) -> Path:
    """Copy the whole database beside itself, whole or not at all; returns the copy's path. Raises UserError."""
    target = backup_path(path)
    fresh = path.with_name(path.name + ".backup-new")
    try:
        fresh.unlink(missing_ok=True)
        with closing(sqlite3.connect(fresh)) as copy:
            connection.backup(copy)
        replace(fresh, target)
    except (OSError, sqlite3.Error) as error:
        raise UserError(f"The database can't be backed up: {error}.", location=str(target)) from None
    return target


def _prepare(connection: sqlite3.Connection, path: Path, *, check: bool) -> None:
    connection.execute("PRAGMA foreign_keys = ON")
    connection.execute("PRAGMA synchronous = FULL")
    if _known_version(connection, path) < SCHEMA_VERSION:
        _migrate(connection, path)
    if check:
        answer = connection.execute("PRAGMA quick_check(1)").fetchone()[0]
        if answer != "ok":
            raise sqlite3.DatabaseError(answer)


def _migrate(connection: sqlite3.Connection, path: Path) -> None:
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("BEGIN IMMEDIATE")
    # Another process may have made the tables while this one waited.
    version = _known_version(connection, path)
    for statement in chain(*_MIGRATIONS[version:]):
        connection.execute(statement)
    connection.execute(_LAST_MIGRATION)
    connection.execute("DELETE FROM last_migration")
    connection.execute("INSERT INTO last_migration VALUES (?)", (__version__,))
    connection.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")
    connection.execute("COMMIT")


def _known_version(connection: sqlite3.Connection, path: Path) -> int:
    """The version of the schema; 0 for a file that was just made. Raises UserError if it is newer than ours."""
    version = int(connection.execute("PRAGMA user_version").fetchone()[0])
    if version > SCHEMA_VERSION:
        raise UserError(
            f"A newer mockexam wrote this database (format {version}, this one knows {SCHEMA_VERSION}).",
            location=str(path),
            hint=f"{install_newer(_writers(connection))}, or set MOCKEXAM_HOME to another folder.",
        )
    return version


def _refuse_newer(path: Path) -> None:
    """Raise UserError for a database of a newer version before SQLite changes a byte of it.

    A connection that can write would move a log that was left behind into the file.
    """
    if not _has_content(path):
        return
    way = "mode=ro" if _has_content(path.with_name(path.name + "-wal")) else "immutable=1"
    with suppress(sqlite3.Error), closing(sqlite3.connect(f"{path.absolute().as_uri()}?{way}", uri=True)) as connection:
        _known_version(connection, path)


def _writers(connection: sqlite3.Connection) -> Iterator[object]:
    """The versions of mockexam that wrote to a database, as far as they can be read."""
    for query in _WRITERS:
        with suppress(sqlite3.Error):
            yield from (row[0] for row in connection.execute(query))


def _open_error(path: Path, error: Exception) -> UserError:
    return UserError(
        f"The database can't be opened: {getattr(error, 'strerror', None) or error}.",
        location=str(path),
        hint="Make the folder writable, free some space, or set MOCKEXAM_HOME to another folder.",
    )


def file_identity(path: Path) -> tuple[int, int] | None:
    """Device and inode of a file, zeros if there is none; None if the system does not say."""
    try:
        found = path.stat()
    except FileNotFoundError:
        return 0, 0
    except OSError:
        return None
    return found.st_dev, found.st_ino


def backup_path(path: Path) -> Path:
    """Where the copy of the whole database lies."""
    return path.with_name(path.name + ".backup")


def check_not_lost(path: Path) -> None:
    """Raise MissingDatabaseError where a backup, a log or models show that there was a database. Raises OSError too."""
    if _has_content(path):
        return
    log, submissions = path.with_name(path.name + "-wal"), StatePaths(path.parent).submissions
    left = [found.name for found in (backup_path(path), log) if _has_content(found)]
    if submissions.is_dir() and any(submissions.iterdir()):
        left.append(submissions.name)
    if not left:
        return
    anew = f"Or move {' and '.join(left)} away to begin with an empty database."
    if backup := _dated_backup(path):
        first = f"move {log.name} away, then " if log.exists() else ""
        raise MissingDatabaseError(
            "The database is missing, but there is a backup.",
            location=str(path),
            hint=f"Put it back. Or {first}rename {backup} to {path.name}. {anew} Received models are safe either way.",
        )
    raise MissingDatabaseError(
        f"The database is missing; only {' and '.join(left)} {'is' if len(left) == 1 else 'are'} left.",
        location=str(path),
        hint=f"Put it back. {anew}",
    )


def damage_error(path: Path, detail: str) -> DamagedDatabaseError:
    """The error for a damaged file, of which a copy is made. `detail` is what SQLite says."""
    try:
        copied = f"A copy is kept as {_copy(path).name}; the file itself was not touched."
    except OSError as error:
        copied = f"It was not touched (no copy could be made: {error.strerror})."
    hint = f"Move {path.name} and its -wal and -shm files away"
    if backup := _dated_backup(path):
        hint += f", then rename {backup} to {path.name}, or move that away too to begin with an empty database."
    else:
        hint += " to begin with an empty database."
    return DamagedDatabaseError(f"The database is damaged ({detail}). {copied}", location=str(path), hint=hint)


def _has_content(file: Path) -> bool:
    return file.exists() and file.stat().st_size > 0


def _dated_backup(path: Path) -> str:
    """The backup's name and age; empty if there is none, or none that can be reached."""
    backup = backup_path(path)
    try:
        made = time.strftime("%Y-%m-%d %H:%M", time.localtime(backup.stat().st_mtime))
    except OSError:
        return ""
    return f"{backup.name} (from {made})"


def _copy(path: Path) -> Path:
    """A copy of a damaged file beside it. One of the same state will do: an open app meets the damage each second."""
    import shutil  # reading needs no copying, and `status` only reads

    state = path.stat()
    for copy in path.parent.glob(f"{path.name}.damaged-*"):
        found = copy.stat()
        if (found.st_size, int(found.st_mtime)) == (state.st_size, int(state.st_mtime)):
            return copy
    copy = path.with_name(f"{path.name}.damaged-{time.strftime('%Y%m%d-%H%M%S', time.gmtime())}")
    try:
        shutil.copy2(path, copy)
    except OSError:
        copy.unlink(missing_ok=True)
        raise
    return copy
