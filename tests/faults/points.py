"""Where a fault can strike: every call that changes a file, numbered as it is made, and what is to happen at which."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

ERRORS = {
    "sqlite.open": ("EMFILE", "EROFS"),
    "sqlite.read": ("EIO",),
    "sqlite.write": ("ENOSPC", "EIO", "EROFS"),
    "sqlite.truncate": ("EIO",),
    "sqlite.sync": ("EIO", "ENOSPC"),
    "sqlite.delete": ("EIO", "EROFS"),
    "sqlite.shm": ("ENOSPC", "EIO"),
    "sqlite.lock": ("BUSY", "EIO"),
    "os.open": ("EMFILE", "EIO", "ENOSPC", "EROFS"),
    "os.write": ("ENOSPC", "EIO"),
    "os.fsync": ("EIO", "ENOSPC"),
    "os.rename": ("EIO", "EROFS"),
    "os.replace": ("EIO", "EROFS"),
    "os.mkdir": ("ENOSPC", "EROFS"),
    "os.chmod": ("EROFS",),
    "os.unlink": ("EROFS", "EIO"),
    "os.rmdir": ("EROFS",),
    "os.link": ("EIO", "EMFILE"),
    "os.stat": ("EIO",),
    "spawn": ("EMFILE", "EAGAIN", "ENOMEM", "ENOENT"),
    "message.send": (),
    "message.sent": (),
    "message.got": (),
    "grader.asked": ("FAULT",),
    "grader.answered": ("FAULT",),
}
"""What may go wrong at which call; a real disk says the same."""
SILENT = frozenset({"sqlite.read", "sqlite.lock", "os.stat"})
"""Calls that change nothing on the disk: being killed there is the same as at the next call."""


@dataclass(frozen=True)
class Fault:
    """What happens at the `number`-th call (from 1) and, for errors, the `times - 1` that follow it."""

    number: int
    what: str
    """`kill`, or an error of `ERRORS`; another one if the call does not know this."""
    times: int = 1


@dataclass
class Points:
    """Counts calls in this process and strikes when it is time."""

    fault: Fault | None = None
    names: list[str] = field(default_factory=list)
    struck: list[str] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _calm: threading.local = field(default_factory=threading.local)

    @contextmanager
    def calm(self) -> Iterator[None]:
        """What this thread does in here is not the app's doing."""
        before, self._calm.on = getattr(self._calm, "on", False), True
        try:
            yield
        finally:
            self._calm.on = before

    def pass_by(self, name: str) -> str | None:
        """Called before each call; returns the error that it has to fail with."""
        if getattr(self._calm, "on", False):
            return None
        with self._lock:
            fault = self.fault
            killing = fault is not None and fault.what == "kill"
            if killing and name in SILENT:
                return None
            self.names.append(name)
            if fault is None or not fault.number <= len(self.names) < fault.number + fault.times:
                return None
            if killing:
                os.kill(os.getpid(), signal.SIGKILL)
            known = ERRORS[name]
            if not known:
                return None
            self.struck.append(name)
            return fault.what if fault.what in known else known[0]


POINTS = Points()
"""Those of this process."""
