"""Finds the models to grade: all models below a folder, or the rows of a list."""

from __future__ import annotations

import csv
import io
import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from mockexam.errors import UserError
from mockexam.exam.events import ModelFormat
from mockexam.exam.model_format import FORMATS, WEIGHTS_ENDINGS, file_endings
from mockexam.workspace.layout import SUBMISSION_NAMES, WORKSPACE_FILE, model_format

MAX_DEPTH = 50
"""Folder levels to search; one submission must not stop the search of all."""
SUFFIXES = (".csv", ".json")
_COLUMNS = ("model", "question", "name")
_ARCHIVES = (".zip", ".tar", ".gz", ".tgz", ".7z", ".rar")


@dataclass(frozen=True, slots=True)
class FoundModel:
    """A model below the folder."""

    relative: str
    """Its path below the folder."""
    path: Path
    format: ModelFormat


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A file or folder that is not graded."""

    relative: str
    reason: str
    """Continues the sentence that starts with the path."""

    @property
    def top(self) -> str:
        """The student's folder, as its name in the folder of all."""
        return Path(self.relative).parts[0]

    def __str__(self) -> str:
        return f"{self.relative} {self.reason}."


@dataclass(frozen=True, slots=True)
class SearchResult:
    """What is below a folder."""

    models: tuple[FoundModel, ...]
    """Sorted by path."""
    left_out: tuple[LeftOut, ...]
    """Files that look like models but are none, and student folders without a model."""


def search(folder: Path) -> SearchResult:
    """Find all models below a folder, at any depth. Raises UserError if there is none.

    Hidden folders are skipped, links to folders are not followed. In a workspace only submission names count.
    """
    models: list[FoundModel] = []
    left_out: list[LeftOut] = []
    misnamed: set[str] = set()
    archives = 0
    for root, folders, files in os.walk(folder):
        here = Path(root)
        if len(here.parts) - len(folder.parts) >= MAX_DEPTH:
            left_out.append(LeftOut(here.relative_to(folder).parts[0], "has too many levels of folders"))
            folders.clear()
            continue
        in_workspace = _in_workspace(here, folder)
        enter: list[str] = []
        for name in filter(_is_visible, sorted([*folders, *files])):
            path = here / name
            form = model_format(path)
            archives += name.lower().endswith(_ARCHIVES)
            if form is None:
                enter.append(name)
            elif in_workspace and name not in SUBMISSION_NAMES:
                misnamed.add(path.relative_to(folder).parts[0])
            elif reason := _not_a_model(path, form):
                left_out.append(LeftOut(path.relative_to(folder).as_posix(), reason))
            else:
                models.append(FoundModel(path.relative_to(folder).as_posix(), path, form))
        folders[:] = [name for name in enter if name in folders]
    if not models:
        raise _no_models(folder, archives, left_out)
    if not _in_workspace(folder, folder):
        paths = [*(model.relative for model in models), *(one.relative for one in left_out)]
        reported = {Path(relative).parts[0] for relative in paths}
        left_out += _without_model(folder, reported, misnamed)
    return SearchResult(tuple(sorted(models, key=lambda model: model.relative)), tuple(left_out))


def _without_model(folder: Path, reported: set[str], misnamed: set[str]) -> Iterator[LeftOut]:
    """Folders and archives without a model, which nobody would notice. `misnamed` are workspaces with other names."""
    for path in sorted(folder.iterdir()):
        if path.name in reported or not _is_visible(path.name):
            continue
        if path.name in misnamed:
            yield LeftOut(path.name, f"has models, but none is named {', '.join(sorted(SUBMISSION_NAMES))}")
        elif path.name.lower().endswith(_ARCHIVES):
            yield LeftOut(path.name, "is an archive: unpack it")
        elif path.is_dir():
            packed = any(name.lower().endswith(_ARCHIVES) for _, _, names in os.walk(path) for name in names)
            yield LeftOut(path.name, f"has no saved model{', only an archive: unpack it' if packed else ''}")


def _is_visible(name: str) -> bool:
    """Not a leftover of an editor, an archive or version control."""
    return not name.startswith((".", "__"))


