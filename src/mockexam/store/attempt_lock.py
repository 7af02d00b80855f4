"""Locks of the home folder. The system releases them when their process ends, however it ends."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from mockexam.errors import UserError
from mockexam.files import write_error

if TYPE_CHECKING:
    from filelock import BaseFileLock

_RETENTION_SECONDS = 10.0
"""How long to wait for another process that changes the stored submissions."""


class AttemptLock:
    """Held by the app that has the current attempt open; there is one in each home folder."""

    def __init__(self, folder: Path) -> None:
        """A lock in this folder, not acquired yet."""
        self._file = folder / "attempt.lock"
        self._pid_file = folder / "attempt.pid"
        self._lock: BaseFileLock | None = None

    def take(self) -> None:
        """Acquire the lock. Raises UserError, naming the process if another app has it."""
        # A fork (a script that is run) must not keep the lock: the descriptor is not inherited across exec.
        lock = _acquire(self._file, 0)
        if lock is None:
            raise UserError(
                f"Another mockexam (process {self._pid() or 'unknown'}) has this attempt open.",
                hint="Continue there, or see time and marks with `mockexam status`.",
            )
        self._lock = lock
        with suppress(OSError):  # it only serves to name the process
            self._pid_file.write_text(str(os.getpid()))

    def free(self) -> None:
        """Release the lock; harmless if it is not held."""
        if self._lock is not None:
            with suppress(OSError):
                self._pid_file.unlink(missing_ok=True)
            self._lock.release()
            self._lock = None

    def holder(self) -> int | None:
        """The id of the process that holds the lock (0 if unknown), or None if nobody does."""
        if self._lock is not None:
            return os.getpid()
        if not self._file.exists():
            return None
        with suppress(UserError):  # nobody can hold what can't be opened
            lock = _acquire(self._file, 0)
            if lock is None:
                return self._pid() or 0
            lock.release()
        return None

    def _pid(self) -> int | None:
        try:
            return int(self._pid_file.read_text())
        except (OSError, ValueError):
            return None


@contextmanager
def retention_lock(submissions: Path) -> Iterator[None]:
    """Held while stored submissions are deleted or imported. Raises UserError if another process does so."""
    lock = _acquire(submissions / "housekeeping.lock", _RETENTION_SECONDS)
    if lock is None:
        raise UserError(
            "Another mockexam is deleting, pruning or importing attempts.", hint="Try again when it is done."
        )
    try:
        yield
    finally:
        lock.release()


def _acquire(file: Path, seconds: float) -> BaseFileLock | None:
    """The lock, acquired; None if another process still holds it after so long. Raises UserError."""
    from filelock import FileLock, Timeout

    lock = FileLock(file, timeout=seconds)
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        lock.acquire()
    except Timeout:
        return None
    except OSError as error:
        raise write_error(error, file, what="The lock file") from None
    return lock
