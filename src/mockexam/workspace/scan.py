"""What the watcher tells about the question folders."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from mockexam.exam.events import ModelFormat
from mockexam.exam.paper import PaperItem
from mockexam.workspace.layout import CANDIDATES, DATA, NamedModel, Workspace, hint_for, misplaced_hint
from mockexam.workspace.signature import Signature, sign


@dataclass(frozen=True, slots=True)
class Sighting:
    """A model that is all there and can be received."""

    number: int
    """The question's."""
    path: Path
    format: ModelFormat
    signature: Signature
    hurried: bool = False
    """It is rewritten without a still moment: to be caught between two saves, in whatever state it then is."""


@dataclass(frozen=True, slots=True)
class BrokenModel:
    """Something under a candidate's name that stays no whole model."""

    number: int
    path: Path
    reason: str
    """In a learner's words."""


@dataclass(frozen=True, slots=True)
class FileNameHint:
    """A model-like file that is not received."""

    number: int | None
    """None for the workspace's top folder."""
    path: Path
    text: str
    """How to submit it."""


WatchEvent = Sighting | BrokenModel | FileNameHint


_MAX_FOLDERS = 50
"""So many folders beside the candidates are looked into for a SavedModel."""
_NEVER_MODELS = frozenset({DATA, "__pycache__", "logs", "assets"})


@dataclass(frozen=True, slots=True)
class Candidate:
    """Where something is received from."""

    number: int
    path: Path


@dataclass(frozen=True, slots=True)
class Scan:
    """What one look found."""

    candidates: Mapping[Candidate, Signature]
    hints: tuple[FileNameHint, ...]
    folders: frozenset[tuple[str, int]]
    """Path and inode of each folder whose changes matter."""

    @property
    def places(self) -> tuple[str, ...]:
        """The paths of all folders and files that this scan rests on."""
        found = self.candidates.items()
        below = (os.path.join(c.path, e.name) if e.name else str(c.path) for c, s in found for e in s.entries)
        return (*sorted(path for path, _ in self.folders), *below)


def pulse(places: tuple[str, ...]) -> tuple[tuple[int, ...] | None, ...]:
    """A cheap look at known places alone: if it is as before, so would a scan be.

    But for a change within one step of the file times (some milliseconds) after the one before.
    """
    return tuple(map(_beat, places))


def _beat(path: str) -> tuple[int, ...] | None:
    try:
        found = os.lstat(path)
    except (OSError, ValueError):
        return None
    return found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns


def scan(workspace: Workspace, items: Iterable[PaperItem]) -> Scan:
    """Look at the workspace. What is missing, or can't be read, is simply not found."""
    candidates: dict[Candidate, Signature] = {}
    hints: list[FileNameHint] = []
    folders: set[tuple[str, int]] = set()
    _add_folder(folders, workspace.root)
    questions = [(item.number, workspace.question(item.folder)) for item in items]
    known = {folder.name for _, folder in questions}
    hints += _hints(None, workspace.root, _list(workspace.root, skip=known), misplaced_hint)
    for number, folder in questions:
        _add_folder(folders, folder)
        found = _list(folder)
        hints += _hints(number, folder, found, hint_for)
        for entry in found:
            if entry.name in CANDIDATES and (signature := sign(folder / entry.name)):
                candidates[Candidate(number, folder / entry.name)] = signature
                if signature.top.is_folder:
                    _add_folder(folders, folder / entry.name)
                    _add_folder(folders, folder / entry.name / "variables")
    return Scan(candidates, tuple(hints), frozenset(folders))


def _hints(
    number: int | None, folder: Path, found: Iterable[NamedModel], rule: Callable[[NamedModel], str | None]
) -> Iterable[FileNameHint]:
    for entry in found:
        text = rule(entry)
        if text is not None:
            yield FileNameHint(number, folder / entry.name, text)


def _list(folder: Path, skip: Iterable[str] = ()) -> list[NamedModel]:
    """The entries of a folder; empty if there is none."""
    passed = _NEVER_MODELS.union(skip)
    found: list[NamedModel] = []
    looked_into = 0
    try:
        with os.scandir(folder) as entries:
            for entry in entries:
                is_folder = entry.is_dir(follow_symlinks=False)
                saved_model = False
                inspected = is_folder and entry.name not in passed and not entry.name.startswith(".")
                if inspected and looked_into < _MAX_FOLDERS:
                    looked_into += 1
                    saved_model = os.path.lexists(os.path.join(entry.path, "saved_model.pb"))
                found.append(NamedModel(entry.name, is_folder, saved_model))
    except OSError:
        pass  # missing, no folder, or not readable: what was found until then counts
    return found


def _add_folder(folders: set[tuple[str, int]], folder: Path) -> None:
    try:
        found = folder.stat()
    except (OSError, ValueError):
        return
    folders.add((os.fspath(folder), found.st_ino))
