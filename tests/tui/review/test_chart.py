"""The chart of the totals."""

from __future__ import annotations

import pytest

from mockexam.exam.outcome import Outcome
from mockexam.tui.widgets.mark_charts import plot, thin
from tests.outcomes import ended_exam


def points(*percents: float) -> tuple[Outcome, ...]:
    return tuple(ended_exam(day, percent) for day, percent in enumerate(percents))


def rows(*percents: float, width: int = 60, height: int = 8) -> list[str]:
    return [line.plain for line in plot(points(*percents), width, height)]


def test_a_pass_and_a_fail_have_signs_of_their_own() -> None:
    """On a line that rises, with the pass mark across and the dates below."""
    drawn = rows(20.0, 55.0, 95.0)
    assert sum(row.count("○") for row in drawn) == 2
    assert drawn[0].count("●") == 1
    assert "90 │" in drawn[0]
    assert "┄" in drawn[0]
    first = next(i for i, row in enumerate(drawn) if row.find("○") == 5)
    assert first > next(i for i, row in enumerate(drawn) if "●" in row)
    assert drawn[-1].split() == ["15", "Jan", "2027", "17", "Jan", "2027"]


@pytest.mark.parametrize("count", [1, 2, 20, 700])
@pytest.mark.parametrize(("width", "height"), [(60, 4), (17, 3), (90, 20)])
def test_any_number_fits(count: int, width: int, height: int) -> None:
    """Every line within the width, something drawn in each."""
    drawn = rows(*(i % 101 for i in range(count)), width=width, height=height)
    assert len(drawn) == height
    assert max(map(len, drawn)) <= width
    assert any("\u2800" < char <= "\u28ff" or char in "●○" for row in drawn for char in row)


def test_many_are_thinned_to_means_of_neighbours() -> None:
    """None is left out: the mean of the means is the mean."""
    many = points(*(float(i % 50) for i in range(1000)))
    few = thin(many, 100)
    assert len(few) == 100
    assert sum(few) / 100 == pytest.approx(24.5)
    assert thin(many[:3], 100) == [0.0, 1.0, 2.0]


def test_totals_at_the_edges_stay_inside() -> None:
    """0 on the lowest row, 100 on the highest."""
    drawn = rows(0.0, 100.0)
    assert "●" in drawn[0]
    assert "○" in drawn[-2]
