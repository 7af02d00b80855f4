"""Marks of one question, and the weighted total of an attempt. Exact: totals are fractions, never floats."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from enum import StrEnum
from fractions import Fraction
from itertools import pairwise

MARKS_PER_QUESTION = 5
"""The real exam graded each question out of 5, as candidates report; the steps between are ours."""


class Verdict(StrEnum):
    """The result of grading a submission. Only `GRADED` carries marks."""

    GRADED = "graded"
    INVALID_MODEL = "invalid_model"
    LIMIT_EXCEEDED = "limit_exceeded"
    GRADER_ERROR = "grader_error"


def marks_for(value: float, bands: Sequence[float], *, larger_is_better: bool) -> int:
    """Marks 0 to 5: the number of bands that the value reaches, edges included. Raises ValueError."""
    if math.isnan(value):
        raise ValueError("the metric is not a number")
    check_bands(bands, larger_is_better=larger_is_better)
    if larger_is_better:
        return sum(value >= band for band in bands)
    return sum(value <= band for band in bands)


def check_bands(bands: Sequence[float], *, larger_is_better: bool) -> None:
    """Raise ValueError unless there are five bands, each strictly harder than the one before."""
    if len(bands) != MARKS_PER_QUESTION:
        raise ValueError(f"there must be {MARKS_PER_QUESTION} bands, not {len(bands)}")
    steps = list(pairwise(bands))
    in_order = all(a < b for a, b in steps) if larger_is_better else all(a > b for a, b in steps)
    if not in_order:
        direction = "rise" if larger_is_better else "fall"
        raise ValueError(f"the bands must {direction} from the first mark to the fifth")


def weighted_total(weights_and_marks: Iterable[tuple[int, int | None]]) -> Fraction:
    """Σ weight·marks / Σ weight·5 as an exact fraction from 0 to 1; no marks count as 0.

    Raises ValueError for marks outside 0..5, a weight below 1, or no question at all.
    """
    earned = possible = 0
    for weight, marks in weights_and_marks:
        if weight < 1:
            raise ValueError(f"a weight must be at least 1, not {weight}")
        if marks is not None and not 0 <= marks <= MARKS_PER_QUESTION:
            raise ValueError(f"marks must be 0 to {MARKS_PER_QUESTION}, not {marks}")
        earned += weight * (marks or 0)
        possible += weight * MARKS_PER_QUESTION
    if possible == 0:
        raise ValueError("a paper has at least one question")
    return Fraction(earned, possible)


def passes(total: Fraction, pass_mark: int) -> bool:
    """Whether a total reaches the pass mark, given in per cent. Exactly on it is a pass."""
    return total * 100 >= pass_mark
