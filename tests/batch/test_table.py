"""The table for a spreadsheet."""

from __future__ import annotations

import csv
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from mockexam.batch.job import BatchItem
from mockexam.batch.results import BatchResult, Verdicted, check_table_path, write_table
from mockexam.errors import UserError
from mockexam.exam.hand_in import LeftOut
from mockexam.exam.scoring import Verdict


def test_a_row_a_model(tmp_path: Path, make_item: Callable[[str], BatchItem]) -> None:
    """Numbers as numbers, refusals with their words; a name that a spreadsheet would run is text."""
    graded = Verdicted(verdict=Verdict.GRADED, marks=0, metric="r2", value=-0.512345678, next_at=0.5)
    refused = Verdicted(verdict=Verdict.INVALID_MODEL, message='It is "broken",\nreally.', remedy="Save it again.")
    evil = replace(make_item("x"), name='=HYPERLINK("http://x","y")')
    ann = replace(make_item("ann.keras"), note="Of several models, the newest counts.")
    results = [
        (ann, BatchResult.of(ann, graded, sha256="a", at="")),
        (evil, BatchResult.of(evil, refused, sha256=None, at="")),
    ]

    write_table(tmp_path / "t.csv", results, [LeftOut("=zoe", "handed in nothing", "simple_model/tiny_line")])

    assert (tmp_path / "t.csv").read_bytes().startswith(b'\xef\xbb\xbf"name",')  # Excel's sign
    with (tmp_path / "t.csv").open(newline="", encoding="utf-8-sig") as file:
        rows = list(csv.DictReader(file))
    assert [(r["name"], r["verdict"], r["marks"], r["value"], r["next_at"]) for r in rows] == [
        ("ann.keras", "graded", "0", "-0.512346", "0.5"),
        ('\'=HYPERLINK("http://x","y")', "invalid_model", "", "", ""),
        ("'=zoe", "no_model", "", "", ""),
    ]
    assert [r["seed"] for r in rows] == ["0", "0", ""]
    assert rows[2]["question"] == "simple_model/tiny_line"
    assert rows[0]["message"] == ann.note
    assert rows[1]["message"] == 'It is "broken",\nreally.'


def test_a_model_that_was_not_reached_has_a_row(tmp_path: Path, make_item: Callable[[str], BatchItem]) -> None:
    """As in a gradebook: an interrupted run loses nobody from the table."""
    graded = Verdicted(verdict=Verdict.GRADED, marks=5, metric="mae", value=0.1)
    first, second = make_item("ann.keras"), make_item("bob.keras")

    write_table(tmp_path / "t.csv", [(first, BatchResult.of(first, graded, sha256="a", at="")), (second, None)], [])

    with (tmp_path / "t.csv").open(newline="", encoding="utf-8-sig") as file:
        _, bob = csv.DictReader(file)
    assert (bob["name"], bob["question"], bob["verdict"], bob["marks"]) == (
        "bob.keras", "simple_model/tiny_line", "not_graded", "",
    )  # fmt: skip
    assert bob["seed"] == "0"


def test_it_replaces_nothing_but_a_table(tmp_path: Path) -> None:
    """Checked before anything is graded."""
    table, listed = tmp_path / "t.csv", tmp_path / "list.csv"
    write_table(table, [], [])
    (tmp_path / "empty.csv").touch()
    for fine in (table, tmp_path / "new.csv", tmp_path / "empty.csv"):
        check_table_path(fine, taken=[listed])
    (tmp_path / "m.keras").write_bytes(b"PK\x03\x04")
    for path, what in (
        (listed, "another file of this command"), (tmp_path / "m.keras", "not a table"), (tmp_path, "can't be written"),
        (tmp_path / "missing" / "t.csv", "can't be written"), (Path("/proc/t.csv"), "can't be written"),
    ):  # fmt: skip
        with pytest.raises(UserError, match=what):
            check_table_path(path, taken=[listed])


def test_a_teachers_work_in_a_table_is_not_replaced(tmp_path: Path, make_item: Callable[[str], BatchItem]) -> None:
    """A column of their own, however it is quoted, or a table that a spreadsheet has saved: marks may be corrected."""
    item = make_item("ann.keras")
    graded = Verdicted(verdict=Verdict.GRADED, marks=5, metric="mae", value=0.1, message='"so\r\nlong"')
    table = tmp_path / "t.csv"
    write_table(table, [(item, BatchResult.of(item, graded, sha256="a", at=""))], [])
    check_table_path(table, taken=[])
    with table.open(newline="", encoding="utf-8-sig") as file:
        rows = list(csv.reader(file))
    for quoting, more in ((csv.QUOTE_ALL, ["seen"]), (csv.QUOTE_MINIMAL, ["seen"]), (csv.QUOTE_NONNUMERIC, [])):
        with table.open("w", newline="", encoding="utf-8-sig") as file:
            csv.writer(file, quoting=quoting, lineterminator="\n" if not more else "\r\n").writerows(
                [*row, *more] for row in rows
            )
        with pytest.raises(UserError, match="not a table"):
            check_table_path(table, taken=[])


def test_a_semicolon_begins_no_cell(tmp_path: Path, make_item: Callable[[str], BatchItem]) -> None:
    """Where spreadsheets cut at semicolons, what follows one in a name would be a cell of its own."""
    evil = replace(make_item("x"), name="ann;=cmd|' /C calc'!A0;x.keras")
    graded = Verdicted(verdict=Verdict.GRADED, marks=0, metric="r2", value=-0.5)

    write_table(tmp_path / "t.csv", [(evil, BatchResult.of(evil, graded, sha256="a", at=""))], [])

    with (tmp_path / "t.csv").open(newline="", encoding="utf-8-sig") as file:
        assert not any(cell.startswith("=") for row in csv.reader(file, delimiter=";") for cell in row)
