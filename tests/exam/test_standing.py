"""How somebody stands in each category."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockexam.exam.attempt import Phase
from mockexam.exam.paper import Mode
from mockexam.exam.scoring import Verdict
from mockexam.exam.standing import RECENT, CategoryStanding, question_results, standings
from tests.factories import CATEGORIES
from tests.outcomes import outcome, question


def marks_in(category: str, marks: list[int]) -> CategoryStanding:
    """The standing after these marks, one attempt each."""
    sat = [outcome(question(category, m), day=day) for day, m in enumerate(marks)]
    return standings(sat, [category])[0]


def test_the_weakest_comes_first() -> None:
    """By the mean of the recent marks; a category without any is weakest of all; equals stay in the exam's order."""
    sat = [outcome(question("image_classification", 2), question("text_classification", 4), question("time_series", 2))]
    order = [s.category for s in standings(sat, CATEGORIES)]
    assert order == [
        "simple_model", "learning_dataset", "image_classification", "time_series", "text_classification",
    ]  # fmt: skip


def test_old_marks_fade() -> None:
    """The mean is that of the newest five; the best stays."""
    standing = marks_in("time_series", [5, 0, 1, 1, 1, 1, 1])
    assert standing.recent == (1,) * RECENT
    assert (standing.best, standing.mean) == (5, 1.0)


@pytest.mark.parametrize(("marks", "trend"), [([1, 2, 3], 1.0), ([5, 3, 1], -2.0), ([2, 2, 2, 2], 0.0), ([0, 5], None)])
def test_trend(marks: list[int], trend: float | None) -> None:
    """Marks gained from one result to the next; two are no trend."""
    assert marks_in("time_series", marks).trend == trend


@given(st.lists(st.integers(0, 5), min_size=1, max_size=12))
def test_numbers_stay_in_their_range(marks: list[int]) -> None:
    """Best and mean lie among the marks, and the trend is no steeper than five marks a result."""
    standing = marks_in("time_series", marks)
    assert standing.best == max(marks)
    assert standing.mean is not None
    assert min(marks) <= standing.mean <= max(marks)
    assert standing.trend is None or abs(standing.trend) <= 5


def test_what_counts_as_a_meeting() -> None:
    """Left out in an exam is 0; a retry ended without a model, a marker's fault and a running attempt say nothing."""
    nothing = question("time_series", None)
    refused = question("time_series", None, verdict=Verdict.INVALID_MODEL, submissions=1)
    fault = question("time_series", None, verdict=Verdict.GRADER_ERROR, submissions=1)
    assert [m.marks for m in question_results([outcome(nothing)])] == [0]
    assert [m.marks for m in question_results([outcome(refused, mode=Mode.RETRY)])] == [0]
    assert question_results([outcome(nothing, mode=Mode.RETRY)]) == ()
    assert question_results([outcome(fault)]) == ()
    assert question_results([outcome(question("time_series", 5), phase=Phase.RUNNING)]) == ()
