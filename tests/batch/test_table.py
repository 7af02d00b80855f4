"""The table for a spreadsheet."""

from __future__ import annotations

import csv
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from mockexam.batch.item import Item
from mockexam.batch.result import Result, Verdicted
from mockexam.batch.table import write_table
from mockexam.exam.marking import Verdict


def test_a_row_a_model(tmp_path: Path, make_item: Callable[[str], Item]) -> None:
    """Numbers as numbers, refusals with their words; a name that a spreadsheet would run is text."""
    graded = Verdicted(verdict=Verdict.GRADED, marks=0, metric="r2", value=-0.5)
    refused = Verdicted(verdict=Verdict.INVALID_MODEL, message='It is "broken",\nreally.', remedy="Save it again.")
    evil = replace(make_item("x"), name='=HYPERLINK("http://x","y")')
    results = [
        Result.of(make_item("ann.keras"), graded, sha256="a", at=""),
        Result.of(evil, refused, sha256=None, at=""),
    ]

    write_table(tmp_path / "t.csv", results)

    with (tmp_path / "t.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert [(r["name"], r["verdict"], r["marks"], r["value"]) for r in rows] == [
        ("ann.keras", "graded", "0", "-0.5"),
        ('\'=HYPERLINK("http://x","y")', "invalid_model", "", ""),
    ]
    assert rows[1]["message"] == 'It is "broken",\nreally.'
