"""A mistake in a hand-written file names file, key and what is allowed."""

from __future__ import annotations

from pathlib import Path

import pytest

from mockexam.bank.loader import read_exam
from mockexam.errors import UserError

GOOD = """
title = "Short"
duration_minutes = 5
pass_mark = 80
[[questions]]
category = "simple_model"
weight = 1
"""


def told(tmp_path: Path, text: str | bytes) -> UserError:
    """The error that this exam file makes."""
    file = tmp_path / "short.toml"
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(UserError) as error:
        read_exam(file)
    assert str(file) in error.value.location
    return error.value


def test_a_good_file(tmp_path: Path) -> None:
    """Reads, with defaults for what is left out."""
    (tmp_path / "short.toml").write_text(GOOD)
    named = read_exam(tmp_path / "short.toml")
    assert (named.name, named.exam.pass_mark, named.exam.counts) == ("short", 80, "best")
    assert named.exam.questions[0].count == 1


def test_misspelt_key(tmp_path: Path) -> None:
    """Names the key and lists those that are allowed there."""
    error = told(tmp_path, GOOD.replace("pass_mark", "passmark"))
    assert "passmark" in error.location
    assert "pass_mark" in error.message
    assert "duration_minutes" in error.message


def test_misspelt_nested_key(tmp_path: Path) -> None:
    """Names the place in the list and the keys allowed inside it."""
    error = told(tmp_path, GOOD.replace("weight", "wieght"))
    assert "questions[0].wieght" in error.location
    assert "weight" in error.message
    assert "category" in error.message
    assert "pass_mark" not in error.message


def test_missing_key(tmp_path: Path) -> None:
    """Says which."""
    assert "'title' is missing" in told(tmp_path, GOOD.replace('title = "Short"', "")).message


@pytest.mark.parametrize(
    ("old", "new", "key"),
    [
        ("duration_minutes = 5", "duration_minutes = 0", "duration_minutes"),
        ("duration_minutes = 5", 'duration_minutes = "five"', "duration_minutes"),
        ("pass_mark = 80", "pass_mark = 101", "pass_mark"),
        ("pass_mark = 80", 'counts = "worst"', "counts"),
        ('"simple_model"', '"simpel_model"', "questions[0].category"),
        ("weight = 1", "weight = 0", "questions[0].weight"),
        ("weight = 1", 'weight = 1\nonly = ["time_series/x"]', "questions[0]"),
    ],
)
def test_wrong_values(tmp_path: Path, old: str, new: str, key: str) -> None:
    """Each names its key."""
    assert key in told(tmp_path, GOOD.replace(old, new)).location


@pytest.mark.parametrize("text", ["title = ", "\x00", b"\xff\xfe", "[[questions]"])
def test_no_toml(tmp_path: Path, text: str | bytes) -> None:
    """Broken syntax and foreign bytes are told, with the place where TOML has one."""
    error = told(tmp_path, text)
    assert "TOML" in error.message or "UTF-8" in error.message


def test_missing_file_and_folder(tmp_path: Path) -> None:
    """A path to nothing and a path to a folder are told apart."""
    for path, word in ((tmp_path / "none.toml", "missing"), (tmp_path, "folder")):
        with pytest.raises(UserError, match=word):
            read_exam(path)
