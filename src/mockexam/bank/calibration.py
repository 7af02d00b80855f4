"""What `scoring/<question>/calibration.json` may hold: how every shipped solution fared, and of which files.

Written by `mockexam bank verify`, never by hand. Marks are backed by it: it ships with the question.
"""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, ValidationError, model_validator

from mockexam.bank.models import QuestionId, Strict, read_toml
from mockexam.errors import UserError

FILE_NAME = "calibration.json"
VERSION: Literal[2] = 2
Digest = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
Size = Annotated[float, Field(ge=0)]
Marks = Annotated[int, Field(ge=0, le=5)]
RunVerdict = Literal["graded", "invalid_model", "limit_exceeded", "nothing_saved"]


class SolutionRun(Strict):
    """One solution, trained and marked on the numbers of one seed."""

    seed: int
    verdict: RunVerdict
    marks: Marks | None
    """None for a model that was refused; 0 where nothing was saved."""
    value: float | None = None
    """The rubric's metric on the hold-out; None unless graded."""
    standard_error: Size | None = None
    """How far another hold-out of the same kind would move the metric."""
    train_seconds: Size
    """Wall time of the script, imports included."""
    peak_megabytes: Size
    """The most memory that the script held, in units of 10**6 bytes."""
    megabytes: Size = 0.0
    """The saved model, in units of 10**6 bytes."""
    message: str = ""
    """Why a model was refused."""

    @model_validator(mode="after")
    def _whole(self) -> SolutionRun:
        if (self.verdict == "graded") != (self.value is not None and self.marks is not None):
            raise ValueError("a graded run has marks and a value, and no other has a value")
        return self


class Solution(Strict):
    """One solution over all seeds."""

    expected: Marks
    runs: tuple[SolutionRun, ...] = Field(min_length=1)


class Evidence(Strict):
    """The file."""

    version: Literal[1, 2] = VERSION
    files: Digest
    """What it proves: see `authoring.places.proved_digest`; of version 1 a hash of all files of the question."""
    machine: str = Field(min_length=1)
    versions: Mapping[str, str]
    date: date
    seeds: tuple[int, ...] = Field(min_length=1)
    metric: str = Field(min_length=1)
    models: Mapping[str, Solution] = Field(min_length=1)
    """By file below the scoring folder, and `stub`."""

    @model_validator(mode="after")
    def _every_seed(self) -> Evidence:
        for name, solution in self.models.items():
            if tuple(run.seed for run in solution.runs) != self.seeds:
                raise ValueError(f"{name!r} has not one run for each of the seeds, in their order")
        return self


def read_evidence(path: Path) -> Evidence | None:
    """The file as a model; None if there is none. Raises UserError naming file and key."""
    remedy = "Run `mockexam bank verify` on this question again; the file is not written by hand."
    try:
        values = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as error:
        raise UserError(
            f"The question's calibration can't be read: {error}.", location=str(path), hint=remedy
        ) from None
    try:
        return Evidence.model_validate_json(json.dumps(values))
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        key = ".".join(str(part) for part in first["loc"])
        message = first["msg"].removeprefix("Value error, ")
        raise UserError(
            f"The question's calibration does not fit: {message}.", location=f"{path}, key {key}", hint=remedy
        ) from None


def write_evidence(path: Path, evidence: Evidence) -> None:
    """Write the file, whole or not at all. Raises UserError."""
    text = json.dumps(evidence.model_dump(mode="json"), indent=1, ensure_ascii=False) + "\n"
    write_whole(path, text)


def write_whole(path: Path, text: str) -> None:
    """Write a text file, whole or not at all, also if this process is killed. Raises UserError."""
    try:
        handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
        try:
            with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as file:
                file.write(text)
                file.flush()
                os.fsync(file.fileno())
            Path(name).chmod(0o644)
            os.replace(name, path)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise
    except OSError as error:
        raise UserError(
            f"The file can't be written: {error.strerror}.", location=str(path), hint="Free some space, or the folder."
        ) from None


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
    """The calibration of this bank; None if it has none. Raises UserError naming file and key."""
    path = calibration_path(exams)
    if not path.is_file():
        return None
    return read_toml(path, Calibration)


def calibration_path(exams: Path) -> Path:
    """Where the calibration of a bank lies."""
    return exams / FOLDER / "calibration.toml"


def training_script(exams: Path) -> Path:
    """The script of the training test. Raises UserError if it is missing."""
    path = exams / FOLDER / "train.py"
    if not path.is_file():
        raise UserError("The training test's script is missing.", location=str(path), hint="Reinstall mockexam.")
    return path
