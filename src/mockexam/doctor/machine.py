"""What one look at the machine found."""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from mockexam.text.units import size_text

Status = Literal["ok", "warn", "fail"]
"""`warn`: an exam can be sat, with something worth knowing. `fail`: it can't."""


@dataclass(frozen=True, slots=True)
class Check:
    """One finding, in words for the candidate."""

    name: str
    """What was looked at, for example `memory`."""
    status: Status
    text: str
    """What was found."""
    remedy: str = ""
    """What to do about it; empty if nothing needs doing."""


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
    return assess_memory(read_memory())


def read_memory() -> Memory:
    """What this process may use: the machine's memory, or a container's share of it."""
    import psutil

    found = psutil.virtual_memory()
    try:
        limit, used = int(_CGROUP_LIMIT.read_text()), int(_CGROUP_USED.read_text())
    except (OSError, ValueError):  # no control groups, or "max": no limit
        return Memory(found.total, found.available)
    return Memory(min(found.total, limit), min(found.available, max(0, limit - used)))


def assess_memory(memory: Memory) -> Check:
    """What so much memory means for an exam."""
    text = f"{size_text(memory.available)} free of {size_text(memory.total)}"
    if memory.available >= NEEDED_MEMORY:
        return Check("memory", "ok", text)
    needed = f"training and marking side by side take about {size_text(NEEDED_MEMORY)}"
    remedy = "Close a browser or other large programs before you start."
    return Check("memory", "warn" if memory.available >= SCARCE_MEMORY else "fail", f"{text}; {needed}", remedy)


ROOMY_BYTES = 2 * 10**9
"""Data of a paper, many saves, and a kept copy of each."""
SCARCE_BYTES = 300 * 10**6
"""The data of a paper and a few models."""


def check_storage(name: str, folder: Path) -> Check:
    """Whether this folder, or the one that it will be made in, can be written and has room."""
    nearest = nearest_folder(folder)
    try:
        with tempfile.NamedTemporaryFile(dir=nearest, prefix=".mockexam-doctor-") as file:
            file.write(b"\0" * 4096)
        free = shutil.disk_usage(nearest).free
    except OSError as error:
        way = "with --workspace" if name == "workspace" else "by the variable MOCKEXAM_HOME"
        return Check(name, "fail", f"{nearest} can't be written: {error.strerror}", f"Choose another folder {way}.")
    return assess_space(name, folder, free)


def assess_space(name: str, folder: Path, free: int) -> Check:
    """What so many free bytes mean for an exam."""
    text = f"{size_text(free)} free for {folder}"
    if free >= ROOMY_BYTES:
        return Check(name, "ok", text)
    return Check(name, "warn" if free >= SCARCE_BYTES else "fail", text, "Free some space on that disk.")


def nearest_folder(folder: Path) -> Path:
    """The folder itself, or the nearest one above it that exists."""
    return next((place for place in (folder, *folder.parents) if place.is_dir()), Path(folder.anchor or "."))


COLUMNS, LINES = 80, 24
_PLAIN = "`mockexam sit --plain` needs no full screen."


def check_terminal(environ: Mapping[str, str]) -> Check:
    """Size and colours of the terminal that this process is on."""
    return assess_terminal(_size(), environ)


def assess_terminal(size: os.terminal_size | None, environ: Mapping[str, str]) -> Check:
    """What a terminal of this size (None: there is none) and these variables means for the app."""
    if size is None:
        return Check("terminal", "warn", "there is none here", f"Start the app in a terminal. {_PLAIN}")
    text = f"{size.columns} x {size.lines}, {_colours(environ)}"
    if environ.get("TERM") == "dumb":
        return Check("terminal", "warn", f"{text}: it can't show the app", f"Use another terminal. {_PLAIN}")
    if size.columns < COLUMNS or size.lines < LINES:
        return Check("terminal", "warn", f"{text}: small", f"Enlarge it to {COLUMNS} x {LINES} or more. {_PLAIN}")
    return Check("terminal", "ok", text)


def _size() -> os.terminal_size | None:
    # The app paints on standard error; a pipe on one of the others says nothing about it.
    for stream in (sys.__stderr__, sys.__stdout__, sys.__stdin__):
        try:
            if stream is not None and stream.isatty():
                return os.get_terminal_size(stream.fileno())
        except (OSError, ValueError):
            continue
    return None


def _colours(environ: Mapping[str, str]) -> str:
    if environ.get("NO_COLOR"):
        return "no colours (NO_COLOR is set)"
    if environ.get("COLORTERM", "").lower() in ("truecolor", "24bit"):
        return "true colours"
    return "256 colours" if "256color" in environ.get("TERM", "") else "few colours"
