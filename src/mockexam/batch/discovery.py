"""The models below a folder: a class's hand-ins as they lie, side by side or one folder each."""

from __future__ import annotations

import csv
import io
import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mockexam.errors import UserError
from mockexam.exam.events import ModelFormat
from mockexam.exam.model_format import FORMATS, file_endings
from mockexam.workspace.layout import CANDIDATES, WORKSPACE_FILE, model_format

MAX_DEPTH = 50
"""Folders in folders that are searched; one hand-in must not end the search of all."""
_WEIGHTS = (".weights.h5", ".weights.hdf5")
_ARCHIVES = (".zip", ".tar", ".gz", ".tgz", ".7z", ".rar")


@dataclass(frozen=True, slots=True)
class FoundModel:
    """A model, by its path below the folder."""

    relative: str
    path: Path
    format: ModelFormat


@dataclass(frozen=True, slots=True)
class LeftOut:
    """What is not marked, by its path below the folder."""

    relative: str
    why: str
    """How the sentence goes on that begins with the path."""

    def __str__(self) -> str:
        return f"{self.relative} {self.why}."


@dataclass(frozen=True, slots=True)
class Search:
    """What lies below a folder."""

    models: tuple[FoundModel, ...]
    """By name."""
    left_out: tuple[LeftOut, ...]
    """What looks like a model and is none, and whose folder holds none."""


def search(folder: Path) -> Search:
    """Find all models below a folder, at any depth. Raises UserError if there is none.

    Hidden folders are passed over, links to folders are not followed. In a candidate's workspace the received names
    count alone.
    """
    models: list[FoundModel] = []
    left_out: list[LeftOut] = []
    others: set[str] = set()
    archives = 0
    for root, folders, files in os.walk(folder):
        here = Path(root)
        if len(here.parts) - len(folder.parts) >= MAX_DEPTH:
            left_out.append(LeftOut(here.relative_to(folder).parts[0], "holds folders in folders without end"))
            folders.clear()
            continue
        in_workspace = _in_workspace(here, folder)
        enter: list[str] = []
        for name in filter(_counts, sorted([*folders, *files])):
            path = here / name
            form = model_format(path)
            archives += name.lower().endswith(_ARCHIVES)
            if form is None:
                enter.append(name)
            elif in_workspace and name not in CANDIDATES:
                others.add(path.relative_to(folder).parts[0])
            else:
                relative = path.relative_to(folder).as_posix()
                reason = _no_model(path, form)
                if reason:
                    left_out.append(LeftOut(relative, reason))
                else:
                    models.append(FoundModel(relative, path, form))
        folders[:] = [name for name in enter if name in folders]
    if not models:
        raise _nothing(folder, archives, left_out)
    if not _in_workspace(folder, folder):
        told = [*(model.relative for model in models), *(found.relative for found in left_out)]
        left_out += _without_model(folder, {Path(relative).parts[0] for relative in told}, others)
    return Search(tuple(sorted(models, key=lambda model: model.relative)), tuple(left_out))


def _without_model(folder: Path, told: set[str], others: set[str]) -> list[LeftOut]:
    """Whose folder or archive beside the others holds nothing that can be marked: else nobody would miss it.

    `others` are those of workspaces where models have names that no exam receives.
    """
    found: list[LeftOut] = []
    for path in sorted(folder.iterdir()):
        if path.name in told or not _counts(path.name):
            continue
        if path.name in others:
            found.append(LeftOut(path.name, f"holds models, but none is named {', '.join(sorted(CANDIDATES))}"))
        elif path.name.lower().endswith(_ARCHIVES):
            found.append(LeftOut(path.name, "is an archive: unpack it"))
        elif path.is_dir():
            packed = any(name.lower().endswith(_ARCHIVES) for _, _, names in os.walk(path) for name in names)
            found.append(LeftOut(path.name, f"holds no saved model{', but an archive: unpack it' if packed else ''}"))
    return found


def _counts(name: str) -> bool:
    """Not what editors, archives and version control leave behind."""
    return not name.startswith((".", "__"))


