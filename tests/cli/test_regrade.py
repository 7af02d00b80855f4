"""`review regrade`: a table of what changed, the receipt, and exit codes."""

from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Self

import pytest

from mockexam.bank import loader
from mockexam.cli.main import invoke
from mockexam.errors import GraderFaultError
from mockexam.exam.scoring import Verdict
from mockexam.grading import client
from mockexam.grading.protocol import ModelGraded
from mockexam.paths import HOME_VARIABLE
from tests.store.past import Past

Capture = pytest.CaptureFixture[str]


class FakeGrader:
    """Gives 4 marks to all, or fails; the real grader is tested elsewhere."""

    faulty = False

    def __init__(self, state: object) -> None: ...

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None: ...

    async def grade(self, question: str, **_: Any) -> ModelGraded:
        if self.faulty and question.startswith("learning"):
            raise GraderFaultError("the predictor died")
        return ModelGraded(
            job="1", verdict=Verdict.GRADED, marks=4, metric="accuracy", value=0.8125, isolation="x",
            versions={"keras": "4"}, seconds=0.1,
        )  # fmt: skip


@pytest.fixture
def past(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Past:
    past = Past(tmp_path / "home")
    questions = {
        name: SimpleNamespace(is_edition=lambda fingerprint: fingerprint == "f" * 64)
        for name in ("simple_model/made_up", "learning_dataset/made_up")
    }
    monkeypatch.setenv(HOME_VARIABLE, str(past.root))
    monkeypatch.setattr(client, "Grader", FakeGrader)
    monkeypatch.setattr(loader, "load_bank", lambda: SimpleNamespace(questions=questions))
    monkeypatch.setattr(FakeGrader, "faulty", False)
    return past


def test_what_changed_is_a_table(past: Past, capsys: Capture) -> None:
    """A line a submission: what it was, what it is, the versions; and that the result stands."""
    attempt = past.begin()
    past.submit(attempt, 1, "a", 2)
    past.submit(attempt, 2, "b", 4)
    past.end(attempt)
    gone = past.submissions / past.journal.attempt(attempt).submissions[1].received.stored
    gone.unlink()
    assert invoke(["review", "regrade", "last"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].split() == ["question", "submission", "was", "is", "versions"]
    assert "2/5 · 0.5" in lines[1]
    assert lines[1].index("4/5 · 0.8125") == lines[0].index("is ")
    assert lines[1].endswith("keras 3 → 4")
    assert lines[2].endswith("4/5 · 0.5  not graded again: Its model is no longer stored.")
    assert lines[3] == "1 graded again, 1 changed, 1 left out."
    assert lines[4] == f"The result is unchanged, receipt {past.journal.receipt(attempt)}."


def test_a_corrected_result_has_a_new_receipt(past: Past, capsys: Capture) -> None:
    """A grader fault that is now graded counts, and the new result is shown."""
    attempt = past.begin()
    past.submit(attempt, 1, "a", verdict=Verdict.GRADER_ERROR)
    past.end(attempt)
    assert invoke(["review", "regrade", attempt]) == 0
    out = capsys.readouterr().out
    assert "grader fault" in out
    assert "4/5 · 0.8125 (counts)" in out
    assert "The result is now FAIL, 26.6 % (it was 0 %)." in out
    assert f"The new receipt is {past.journal.receipt(attempt)}" in out


def test_a_fault_is_exit_code_3(past: Past, monkeypatch: pytest.MonkeyPatch, capsys: Capture) -> None:
    """It is reported, in data too, and the other models are graded."""
    attempt = past.begin()
    past.submit(attempt, 1, "a", 4)
    past.submit(attempt, 2, "b", 4)
    past.end(attempt)
    monkeypatch.setattr(FakeGrader, "faulty", True)
    assert invoke(["review", "regrade", attempt, "--json"]) == GraderFaultError.exit_code == 3
    out, err = capsys.readouterr()
    data = json.loads(out)
    assert "failed on 1 of 2" in err
    assert data["before"] == data["after"]
    first, second = data["submissions"]
    assert (first["after"], first["changed"], first["fault"]) == ("graded", False, False)
    assert first["versions"] == [{"name": "keras", "before": "3", "after": "4"}]
    assert (second["after"], second["fault"]) == (None, True)
    assert "the predictor died" in second["left_out"]


def test_without_submissions_there_is_no_table(past: Past, capsys: Capture) -> None:
    """The line alone."""
    attempt = past.begin()
    past.end(attempt)
    assert invoke(["review", "regrade", attempt]) == 0
    assert capsys.readouterr().out.startswith("0 graded again")
