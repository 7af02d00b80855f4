"""What `rubric.toml` may hold. Only the examiner, reports of ended attempts and author commands read one."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from pydantic import Field, model_validator

from mockexam import paths
from mockexam.bank.metric import METRICS
from mockexam.bank.models import Question, Strict, one_of, read_toml
from mockexam.errors import UserError
from mockexam.exam.scoring import check_bands

RUBRIC = "rubric.toml"
MetricId = Annotated[str, one_of(METRICS)]
Marks = Annotated[int, Field(ge=0, le=5)]


class Expectation(Strict):
    """The marks that an author expects of a solution, and why."""

    marks: Marks
    why: str = Field(min_length=1)


class Jury(Expectation):
    """A solution that an author ships to prove what a question rewards."""

    file: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*\.py$")]


class Rubric(Strict):
    """The metric, its bands and the expected marks of the shipped solutions."""

    metric: MetricId
    bands: tuple[float, ...]
    reference: Expectation
    jury: tuple[Jury, ...] = Field(min_length=1)

    @property
    def larger_is_better(self) -> bool:
        """False for an error metric."""
        return METRICS[self.metric].larger_is_better

    @model_validator(mode="after")
    def _consistent(self) -> Rubric:
        check_bands(self.bands, larger_is_better=self.larger_is_better)
        if self.reference.marks != 5:
            raise ValueError("'reference.marks' must be 5: the reference is the full-marks solution")
        names = [j.file for j in self.jury]
        if len(set(names)) < len(names):
            raise ValueError("two 'jury' entries name the same file")
        return self


def rubric_of(question: Question) -> Rubric:
    """The rubric of a question, wherever it comes from. Raises UserError naming file and key."""
    return read_toml(paths.scoring_of(question.folder) / RUBRIC, Rubric)


def check_rubric(question: Question) -> None:
    """Raise UserError naming file and key if a question has no rubric that can be marked by; tells nothing of it."""
    path = paths.scoring_of(question.folder) / RUBRIC
    if not path.is_file():
        raise UserError(
            f"The question {question.id} has no rubric.",
            location=str(path),
            hint="Add the file; see docs/questions.md.",
        )
    read_toml(path, Rubric)


def load_rubric(scoring: Path, question: str) -> Rubric:
    """The rubric of a question under the scoring folder. Raises UserError naming file and key."""
    return read_toml(scoring / question / RUBRIC, Rubric)