def _not_a_model(path: Path, form: ModelFormat) -> str:
    """Why a file or folder is not a model although it looks like one; empty if it may be one."""
    if path.name.lower().endswith(WEIGHTS_ENDINGS):
        return "has only weights, not a whole model"
    if FORMATS[form].is_folder and path.is_symlink():
        return "is a link to a folder"
    return ""


def _in_workspace(here: Path, top: Path) -> bool:
    """Whether a folder is or lies in a workspace; folders above `top` do not count."""
    return any((folder / WORKSPACE_FILE).is_file() for folder in (here, *here.parents) if folder.is_relative_to(top))


def _no_models(folder: Path, archives: int, left_out: list[LeftOut]) -> UserError:
    hint = f"Models are {file_endings('and')} files and SavedModel folders (model.export(...)), at any depth."
    if archives:
        hint = f"Unpack the archive{'s' * (archives > 1)} first. {hint}"
    message = " ".join(["There is no saved model in this folder.", *map(str, left_out[:3])])
    return UserError(message, location=str(folder), hint=hint)


@dataclass(frozen=True, slots=True)
class ListRow:
    """One model of a list."""

    model: str
    """A path as written, relative to the list's folder."""
    question: str
    """Empty if the list does not say."""
    name: str
    location: str
    """`line 3` or `entry 3`."""
    others: Mapping[str, str] = field(default_factory=dict)
    """The other columns, by name in lower case; gradebooks name students by them."""


def read_list(path: Path) -> tuple[ListRow, ...]:
    """The rows of a list. Raises UserError."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise UserError(f"The list can't be read: {error.strerror}.", location=str(path)) from None
    except UnicodeDecodeError:
        raise UserError("The list is not UTF-8 text.", location=str(path), hint="Save it as CSV, UTF-8.") from None
    rows = tuple(_from_json(path, text) if path.suffix.lower() == ".json" else _from_csv(path, text))
    if not rows:
        hint = f"Its columns are {', '.join(_COLUMNS)}."
        raise UserError("The list names no model.", location=str(path), hint=hint)
    return rows


def _from_csv(path: Path, text: str) -> Iterator[ListRow]:
    head = text.partition("\n")[0]
    # Spreadsheets write the separator of their country.
    reader = csv.DictReader(io.StringIO(text, newline=""), delimiter=max(",;\t", key=head.count))
    columns = {(name or "").strip().lower(): name for name in reader.fieldnames or ()}
    if "model" not in columns:
        raise UserError(
            "The list has no column `model`.",
            location=f"{path}, line 1",
            hint=f"Name the columns in the first line: {', '.join(_COLUMNS)} (the last two are optional).",
        )
    try:
        for fields in reader:
            values = {column: (fields.get(name) or "").strip() for column, name in columns.items() if column}
            if any(values.values()):
                yield _row(path, values, f"line {reader.line_num}")
    except csv.Error as error:
        raise UserError(f"The list is not valid CSV: {error}.", location=f"{path}, line {reader.line_num}") from None


def _from_json(path: Path, text: str) -> Iterator[ListRow]:
    try:
        entries: Any = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise UserError(f"The list is not valid JSON: {error}.", location=str(path), hint="Correct the file.") from None
    if not isinstance(entries, list):
        hint = 'Write [{"model": "ann.keras", "question": "..."}, …].'
        raise UserError("The list is not a JSON array.", location=str(path), hint=hint)
    for number, entry in enumerate(entries, 1):
        fields = {"model": entry} if isinstance(entry, str) else entry
        location = f"entry {number}"
        if not isinstance(fields, dict) or not all(isinstance(fields.get(key, ""), str) for key in _COLUMNS):
            raise UserError(
                "An entry is not an object of strings.",
                location=f"{path}, {location}",
                hint=f"Its keys are {', '.join(_COLUMNS)}.",
            )
        yield _row(path, fields, location)


def _row(path: Path, fields: dict[str, Any], location: str) -> ListRow:
    model = fields.get("model", "")
    if not model:
        raise UserError("A row names no model.", location=f"{path}, {location}", hint="Fill it in, or delete the row.")
    others = {key.strip().lower(): str(value).strip() for key, value in fields.items() if key not in _COLUMNS}
    return ListRow(model, fields.get("question", ""), fields.get("name", "") or model, location, others)
