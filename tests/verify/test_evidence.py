"""The evidence that ships with a question: read strictly, written whole or not at all."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from mockexam.bank.rubric import EVIDENCE, Evidence, Solution, SolutionRun, read_evidence
from mockexam.bank.verify.verification import write_evidence
from mockexam.errors import UserError


def run(seed: int = 1, **changed: Any) -> SolutionRun:
    """A graded run."""
    usual: dict[str, Any] = {
        "verdict": "graded", "marks": 5, "value": 0.02, "standard_error": 0.001,
        "train_seconds": 4.0, "peak_megabytes": 500.0, "megabytes": 0.1,
    }  # fmt: skip
    return SolutionRun(seed=seed, **usual | changed)


def evidence(**changed: Any) -> Evidence:
    """Of one solution over one seed."""
    usual: dict[str, Any] = {
        "files": "a" * 64, "machine": "2 cores", "versions": {"keras": "3"}, "date": date(2026, 11, 21), "seeds": (1,),
        "metric": "mae", "models": {"reference.py": Solution(expected=5, runs=(run(),))},
    }  # fmt: skip
    return Evidence(**usual | changed)


def test_what_is_written_is_read_again(tmp_path: Path) -> None:
    """And nothing else is left in the folder."""
    write_evidence(tmp_path / EVIDENCE, evidence())

    assert read_evidence(tmp_path / EVIDENCE) == evidence()
    assert [path.name for path in tmp_path.iterdir()] == [EVIDENCE]


def test_a_question_may_have_none(tmp_path: Path) -> None:
    """A new one."""
    assert read_evidence(tmp_path / EVIDENCE) is None


@pytest.mark.parametrize(
    ("change", "key"),
    [({"versoin": 1}, "versoin"), ({"files": "abc"}, "files"), ({"models": {}}, "models"), ({"version": 4}, "version")],
)
def test_what_does_not_fit_names_file_and_key(change: dict[str, Any], key: str, tmp_path: Path) -> None:
    """With the remedy."""
    values = evidence().model_dump(mode="json") | change
    (tmp_path / EVIDENCE).write_text(json.dumps(values), encoding="utf-8")

    with pytest.raises(UserError) as error:
        read_evidence(tmp_path / EVIDENCE)

    assert key in error.value.location
    assert EVIDENCE in error.value.location
    assert "bank verify" in error.value.hint


def test_half_a_file_is_told(tmp_path: Path) -> None:
    """As after a copy that was cut off."""
    (tmp_path / EVIDENCE).write_text('{"version": 1', encoding="utf-8")

    with pytest.raises(UserError, match="not valid: Invalid JSON"):
        read_evidence(tmp_path / EVIDENCE)


def test_runs_that_do_not_add_up_are_refused() -> None:
    """A seed without a run; marks without a value."""
    with pytest.raises(ValueError, match="each seed"):
        evidence(seeds=(1, 2))
    with pytest.raises(ValueError, match="graded"):
        run(value=None)


def test_a_failed_write_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """GIVEN a disk that fails at the last moment THEN the old file stands whole."""
    write_evidence(tmp_path / EVIDENCE, evidence())

    def fail(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("mockexam.workspace.layout.os.replace", fail)
    with pytest.raises(UserError, match="No space"):
        write_evidence(tmp_path / EVIDENCE, evidence(machine="another"))

    assert read_evidence(tmp_path / EVIDENCE) == evidence()
    assert [path.name for path in tmp_path.iterdir()] == [EVIDENCE]
