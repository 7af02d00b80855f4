"""When the database is damaged or missing: nothing is overwritten, and the error names the backup."""

from __future__ import annotations

import time
from pathlib import Path

from mockexam.errors import UserError
from mockexam.paths import StatePaths


class DamagedDatabaseError(UserError):
    """The file is no sound database any more."""


class MissingDatabaseError(UserError):
    """The file is missing, or another one lies in its place."""


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
