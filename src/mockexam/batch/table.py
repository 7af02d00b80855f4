"""Results as a table for a spreadsheet."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from pathlib import Path

from mockexam.batch.result import Result
from mockexam.errors import ToldError
from mockexam.workspace.layout import write_whole

COLUMNS = ("name", "question", "verdict", "marks", "metric", "value", "message", "remedy", "world", "sha256", "at")
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""A cell that begins so is run by spreadsheets (https://owasp.org/www-community/attacks/CSV_Injection)."""


def write_table(path: Path, results: Iterable[Result]) -> None:
    """Write a CSV with one row a model, whole or not at all. Raises ToldError."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(COLUMNS)
    for result in results:
        fields = result.fields()
        writer.writerow([_cell(fields[column]) for column in COLUMNS])
    try:
        write_whole(path, text.getvalue().encode())
    except OSError as error:
        raise ToldError(
            f"The table can't be written: {error.strerror}.",
            where=str(path),
            remedy="Name a file elsewhere with --csv.",
        ) from None


def _cell(value: object) -> object:
    """A text as text: names of files are others' words."""
    if value is None:
        return ""
    return f"'{value}" if isinstance(value, str) and value.startswith(_FORMULA) else value
