"""A child process that never outlives its parent. Standard library alone: the predictor uses it too."""

from __future__ import annotations

import ctypes
import os
import signal
import sys
from pathlib import Path

_PR_SET_PDEATHSIG = 1  # prctl(2)
_PR_SET_DUMPABLE = 4
_PR_SET_CHILD_SUBREAPER = 36


def die_with_parent(parent: int | None = None) -> None:
    """Ask the kernel to kill this process when its parent ends; leave at once if the parent is gone already.

    `parent` is the process id that the parent is known by, if the caller knows it. Without effect where the kernel
    can't do it (only Linux can).
    """
    _prctl(_PR_SET_PDEATHSIG, signal.SIGKILL if sys.platform != "win32" else 9)
    if parent is not None and os.getppid() != parent:
        os._exit(1)


def adopt_orphans() -> None:
    """Become the parent of orphaned descendants, so that `children` finds whatever a model has started."""
    _prctl(_PR_SET_CHILD_SUBREAPER, 1)


def hide_memory(hidden: bool = True) -> None:
    """Keep processes of the same user from reading or tracing this one (or allow it again)."""
    _prctl(_PR_SET_DUMPABLE, 0 if hidden else 1)


def children() -> list[int]:
    """Process ids of this process's children; empty where there is no `/proc`."""
    found: list[int] = []
    try:
        names = [entry.name for entry in Path("/proc").iterdir()]
    except OSError:
        return found
    me = str(os.getpid())
    for name in filter(str.isdigit, names):
        try:
            with Path(f"/proc/{name}/stat").open(encoding="ascii", errors="replace") as file:
                # The second field is a name in brackets and may hold anything; the parent is the second after it.
                parent = file.read().rpartition(")")[2].split()[1]
        except (OSError, IndexError):
            continue
        if parent == me:
            found.append(int(name))
    return found


def _prctl(option: int, value: int) -> None:
    if not sys.platform.startswith("linux"):
        return
    try:
        ctypes.CDLL(None).prctl(option, value, 0, 0, 0)
    except (OSError, AttributeError):
        return
