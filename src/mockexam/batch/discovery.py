"""Finds the models to grade: all models below a folder, or the rows of a list."""

from __future__ import annotations

import csv
import io
import json
import os
import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any

from mockexam.errors import UserError
from mockexam.exam.events import ModelFormat
from mockexam.exam.hand_in import LeftOut
from mockexam.exam.model_format import ARCHIVES, FORMATS, RECEIVED_NAMES, WEIGHTS_ENDINGS, file_endings
from mockexam.workspace.layout import SUBMISSION_NAMES, WORKSPACE_FILE, model_format, newest_model
from mockexam.workspace.returned_model import may_hold_model
from mockexam.workspace.scripts import printable

MAX_DEPTH = 50
"""Folder levels to search; one submission must not stop the search of all."""
SUFFIXES = (".csv", ".json")
LIST_COLUMNS = ("model", "question", "name", "seed")
_NAME = (("name",), ("full name",), ("first name", "last name"), ("first name", "surname"), ("student",))
"""Columns that together name a student; exports of Moodle and Canvas have the later ones."""
MAX_SEED_DIGITS = 18
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""A spreadsheet runs a cell that starts so (https://owasp.org/www-community/attacks/CSV_Injection)."""
_MAX_SHOWN_NAME = 200
_LOOKED_AT = 1000
"""So many names of a folder that has no model are looked at."""
_SIGNED = re.compile(r"[+-]\d+(\.\d+)?", re.ASCII)
HANDOUT_LIST = "list.csv"
HANDOUT_STATE = ".mockexam-handout.json"
"""Says what is handed out in a folder, so that the same command can continue it."""
UNREADABLE = "The folder can't be read: change its permissions."
"""Not a folder without a model: whoever handed it in may have marks."""


@dataclass(frozen=True, slots=True)
class FoundModel:
    """A model below the folder."""

    relative: str
    """Its path below the folder."""
    path: Path
    format: ModelFormat
    problem: str = ""
    """Why nobody can tell what it is."""


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

    def note_unreadable(path: Path) -> None:
        if path != folder:
            models.append(FoundModel(path.relative_to(folder).as_posix(), path, "keras", UNREADABLE))

    for root, folders, files in os.walk(folder, onerror=lambda error: note_unreadable(Path(error.filename))):
        here = Path(root)
        if len(here.parts) - len(folder.parts) >= MAX_DEPTH:
            left_out.append(LeftOut(here.relative_to(folder).parts[0], "has too many levels of folders"))
            folders.clear()
            continue
        in_workspace = _in_workspace(here, folder)
        enter: list[str] = []
        for name in filter(is_visible, sorted([*folders, *files])):
            path = here / name
            try:
                form = model_format(path)
            except PermissionError:
                note_unreadable(path)
                continue
            archives += name.lower().endswith(ARCHIVES)
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
        if path.name in reported or not is_visible(path.name):
            continue
        if path.name in misnamed:
            yield LeftOut(path.name, f"has models, but none is named {', '.join(sorted(SUBMISSION_NAMES))}")
        elif path.name.lower().endswith(ARCHIVES):
            yield LeftOut(path.name, "is an archive: unpack it")
        elif path.is_dir():
            packed = any(name.lower().endswith(ARCHIVES) for _, _, names in os.walk(path) for name in names)
            yield LeftOut(path.name, f"has no saved model{', only an archive: unpack it' if packed else ''}")


def is_visible(name: str) -> bool:
    """Not a leftover of an editor, an archive or version control."""
    return not name.startswith((".", "__"))


def _not_a_model(path: Path, form: ModelFormat) -> str:
    """Why a file or folder is not a model although it looks like one; empty if it may be one."""
    if path.name.lower().endswith(WEIGHTS_ENDINGS):
        return "has only weights, not a whole model"
    if FORMATS[form].is_folder and path.is_symlink():
        return "is a link to a folder: put the folder itself there"
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
class HandedIn:
    """The model of a row."""

    path: Path
    format: ModelFormat
    others: bool = False
    """Whether the folder holds more than this one."""
    problem: str = ""
    """Why nobody can tell what is there."""


def find_handed_in(place: Path) -> HandedIn | str:
    """The model at a row's path, or the newest in the folder there under a name that is received; else why not."""
    try:
        place = _spelt_as_there(place)
        if form := model_format(place):
            return HandedIn(place, form)
        if place.is_dir():
            if newest := newest_model(place, by_date=True):
                count = sum(model_format(place / name) is not None for name in SUBMISSION_NAMES)
                return HandedIn(*newest, others=count > 1)
            return _nothing_in(place)
        return "handed in no saved model" if place.exists() else _nothing_at(place)
    except PermissionError:
        return HandedIn(place, "keras", problem=UNREADABLE)
    except (OSError, ValueError):  # a name that is too long, or is no name
        return "handed in nothing"


def _spelt_as_there(place: Path) -> Path:
    """The path, or the one there whose names differ only in how accents are encoded, as those from a Mac do."""
    if os.path.lexists(place) or place == place.parent:
        return place
    parent, wanted = _spelt_as_there(place.parent), unicodedata.normalize("NFC", place.name)
    there = parent.iterdir() if parent.is_dir() and not place.name.isascii() else ()
    return next((path for path in there if unicodedata.normalize("NFC", path.name) == wanted), parent / place.name)


def _nothing_in(folder: Path) -> str:
    """Why no model of a folder counts: what looks like one has another name or place, or there is none."""
    for path in islice(sorted(folder.iterdir()), _LOOKED_AT):
        if path.name in SUBMISSION_NAMES:
            return f"handed in {path.name}, which {'is a link' if path.is_symlink() else 'is not a saved model'}"
        if model_format(path) or (path.is_file() and path.suffix.lower() in ARCHIVES):
            return f"handed in nothing named {RECEIVED_NAMES}; there is {printable(path.name[:_MAX_SHOWN_NAME])}"
    return _nothing_at(folder)


def _nothing_at(folder: Path) -> str:
    """For an empty or a missing folder: what lies beside it, or above it, or in another one of the same name."""
    student = folder.parent
    for place in (student / student.name / folder.name, folder / folder.name, student):
        if newest_model(place):
            there = printable(place.relative_to(student.parent).as_posix())
            return f"handed in nothing in the right folder; there is a model in {there}"
    for packed in (folder, student):
        for ending in ARCHIVES:
            if (archive := packed.with_name(packed.name + ending)).is_file() and may_hold_model(archive):
                return f"handed in only an archive; unpack {printable(archive.name)}"
    return "handed in nothing" + ("" if student.is_dir() else f"; there is no folder {printable(student.name)}")


@dataclass(frozen=True, slots=True)
class ListRow:
    """One model of a list."""

    model: str
    """A path as written, relative to the list's folder: a model, or the folder that it is handed in to."""
    question: str
    """Empty if the list does not say."""
    name: str
    location: str
    """`line 3` or `entry 3`."""
    seed: int | None = None
    """Of the data; None if the list does not say."""
    others: Mapping[str, str] = field(default_factory=dict)
    """The other columns, by name in lower case; gradebooks name students by them."""

    def says(self, column: str) -> bool:
        """Whether the list has something in this one of our columns; a row without a name has the model's."""
        return getattr(self, column) not in (None, "") and not (column == "name" and self.name == self.model)


def read_list(path: Path) -> tuple[ListRow, ...]:
    """The rows of a list. Raises UserError."""
    text = _read_text(path)
    if path.suffix.lower() == ".json":
        rows = tuple(_from_json(path, text))
    else:
        rows = tuple(_row(path, values, line) for values, line in _from_csv(path, text, (("model",),), LIST_COLUMNS))
    if not rows:
        raise UserError("The list names no model.", location=str(path), hint=f"Its columns: {', '.join(LIST_COLUMNS)}.")
    return rows


def read_students(path: Path) -> dict[str, dict[str, str]]:
    """By the name in a CSV, its other columns. Raises UserError, also for a name that appears twice.

    The name may stand in two columns, as learning platforms export it.
    """
    seen: dict[str, str] = {}
    students: dict[str, dict[str, str]] = {}
    for values, line in _from_csv(path, _read_text(path), _NAME, ("name",)):
        parts = next(columns for columns in _NAME if {*columns} <= {*values})
        name = " ".join(" ".join(values[part] for part in parts).split())
        if not name:
            raise UserError("A row has no name.", location=f"{path}, {line}", hint="Fill it in, or delete the row.")
        if name in seen:
            where, hint = f"{path}, {seen[name]} and {line}", "Make them differ: each student has a name of their own."
            raise UserError(f"The name {name!r} appears twice.", location=where, hint=hint)
        seen[name] = line
        students[name] = {column: value for column, value in values.items() if column not in LIST_COLUMNS}
    if not seen:
        raise UserError("The list names nobody.", location=str(path), hint="Write a student per line.")
    return students


def text_cell(text: str) -> str:
    """Text as a spreadsheet shows it, and never runs it as a formula. A number with a sign is none."""
    return f"'{text}" if text.startswith(_FORMULA) and not _SIGNED.fullmatch(text) else text


def _text_of_cell(cell: str) -> str:
    return cell[1:] if cell.startswith("'") and cell[1:].startswith(_FORMULA) else cell


def _read_text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise UserError(f"The list can't be read: {error.strerror}.", location=str(path)) from None
    except UnicodeDecodeError:
        raise UserError("The list is not UTF-8 text.", location=str(path), hint="Save it as CSV, UTF-8.") from None


def _from_csv(
    path: Path, text: str, needed: tuple[tuple[str, ...], ...], known: tuple[str, ...]
) -> Iterator[tuple[dict[str, str], str]]:
    """The rows that are not empty, each with its line. All columns of one of the `needed` groups must be there."""
    head = text.partition("\n")[0]
    # Spreadsheets write the separator of their country.
    reader = csv.DictReader(io.StringIO(text, newline=""), delimiter=max(",;\t", key=head.count))
    columns = {(name or "").strip().lower(): name for name in reader.fieldnames or ()}
    if not any({*group} <= {*columns} for group in needed):
        optional = f" (only `{known[0]}` is needed)" if len(known) > 1 else ""
        raise UserError(
            f"The list has no column `{known[0]}`.",
            location=f"{path}, line 1",
            hint=f"Name the columns in the first line: {', '.join(known)}{optional}.",
        )
    try:
        for fields in reader:
            values = {
                column: _text_of_cell((fields.get(name) or "").strip()) for column, name in columns.items() if column
            }
            if any(values.values()):
                yield values, f"line {reader.line_num}"
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
        if isinstance(fields, dict) and type(fields.get("seed")) is int:
            fields = {**fields, "seed": str(fields["seed"])}
        if not isinstance(fields, dict) or not all(isinstance(fields.get(key, ""), str) for key in LIST_COLUMNS):
            raise UserError(
                "An entry is not an object of strings.",
                location=f"{path}, {location}",
                hint=f"Its keys are {', '.join(LIST_COLUMNS)}; only `seed` may be a number.",
            )
        yield _row(path, fields, location)


def _row(path: Path, fields: dict[str, Any], location: str) -> ListRow:
    model = fields.get("model", "")
    if not model:
        raise UserError("A row names no model.", location=f"{path}, {location}", hint="Fill it in, or delete the row.")
    seed = fields.get("seed", "")
    if seed and not (seed.isascii() and seed.isdigit() and len(seed) <= MAX_SEED_DIGITS):
        hint = "Use a whole number from 0, without spaces or points; leave it empty for --seed."
        raise UserError(f"Not a seed: {seed[:40]!r}.", location=f"{path}, {location}", hint=hint)
    name = fields.get("name", "") or model
    others = {key.strip().lower(): str(value).strip() for key, value in fields.items() if key not in LIST_COLUMNS}
    return ListRow(model, fields.get("question", ""), name, location, int(seed) if seed else None, others)
