"""When the clock rings."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockexam.exam.clock import WARNING_MINUTES, TimeWarnings, warning_level


def rung(times: list[float]) -> list[int]:
    bells = TimeWarnings()
    return [minutes for time in times if (minutes := bells.crossed(time)) is not None]


def test_each_bell_rings_once_as_the_time_goes_by() -> None:
    """From over an hour to zero, second by second, in order."""
    assert rung([float(second) for second in range(3700, -1, -1)]) == list(WARNING_MINUTES)


def test_reopening_does_not_ring_what_has_gone_by() -> None:
    """At 25 minutes the next bell is the ten-minute one."""
    assert rung([1500.0, 1499.0, 601.0, 600.0, 599.0]) == [10]


def test_after_a_long_sleep_only_the_smallest_rings() -> None:
    """A lid closed from 61 to 4 minutes rings once, for 5."""
    assert rung([3660.0, 240.0, 239.0]) == [5]


def test_an_exam_of_an_hour_does_not_ring_at_its_start() -> None:
    """Starting on a threshold is no crossing."""
    assert rung([3600.0, 3599.0]) == []


def test_untimed_attempts_never_ring() -> None:
    """No time, no bell."""
    bells = TimeWarnings()
    assert [bells.crossed(None) for _ in range(3)] == [None] * 3
    assert warning_level(None) is None


@given(st.lists(st.floats(0, 20000, allow_nan=False), min_size=1, max_size=60))
def test_no_bell_rings_twice_while_time_only_runs_down(times: list[float]) -> None:
    """However the looks fall."""
    heard = rung(sorted(times, reverse=True))
    assert len(heard) == len(set(heard))


@pytest.mark.parametrize(
    ("seconds", "expected"), [(3601, None), (3600, 60), (1700, 30), (600, 10), (299, 5), (60, 1), (0, 1)]
)
def test_the_level_is_the_smallest_threshold_that_holds_the_time(seconds: float, expected: int | None) -> None:
    """It colours the clock, also after reopening."""
    assert warning_level(seconds) == expected
