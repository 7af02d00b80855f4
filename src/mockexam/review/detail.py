"""Everything that is on record of one attempt, made ready to be shown: questions, submissions, timeline."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from mockexam.exam.outcome import Outcome
from mockexam.exam.paper import PaperItem
from mockexam.exam.scoring import Verdict

SHOWN_FROM = 4
"""With so many marks on a question, its skills count as shown."""


@dataclass(frozen=True, slots=True)
class Regrade:
    """A verdict given again after the end."""

    wall: float
    """Seconds since 1970 UTC."""
    verdict: Verdict
    marks: int | None
    value: float | None
    versions: dict[str, str]


@dataclass(frozen=True, slots=True)
class SubmissionDetail:
    """One submission, with all that was told of it."""

    id: str
    number: int
    wall: float
    """When it was received: seconds since 1970 UTC."""
    elapsed: float
    """Seconds of the attempt."""
    name: str
    format: str
    size: int
    """Bytes."""
    sha256: str
    swept: bool
    """Received after the time was up, but saved before."""
    counts: bool
    """Whether its marks are the question's."""
    verdict: Verdict | None
    """None while it waits."""
    marks: int | None
    metric: str | None
    value: float | None
    next_at: float | None
    distance: float | None
    """How far the metric is from the next mark, in its own unit; None with full marks or without marks."""
    message: str
    remedy: str
    isolation: str
    versions: dict[str, str]
    train_value: float | None
    findings: tuple[str, ...]
    """The diagnosis, in a learner's words."""
    regrades: tuple[Regrade, ...]
    model: Path | None
    """The kept copy; None if it was pruned or is gone."""
    scripts: Path | None
    """The folder with the scripts as they were; None if none were kept or they are gone."""


@dataclass(frozen=True, slots=True)
class SkillMark:
    """A skill that a question shows."""

    id: str
    title: str
    shown: bool
    """Whether full marks, or one less, were reached."""


@dataclass(frozen=True, slots=True)
class QuestionDetail:
    """One question of the attempt."""

    item: PaperItem
    edition: str
    """Names its data and contract: the same for all fingerprints that stand for them."""
    marks: int | None
    seconds: float
    """Worked on it; see `exam.time_spent`."""
    hints: int
    metric: str | None
    larger_is_better: bool
    bands: tuple[float, ...]
    """Five values of the metric, one a mark; empty if the question is gone from the bank or must stay closed."""
    skills: tuple[SkillMark, ...]
    reference: Path | None
    """The walk-through; None if the question is gone, or stands on the paper of a running attempt."""
    closed: str
    """Why bands and reference can't be shown, in words; empty if they can."""
    regradable: bool
    not_regradable: str
    """Why it can't be marked again, in words; empty if it can."""
    submissions: tuple[SubmissionDetail, ...]
    """In order of receipt."""

    @property
    def counted(self) -> SubmissionDetail | None:
        """The submission that counts, if any."""
        return next((s for s in self.submissions if s.counts), None)


@dataclass(frozen=True, slots=True)
class TimelineLine:
    """Something that happened."""

    wall: float
    elapsed: float
    """Seconds of the attempt."""
    kind: str
    """The event's kind."""
    number: int | None
    """The question it concerns."""
    text: str


@dataclass(frozen=True, slots=True)
class Jump:
    """The computer's clock was moved."""

    wall: float
    seconds: float
    """Positive: forward."""


@dataclass(frozen=True, slots=True)
class AttemptDetail:
    """All that is on record of an attempt."""

    outcome: Outcome
    workspace: str
    events: int
    broken_at: int | None
    """The first event that was altered, is missing or can't be read; None if the chain is intact."""
    broken_reason: str
    kept_bytes: int
    """What its kept models and scripts take on the disk."""
    jumps: tuple[Jump, ...]
    questions: tuple[QuestionDetail, ...]
    timeline: tuple[TimelineLine, ...]

    @property
    def intact(self) -> bool:
        """Whether the chain of events is unbroken."""
        return self.broken_at is None

    @property
    def submissions(self) -> tuple[SubmissionDetail, ...]:
        """All of them, question by question."""
        return tuple(s for q in self.questions for s in q.submissions)
