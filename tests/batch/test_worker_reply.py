"""What workers answer."""

from __future__ import annotations

import json
from typing import Any

import pytest

from mockexam.batch.job import GradingFault
from mockexam.batch.results import Verdicted
from mockexam.batch.runner import MAX_ANSWER, read_answer

HERE = {"mockexam": "1", "keras": "3.15"}
GOOD: dict[str, Any] = {"verdict": "graded", "marks": 4, "metric": "mae", "value": 0.25, "versions": HERE}


def test_a_verdict() -> None:
    answer = read_answer(json.dumps({"marked": GOOD}), HERE)

    assert isinstance(answer, Verdicted)
    assert (answer.marks, answer.value) == (4, 0.25)


@pytest.mark.parametrize(
    "answer",
    [
        None,
        b"{}",
        "",
        "[]",
        "3",
        "{}",
        "[" * 50_000,
        " " * (MAX_ANSWER + 1),
        json.dumps({"marked": {**GOOD, "marks": 6}}),
        json.dumps({"marked": {**GOOD, "marks": None}}),
        json.dumps({"marked": {**GOOD, "value": None}}),
        json.dumps({"marked": {**GOOD, "value": float("nan")}}),
        json.dumps({"marked": {**GOOD, "verdict": "invalid_model"}}),
        json.dumps({"marked": {**GOOD, "verdict": "splendid"}}),
        json.dumps({"marked": {**GOOD, "message": "x" * 5000}}),
    ],
)
def test_nonsense_is_a_fault_of_ours(answer: object) -> None:
    """Never marks, never a zero, never a crash."""
    assert isinstance(read_answer(answer, HERE), GradingFault)


def test_another_library_there_is_a_fault() -> None:
    """Marks of one class come from one set of libraries."""
    answer = read_answer(json.dumps({"marked": {**GOOD, "versions": {"keras": "3.14"}}}), HERE)

    assert isinstance(answer, GradingFault)
    assert "3.14" in answer.what


def test_faults_are_told_in_printable_words() -> None:
    told = read_answer(json.dumps({"fault": {"what": "no\x1b[2J disk", "remedy": "buy one"}}), HERE)
    failed = read_answer(json.dumps({"marked": {"verdict": "grader_error", "message": "lost"}}), HERE)

    assert told == GradingFault("no\ufffd[2J disk", "", "buy one")
    assert failed == GradingFault("lost")
