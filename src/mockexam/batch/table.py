"""Results as a table for a spreadsheet."""

from __future__ import annotations

import csv
import io
import tempfile
from collections.abc import Iterable
from pathlib import Path

from mockexam.batch.discovery import LeftOut
from mockexam.batch.results import Result, as_text
from mockexam.errors import UserError
from mockexam.files import write_atomic
from mockexam.text.units import number_text

COLUMNS = (
    "name", "question", "verdict", "marks", "metric", "value", "next_at", "message", "remedy",
    "world", "holdout", "sha256", "at",
)  # fmt: skip
_BEGINS = '"name","question","verdict",'
_NO_MODEL = "no_model"
"""Stands where a verdict would, for what was not marked."""
_DIGITS = 6
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""A cell that begins so is run by spreadsheets (https://owasp.org/www-community/attacks/CSV_Injection)."""


def check_place(path: Path, taken: Iterable[Path]) -> None:
    """Before anything is marked: a table fits there, and takes the place of nothing else. Raises UserError."""
    if any(path.resolve() == other.resolve() for other in taken):
        raise _elsewhere("The table would take the place of what it is made of.", path)
    try:
        if path.exists() and not _is_table(path):
            raise _elsewhere("There is a file that is no table of mockexam's.", path)
        tempfile.TemporaryFile(dir=path.parent).close()
    except OSError as error:
        raise _elsewhere(f"The table can't be written: {error.strerror}.", path) from None


def _is_table(path: Path) -> bool:
    with path.open(encoding="utf-8-sig", errors="replace") as file:
        begins = file.read(len(_BEGINS))
    return begins in {"", _BEGINS}


def write_table(path: Path, results: Iterable[Result], left_out: Iterable[LeftOut]) -> None:
    """Write a CSV with a row a model, whole or not at all; Excel knows UTF-8 by its mark. Raises UserError."""
    text = io.StringIO()
    # In quotes: a spreadsheet of another country cuts at semicolons, and what follows one in a name may be a formula.
    writer = csv.DictWriter(text, COLUMNS, restval="", extrasaction="ignore", quoting=csv.QUOTE_ALL)
    writer.writeheader()
    for result in results:
        writer.writerow({name: _cell(value) for name, value in result.fields().items()})
    for found in left_out:
        told = {"name": as_text(found.relative), "verdict": _NO_MODEL, "message": as_text(str(found))}
        writer.writerow({name: _cell(value) for name, value in told.items()})
    try:
        write_atomic(path, text.getvalue().encode("utf-8-sig"))
    except OSError as error:
        raise _elsewhere(f"The table can't be written: {error.strerror}.", path) from None


def _elsewhere(what: str, path: Path) -> UserError:
    return UserError(what, location=str(path), hint="Name a file elsewhere with --csv.")


def _cell(value: object) -> object:
    """A text as text: names of files are others' words."""
    if value is None:
        return ""
    if isinstance(value, float):
        return number_text(value, _DIGITS)
    return f"'{value}" if isinstance(value, str) and value.startswith(_FORMULA) else value
