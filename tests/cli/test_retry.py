"""`mockexam retry` on the command line: what bad input gets, and how a request is read."""

from __future__ import annotations

import shutil
from pathlib import Path

import click
import pytest

from mockexam import paths
from mockexam.cli.attempt_commands import retry_request
from mockexam.entry import run
from mockexam.session.ports import RetryChoice

PLAIN = ("--plain", "--yes")


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A candidate without a past. The questions' own check, which takes a moment, is tested for real elsewhere."""
    monkeypatch.setattr("mockexam.bank.screening._check", lambda *_: {})
    monkeypatch.setenv(paths.HOME_VARIABLE, str(tmp_path / "home"))
    return tmp_path / "home"


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("poetry",), ("'poetry' is not known", "time_series")),
        (("classification",), ("ambiguous", "image_classification, text_classification")),
        (("time", "--question", "basil_trays"), ("simple_model/basil_trays", "simple_model, not to time_series")),
        (("--question", "nothing"), ("'nothing' is not known", "time_series/tidal_quay")),
        (("--question", "classification/"), ("ambiguous", "repair_cafe")),
        (("--exam", "nowhere"), ("'nowhere' is not known", "tf_developer")),
    ],
)
def test_what_is_not_clear_is_told(
    home: Path, capfd: pytest.CaptureFixture[str], arguments: tuple[str, ...], told: tuple[str, ...]
) -> None:
    """With the names that there are; nothing is started."""
    assert run(["retry", *arguments, *PLAIN]) == 1
    error = capfd.readouterr().err
    assert all(part in error for part in told)
    assert run(["status"]) == 0
    assert capfd.readouterr().out == "No attempt is under way.\n"


def test_a_category_without_questions(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """A bank may lack some; that is told with those that it has."""
    exams, scoring = tmp_path / "bank" / "exams", tmp_path / "bank" / "scoring"
    shutil.copytree(paths.exams_dir() / "simple_model", exams / "simple_model")
    shutil.copytree(paths.scoring_dir() / "simple_model", scoring / "simple_model")
    shutil.copy(paths.exams_dir() / "tf_developer.toml", exams)
    monkeypatch.setenv(paths.BANK_VARIABLE, str(tmp_path / "bank"))
    assert run(["retry", "series", *PLAIN]) == 1
    error = capfd.readouterr().err
    assert "no questions of the category time_series" in error
    assert "simple_model" in error


def test_a_workspace_that_is_taken(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """Somebody's files are left alone."""
    (tmp_path / "thesis.txt").write_text("mine")
    assert run(["retry", "simple", "--workspace", str(tmp_path), *PLAIN]) == 1
    assert "--workspace" in capfd.readouterr().err


@pytest.mark.parametrize("arguments", [("weakest", "--question", "quay", "--plain"), ("--yes",), ("a", "b")])
def test_usage(capfd: pytest.CaptureFixture[str], arguments: tuple[str, ...]) -> None:
    """Exit code 2 and a usage line."""
    assert run(["retry", *arguments]) == 2
    assert "Usage: mockexam retry" in capfd.readouterr().err


def test_requests() -> None:
    """`weakest` is what nothing named means; all else is looked up when the retry is planned."""
    assert retry_request(None, question=None, timed=True, workspace=None).retry == RetryChoice()
    assert retry_request(" Weakest", question=None, timed=False, workspace=None).retry == RetryChoice(timed=False)
    request = retry_request("text", question="inbox", timed=True, workspace=Path("room"), exam="two.toml")
    assert request.workspace == Path("room")
    assert request.retry == RetryChoice("text", "inbox", exam="two.toml")
    with pytest.raises(click.UsageError):
        retry_request("weakest", question="inbox", timed=True, workspace=None)
