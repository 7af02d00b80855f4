"""One app at a time has charge of an attempt. The system frees the lock when the app ends, however it ends."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from mockexam.errors import UserError

if TYPE_CHECKING:
    from filelock import BaseFileLock


class AttemptLock:
    """The lock of the attempt under way; there is one a home folder."""

    def __init__(self, folder: Path) -> None:
        """A lock in this folder; it is not taken yet."""
        self._file = folder / "attempt.lock"
        self._holder = folder / "attempt.pid"
        self._lock: BaseFileLock | None = None

    def take(self) -> None:
        """Take charge. Raises UserError, naming the process if another app has it."""
        from filelock import FileLock, Timeout

        # A fork (a script that is run) must not keep the lock: the descriptor is not inherited across exec.
        lock = FileLock(self._file, timeout=0)
        try:
            self._file.parent.mkdir(parents=True, exist_ok=True)
            lock.acquire()
        except Timeout:
            raise UserError(
                f"Another mockexam (process {self._pid() or 'unknown'}) has this attempt open.",
                hint="Go on there, or see the time and marks with `mockexam status`.",
            ) from None
        except OSError as error:
            raise UserError(
                f"The attempt can't be opened: {error.strerror or error}.",
                location=str(self._file.parent),
                hint="Make the folder writable or free some space there.",
            ) from None
        self._lock = lock
        with suppress(OSError):  # it only serves to name the process
            self._holder.write_text(str(os.getpid()))

    def free(self) -> None:
        """Let go; harmless if it is not held."""
        if self._lock is not None:
            with suppress(OSError):
                self._holder.unlink(missing_ok=True)
            self._lock.release()
            self._lock = None

    def holder(self) -> int | None:
        """The process that has the lock (0 if its id is unknown), or None if nobody has it."""
        if self._lock is not None:
            return os.getpid()
        if not self._file.exists():
            return None
        from filelock import FileLock, Timeout

        probe = FileLock(self._file, timeout=0)
        try:
            probe.acquire()
        except Timeout:
            return self._pid() or 0
        except OSError:  # nobody can hold what can't be opened
            return None
        probe.release()
        return None

    def _pid(self) -> int | None:
        try:
            return int(self._holder.read_text())
        except (OSError, ValueError):
            return None
