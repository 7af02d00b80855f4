"""What a workspace looks like on disk, and the marker file that tells whose it is."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from mockexam import paths
from mockexam.errors import ToldError
from mockexam.exam.paper import Paper, PaperItem

MARKER = ".mockexam.json"
MARKER_VERSION = 1
SOLUTION = "solution.py"
BRIEF = "brief.md"
DATA = "data"
README = "README.md"


@dataclass(frozen=True, slots=True)
class Workspace:
    """The folder that a candidate works in."""

    root: Path

    @property
    def marker(self) -> Path:
        return self.root / MARKER

    @property
    def readme(self) -> Path:
        return self.root / README

    def folder(self, item: PaperItem) -> Path:
        """The folder of a question."""
        return self.root / item.folder

    def solution(self, item: PaperItem) -> Path:
        """The script that a candidate fills in; begins as the stub."""
        return self.folder(item) / SOLUTION

    def brief(self, item: PaperItem) -> Path:
        """The task as Markdown."""
        return self.folder(item) / BRIEF

    def data(self, item: PaperItem) -> Path:
        """The training data of a question."""
        return self.folder(item) / DATA


@dataclass(frozen=True, slots=True)
class Marker:
    """What the marker file says: which paper a workspace was made for, and which data were made whole."""

    paper: str
    """The paper's code."""
    exam: str
    """The exam file's name."""
    questions: Mapping[str, str]
    """Question ids by folder name."""
    data: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """By folder name: the names directly under `data/` when they were made."""

    @classmethod
    def of(cls, paper: Paper, exam: str) -> Marker:
        """The marker of a new workspace for a paper of this exam."""
        return cls(paper=paper.code, exam=exam, questions={item.folder: item.question for item in paper.items})

    def with_data(self, folder: str, names: tuple[str, ...]) -> Marker:
        """The marker after a question's data were made."""
        return replace(self, data={**self.data, folder: names})


def default_workspace(paper: Paper) -> Workspace:
    """Where the workspace of a paper lies when none is named, for example `~/mockexam/7K3Q-F2`."""
    return Workspace(paths.default_workspace_parent() / paper.code)


def find_workspace(path: Path) -> Workspace | None:
    """The workspace that a file or folder lies in: the nearest folder upwards with a marker; None if there is none."""
    start = Path(os.path.abspath(path))
    for folder in (start, *start.parents):
        try:
            if (folder / MARKER).is_file():
                return Workspace(folder)
        except OSError:
            continue
    return None


def question_of(workspace: Workspace, path: Path) -> str | None:
    """The id of the question in whose folder a path lies; None if it lies in none, or the marker can't be read."""
    try:
        marker = read_marker(workspace)
        inside = Path(os.path.abspath(path)).relative_to(os.path.abspath(workspace.root))
    except (ToldError, ValueError):
        return None
    return marker.questions.get(inside.parts[0]) if marker and inside.parts else None


def read_marker(workspace: Workspace) -> Marker | None:
    """The marker of a workspace; None if it has none. Raises ToldError if it can't be understood."""
    try:
        return _parse(json.loads(workspace.marker.read_text(encoding="utf-8")))
    except (FileNotFoundError, NotADirectoryError):
        return None
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else "it is damaged"
        raise ToldError(
            f"The workspace's marker file can't be read: {reason}.",
            where=str(workspace.marker),
            remedy="Name another folder with --workspace, or move this one away.",
        ) from None


def write_marker(workspace: Workspace, marker: Marker) -> None:
    """Write the marker whole or not at all. Raises OSError."""
    values = {
        "version": MARKER_VERSION,
        "paper": marker.paper,
        "exam": marker.exam,
        "questions": dict(marker.questions),
        "data": {folder: list(names) for folder, names in marker.data.items()},
    }
    write_whole(workspace.marker, (json.dumps(values, indent=2) + "\n").encode())


def write_whole(path: Path, content: bytes) -> None:
    """Replace a file by this content at one stroke: a crash leaves the old one or the new one. Raises OSError."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        with temporary.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, path)
    except OSError:
        temporary.unlink(missing_ok=True)
        raise


def _parse(values: Any) -> Marker:
    if values["version"] != MARKER_VERSION:
        raise ValueError("made by another version")
    texts = [values["paper"], values["exam"], *values["questions"].keys(), *values["questions"].values()]
    if not all(isinstance(text, str) for text in texts):
        raise TypeError("a text was expected")
    return Marker(
        paper=values["paper"],
        exam=values["exam"],
        questions=dict(values["questions"]),
        data={str(folder): tuple(map(str, names)) for folder, names in values.get("data", {}).items()},
    )
