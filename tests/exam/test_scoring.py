"""Marks and totals, exactly."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockexam.exam.scoring import check_bands, marks_for, passes, weighted_total

SCORES = (0.5, 0.6, 0.7, 0.8, 0.9)
ERRORS = (9.0, 7.0, 5.0, 3.0, 1.0)


@pytest.mark.parametrize(("value", "marks"), [(0.49, 0), (0.5, 1), (0.69, 2), (0.7, 3), (0.9, 5), (1.0, 5)])
def test_score_reaches_bands(value: float, marks: int) -> None:
    """A value on the edge reaches the band."""
    assert marks_for(value, SCORES, larger_is_better=True) == marks


@pytest.mark.parametrize(("value", "marks"), [(9.1, 0), (9.0, 1), (5.0, 3), (1.0, 5), (0.0, 5)])
def test_error_reaches_bands_downwards(value: float, marks: int) -> None:
    """For an error metric, smaller is better."""
    assert marks_for(value, ERRORS, larger_is_better=False) == marks


def test_not_a_number_is_no_mark() -> None:
    """NaN is never compared into a band."""
    with pytest.raises(ValueError, match="not a number"):
        marks_for(float("nan"), SCORES, larger_is_better=True)


@pytest.mark.parametrize("bands", [(0.1, 0.2, 0.3, 0.4), (0.1, 0.2, 0.2, 0.3, 0.4), ERRORS])
def test_bands_must_be_five_in_order(bands: tuple[float, ...]) -> None:
    """Four bands, equal bands or falling bands are an author's mistake."""
    with pytest.raises(ValueError, match="bands"):
        check_bands(bands, larger_is_better=True)


@given(st.floats(-1e9, 1e9), st.floats(0, 1e9))
def test_a_better_metric_never_has_fewer_marks(value: float, better_by: float) -> None:
    """Marks are monotone in both directions of metric."""
    for bands, better, up in ((SCORES, value + better_by, True), (ERRORS, value - better_by, False)):
        assert marks_for(better, bands, larger_is_better=up) >= marks_for(value, bands, larger_is_better=up)


papers = st.lists(st.tuples(st.integers(1, 9), st.one_of(st.none(), st.integers(0, 5))), min_size=1, max_size=9)


@given(papers)
def test_total_lies_between_nothing_and_all(paper: list[tuple[int, int | None]]) -> None:
    """The total is a fraction from 0 to 1, and full marks are exactly 1."""
    assert 0 <= weighted_total(paper) <= 1
    assert weighted_total([(w, 5) for w, _ in paper]) == 1
    assert weighted_total([(w, None) for w, _ in paper]) == 0


@given(papers, st.integers(0, 8))
def test_one_more_mark_never_lowers_the_total(paper: list[tuple[int, int | None]], at: int) -> None:
    """Marks only help."""
    index = at % len(paper)
    weight, marks = paper[index]
    more = [*paper[:index], (weight, min(5, (marks or 0) + 1)), *paper[index + 1 :]]
    assert weighted_total(more) >= weighted_total(paper)


def test_the_sketched_paper() -> None:
    """Weights 1 to 5 with 5, 4, 3, 2 and 1 marks are 35 of 75."""
    assert weighted_total([(1, 5), (2, 4), (3, 3), (4, 2), (5, 1)]) == Fraction(35, 75)


def test_exactly_the_pass_mark_passes() -> None:
    """No rounding decides: 90 % passes, a hair below does not."""
    assert passes(Fraction(90, 100), 90)
    assert not passes(Fraction(89_999_999, 100_000_000), 90)


@pytest.mark.parametrize("paper", [[], [(0, 5)], [(1, 6)], [(1, -1)]])
def test_nonsense_is_refused(paper: list[tuple[int, int | None]]) -> None:
    """No question, no weight, or impossible marks raise."""
    with pytest.raises(ValueError, match=r"must be|at least"):
        weighted_total(paper)
