"""Everything that is on record of one attempt, made ready to be shown: questions, submissions, timeline."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from mockexam.exam.clock import Reading
from mockexam.exam.marking import Verdict
from mockexam.exam.outcome import Outcome
from mockexam.exam.paper import PaperItem

if TYPE_CHECKING:
    from mockexam.bank.loader import Bank
    from mockexam.records.journal import Journal


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
    submissions: tuple[SubmissionDetail, ...]
    """In order of receipt."""
    reference: Path | None
    """The walk-through; None if the question is gone, or stands on the paper of a running attempt."""
    closed: str
    """Why bands and reference can't be shown, in words; empty if they can."""
    regradable: bool
    not_regradable: str
    """Why it can't be marked again, in words; empty if it can."""


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
    """One attempt as the review shows it."""

    outcome: Outcome
    workspace: str
    broken_at: int | None
    """The first event that was altered or is missing; None if the chain is intact."""
    broken_reason: str
    events: int
    questions: tuple[QuestionDetail, ...]
    timeline: tuple[TimelineLine, ...]
    jumps: tuple[Jump, ...]
    kept_bytes: int
    """What its kept models and scripts take on the disk."""


def attempt_detail(
    journal: Journal, attempt_id: str, *, submissions: Path, bank: Bank, closed: frozenset[str], now: Reading
) -> AttemptDetail:
    """All that is on record of an attempt, as far as its events can be read.

    `submissions` is where models and scripts are kept. `closed` are the ids of the questions on the paper of a running
    attempt: of them no bands, reference or metric is told, in whichever attempt they stand; only a running retry tells
    its own metrics, as it did at once. Raises ToldError if the attempt is not known or its start can't be read.
    """
    from mockexam.report.detail_parts import detail_of
    from mockexam.report.on_record import read_attempt

    on_record = read_attempt(journal, attempt_id)
    receipt = journal.receipt(attempt_id)
    return detail_of(on_record, receipt, submissions=submissions, bank=bank, closed=closed, now=now)
