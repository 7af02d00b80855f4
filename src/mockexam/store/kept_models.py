"""The folder of kept models and scripts: what is in it, how large it is, and how it goes."""

from __future__ import annotations

import os
import shutil
import stat
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from mockexam.errors import UserError

HIDDEN = "."
"""Begins the name of a folder that is on its way in or out; no attempt's id begins so."""
_LOCK = "housekeeping.lock"
_PATIENCE = 10.0
"""Seconds to wait for another process that is tidying."""


@dataclass(frozen=True, slots=True)
class Kept:
    """A model or a folder of scripts that is kept in an attempt's folder."""

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
    """Folders that belonged to no attempt on record."""
    left: tuple[str, ...] = ()
    """What could not be removed, in a user's words."""


def kept_in(folder: Path, *, files_only: bool = False) -> list[Kept]:
    """What lies in an attempt's folder, by name; nothing if there is none. Raises UserError."""
    entries = [e for e in _entries(folder) if not files_only or e.is_file(follow_symlinks=False)]
    return sorted((Kept(entry.name, _size(entry)) for entry in entries), key=lambda kept: kept.name)


def folders(submissions: Path) -> list[str]:
    """The names of all folders in the folder of submissions, sorted."""
    return sorted(entry.name for entry in _entries(submissions) if entry.is_dir(follow_symlinks=False))


def remove(path: Path) -> bool:
    """Remove a file or a folder, read-only or not; returns whether it is gone."""
    with suppress(OSError):
        if stat.S_ISDIR(path.lstat().st_mode):
            for folder, _, _ in os.walk(path):
                Path(folder).chmod(0o700)
            shutil.rmtree(path, ignore_errors=True)
        else:
            _unlink(path)
    return not os.path.lexists(path)


def sync(folder: Path) -> None:
    """Make a folder's list of names durable, where the system can. Raises OSError."""
    if sys.platform == "win32":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextmanager
def keeping_house(submissions: Path) -> Iterator[None]:
    """Only one process at a time takes kept files away or brings them in. Raises UserError if another does."""
    from filelock import FileLock, Timeout

    try:
        submissions.mkdir(parents=True, exist_ok=True)
        lock = FileLock(submissions / _LOCK, timeout=_PATIENCE)
        lock.acquire()
    except Timeout:
        raise UserError(
            "Another mockexam is deleting, pruning or importing attempts.", hint="Try again when it is done."
        ) from None
    except OSError as error:
        raise cannot_write(error, submissions) from None
    try:
        yield
    finally:
        lock.release()


def cannot_write(error: OSError, where: Path) -> UserError:
    """What to tell when something can't be written there."""
    return UserError(
        f"This can't be written: {error.strerror or error}.",
        location=str(where),
        hint="Free some space or make the folder writable, and try again.",
    )


def _entries(folder: Path) -> list[os.DirEntry[str]]:
    try:
        with os.scandir(folder) as found:
            return list(found)
    except (FileNotFoundError, NotADirectoryError):
        return []
    except OSError as error:
        raise UserError(f"The kept models can't be read: {error.strerror}.", location=str(folder)) from None


def _size(entry: os.DirEntry[str]) -> int:
    """Bytes of a file, or of all files in a folder; what vanishes meanwhile counts nothing."""
    try:
        if not entry.is_dir(follow_symlinks=False):
            return entry.stat(follow_symlinks=False).st_size
        with os.scandir(entry.path) as found:
            return sum(_size(below) for below in found)
    except OSError:
        return 0


def _unlink(path: Path) -> None:
    try:
        path.unlink()
    except PermissionError:
        path.chmod(0o600)  # Windows does not remove a read-only file
        path.unlink()
