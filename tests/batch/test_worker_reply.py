"""What workers answer."""

from __future__ import annotations

import json
from typing import Any

import pytest

from mockexam.batch.results import Verdicted
from mockexam.batch.runner import MAX_REPLY, parse_reply
from mockexam.errors import UserError

HERE = {"mockexam": "1", "keras": "3.15"}
GOOD: dict[str, Any] = {"verdict": "graded", "marks": 4, "metric": "mae", "value": 0.25, "versions": HERE}


def test_a_verdict() -> None:
    answer = parse_reply(json.dumps({"graded": GOOD}), HERE)

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
        " " * (MAX_REPLY + 1),
        json.dumps({"graded": {**GOOD, "marks": 6}}),
        json.dumps({"graded": {**GOOD, "marks": None}}),
        json.dumps({"graded": {**GOOD, "value": None}}),
        json.dumps({"graded": {**GOOD, "value": float("nan")}}),
        json.dumps({"graded": {**GOOD, "verdict": "invalid_model"}}),
        json.dumps({"graded": {**GOOD, "verdict": "splendid"}}),
        json.dumps({"graded": {**GOOD, "message": "x" * 5000}}),
    ],
)
def test_nonsense_is_a_fault_of_ours(answer: object) -> None:
    """Never marks, never a zero, never a crash."""
    with pytest.raises(UserError):
        parse_reply(answer, HERE)


def test_another_library_there_is_a_fault() -> None:
    """Marks of one class come from one set of libraries."""
    with pytest.raises(UserError, match=r"3\.14"):
        parse_reply(json.dumps({"graded": {**GOOD, "versions": {"keras": "3.14"}}}), HERE)


def test_a_file_of_keras_2_is_graded_by_tf_keras() -> None:
    """Its version is compared with that of tf-keras here."""
    here = {**HERE, "tf-keras": "2.21"}
    by_keras_2 = {"graded": {**GOOD, "versions": {**HERE, "keras": "2.21 (tf-keras)"}}}
    assert parse_reply(json.dumps(by_keras_2), here).marks == 4
    with pytest.raises(UserError, match=r"tf-keras 2\.21, this machine 2\.20"):
        parse_reply(json.dumps(by_keras_2), {**here, "tf-keras": "2.20"})


def test_faults_are_told_in_printable_words() -> None:
    with pytest.raises(UserError) as reported:
        parse_reply(json.dumps({"fault": {"message": "no\x1b[2J disk", "hint": "buy one"}}), HERE)
    assert (reported.value.message, reported.value.hint) == ("no\ufffd[2J disk", "buy one")
    with pytest.raises(UserError, match="lost"):
        parse_reply(json.dumps({"graded": {"verdict": "grader_error", "message": "lost"}}), HERE)
