"""Lists of models in files."""

from __future__ import annotations

from pathlib import Path

import pytest

from mockexam.batch.lists import ListRow, read_list, read_students, text_cell
from mockexam.errors import UserError


def written(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_csv_of_any_country(tmp_path: Path, separator: str) -> None:
    """The separator is found, a byte order mark and empty lines are passed over, other columns are kept."""
    lines = ["\ufeffMail,Model,question,name", "a@b.c,ann.keras,tiny_line,Ann", ",,,", "x,b/bob.h5,,"]
    text = "\r\n".join(lines).replace(",", separator)

    rows = read_list(written(tmp_path / "list.csv", text))

    assert rows == (
        ListRow("ann.keras", "tiny_line", "Ann", "line 2", others={"mail": "a@b.c"}),
        ListRow("b/bob.h5", "", "b/bob.h5", "line 4", others={"mail": "x"}),
    )


def test_json(tmp_path: Path) -> None:
    """Objects, or paths alone."""
    rows = read_list(written(tmp_path / "list.json", '[{"model": "a.keras", "question": "q", "points": 3}, "b.h5"]'))

    assert rows == (
        ListRow("a.keras", "q", "a.keras", "entry 1", others={"points": "3"}),
        ListRow("b.h5", "", "b.h5", "entry 2"),
    )


@pytest.mark.parametrize(
    ("name", "text", "what", "where"),
    [
        ("a.csv", "file,question\nx,y\n", "no column `model`", "line 1"),
        ("a.csv", "model,question\n", "names no model", "a.csv"),
        ("a.csv", "", "no column `model`", "line 1"),
        ("a.csv", "model,question\n,q\n", "row names no model", "line 2"),
        ("a.json", "{", "not valid JSON", "a.json"),
        ("a.json", '{"model": "a"}', "not a JSON array", "a.json"),
        ("a.json", '[{"model": 3}]', "not an object of strings", "entry 1"),
        ("a.json", "[3]", "not an object of strings", "entry 1"),
        ("a.json", '[{"model": "a", "seed": true}]', "not an object of strings", "entry 1"),
        ("a.json", '[{"model": "a", "seed": -1}]', "Not a seed", "entry 1"),
        ("a.csv", "model,seed\nx,1\ny,1e9\n", "Not a seed", "line 3"),
        ("a.csv", "model,name\nx,Smith, Ann\n", "more cells", "line 2"),
        ("a.csv", 'model,name\n"x,Ann\ny,Bob\n', "not valid CSV", "line 2"),
        ("a.csv", 'model,name,mail\nx,"Ann\ny",Bob\n', "line break", "line 3"),
        ("a.csv", "model,name,name\nx,Ann,Bob\n", "two columns `name`", "line 1"),
        ("a.csv", "PK\x03\x04", "spreadsheet", "a.csv"),
    ],
)
def test_what_is_wrong_is_told(tmp_path: Path, name: str, text: str, what: str, where: str) -> None:
    """With the line or the entry."""
    with pytest.raises(UserError, match=what) as caught:
        read_list(written(tmp_path / name, text))

    assert where in caught.value.location


def test_a_misspelt_column_that_is_needed(tmp_path: Path) -> None:
    """What may be meant is told."""
    with pytest.raises(UserError, match="no column `model`") as caught:
        read_list(written(tmp_path / "a.csv", "modle,question\na,b\n"))
    assert "`modle`" in caught.value.hint
    with pytest.raises(UserError) as caught:
        read_students(written(tmp_path / "b.csv", "first name\nAnn\n"))
    assert "`last name`" in caught.value.hint


def test_one_name_for_two_questions(tmp_path: Path) -> None:
    """A student answers several."""
    assert len(read_list(written(tmp_path / "a.csv", "model,question,name\na.h5,q,Ann\nb.h5,r,Ann\n"))) == 2


def test_seeds(tmp_path: Path) -> None:
    """As text or, in JSON, as numbers; a list without them stays valid."""
    assert [r.seed for r in read_list(written(tmp_path / "a.csv", "model,seed\na,7\nb,\n"))] == [7, None]
    text = '[{"model": "a", "seed": 7}, {"model": "b", "seed": "8"}, {"model": "c"}]'
    assert [r.seed for r in read_list(written(tmp_path / "a.json", text))] == [7, 8, None]


def test_a_name_that_a_spreadsheet_would_run_comes_back(tmp_path: Path) -> None:
    """What stands before it in the list is no part of it; an apostrophe of its own is."""
    for name in ("=cmd|calc", "-1+1", "-1", "+5", "'t Hooft", "Ann"):
        rows = read_list(written(tmp_path / "a.csv", f"model,name\nx,{text_cell(name)}\n"))
        assert rows[0].name == name


def test_names_of_students(tmp_path: Path) -> None:
    """One column of any table, and what else it says; nobody twice, nobody nameless."""
    table = written(tmp_path / "a.csv", "No;Name\n1; Ann  B.\n2;Bob\n;\n")
    assert read_students(table) == {"Ann B.": {"no": "1"}, "Bob": {"no": "2"}}
    exported = written(tmp_path / "b.csv", "First name,Last name,Email address\nAnn,Bauer,a@x\nBob,,b@x\n")
    assert [*read_students(exported)] == ["Ann Bauer", "Bob"]
    assert read_students(exported)["Bob"]["email address"] == "b@x"
    canvas = written(tmp_path / "c.csv", 'Student,ID\n"    Points Possible",\n"Bauer, Ann",7\n"Student, Test",9\n')
    assert read_students(canvas) == {"Bauer, Ann": {"student": "Bauer, Ann", "canvas id": "7"}}
    for text, what in (("no\n1\n", "no column `name`"), ("name\n", "nobody"), ("no,name\n1,\n", "has no name")):
        with pytest.raises(UserError, match=what):
            read_students(written(tmp_path / "a.csv", text))
    with pytest.raises(UserError, match="'Ann' appears twice") as twice:
        read_students(written(tmp_path / "a.csv", "name\nAnn\nBob\nAnn \n"))
    assert "line 2 and line 4" in twice.value.location
