"""The authors' measured times."""

from __future__ import annotations

from pathlib import Path

import pytest

from mockexam import paths
from mockexam.bank.loader import load_bank
from mockexam.doctor.training import calibration_path, load_calibration, training_script
from mockexam.errors import UserError

WHOLE = """
machine = "2 cores"
date = 2026-11-21
test_question = "image_classification/parts"
test_steps = 400
test_seconds = 9.5
[questions]
"simple_model/plain" = 6.0
"""


def write(exams: Path, text: str) -> Path:
    """A bank's calibration with this text."""
    path = calibration_path(exams)
    path.parent.mkdir(parents=True)
    path.write_text(text, encoding="utf-8")
    return exams


def test_a_calibration_is_read(tmp_path: Path) -> None:
    """All of it."""
    calibration = load_calibration(write(tmp_path, WHOLE))

    assert calibration is not None
    assert calibration.questions == {"simple_model/plain": 6.0}
    assert calibration.date.isoformat() == "2026-11-21"


def test_a_bank_may_have_none(tmp_path: Path) -> None:
    """A third party's."""
    assert load_calibration(tmp_path) is None


@pytest.mark.parametrize(
    ("change", "key"),
    [
        (('machine = "2 cores"', 'machin = "2 cores"'), "machin"),
        (("test_seconds = 9.5", "test_seconds = 0"), "test_seconds"),
        (('"simple_model/plain" = 6.0', '"Simple Model" = 6.0'), "questions"),
    ],
)
def test_what_does_not_fit_names_file_and_key(change: tuple[str, str], key: str, tmp_path: Path) -> None:
    """As for every file of the bank."""
    write(tmp_path, WHOLE.replace(*change))

    with pytest.raises(UserError) as error:
        load_calibration(tmp_path)

    assert key in error.value.location
    assert "calibration.toml" in error.value.location


def test_a_missing_script_is_told(tmp_path: Path) -> None:
    """Named, with a remedy."""
    with pytest.raises(UserError, match="script is missing"):
        training_script(tmp_path)


def test_the_shipped_bank_is_calibrated_whole() -> None:
    """Every question has its time, none is left over from a question that is gone."""
    bank = load_bank()
    calibration = load_calibration(paths.exams_dir())

    assert calibration is not None
    assert set(calibration.questions) == {q.id for q in bank.questions.values() if not q.only_named}
    assert calibration.test_question in bank.questions
    assert training_script(bank.folder).is_file()