def _no_model(path: Path, form: ModelFormat) -> str:
    """Why what looks like a model is none; empty if it may be one."""
    if path.name.lower().endswith(_WEIGHTS):
        return "holds weights alone, no model"
    if FORMATS[form].is_folder and path.is_symlink():
        return "is a link to a folder"
    return ""


def _in_workspace(here: Path, top: Path) -> bool:
    """Whether a folder is a candidate's workspace, or lies in one, as far up as the search began."""
    return any((folder / WORKSPACE_FILE).is_file() for folder in (here, *here.parents) if folder.is_relative_to(top))


def _nothing(folder: Path, archives: int, left_out: list[LeftOut]) -> UserError:
    files = file_endings("and")
    remedy = f"Models are {files} files, and folders of SavedModels (model.export(...)), at any depth."
    if archives:
        remedy = f"There {'is an archive' if archives == 1 else f'are {archives} archives'}: unpack first. {remedy}"
    what = "No saved model lies in this folder."
    return UserError(" ".join([what, *map(str, left_out[:3])]), location=str(folder), hint=remedy)


SUFFIXES = (".csv", ".json")
_COLUMNS = "model, question, name"


@dataclass(frozen=True, slots=True)
class ListRow:
    """One model of a list."""

    model: str
    """As it is written: a path, relative to the list's folder."""
    question: str
    """Empty if the list does not say."""
    name: str
    where: str
    """`line 3` or `entry 3`."""


def read_list(path: Path) -> tuple[ListRow, ...]:
    """The rows of a list. Other columns are left alone. Raises UserError."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise UserError(f"The list can't be read: {error.strerror}.", location=str(path)) from None
    except UnicodeDecodeError:
        raise UserError("The list is no UTF-8 text.", location=str(path), hint="Save it as CSV, UTF-8.") from None
    rows = tuple(_from_json(path, text) if path.suffix.lower() == ".json" else _from_csv(path, text))
    if not rows:
        raise UserError("The list names no model.", location=str(path), hint=f"Its columns are {_COLUMNS}.")
    return rows


def _from_csv(path: Path, text: str) -> Iterator[ListRow]:
    head = text.partition("\n")[0]
    # Spreadsheets write the separator of their country.
    separator = max(",;\t", key=head.count)
    reader = csv.DictReader(io.StringIO(text, newline=""), delimiter=separator)
    columns = {(name or "").strip().lower(): name for name in reader.fieldnames or ()}
    if "model" not in columns:
        raise UserError(
            "The list has no column `model`.",
            location=f"{path}, line 1",
            hint=f"Name the columns in its first line: {_COLUMNS} (the last two if you like).",
        )
    try:
        for fields in reader:
            values = {column: (fields.get(name) or "").strip() for column, name in columns.items() if column}
            if any(values.values()):
                yield _row(path, values, f"line {reader.line_num}")
    except csv.Error as error:
        raise UserError(f"The list is no CSV: {error}.", location=f"{path}, line {reader.line_num}") from None


def _from_json(path: Path, text: str) -> Iterator[ListRow]:
    try:
        entries: Any = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise UserError(f"The list is no JSON: {error}.", location=str(path), hint="Correct it there.") from None
    if not isinstance(entries, list):
        raise UserError(
            "The list is no JSON list.",
            location=str(path),
            hint='Write [{"model": "ann.keras", "question": "..."}, …].',
        )
    for number, entry in enumerate(entries, 1):
        fields = {"model": entry} if isinstance(entry, str) else entry
        if not isinstance(fields, dict) or not all(isinstance(fields.get(c, ""), str) for c in _COLUMNS.split(", ")):
            raise UserError(
                "An entry is no object of texts.", location=f"{path}, entry {number}", hint=f"Its keys are {_COLUMNS}."
            )
        yield _row(path, fields, f"entry {number}")


def _row(path: Path, fields: dict[str, Any], where: str) -> ListRow:
    model = fields.get("model", "")
    if not model:
        raise UserError("A row names no model.", location=f"{path}, {where}", hint="Fill it in, or delete the row.")
    return ListRow(model, fields.get("question", ""), fields.get("name", "") or model, where)
