"""Checks of the machine itself: versions, memory, disk and terminal."""

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
from mockexam.workspace.interpreter import keras_variables, unset

Status = Literal["ok", "warn", "fail"]
"""`warn`: an exam is possible, but there is something to know. `fail`: it is not."""


@dataclass(frozen=True, slots=True)
class Check:
    """The result of one check, in words for the candidate."""

    name: str  # what was checked, for example `memory`
    status: Status
    text: str  # what was found, and what it means
    remedy: str = ""  # what to do; empty if there is nothing to do


_CGROUP_LIMIT = Path("/sys/fs/cgroup/memory.max")
_CGROUP_USED = Path("/sys/fs/cgroup/memory.current")

NEEDED_MEMORY = 2 * 10**9
"""Bytes: the grader with TensorFlow takes about 0.8 GB while it grades, a training script 1 to 1.2 GB."""
SCARCE_MEMORY = 10**9
NEEDED_SPACE = 2 * 10**9  # bytes: the data of a paper, many saves, and a copy of each
SCARCE_SPACE = 300 * 10**6  # bytes: the data of a paper and a few models
COLUMNS, LINES = 80, 24
REINSTALL = "Reinstall mockexam in a new virtual environment."
_PLAIN = "Or use `mockexam sit --plain`, which works in any terminal."


@dataclass(frozen=True, slots=True)
class Memory:
    """Bytes of memory."""

    total: int
    available: int


def check_versions() -> list[Check]:
    """Python, TensorFlow and both Keras against the versions that mockexam supports. Nothing is imported."""
    version = ".".join(map(str, sys.version_info[:3]))
    python = Check("Python", "ok", version)
    if not (3, 11) <= sys.version_info[:2] <= (3, 13):
        text = f"{version}: mockexam is not tested with this version"
        python = Check("Python", "warn", text, "Use Python 3.11, 3.12 or 3.13.")
    # Keras may fail to load what another minor version saved.
    keras2 = _library("tf-keras", "tf-keras", (2, 21), (2, 22))
    if keras2.status == "fail":
        keras2 = Check("tf-keras", "warn", "not installed; files saved by Keras 2 can't be graded", REINSTALL)
    return [
        python,
        _library("TensorFlow", "tensorflow", (2, 21), (2, 22)),
        _library("Keras", "keras", (3, 15), (4, 0)),
        keras2,
    ]


def check_environment(environ: Mapping[str, str]) -> list[Check]:
    """One warning for each variable that gives scripts another Keras than the grader's."""
    return [
        Check("environment", "warn", f"{setting} is set: {effect}", f"{unset(setting)} The grader ignores it.")
        for setting, effect in keras_variables(environ)
    ]


def _library(name: str, package: str, first: tuple[int, int], beyond: tuple[int, int]) -> Check:
    from importlib import metadata

    try:
        version = metadata.version(package)
    except metadata.PackageNotFoundError:
        return Check(name, "fail", "not installed; no model can be trained or graded", REINSTALL)
    try:
        major, minor = map(int, version.split(".")[:2])
    except ValueError:
        major, minor = 0, 0
    if first <= (major, minor) < beyond:
        return Check(name, "ok", version)
    text = f"{version}, but mockexam needs {first[0]}.{first[1]}: models may fail to load"
    return Check(name, "warn", text, REINSTALL)


def check_memory() -> Check:
    """Whether training and grading fit side by side."""
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
    """What this memory means for an exam."""
    text = f"{size_text(memory.available)} free of {size_text(memory.total)}"
    if memory.available >= NEEDED_MEMORY:
        return Check("memory", "ok", f"{text}, enough")
    needed = f"{size_text(NEEDED_MEMORY)} are needed to train and grade at the same time"
    remedy = "Before you start, close your browser and other large programs."
    if memory.available >= SCARCE_MEMORY:
        return Check("memory", "warn", f"{text}, may be too little: {needed}", remedy)
    return Check("memory", "fail", f"{text}, too little: {needed}", remedy)


def check_storage(name: str, folder: Path) -> Check:
    """Whether this folder, or the one that it will be created in, is writable and has space."""
    nearest = nearest_folder(folder)
    way = "with --workspace" if name == "workspace" else "with the environment variable MOCKEXAM_HOME"
    if folder.exists() and not folder.is_dir():
        return Check(name, "fail", f"{folder} is a file, not a folder", f"Choose a folder {way}.")
    try:
        with tempfile.NamedTemporaryFile(dir=nearest, prefix=".mockexam-doctor-") as file:
            file.write(b"\0" * 4096)
        free = shutil.disk_usage(nearest).free
    except OSError as error:
        return Check(name, "fail", f"{nearest} can't be written: {error.strerror}", f"Choose another folder {way}.")
    return assess_space(name, folder, free)


def assess_space(name: str, folder: Path, free: int) -> Check:
    """What this many free bytes mean for an exam."""
    text = f"{size_text(free)} free for {folder}"
    if free >= NEEDED_SPACE:
        return Check(name, "ok", f"{text}, enough")
    remedy = f"Free space on that disk: {size_text(NEEDED_SPACE)} are enough."
    if free >= SCARCE_SPACE:
        return Check(name, "warn", f"{text}, enough for a few models only", remedy)
    return Check(name, "fail", f"{text}, too little", remedy)


def nearest_folder(folder: Path) -> Path:
    """The folder itself, or the nearest one above it that exists."""
    return next((path for path in (folder, *folder.parents) if path.is_dir()), Path(folder.anchor or "."))


def check_terminal(environ: Mapping[str, str]) -> Check:
    """Size and colours of the terminal that this process runs in."""
    return assess_terminal(_size(), environ)


def assess_terminal(size: os.terminal_size | None, environ: Mapping[str, str]) -> Check:
    """What a terminal of this size (None: there is none) and these variables means for the app."""
    if size is None and environ.get("TERM_PROGRAM") == "textual":  # what textual-serve sets
        return Check("terminal", "ok", "none needed: the app is in a browser")
    if size is None:
        return Check("terminal", "warn", "none here: the app needs one", f"Start the app in a terminal. {_PLAIN}")
    text = f"{size.columns} x {size.lines}, {_colours(environ)}"
    if environ.get("TERM") == "dumb":
        return Check("terminal", "warn", f"{text}: it can't show the app", f"Use another terminal. {_PLAIN}")
    if size.columns < COLUMNS or size.lines < LINES:
        remedy = f"Enlarge the window to {COLUMNS} x {LINES} or more. {_PLAIN}"
        return Check("terminal", "warn", f"{text}: too small to show everything", remedy)
    return Check("terminal", "ok", text)


def _size() -> os.terminal_size | None:
    # The app draws on standard error; the other streams may be pipes.
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
