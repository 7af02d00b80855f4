"""How long the reference solutions would take here, from one measured speed."""

from __future__ import annotations

from collections.abc import Mapping

from mockexam.bank.calibration import Calibration
from mockexam.bank.category import CATEGORIES
from mockexam.doctor.check import Check

SLOW_SECONDS = 15 * 60
"""A single training above this makes five hours short."""


def reference_seconds(calibration: Calibration, seconds: float) -> Mapping[str, float]:
    """Seconds a question, by id, on a machine that needs `seconds` for the training test.

    All is scaled by one ratio: right within a factor of about two, for machines of the same kind of processor.
    """
    ratio = seconds / calibration.test_seconds
    return {question: known * ratio for question, known in calibration.questions.items()}


def check_speed(calibration: Calibration | None, seconds: float) -> Check:
    """What a training test of so many seconds means for the exam."""
    if calibration is None:
        return Check("speed", "ok", f"{seconds:.0f} s for the training test; this bank has nothing to compare it with")
    known = reference_seconds(calibration, seconds)
    ratio = seconds / calibration.test_seconds
    compared = f"{ratio:.1f} times as long as where the bank was calibrated"
    text = f"{compared}. The reference solutions take about: {'; '.join(_categories(known))}"
    if max(known.values(), default=0.0) <= SLOW_SECONDS:
        return Check("speed", "ok", text)
    return Check(
        "speed",
        "warn",
        text,
        "Try ideas with few epochs and part of the data; or train elsewhere and copy the saved model in.",
    )


def _categories(known: Mapping[str, float]) -> list[str]:
    """A phrase a category, shortest and longest of its questions."""
    phrases = []
    for category in CATEGORIES.values():
        times = sorted(seconds for question, seconds in known.items() if question.startswith(category.id + "/"))
        if times:
            low, high = _rounded(times[0]), _rounded(times[-1])
            phrases.append(f"{category.title} {low}" + (f" to {high}" if high != low else ""))
    return phrases


def _rounded(seconds: float) -> str:
    """An estimate as it may be told: `8 s`, `50 s`, `3 min`."""
    if seconds < 10:
        return f"{max(1, round(seconds))} s"
    if seconds < 90:
        return f"{round(seconds / 5) * 5} s"
    return f"{round(seconds / 60)} min"
