"""`bank list` and `bank show` with a question that can't be read: it is left out, told, and in nobody's way."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from mockexam.cli.main import invoke
from mockexam.errors import UserError
from mockexam.paths import BANK_VARIABLE
from tests.verify.made_up import QUESTION, edit, made_up_bank

Capture = pytest.CaptureFixture[str]
OTHER = "simple_model/hedge_line"


@pytest.fixture
def other(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of one of the two good questions of a made-up bank."""
    folder = made_up_bank(tmp_path, OTHER)
    made_up_bank(tmp_path)
    monkeypatch.setenv(BANK_VARIABLE, str(tmp_path))
    return folder


BREAK: dict[str, tuple[Callable[[Path], object], str]] = {
    "a file is missing": (lambda folder: (folder / "hints.md").unlink(), "hints.md"),
    "no TOML": (lambda folder: (folder / "question.toml").write_text("title ="), "question.toml"),
    "an unknown key": (lambda folder: edit(folder / "question.toml", "title =", "titel ="), "titel"),
    "no words": (lambda folder: (folder / "question.toml").write_bytes(b"\xff"), "question.toml"),
}


@pytest.mark.parametrize("name", BREAK)
def test_a_broken_question_is_left_out_and_told(name: str, other: Path, capsys: Capture) -> None:
    """GIVEN one broken question of two WHEN the bank is listed THEN the other stands there, and the fault on stderr."""
    spoil, told = BREAK[name]
    spoil(other)

    assert invoke(["bank", "list"]) == 0
    out, err = capsys.readouterr()
    assert QUESTION in out
    assert OTHER not in out
    (line,) = err.splitlines()
    assert line.startswith(f"{OTHER} is left out: ")
    assert told in line
    assert str(other) in line

    assert invoke(["bank", "list", "--json"]) == 0
    listed, err = capsys.readouterr()
    data = json.loads(listed)
    assert [question["id"] for question in data["questions"]] == [QUESTION]
    assert [f"{name} is left out: {fault}" for name, fault in data["left_out"].items()] == err.splitlines() == [line]


def test_a_whole_bank_has_nothing_to_tell(other: Path, capsys: Capture) -> None:
    """Both are listed, and standard error is empty."""
    assert invoke(["bank", "list", "--json"]) == 0

    out, err = capsys.readouterr()
    data = json.loads(out)
    assert ({question["id"] for question in data["questions"]}, data["left_out"], err) == ({QUESTION, OTHER}, {}, "")


def test_a_broken_question_that_is_asked_for_is_told_with_its_fault(other: Path, capsys: Capture) -> None:
    """Not as one that nobody knows; its neighbour is shown as ever."""
    (other / "brief.md").unlink()

    with pytest.raises(UserError, match=rf"{OTHER} is left out.*brief\.md") as error:
        invoke(["bank", "show", "hedge"])

    assert "bank verify --static" in error.value.hint
    assert invoke(["bank", "show", "fence"]) == 0
    assert QUESTION in capsys.readouterr().out
