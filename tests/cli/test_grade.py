"""Options of `mockexam grade` for one model."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click
import pytest

from mockexam.cli import grade_commands
from mockexam.cli.main import invoke


@pytest.fixture
def graded(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """What each call asks for, in place of grading."""
    calls: list[dict[str, Any]] = []
    monkeypatch.setattr(grade_commands, "_grade_one", lambda _, **options: calls.append(options) or 0)
    return calls


@pytest.mark.parametrize("option", ["--holdout-seed", "--secret"])
def test_a_holdout_seed(option: str, graded: list[dict[str, Any]], capsys: pytest.CaptureFixture[str]) -> None:
    """By its name, or by the name that it used to have, which the help no longer shows."""
    assert invoke(["grade", "m.keras", option, "ours"]) == 0
    assert graded[0]["holdout_seed"] == "ours"
    invoke(["grade", "--help"])
    assert (option in capsys.readouterr().out) is (option == "--holdout-seed")


@pytest.mark.parametrize("option", ["--holdout-seed", "--secret"])
def test_an_empty_holdout_seed_is_wrong_usage(option: str, tmp_path: Path, graded: list[dict[str, Any]]) -> None:
    """Such as that of a shell variable that is not set."""
    with pytest.raises(click.UsageError):
        grade_commands.grade.main([str(tmp_path), option, ""], standalone_mode=False)
    assert graded == []
