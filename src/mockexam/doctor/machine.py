"""Versions of what an exam stands on, and memory."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path

from mockexam.doctor.check import Check
from mockexam.wording import size_text

_CGROUP_LIMIT = Path("/sys/fs/cgroup/memory.max")
_CGROUP_USED = Path("/sys/fs/cgroup/memory.current")

NEEDED_MEMORY = 2 * 10**9
"""Bytes: the marker with TensorFlow takes some 0.8 GB while it marks, a training script of this size 1 to 1.2 GB."""
SCARCE_MEMORY = 10**9


@dataclass(frozen=True, slots=True)
class Memory:
    """Bytes of memory."""

    total: int
    available: int


def check_versions() -> list[Check]:
    """Python, TensorFlow and Keras against what mockexam was built for. Read from metadata: nothing is imported."""
    reinstall = "Install mockexam anew into an environment of its own."
    return [
        _python(),
        _library("TensorFlow", "tensorflow", (2, 21), (2, 22), reinstall),
        _library("Keras", "keras", (3, 15), (4, 0), reinstall),
    ]


def _python() -> Check:
    version = ".".join(map(str, sys.version_info[:3]))
    if sys.version_info[:2] < (3, 11) or sys.version_info[:2] > (3, 13):
        return Check("Python", "warn", f"{version}, which mockexam was not tried on", "Use Python 3.11, 3.12 or 3.13.")
    return Check("Python", "ok", version)


def _library(name: str, package: str, first: tuple[int, int], beyond: tuple[int, int], remedy: str) -> Check:
    from importlib import metadata

    try:
        version = metadata.version(package)
    except metadata.PackageNotFoundError:
        return Check(name, "fail", "is not installed", remedy)
    if first <= _numbers(version) < beyond:
        return Check(name, "ok", version)
    wanted = ".".join(map(str, first))
    # Keras can't be relied on to load what another minor version saved.
    return Check(name, "warn", f"{version}, but mockexam was built for {wanted}", remedy)


def _numbers(version: str) -> tuple[int, int]:
    """Major and minor; (0, 0) if the version can't be understood."""
    parts = version.split(".")
    try:
        return int(parts[0]), int(parts[1])
    except (ValueError, IndexError):
        return 0, 0


def check_memory() -> Check:
    """Whether training and marking fit side by side."""
    return judge_memory(read_memory())


def read_memory() -> Memory:
    """What this process may use: the machine's memory, or a container's share of it."""
    import psutil

    found = psutil.virtual_memory()
    try:
        limit, used = int(_CGROUP_LIMIT.read_text()), int(_CGROUP_USED.read_text())
    except (OSError, ValueError):  # no control groups, or "max": no limit
        return Memory(found.total, found.available)
    return Memory(min(found.total, limit), min(found.available, max(0, limit - used)))


def judge_memory(memory: Memory) -> Check:
    """What so much memory means for an exam."""
    text = f"{size_text(memory.available)} free of {size_text(memory.total)}"
    if memory.available >= NEEDED_MEMORY:
        return Check("memory", "ok", text)
    needed = f"training and marking side by side take about {size_text(NEEDED_MEMORY)}"
    remedy = "Close a browser or other large programs before you start."
    return Check("memory", "warn" if memory.available >= SCARCE_MEMORY else "fail", f"{text}; {needed}", remedy)
