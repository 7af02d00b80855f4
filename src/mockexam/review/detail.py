"""One attempt as the review shows it: questions, submissions, timeline."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from mockexam.exam.class_report import ClassReport
from mockexam.exam.outcome import Outcome
from mockexam.exam.paper import PaperItem
from mockexam.exam.scoring import Verdict
from mockexam.exam.training_history import FitHistory

SHOWN_FROM = 4
"""From this many marks on a question its skills count as shown."""


@dataclass(frozen=True, slots=True)
class Regrade:
    """A later verdict on a submission, after the end of the attempt."""

    wall: float
    """Seconds since 1970 UTC."""
    verdict: Verdict
    marks: int | None
    value: float | None
    versions: dict[str, str]


OTHER_KERAS = "(tf-keras)"
"""Ends the version of the Keras 2 that loads its own files; other files are loaded by Keras 3."""


@dataclass(frozen=True, slots=True)
class SubmissionDetail:
    """One submission with its verdict and feedback."""

    id: str
    number: int
    place: int
    """From 1 in its question, in the order first received."""
    wall: float
    """When it was received: seconds since 1970 UTC."""
    elapsed: float
    """Seconds of the attempt."""
    saved_again: float | None
    """Seconds of the attempt when the same bytes were saved for the last time; None if they were saved once."""
    name: str
    format: str
    size: int
    """Bytes."""
    sha256: str
    swept: bool
    """Received after time was up, but saved before."""
    counts: bool
    """Whether its marks count for the question."""
    verdict: Verdict | None
    """None until it is graded."""
    marks: int | None
    metric: str | None
    value: float | None
    next_at: float | None
    distance: float | None
    """Distance of the metric to the next mark, in its own unit; None with full marks or without marks."""
    message: str
    remedy: str
    isolation: str
    versions: dict[str, str]
    train_value: float | None
    findings: tuple[str, ...]
    """The diagnosis, in a learner's words."""
    training: tuple[FitHistory, ...]
    """What the script printed of its training, fit by fit; empty if it did not run in the app or printed nothing."""
    class_report: ClassReport | None
    """Recall by class and confusions on unseen data; None if it is no classifier or was not diagnosed."""
    regrades: tuple[Regrade, ...]
    model: Path | None
    """The stored copy; None if it was pruned or is gone."""
    scripts: Path | None
    """The folder with the scripts as submitted; None if none were stored or they are gone."""

    @property
    def grader(self) -> tuple[str, ...]:
        """What contained the model, and the Keras that loaded it if it was not the usual one; empty if not graded."""
        keras = self.versions.get("keras", "")
        other = (f"Keras {keras}",) if keras.endswith(OTHER_KERAS) else ()
        return (self.isolation, *other) if self.isolation else ()


@dataclass(frozen=True, slots=True)
class SkillMark:
    """A skill that a question tests."""

    id: str
    title: str
    shown: bool
    """Whether at least four marks were reached."""
    elsewhere: int | None
    """The number of another question of the paper that has shown it; None if none has, or this one has."""
    open: bool
    """Whether the marks say that it may be open: a graded question with fewer than four marks tests it, and no
    question of the paper has shown it."""


@dataclass(frozen=True, slots=True)
class QuestionDetail:
    """One question of the attempt."""

    item: PaperItem
    edition: str
    """Identifies its data and contract, which several fingerprints may stand for."""
    marks: int | None
    seconds: float
    """Time worked on it; see `exam.time_spent`."""
    hints: int
    metric: str | None
    larger_is_better: bool
    bands: tuple[float, ...]
    """Five values of the metric, one per mark; empty if the question is gone from the bank or must stay closed."""
    skills: tuple[SkillMark, ...]
    reference: Path | None
    """The reference solution; None if the question is gone or part of a running attempt."""
    closed: str
    """Why bands and reference can't be shown; empty if they can."""
    regradable: bool
    not_regradable: str
    """Why it can't be regraded; empty if it can."""
    submissions: tuple[SubmissionDetail, ...]
    """Oldest first; a model saved again moves to the end."""

    @property
    def skills_by_state(self) -> tuple[tuple[str, list[str]], ...]:
        """The titles of its skills by what the marks say about them, in a word or two; groups with none left out."""
        groups = (
            ("shown", [s.title for s in self.skills if s.shown]),
            ("shown by another question", [s.title for s in self.skills if s.elsewhere is not None]),
            ("open", opened := [s.title for s in self.skills if s.open]),
            ("not tried", [s.title for s in self.skills if not s.shown and s.elsewhere is None and not s.open]),
        )
        some = {"open": "open, one or more of these"} if len(opened) > 1 else {}
        return tuple((some.get(word, word), titles) for word, titles in groups if titles)

    @property
    def counted(self) -> SubmissionDetail | None:
        """The submission that counts, if any."""
        return next((s for s in self.submissions if s.counts), None)


@dataclass(frozen=True, slots=True)
class MissedFile:
    """A model, or what looks like one, that lay in the workspace at the end and was not received."""

    number: int | None
    """Of the question; None for the workspace's top folder."""
    name: str
    reason: str
    """In a learner's words, to follow a colon."""


@dataclass(frozen=True, slots=True)
class TimelineLine:
    """An event in words."""

    wall: float
    elapsed: float
    """Seconds of the attempt."""
    kind: str
    """The event's kind."""
    number: int | None
    """Of the question; None if the event concerns the whole attempt."""
    text: str


@dataclass(frozen=True, slots=True)
class Jump:
    """A change of the computer's clock."""

    wall: float
    seconds: float
    """Positive: forward."""


@dataclass(frozen=True, slots=True)
class AttemptDetail:
    """An attempt with all its questions, submissions and events."""

    outcome: Outcome
    workspace: str
    events: int
    broken_at: int | None
    """The first event that was altered, is missing or can't be read; None if the record is unaltered."""
    broken_reason: str
    kept_bytes: int
    """Disk space of its stored models and scripts."""
    jumps: tuple[Jump, ...]
    questions: tuple[QuestionDetail, ...]
    timeline: tuple[TimelineLine, ...]
    not_received: tuple[MissedFile, ...] = ()

    @property
    def intact(self) -> bool:
        """Whether the record is unaltered."""
        return self.broken_at is None

    @property
    def submissions(self) -> tuple[SubmissionDetail, ...]:
        """All submissions, question by question."""
        return tuple(s for q in self.questions for s in q.submissions)
