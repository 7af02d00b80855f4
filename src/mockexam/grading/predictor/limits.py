"""Limits on a process that holds a foreign model, and a look at the memory that it has."""

from __future__ import annotations

import contextlib
import os
import sys
from pathlib import Path

_TIMES = 4
_HEADROOM = (2 << 30) + (os.cpu_count() or 1) * (544 << 20)
"""Address space above the memory limit: a core's threads reserve stacks and eight arenas of 64 MiB that they may never
touch (glibc, M_ARENA_MAX in mallopt(3))."""


def restrict(*, seconds: float, memory: int, file_bytes: int) -> None:
    """Limit this process: processor time for `seconds` on all cores, address space, file size, no core dumps.

    `memory` and `file_bytes` are in bytes. The address space is a second line far behind `resident`, against absurd
    sizes alone: TensorFlow reserves much that it never uses, and aborts where it gets none. Without effect
    where there is no `resource` module.
    """
    if sys.platform == "win32":
        return
    import resource

    used = resource.getrusage(resource.RUSAGE_SELF)
    processor = int(used.ru_utime + used.ru_stime + seconds * (os.cpu_count() or 1)) + 10
    _limit(resource.RLIMIT_CPU, processor)
    _limit(resource.RLIMIT_CORE, 0)
    _limit(resource.RLIMIT_FSIZE, file_bytes)
    _limit(resource.RLIMIT_NOFILE, 256)
    if sys.platform.startswith("linux"):
        _limit(resource.RLIMIT_AS, _statm(os.getpid())[0] + _TIMES * memory + _HEADROOM)


def _limit(which: int, value: int) -> None:
    import resource

    _, hard = resource.getrlimit(which)
    wanted = value if hard == resource.RLIM_INFINITY else min(value, hard)
    with contextlib.suppress(OSError, ValueError):
        resource.setrlimit(which, (wanted, wanted))


def offer_to_oom_killer() -> None:
    """When the machine runs out of memory, this process goes first."""
    with contextlib.suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text("1000", encoding="ascii")


def resident(pid: int) -> int:
    """Bytes of memory that a process holds; 0 if that can't be told."""
    return _statm(pid)[1]


def _statm(pid: int) -> tuple[int, int]:
    """Address space and resident memory in bytes."""
    try:
        size, held = Path(f"/proc/{pid}/statm").read_text(encoding="ascii").split()[:2]
    except (OSError, ValueError):
        return 0, 0
    page = os.sysconf("SC_PAGE_SIZE")
    return int(size) * page, int(held) * page
