"""A question that changed since it was verified is noticed."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from mockexam.authoring.places import files_digest, stale
from mockexam.bank.evidence import FILE_NAME, Evidence, Run, Solution, read_evidence, write_evidence
from mockexam.bank.loader import load_bank, load_question
from mockexam.paths import scoring_of
from tests.authoring.made_up import made_up_bank

FILES = ["exams/brief.md", "exams/data.py", "exams/hints.md", "scoring/rubric.toml", "scoring/jury/short.py"]


def verified(folder: Path) -> None:
    """Give the question a calibration of its files as they are."""
    seen = Run(seed=1, verdict="graded", marks=5, value=0.0, train_seconds=1, peak_megabytes=1)
    evidence = Evidence(
        files=files_digest(folder),
        machine="here",
        versions={},
        date=date(2026, 11, 21),
        seeds=(1,),
        metric="mae",
        models={"reference.py": Solution(expected=5, runs=(seen,))},
    )
    write_evidence(scoring_of(folder) / FILE_NAME, evidence)


def test_a_question_without_evidence_is_stale(tmp_path: Path) -> None:
    """And the command that helps is named."""
    question = load_question(made_up_bank(tmp_path))
    assert f"bank verify {question.id}" in stale(question)


def test_a_verified_question_is_not_stale(tmp_path: Path) -> None:
    """Nor do caches make it so."""
    folder = made_up_bank(tmp_path)
    verified(folder)
    (folder / "__pycache__").mkdir()
    (folder / "__pycache__" / "data.pyc").write_bytes(b"x")

    assert stale(load_question(folder)) == ""


@pytest.mark.parametrize("name", FILES)
def test_any_change_makes_it_stale(name: str, tmp_path: Path) -> None:
    """In either folder, also of a byte."""
    folder = made_up_bank(tmp_path)
    verified(folder)
    root, _, inside = name.partition("/")
    path = (folder if root == "exams" else scoring_of(folder)) / inside
    path.write_bytes(path.read_bytes() + b"\n")

    assert "has changed" in stale(load_question(folder))


def test_a_file_more_or_of_another_name_makes_it_stale(tmp_path: Path) -> None:
    """The names count, not the contents alone."""
    folder = made_up_bank(tmp_path)
    verified(folder)
    jury = scoring_of(folder) / "jury"
    (jury / "short.py").rename(jury / "shorter.py")

    assert "has changed" in stale(load_question(folder))


def test_no_shipped_question_has_changed_since_it_was_verified() -> None:
    """A question whose calibration speaks of other files proves nothing."""
    bank = load_bank()
    verified_ones = [q for q in bank.questions.values() if read_evidence(scoring_of(q.folder) / FILE_NAME)]

    assert [stale(q) for q in verified_ones if stale(q)] == []
