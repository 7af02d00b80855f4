"""What `mockexam review --json` writes: one JSON document, told apart by `kind`.

docs/review.schema.json is made of this by tools/make_schema.py.

Fields may be added in later versions; none changes its meaning while `version` stays.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field, TypeAdapter

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


class DamagedAttempt(Data):
    """An attempt whose events can't be read or make no sense."""

    attempt: str
    reason: str


class CategoryStanding(Data):
    """How somebody stands in a category, from all ended attempts."""

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
    """Questions of the bank that show it; empty if no saved model can."""
    best: int | None
    best_question: str | None
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
    standings: tuple[CategoryStanding, ...]
    """Weakest first; whatever was left out above counts here."""
    estimate: PassEstimate
    disk: DiskUse


class HistoryDocument(HistoryTail):
    """`mockexam review --json`: the attempts that were asked for, then how one stands."""

    attempts: tuple[AttemptSummary, ...]


class Regrade(Data):
    """A verdict given again after the end."""

    at: AwareDatetime = Field(validation_alias="wall")
    verdict: Verdict
    marks: int | None
    value: float | None
    versions: dict[str, str]


class Submission(Data):
    """One submission."""

    id: str
    received: AwareDatetime = Field(validation_alias="wall")
    elapsed_seconds: float = Field(validation_alias="elapsed")
    """On the attempt's clock."""
    name: str
    format: str
    bytes: int = Field(validation_alias="size")
    sha256: str
    swept: bool
    """Received after the time was up, but saved before."""
    counts: bool
    """Whether its marks are the question's."""
    verdict: Verdict | None
    """Null while it waits."""
    marks: int | None
    metric: str | None
    value: float | None
    next_at: float | None
    distance: float | None
    """From the next mark, in the metric's unit."""
    message: str
    remedy: str
    isolation: str
    versions: dict[str, str]
    train_value: float | None
    """The metric on the training data."""
    findings: tuple[str, ...]
    """The diagnosis."""
    regrades: tuple[Regrade, ...]
    model: PathText
    """Path of the kept copy; null if it is not kept any more."""
    scripts: PathText
    """Path of the folder of kept scripts."""


class SkillMark(Data):
    """A skill that a question shows."""

    id: str
    title: str
    shown: bool


class Question(Data):
    """One question of an attempt with its submissions."""

    number: int
    question: str
    category: str
    title: str
    weight: int
    minutes: int
    """What a prepared candidate needs."""
    marks: int | None
    seconds: float
    hints: int
    metric: str | None
    larger_is_better: bool
    bands: tuple[float, ...]
    """Where each of the five marks begins; empty if that can't be shown."""
    skills: tuple[SkillMark, ...]
    reference: PathText
    """Path of the walk-through."""
    closed: str
    """Why bands or reference can't be shown."""
    regradable: bool
    not_regradable: str
    submissions: tuple[Submission, ...]


class TimelineLine(Data):
    """Something that happened."""

    at: AwareDatetime = Field(validation_alias="wall")
    elapsed_seconds: float = Field(validation_alias="elapsed")
    kind: str
    number: int | None
    """The question it concerns."""
    text: str


class Jump(Data):
    """The computer's clock was moved."""

    at: AwareDatetime = Field(validation_alias="wall")
    seconds: float
    """Positive: forward."""


class AttemptDocument(Data):
    """`mockexam review ATTEMPT --json`: all that is on record of an attempt."""

    kind: Literal["attempt"] = "attempt"
    version: Version = 1
    summary: AttemptSummary = Field(validation_alias="outcome")
    workspace: str
    events: int
    intact: bool
    """Whether the chain of events is unbroken."""
    broken_at: int | None
    """The first event that was altered, is missing or can't be read."""
    broken_reason: str
    kept_bytes: int
    jumps: tuple[Jump, ...]
    questions: tuple[Question, ...]
    timeline: tuple[TimelineLine, ...]


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
