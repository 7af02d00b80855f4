"""What `exams/_doctor/calibration.toml` may hold: how long training took on the machine of the authors.

The doctor trains the same small model here and compares, so it can tell how long the reference solutions would take
without opening one.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Annotated

from pydantic import Field

from mockexam.bank.models import QuestionId, Strict
from mockexam.bank.toml import read_toml
from mockexam.errors import ToldError

FOLDER = "_doctor"
Seconds = Annotated[float, Field(gt=0, le=3600)]


class Calibration(Strict):
    """Seconds seen on one machine, all in one session."""

    machine: str = Field(min_length=1)
    """In words: cores, processor, versions."""
    date: date
    test_question: QuestionId
    """The training test makes a model that keeps to this question's contract, and has it marked there."""
    test_steps: Annotated[int, Field(ge=1, le=100_000)]
    """Training steps of the test."""
    test_seconds: Seconds
    """Wall time of those steps, without imports and building the graph."""
    questions: Mapping[QuestionId, Seconds]
    """By question: wall time of running its reference solution as a script, imports included."""


def load_calibration(exams: Path) -> Calibration | None:
    """The calibration of this bank; None if it has none. Raises ToldError naming file and key."""
    path = calibration_path(exams)
    if not path.is_file():
        return None
    return read_toml(path, Calibration)


def calibration_path(exams: Path) -> Path:
    """Where the calibration of a bank lies."""
    return exams / FOLDER / "calibration.toml"


def training_script(exams: Path) -> Path:
    """The script of the training test. Raises ToldError if it is missing."""
    path = exams / FOLDER / "train.py"
    if not path.is_file():
        raise ToldError("The training test's script is missing.", where=str(path), remedy="Reinstall mockexam.")
    return path
