"""Measuring the references: with scripts that take no time here, with the real ones when authors run it."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
import tomli

from mockexam.bank.verify.reference_time import as_toml, merged, reference_seconds
from mockexam.bank.verify.solution_run import machine
from mockexam.doctor.training import Calibration
from mockexam.errors import UserError


def test_what_is_written_is_read_again() -> None:
    """The text is TOML that fits the model."""
    calibration = Calibration(
        machine=machine(),
        date=date(2026, 11, 21),
        test_question="image_classification/parts",
        test_steps=400,
        test_seconds=9.51,
        questions={"simple_model/plain": 6.2, "time_series/quay": 71.0},
    )

    assert Calibration.model_validate(tomli.loads(as_toml(calibration))) == calibration


def calibration(test_seconds: float, questions: dict[str, float]) -> Calibration:
    """A calibration with these times."""
    return Calibration(
        machine="2 cores",
        date=date(2026, 11, 21),
        test_question="image_classification/parts",
        test_steps=400,
        test_seconds=test_seconds,
        questions=questions,
    )


def test_one_question_is_measured_anew_on_another_machine() -> None:
    """GIVEN a machine twice as slow THEN the new time is halved, the others stand, and what is gone is dropped."""
    old = calibration(10.0, {"simple_model/plain": 6.0, "simple_model/gone": 5.0, "time_series/quay": 70.0})
    new = calibration(20.0, {"time_series/quay": 100.0, "time_series/tide": 30.0})

    found = merged(old, new, {"simple_model/plain", "time_series/quay", "time_series/tide"})

    assert found.questions == {"simple_model/plain": 6.0, "time_series/quay": 50.0, "time_series/tide": 15.0}
    assert found.test_seconds == 10.0


def reference(folder: Path, text: str) -> Path:
    """A folder with this solution."""
    (folder / "solution.py").write_text(text, encoding="utf-8")
    return folder


async def test_a_reference_is_timed_as_a_script(tmp_path: Path) -> None:
    """From its start to its end, in its own folder."""
    text = "import time\nwhile time.process_time() < 0.3: pass\nopen('mymodel.keras', 'w').close()"

    assert 0.3 <= await reference_seconds(reference(tmp_path, text), "a/b") < 5


@pytest.mark.parametrize(("text", "told"), [("1/0", "ZeroDivisionError"), ("pass", "saved nothing")])
async def test_a_reference_that_fails_is_told(text: str, told: str, tmp_path: Path) -> None:
    """By question and reason: its time would mean nothing."""
    with pytest.raises(UserError, match=rf"a/b failed: .*{told}"):
        await reference_seconds(reference(tmp_path, text), "a/b")
