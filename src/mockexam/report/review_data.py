"""What `mockexam review --json` writes: one JSON document, told apart by `kind`.

docs/review.schema.json is made of this by tools/make_schema.py.

Fields may be added in later versions; none changes its meaning while `version` stays.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import AwareDatetime, Field, TypeAdapter

from mockexam.report.review_data_attempt import AttemptDocument
from mockexam.report.review_data_base import AttemptSummary, Data, Version


class DamagedAttempt(Data):
    """An attempt whose events can't be read or make no sense."""

    attempt: str
    reason: str


class CategoryStanding(Data):
    """How somebody stands in a category, from the ended attempts at an exam and the retries for it."""

    category: str
    met: int
    """How many questions of it were met."""
    best: int | None
    recent: tuple[int, ...]
    """The newest marks, oldest first."""
    mean: float | None
    """Of the recent marks."""
    trend: float | None
    """Marks gained a meeting over the recent ones; null under three."""


class CategoryEvidence(Data):
    """How many marks of a category the estimate rests on."""

    category: str
    marks: int


class PassEstimate(Data):
    """The chance to pass the exam today."""

    probability: float = Field(ge=0, le=1)
    low_percent: float = Field(validation_alias="low")
    high_percent: float = Field(validation_alias="high")
    """The total lies between these with 80 % probability."""
    expected_percent: float = Field(validation_alias="expected")
    evidence: tuple[CategoryEvidence, ...]
    method: str
    """How it is computed."""


class SkillEvidence(Data):
    """A skill of the handbook and the best evidence for it."""

    id: str
    title: str
    section: str
    questions: tuple[str, ...]
    """Questions of the bank that show it."""
    by_model: bool
    """Whether a saved model can show it at all."""
    best: int | None
    best_question: str | None
    recent: float | None
    """The mean marks of the newest meetings."""
    days_ago: float | None
    met: int


class SectionPlan(Data):
    """A section of the handbook with something to study."""

    id: str
    title: str
    categories: tuple[str, ...]
    study: tuple[str, ...]
    weakest: tuple[str, ...]
    """Ids of the skills with the least evidence, weakest first."""
    advice: str


class DiskUse(Data):
    """Bytes on the disk."""

    database: int
    models: int
    scripts: int
    strays: int
    """In folders that belong to no attempt on record."""


class HistoryTail(Data):
    """What follows the attempts."""

    kind: Literal["history"] = "history"
    version: Version = 1
    made: AwareDatetime
    on_record: int
    """How many attempts there are, those that were left out among them."""
    damaged: tuple[DamagedAttempt, ...]
    exam: str
    """The name of the exam that standings and estimate are for."""
    exams: tuple[str, ...]
    """The names of all exams that were taken to the end."""
    standings: tuple[CategoryStanding, ...]
    """Weakest first; whatever was left out above counts here."""
    estimate: PassEstimate
    disk: DiskUse


class HistoryDocument(HistoryTail):
    """`mockexam review --json`: the attempts that were asked for, then how one stands."""

    attempts: tuple[AttemptSummary, ...]


class QuestionPair(Data):
    """A question of one attempt and its counterpart in the other; null where there is none."""

    category: str
    left: int | None
    """Number on the left attempt's paper."""
    right: int | None
    same_question: bool
    same_edition: bool
    marks_change: int | None
    value_change: float | None
    value_better: bool | None
    seconds_change: float | None
    submissions_change: int | None


class CategoryPair(Data):
    """The marks of a category in both attempts."""

    category: str
    left: int | None
    left_of: int
    right: int | None
    right_of: int


class VersionChange(Data):
    """A part of the marker that was of another version; empty where it is not on record."""

    name: str
    left: str
    right: str


class ComparisonDocument(Data):
    """`mockexam review A --compare B --json`: the earlier attempt on the left; changes are right minus left."""

    kind: Literal["comparison"] = "comparison"
    version: Version = 1
    left: AttemptSummary
    right: AttemptSummary
    percent_change: float
    seconds_change: float
    questions: tuple[QuestionPair, ...]
    categories: tuple[CategoryPair, ...]
    versions: tuple[VersionChange, ...]
    remarks: tuple[str, ...]


class ReadinessDocument(Data):
    """`mockexam review --readiness --json`."""

    kind: Literal["readiness"] = "readiness"
    version: Version = 1
    exam: str
    """The name of the exam that it is for."""
    estimate: PassEstimate
    skills: tuple[SkillEvidence, ...]
    plan: tuple[SectionPlan, ...]
    """Weakest section first."""


class DiffLine(Data):
    """A line of a comparison of scripts."""

    kind: Literal["same", "old", "new", "gap"]
    text: str
    old_line: int | None
    new_line: int | None


class DiffDocument(Data):
    """`mockexam review ATTEMPT --diff SUBMISSION --json`."""

    kind: Literal["diff"] = "diff"
    version: Version = 1
    attempt: str
    old: str
    """A submission."""
    new: str
    """A submission, or `reference`."""
    lines: tuple[DiffLine, ...]


class RestoredDocument(Data):
    """`mockexam review ATTEMPT --restore SUBMISSION --json`."""

    kind: Literal["restored"] = "restored"
    version: Version = 1
    attempt: str
    submission: str
    names: tuple[str, ...]
    """What was put back; empty if all of it lay there already."""
    remarks: tuple[str, ...]


Document = Annotated[
    HistoryDocument | AttemptDocument | ComparisonDocument | ReadinessDocument | DiffDocument | RestoredDocument,
    Field(discriminator="kind"),
]


def schema() -> dict[str, Any]:
    """The JSON Schema of every document, as docs/review.schema.json holds it."""
    made = TypeAdapter[Any](Document).json_schema(mode="serialization")
    title = "What `mockexam review --json` writes"
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": title, **made}
