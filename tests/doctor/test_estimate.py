"""From one measured speed to the time of the reference solutions."""

from __future__ import annotations

from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from mockexam.doctor.training import Calibration, check_speed, reference_seconds

CALIBRATION = Calibration(
    machine="2 cores",
    date=date(2026, 11, 21),
    test_question="image_classification/parts",
    test_steps=400,
    test_seconds=10.0,
    questions={
        "simple_model/plain": 6.0,
        "image_classification/parts": 60.0,
        "image_classification/scans": 100.0,
        "time_series/quay": 70.0,
    },
)


@given(st.floats(min_value=0.01, max_value=10_000))
def test_all_is_scaled_by_one_ratio(seconds: float) -> None:
    """Twice as slow in the test is twice as slow in every question."""
    for question, known in reference_seconds(CALIBRATION, seconds).items():
        assert abs(known / CALIBRATION.questions[question] - seconds / 10) < 1e-9 * seconds


def test_the_same_machine_is_told_its_own_times() -> None:
    """A phrase a category, in the exam's order, rounded as an estimate is."""
    check = check_speed(CALIBRATION, 10.0)

    assert check.status == "ok"
    assert "1.0 times" in check.text
    assert "simple model 6 s; image classification 60 s to 2 min; time series 70 s" in check.text


def test_a_slow_machine_is_warned() -> None:
    """Ten times slower: 16 minutes for one training is told, with what to do."""
    check = check_speed(CALIBRATION, 100.0)

    assert check.status == "warn"
    assert "17 min" in check.text
    assert "train elsewhere" in check.remedy


def test_a_bank_without_calibration_is_no_fault() -> None:
    """A third party's pack may have none."""
    check = check_speed(None, 9.0)

    assert check.status == "ok"
    assert "9 s" in check.text
