"""A new question: blanks are all that is wrong with it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from mockexam.bank.handbook import Handbook, load_handbook
from mockexam.bank.verify.locate import new_question
from mockexam.bank.verify.static import check_question
from mockexam.cli.main import invoke
from mockexam.errors import UserError
from mockexam.paths import BANK_VARIABLE
from tests.verify.made_up import fill_in


def test_blanks_are_all_that_is_wrong(tmp_path: Path) -> None:
    """GIVEN a new question THEN each file with a blank is told; WHEN they are filled in THEN nothing is."""
    exams, scoring = new_question(tmp_path, "time_series/old_mill")

    faults = check_question(exams, Handbook())
    assert faults
    assert all("placeholder" in fault.what and "line " in fault.where for fault in faults), faults
    assert any(str(scoring / "rubric.toml") in fault.where for fault in faults)

    fill_in(exams)
    assert check_question(exams, load_handbook()) == []


def test_it_is_clean_code(tmp_path: Path) -> None:
    """As everything in the bank."""
    exams, _ = new_question(tmp_path, "simple_model/old_mill")
    fill_in(exams)
    config = Path(__file__).parents[2] / "pyproject.toml"
    # The ignores of exams/ and scoring/, which go by the place in the checkout.
    ignored = "D,DTZ,F401,INP001,T201"
    command = [sys.executable, "-m", "ruff", "check", "--config", config, "--ignore", ignored, "--no-cache", tmp_path]
    done = subprocess.run(command, capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("name", ["mill", "cooking/mill", "time_series/", "time_series/Mill", "time_series/../x"])
def test_a_bad_name_is_told(name: str, tmp_path: Path) -> None:
    """And nothing is made."""
    with pytest.raises(UserError):
        new_question(tmp_path, name)
    assert list(tmp_path.iterdir()) == []


def test_a_taken_name_is_told(tmp_path: Path) -> None:
    """What is there stays, also if only one of the two folders is."""
    _, scoring = new_question(tmp_path, "time_series/old_mill")
    for path in sorted((tmp_path / "exams").rglob("*"), reverse=True):
        path.rmdir() if path.is_dir() else path.unlink()

    with pytest.raises(UserError, match="already exists"):
        new_question(tmp_path, "time_series/old_mill")
    assert (scoring / "rubric.toml").is_file()


def test_the_command_says_where_and_what_next(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """As text and as data."""
    monkeypatch.setenv(BANK_VARIABLE, str(tmp_path / "bank"))

    assert invoke(["bank", "new", "simple_model/old_mill"]) == 0
    assert "bank verify --static simple_model/old_mill" in capsys.readouterr().out
    assert invoke(["bank", "new", "simple_model/new_mill", "--into", str(tmp_path / "mine"), "--json"]) == 0
    assert Path(json.loads(capsys.readouterr().out)["exams"]).joinpath("data.py").is_file()
