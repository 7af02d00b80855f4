"""Reads the lists of a teacher: of models to grade, and of students to hand out to."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from mockexam.errors import UserError

LIST_COLUMNS = ("model", "question", "name", "seed")
MAX_SEED_DIGITS = 18
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""A spreadsheet runs a cell that starts so (https://owasp.org/www-community/attacks/CSV_Injection)."""
_SIGNED = re.compile(r"[+-]\d+(\.\d+)?", re.ASCII)
ALIKE = 0.75
"""From this ratio of equal letters on, one word may be meant as the other."""
_CANVAS = ("student",)
_NAMES = (
    ("name",), ("full name",), ("first name", "last name"), ("first name", "surname"), ("vorname", "nachname"), _CANVAS,
)  # fmt: skip
"""Columns that together name a student."""
_NO_STUDENTS = ("Points Possible", "Student, Test", "Test Student")
"""Rows of Canvas's export that are nobody."""


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

    The name may stand in other columns, as Moodle and Canvas export it; Canvas's `ID` is its own, not the school's.
    """
    seen: dict[str, str] = {}
    students: dict[str, dict[str, str]] = {}
    for values, line in _from_csv(path, _read_text(path), _NAMES, ("name",)):
        parts = next(columns for columns in _NAMES if {*columns} <= {*values})
        name = " ".join(" ".join(values[part] for part in parts).split())
        if parts == _CANVAS and name in _NO_STUDENTS:
            continue
        if not name:
            raise UserError("A row has no name.", location=f"{path}, {line}", hint="Fill it in, or delete the row.")
        if name in seen:
            where, hint = f"{path}, {seen[name]} and {line}", "Make them differ: each student has a name of their own."
            raise UserError(f"The name {name!r} appears twice.", location=where, hint=hint)
        seen[name] = line
        students[name] = {
            "canvas id" if parts == _CANVAS and column == "id" else column: value
            for column, value in values.items()
            if column not in LIST_COLUMNS
        }
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
        text = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise UserError(f"The list can't be read: {error.strerror}.", location=str(path)) from None
    except UnicodeDecodeError:
        raise UserError("The list is not UTF-8 text.", location=str(path), hint="Save it as CSV, UTF-8.") from None
    if text.startswith("PK\x03\x04"):
        raise UserError("The list is a spreadsheet, not CSV.", location=str(path), hint="Save it as CSV, UTF-8.")
    return text


def _from_csv(
    path: Path, text: str, needed: tuple[tuple[str, ...], ...], known: tuple[str, ...]
) -> Iterator[tuple[dict[str, str], str]]:
    """The rows that are not empty, each with its line. All columns of one of the `needed` groups must be there."""
    head = text.partition("\n")[0]
    # Spreadsheets write the separator of their country.
    reader = csv.DictReader(io.StringIO(text, newline=""), delimiter=max(",;\t", key=head.count), strict=True)
    heads = [(name or "").strip().lower() for name in reader.fieldnames or ()]
    columns = dict(zip(heads, reader.fieldnames or (), strict=True))
    if not any({*group} <= {*columns} for group in needed):
        optional = f" (only `{known[0]}` is needed)" if len(known) > 1 else ""
        optional += " (or `first name` and `last name`)" if len(needed) > 1 else ""
        close = get_close_matches(known[0], columns, 1, ALIKE)
        meant = f" Or is `{close[0]}` meant?" if close else ""
        raise UserError(
            f"The list has no column `{known[0]}`.",
            location=f"{path}, line 1",
            hint=f"Name the columns in the first line: {', '.join(known)}{optional}.{meant}",
        )
    if double := next((name for name in known if heads.count(name) > 1), None):
        hint = "Rename or delete one of them."
        raise UserError(f"The list has two columns `{double}`.", location=f"{path}, line 1", hint=hint)
    try:
        for fields in reader:
            values = {
                column: _text_of_cell((fields.get(name) or "").strip()) for column, name in columns.items() if column
            }
            if any(fields.get(None) or ()):  # the cells that no column has
                raise UserError(
                    "A line has more cells than the first line.",
                    location=f"{path}, line {reader.line_num}",
                    hint='Put text with a comma in double quotes: "Smith, Ann".',
                )
            if any("\n" in values.get(name, "") for name in known):
                raise UserError(
                    "A line break is inside a cell.",
                    location=f"{path}, line {reader.line_num}",
                    hint="Check the quotes in this line and before it.",
                )
            if any(values.values()):
                yield values, f"line {reader.line_num}"
    except csv.Error as error:
        location = f"{path}, line {reader.line_num + 1}"
        hint = "Check the quotes in this line and after it."
        raise UserError(f"The list is not valid CSV: {error}.", location=location, hint=hint) from None


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
