"""What `rubric.toml` and `calibration.json` may hold: how a question is graded, and the evidence for it.

Only the examiner, reports of ended attempts and author commands read them.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, ValidationError, model_validator

from mockexam import paths
from mockexam.bank.metric import METRICS
from mockexam.bank.models import Question, Sha256, Strict, one_of, read_toml
from mockexam.errors import UserError
from mockexam.exam.scoring import check_bands, marks_for

RUBRIC = "rubric.toml"
EVIDENCE = "calibration.json"
MetricId = Annotated[str, one_of(METRICS)]
Marks = Annotated[int, Field(ge=0, le=5)]
Size = Annotated[float, Field(ge=0)]


class Expectation(Strict):
    """The marks that an author expects of a solution, and why."""

    marks: Marks
    why: str = Field(min_length=1)


class Jury(Expectation):
    """A solution that shows what a question rewards."""

    file: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*\.py$")]


class Rubric(Strict):
    """The metric, its bands and the expected marks of the shipped solutions."""

    metric: MetricId
    bands: tuple[float, ...]
    reference: Expectation
    jury: tuple[Jury, ...] = Field(min_length=1)

    @property
    def larger_is_better(self) -> bool:
        return METRICS[self.metric].larger_is_better

    def marks(self, value: float) -> int:
        return marks_for(value, self.bands, larger_is_better=self.larger_is_better)

    @model_validator(mode="after")
    def _check(self) -> Rubric:
        check_bands(self.bands, larger_is_better=self.larger_is_better)
        if self.reference.marks != 5:
            raise ValueError("'reference.marks' must be 5: the reference is the full-marks solution")
        names = [j.file for j in self.jury]
        if len(set(names)) < len(names):
            raise ValueError("two 'jury' entries name the same file")
        return self


def rubric_of(question: Question) -> Rubric:
    """The rubric of a question. Raises UserError naming file and key."""
    return read_toml(paths.scoring_of(question.folder) / RUBRIC, Rubric)


def check_rubric(question: Question) -> None:
    """Raise UserError naming file and key if a question's rubric is missing or invalid; reveals nothing of it."""
    path = paths.scoring_of(question.folder) / RUBRIC
    if not path.is_file():
        message = f"The question {question.id} has no rubric."
        raise UserError(message, location=str(path), hint="Add the file; see docs/questions.md.")
    read_toml(path, Rubric)


def load_rubric(scoring: Path, question: str) -> Rubric:
    """The rubric of a question id under a scoring folder. Raises UserError naming file and key."""
    return read_toml(scoring / question / RUBRIC, Rubric)


class SolutionRun(Strict):
    """One solution, trained and graded on the data of one seed."""

    seed: int
    verdict: Literal["graded", "invalid_model", "limit_exceeded", "nothing_saved"]
    marks: Marks | None  # None for a refused model; 0 if nothing was saved
    value: float | None = None  # the rubric's metric on the hold-out; None unless graded
    standard_error: Size | None = None  # of the metric over hold-outs of the same kind
    train_seconds: Size  # wall time of the script, imports included
    peak_megabytes: Size  # peak memory of the script, in units of 10**6 bytes
    megabytes: Size = 0.0  # size of the saved model, in units of 10**6 bytes
    message: str = ""  # why a model was refused

    @model_validator(mode="after")
    def _check(self) -> SolutionRun:
        if (self.verdict == "graded") != (self.value is not None and self.marks is not None):
            raise ValueError("a graded run has marks and a value, and no other has a value")
        return self


class Solution(Strict):
    """One solution on all seeds."""

    expected: Marks
    sha256: Sha256 | None = None  # of the script; not in versions 1 and 2
    runs: tuple[SolutionRun, ...] = Field(min_length=1)


class Evidence(Strict):
    """`calibration.json`, written by `mockexam bank verify`: how every shipped solution did."""

    version: Literal[1, 2, 3] = 3
    files: Sha256
    """What it holds for: see `bank.verify.locate.evidence_digest`; in version 1 a hash of all files of the question."""
    data: Sha256 | None = None  # the fingerprint of the question; not in versions 1 and 2
    machine: str = Field(min_length=1)
    versions: Mapping[str, str]
    date: date
    seeds: tuple[int, ...] = Field(min_length=1)
    metric: str = Field(min_length=1)
    models: Mapping[str, Solution] = Field(min_length=1)  # by file below the scoring folder, and `stub`

    @model_validator(mode="after")
    def _check(self) -> Evidence:
        for name, solution in self.models.items():
            if tuple(run.seed for run in solution.runs) != self.seeds:
                raise ValueError(f"{name!r} does not have one run for each seed, in order")
        return self


def read_evidence(path: Path) -> Evidence | None:
    """The file as a model; None if it does not exist. Raises UserError naming file and key."""
    hint = "Run `mockexam bank verify` on this question again; do not edit the file."
    try:
        return Evidence.model_validate_json(path.read_bytes())
    except FileNotFoundError:
        return None
    except OSError as error:
        message = f"The question's evidence can't be read: {error.strerror}."
        raise UserError(message, location=str(path), hint=hint) from None
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        key = ".".join(str(part) for part in first["loc"])
        message = f"The question's evidence is not valid: {first['msg'].removeprefix('Value error, ')}."
        raise UserError(message, location=f"{path}, key {key}" if key else str(path), hint=hint) from None
