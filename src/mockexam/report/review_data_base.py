"""What all documents of `mockexam review --json` have in common: how they are made, and an attempt in short."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field

from mockexam.exam.attempt import Phase
from mockexam.exam.marking import Verdict
from mockexam.exam.paper import Mode

Version = Literal[1]
PathText = Annotated[str | None, BeforeValidator(lambda path: None if path is None else str(path))]


class Data(BaseModel):
    """Read from what it tells of, field by field."""

    model_config = ConfigDict(
        from_attributes=True,
        frozen=True,
        extra="forbid",
        use_attribute_docstrings=True,
        populate_by_name=True,
        json_schema_serialization_defaults_required=True,
    )


class QuestionSummary(Data):
    """What came of one question of an attempt."""

    number: int
    question: str
    """The question's id, `category/name`."""
    category: str
    title: str
    weight: int
    marks: int | None
    """0 to 5; null if nothing was graded."""
    verdict: Verdict | None
    """Of the submission that counts, else of the newest; null if nothing was submitted."""
    submissions: int
    metric: str | None
    """Of the submission that counts, as are `value` and `next_at`; null while an attempt on this question runs."""
    value: float | None
    next_at: float | None
    """Where the next mark begins."""
    hints: int
    """How many hints were seen."""
    seconds: float
    """Time worked on it, as far as edits, runs and submissions tell."""


class AttemptSummary(Data):
    """What came of an attempt."""

    attempt: str
    """Its id."""
    mode: Mode
    exam: str
    title: str
    code: str
    """The paper's code."""
    bank_version: str
    started: AwareDatetime
    duration_seconds: float | None = Field(validation_alias="duration")
    """Time allowed; null if untimed."""
    time_used_seconds: float = Field(validation_alias="time_used")
    phase: Phase
    earned: int
    """Sum of weight times marks."""
    possible: int
    """Sum of weight times 5."""
    total_percent: float = Field(validation_alias="percent")
    """Cut to one decimal, never rounded up."""
    pass_mark_percent: int = Field(validation_alias="pass_mark")
    passed: bool | None
    """Null until the result stands."""
    receipt: str | None
    """Hash of the result."""
    clock_jumps: int = Field(validation_alias="jumps")
    """How often the computer's clock was moved."""
    submissions: int
    questions: tuple[QuestionSummary, ...]
