"""Lists of models in a file: CSV or JSON, with the columns `model`, `question` and, if you like, `name`."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mockexam.errors import ToldError

SUFFIXES = (".csv", ".json")
_COLUMNS = "model, question, name"


@dataclass(frozen=True, slots=True)
class Row:
    """One model of a list."""

    model: str
    """As it is written: a path, relative to the list's folder."""
    question: str
    """Empty if the list does not say."""
    name: str
    where: str
    """`line 3` or `entry 3`."""


def read_list(path: Path) -> tuple[Row, ...]:
    """The rows of a list. Other columns are left alone. Raises ToldError."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise ToldError(f"The list can't be read: {error.strerror}.", where=str(path)) from None
    except UnicodeDecodeError:
        raise ToldError("The list is no UTF-8 text.", where=str(path), remedy="Save it as CSV, UTF-8.") from None
    rows = tuple(_from_json(path, text) if path.suffix.lower() == ".json" else _from_csv(path, text))
    if not rows:
        raise ToldError("The list names no model.", where=str(path), remedy=f"Its columns are {_COLUMNS}.")
    return rows


def _from_csv(path: Path, text: str) -> Iterator[Row]:
    head = text.partition("\n")[0]
    # Spreadsheets write the separator of their country.
    separator = max(",;\t", key=head.count)
    reader = csv.DictReader(io.StringIO(text, newline=""), delimiter=separator)
    columns = {(name or "").strip().lower(): name for name in reader.fieldnames or ()}
    if "model" not in columns:
        raise ToldError(
            "The list has no column `model`.",
            where=f"{path}, line 1",
            remedy=f"Name the columns in its first line: {_COLUMNS} (the last two if you like).",
        )
    try:
        for fields in reader:
            values = {column: (fields.get(name) or "").strip() for column, name in columns.items() if column}
            if any(values.values()):
                yield _row(path, values, f"line {reader.line_num}")
    except csv.Error as error:
        raise ToldError(f"The list is no CSV: {error}.", where=f"{path}, line {reader.line_num}") from None


def _from_json(path: Path, text: str) -> Iterator[Row]:
    try:
        entries: Any = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise ToldError(f"The list is no JSON: {error}.", where=str(path), remedy="Correct it there.") from None
    if not isinstance(entries, list):
        raise ToldError(
            "The list is no JSON list.", where=str(path), remedy='Write [{"model": "ann.keras", "question": "..."}, …].'
        )
    for number, entry in enumerate(entries, 1):
        fields = {"model": entry} if isinstance(entry, str) else entry
        if not isinstance(fields, dict) or not all(isinstance(fields.get(c, ""), str) for c in _COLUMNS.split(", ")):
            raise ToldError(
                "An entry is no object of texts.", where=f"{path}, entry {number}", remedy=f"Its keys are {_COLUMNS}."
            )
        yield _row(path, fields, f"entry {number}")


def _row(path: Path, fields: dict[str, Any], where: str) -> Row:
    model = fields.get("model", "")
    if not model:
        raise ToldError("A row names no model.", where=f"{path}, {where}", remedy="Fill it in, or delete the row.")
    return Row(model, fields.get("question", ""), fields.get("name", "") or model, where)
