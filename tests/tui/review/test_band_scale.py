"""Where a metric lies among the bands."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockexam.exam.scoring import marks_for
from mockexam.tui.widgets.mark_charts import band_scale

RISING = (0.7, 0.78, 0.84, 0.88, 0.92)
FALLING = (12.0, 8.5, 4.9, 2.9, 1.9)


def drawn(value: float | None, *, rising: bool = True, width: int = 50) -> list[str]:
    bands = RISING if rising else FALLING
    return [line.plain for line in band_scale(value, bands, larger_is_better=rising, width=width)]


@given(st.floats(0, 30), st.booleans(), st.integers(20, 90))
def test_the_sign_stands_in_the_band_of_its_marks(value: float, rising: bool, width: int) -> None:
    """For any value, way and width; better is right."""
    bar = drawn(value, rising=rising, width=width)[1]
    marks = marks_for(value, RISING if rising else FALLING, larger_is_better=rising)
    assert bar[: bar.index("●")].count("┼") == marks


@pytest.mark.parametrize("rising", [True, False])
def test_a_value_is_right_of_a_worse_one(rising: bool) -> None:
    """Within one band too."""
    worse, better = (0.85, 0.87) if rising else (4.5, 3.1)
    assert drawn(worse, rising=rising)[1].index("●") < drawn(better, rising=rising)[1].index("●")


def test_all_bands_are_told() -> None:
    """With the marks above them."""
    marks, bar, values = drawn(0.85)
    assert marks.split() == ["0", "1", "2", "3", "4", "5"]
    assert values.split() == ["0.7", "0.78", "0.84", "0.88", "0.92"]
    assert bar.count("┼") == 5


def test_without_a_value_the_bar_is_empty() -> None:
    """Nothing was graded."""
    assert "●" not in drawn(None)[1]
    assert "━" not in drawn(None)[1]
