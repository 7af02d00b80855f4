"""What a workspace looks like on disk, and the file in it that says which paper it belongs to."""

from __future__ import annotations

import json
import math
import os
from collections.abc import Container, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from itertools import count
from pathlib import Path
from typing import Any

from mockexam import paths
from mockexam.errors import UserError
from mockexam.exam.events import ModelFormat
from mockexam.exam.model_format import FORMATS, GRAPH_FILE, format_of_file
from mockexam.exam.paper import Paper
from mockexam.files import reason_of, write_atomic
from mockexam.workspace.signature import entry_of, open_regular

WORKSPACE_FILE = ".mockexam.json"
_VERSION = 1
_MAX_BYTES = 1 << 20
SOLUTION = "solution.py"
NOTEBOOK = "solution.ipynb"
"""What a candidate may work in instead."""
BRIEF = "brief.md"
DATA = "data"
README = "README.md"


@dataclass(frozen=True, slots=True)
class Workspace:
    """The folder that a candidate works in."""

    root: Path

    @property
    def file(self) -> Path:
        return self.root / WORKSPACE_FILE

    @property
    def readme(self) -> Path:
        return self.root / README

    def question(self, folder: str) -> Path:
        """The folder of a question, by the folder's name (`PaperItem.folder`)."""
        return self.root / folder


@dataclass(frozen=True, slots=True)
class WorkspaceFile:
    """What the workspace file says: which paper the workspace is for, and which data are complete."""

    paper: str
    """The paper's code."""
    exam: str
    """The exam file's name; empty if not known."""
    questions: Mapping[str, str]
    """Question ids by folder name."""
    data: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """By folder name: the names directly under `data/` when the data were made."""

    @classmethod
    def of(cls, paper: Paper, exam: str) -> WorkspaceFile:
        """The file of a new workspace for a paper of this exam."""
        return cls(paper=paper.code, exam=exam, questions={item.folder: item.question for item in paper.items})

    def with_data(self, folder: str, names: tuple[str, ...]) -> WorkspaceFile:
        """The file after a question's data were made."""
        return replace(self, data={**self.data, folder: names})


@dataclass(frozen=True, slots=True)
class FoundWorkspace:
    """The workspace around a path."""

    code: str
    """The paper's code."""
    question: str | None
    """Id of the question in whose folder the path lies."""
    questions: tuple[str, ...]
    """Ids of all questions of the paper."""


def default_workspace(paper: Paper, used: Container[str] = ()) -> Path:
    """The workspace of a paper if the user names none: `~/mockexam/7K3Q-F2XM`, if it was used `7K3Q-F2XM-2`, ...

    `used` as in `was_used`.
    """
    first = paths.default_workspace_parent() / paper.code
    folders = (first.with_name(f"{paper.code}-{n}") if n > 1 else first for n in count(1))
    return next(folder for folder in folders if not was_used(Workspace(folder), paper, used))


def was_used(workspace: Workspace, paper: Paper, used: Container[str]) -> bool:
    """Whether an attempt was started here (its folder is among `used`, without links), or models were saved here."""
    return os.path.realpath(workspace.root) in used or bool(saved_models(workspace, paper))


def saved_models(workspace: Workspace, paper: Paper) -> list[Path]:
    """What lies under a received name in the question folders, whole or not."""
    folders = [workspace.question(item.folder) for item in paper.items]
    return [folder / name for folder in folders for name in SUBMISSION_NAMES if os.path.lexists(folder / name)]


def find_workspace(path: Path) -> FoundWorkspace | None:
    """The workspace that a path lies in; None if it lies in none. Raises UserError if its file can't be read."""
    start = Path(os.path.abspath(path))
    for root in (start, *start.parents):
        described = read_workspace_file(Workspace(root))
        if described is not None:
            inside = start.relative_to(root).parts
            question = described.questions.get(inside[0]) if inside else None
            return FoundWorkspace(described.paper, question, tuple(described.questions.values()))
    return None


def model_format(path: Path) -> ModelFormat | None:
    """The format of a saved model, from its name and kind; None if it is no model."""
    if path.is_dir():
        return "saved_model" if (path / GRAPH_FILE).is_file() else None
    if not path.is_file():
        return None
    spec = format_of_file(path.name)
    return spec.id if spec else None


def dated_file(model: Path) -> Path:
    """The file whose times are the model's: a folder's own stand still when files in it are rewritten."""
    return model / GRAPH_FILE if model.is_dir() else model


def newest_model(folder: Path, *, by_date: bool = False) -> tuple[Path, ModelFormat] | None:
    """The newest model in a question's folder under a name that is received; None if there is none.

    By its own date, which an archive keeps, or by what was changed last on this machine, whatever the dates say.
    """
    found: list[tuple[int, Path, ModelFormat]] = []
    for name in SUBMISSION_NAMES:
        path = folder / name
        form = model_format(path)
        if form is not None and not path.is_symlink():
            with suppress(OSError):  # it vanished meanwhile
                state = dated_file(path).stat()
                found.append((state.st_mtime_ns if by_date else entry_of("", state).last_change_ns, path, form))
    return max(found)[1:] if found else None


def script_of(folder: Path) -> str:
    """The name of the script that a question is worked on in: the notebook if it is newer than `solution.py`."""

    def changed(name: str) -> float:
        path = folder / name
        return path.stat().st_mtime if path.is_file() else -math.inf

    with suppress(OSError):
        return max(SOLUTION, NOTEBOOK, key=changed)
    return SOLUTION


def read_workspace_file(workspace: Workspace) -> WorkspaceFile | None:
    """What the workspace file says; None if there is none. Raises UserError if it can't be read."""
    try:
        with open_regular(workspace.file) as file:
            return _parse(json.loads(file.read(_MAX_BYTES)))
    except (FileNotFoundError, NotADirectoryError):
        return None
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        reason = reason_of(error) if isinstance(error, OSError) else "it is damaged"
        raise UserError(
            f"The workspace file can't be read: {reason}.",
            location=str(workspace.file),
            hint="Name another folder with --workspace, or move this file away.",
        ) from None


def write_workspace_file(workspace: Workspace, described: WorkspaceFile) -> None:
    """Write the workspace file atomically. Raises OSError."""
    values = {
        "version": _VERSION,
        "paper": described.paper,
        "exam": described.exam,
        "questions": dict(described.questions),
        "data": {folder: list(names) for folder, names in described.data.items()},
    }
    write_atomic(workspace.file, json.dumps(values, indent=2) + "\n")


def _parse(values: Any) -> WorkspaceFile:
    if values["version"] != _VERSION:
        raise ValueError("made by another version")
    texts = [values["paper"], values["exam"], *values["questions"].keys(), *values["questions"].values()]
    if not all(isinstance(text, str) for text in texts):
        raise TypeError("a text was expected")
    for text in texts:
        text.encode()  # ValueError for half of a character, which no message can hold
    return WorkspaceFile(
        paper=values["paper"],
        exam=values["exam"],
        questions=dict(values["questions"]),
        data={str(folder): tuple(map(str, names)) for folder, names in values.get("data", {}).items()},
    )


SUBMISSION_NAMES: dict[str, ModelFormat] = {spec.name: spec.id for spec in FORMATS.values()}
"""The exact names under which a model is received from a question's folder."""

SAVE = "Save the model with model.save('mymodel.keras')."
