"""Builds an attempt's detail from its events, the bank, and the models and scripts on the disk."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath
from typing import NamedTuple

from mockexam.bank.handbook import load_handbook
from mockexam.bank.loader import Bank
from mockexam.errors import UserError
from mockexam.exam import events as ev
from mockexam.exam.attempt import Attempt, AttemptQuestion, Phase, Submission, apply
from mockexam.exam.clock import Reading
from mockexam.exam.outcome import QuestionOutcome, outcome_of
from mockexam.exam.policy import policy_of
from mockexam.review.detail import (
    SHOWN_FROM,
    AttemptDetail,
    Jump,
    MissedFile,
    QuestionDetail,
    Regrade,
    SkillMark,
    SubmissionDetail,
    TimelineLine,
)
from mockexam.review.disclosure import ReadRubric, redact, standard_of
from mockexam.store.journal import BrokenChain, Journal, JournalEntry
from mockexam.text.event_text import event_text, question_number


class Step(NamedTuple):
    """An event, and the attempt as it stood after it."""

    entry: JournalEntry
    after: Attempt


class RecordedAttempt(NamedTuple):
    """An attempt as far as its events can be read."""

    steps: tuple[Step, ...]
    """At least the start."""
    events: int
    """All events, including unreadable ones."""
    broken: BrokenChain | None
    """The first event that was altered, is missing or can't be read."""

    @property
    def attempt(self) -> Attempt:
        """The state after the last readable event."""
        return self.steps[-1].after


def read_attempt(journal: Journal, identifier: str) -> RecordedAttempt:
    """Read an attempt up to the first event that makes no sense. Raises UserError if that is its start."""
    steps: list[Step] = []
    state: Attempt | None = None
    unreadable: BrokenChain | None = None
    seq = 0
    try:
        for entry in journal.entries(identifier):
            seq = entry.seq
            state = apply(state, entry.event, identifier)
            steps.append(Step(entry, state))
    except (UserError, LookupError, TypeError, ValueError) as error:
        reason = error.message if isinstance(error, UserError) else f"{error}."
        if not steps:
            raise UserError(
                f"The start of this attempt can't be read: {reason}",
                location=f"attempt {identifier}",
                hint=f"Nothing of it can be shown; `mockexam review delete {identifier}` removes it.",
            ) from None
        seq = max(seq, steps[-1].entry.seq + 1)
        unreadable = BrokenChain(seq, f"the event and all later ones can't be read: {reason}")
    if not steps:
        raise UserError(f"There is no attempt {identifier!r}.", hint="`mockexam review` lists all attempts.")
    return RecordedAttempt(tuple(steps), journal.count(identifier), journal.verify(identifier) or unreadable)


def timeline(steps: Iterable[Step], closed: frozenset[int]) -> Iterator[TimelineLine]:
    """What happened, oldest first; without metrics and diagnoses of the questions in `closed` (numbers)."""
    opened = 0
    for step in steps:
        event, state = step.entry.event, step.after
        opened += isinstance(event, ev.Opened)
        number = question_number(state, event)
        text = event_text(state, event, shows_metric=number not in closed)
        if text and not (isinstance(event, ev.Opened) and opened == 1):
            # The attempt's clock stops at the finish.
            yield TimelineLine(event.at.wall, round(state.time_used(event.at), 1), event.kind, number, text)


@dataclass(frozen=True, slots=True, kw_only=True)
class DetailBuilder:
    """Builds the details of attempts, all as of the same moment."""

    journal: Journal
    submissions: Path
    """The folder with the stored models and scripts."""
    bank: Bank
    read_rubric: ReadRubric
    closed: frozenset[str]
    """The ids of the questions in a running attempt: no attempt shows their bands, reference or metric, except that a
    running retry shows its own metrics."""
    now: Reading

    def detail(self, identifier: str) -> AttemptDetail:
        """The detail of an attempt, as far as its events can be read.

        Raises UserError if the attempt is unknown, its start can't be read, or its events contradict each other.
        """
        recorded = read_attempt(self.journal, identifier)
        attempt, broken = recorded.attempt, recorded.broken
        try:
            outcome = redact(outcome_of(attempt, self.now, self.journal.receipt(identifier)), self.closed)
            outcome = replace(outcome, repeat=identifier in self.journal.repeats())
        except (ArithmeticError, LookupError, TypeError, ValueError) as error:
            raise UserError(
                f"The events of this attempt contradict each other: {error}.", location=f"attempt {attempt.id}"
            ) from None
        shows_own = attempt.phase is Phase.RUNNING and policy_of(attempt).shows_metric_at_once
        hidden = frozenset(i.number for i in attempt.paper.items if i.question in self.closed and not shows_own)
        titles = load_handbook().titles
        return AttemptDetail(
            outcome=outcome,
            workspace=attempt.workspace,
            events=recorded.events,
            broken_at=broken.seq if broken else None,
            broken_reason=broken.reason if broken else "",
            kept_bytes=_size(self.submissions / attempt.id),
            jumps=tuple(Jump(jump.at.wall, jump.seconds) for jump in attempt.jumps),
            questions=tuple(
                self._question(attempt, question, result, titles, hidden=result.number in hidden)
                for question, result in zip(attempt.questions, outcome.questions, strict=True)
            ),
            timeline=tuple(timeline(recorded.steps, hidden)),
            not_received=tuple(MissedFile(m.number, m.name, m.reason) for m in attempt.not_received),
        )

    def _question(
        self,
        attempt: Attempt,
        question: AttemptQuestion,
        outcome: QuestionOutcome,
        titles: dict[str, str],
        *,
        hidden: bool,
    ) -> QuestionDetail:
        """`hidden`: without its metric."""
        running = question.item.question in self.closed
        standard = standard_of(question, self.bank, attempt.bank_version, self.read_rubric, running=running)
        places = attempt.places(question.item.number)
        submissions = tuple(
            self._submission(s, places[s.id], counts=s is question.counted, hidden=hidden) for s in question.submissions
        )
        reason = standard.not_regradable or _not_regradable(attempt, submissions)
        return QuestionDetail(
            item=question.item,
            edition=self.bank.edition(question.item.question, question.item.fingerprint),
            marks=question.marks,
            seconds=outcome.seconds,
            hints=outcome.hints,
            metric=None if hidden else standard.metric or outcome.metric,
            larger_is_better=standard.larger_is_better,
            bands=standard.bands,
            skills=tuple(self._skill(attempt, question, s, titles.get(s, s)) for s in standard.skills),
            reference=standard.reference,
            closed=standard.closed,
            regradable=not reason,
            not_regradable=reason,
            submissions=submissions,
        )

    def _skill(self, attempt: Attempt, question: AttemptQuestion, skill: str, title: str) -> SkillMark:
        """What the marks of the whole paper say about a skill that a question tests."""
        shown = _has_shown(question)
        others = (
            q.item.number
            for q in attempt.questions
            if _has_shown(q) and (known := self.bank.questions.get(q.item.question)) and skill in known.file.skills
        )
        elsewhere = None if shown else next(others, None)
        return SkillMark(skill, title, shown, elsewhere, question.marks is not None and not shown and elsewhere is None)

    def _submission(self, submission: Submission, place: int, *, counts: bool, hidden: bool) -> SubmissionDetail:
        """`hidden`: without its metric and diagnosis."""
        received, grading = submission.received, submission.grading
        shown = None if hidden else grading
        diagnosis = None if hidden else submission.diagnosis
        value = shown.value if shown else None
        next_at = shown.next_at if shown else None
        return SubmissionDetail(
            id=submission.id,
            number=submission.number,
            place=place,
            wall=received.at.wall,
            elapsed=round(submission.elapsed, 1),
            saved_again=None if submission.saved_again is None else round(submission.saved_again, 1),
            name=received.name,
            format=received.format,
            size=received.size,
            sha256=received.sha256,
            swept=received.swept,
            counts=counts,
            verdict=grading.verdict if grading else None,
            marks=submission.marks,
            metric=shown.metric if shown else None,
            value=value,
            next_at=next_at,
            distance=None if value is None or next_at is None else abs(next_at - value),
            message=grading.message if grading else "",
            remedy=grading.remedy if grading else "",
            isolation=grading.isolation if grading else "",
            versions=dict(grading.versions) if grading else {},
            train_value=diagnosis.train_value if diagnosis else None,
            findings=diagnosis.findings if diagnosis else (),
            training=submission.training,
            class_report=diagnosis.class_report if diagnosis else None,
            regrades=tuple(
                Regrade(r.at.wall, r.verdict, r.marks, None if hidden else r.value, dict(r.versions))
                for r in submission.regrades
            ),
            model=self._stored(received.stored),
            scripts=self._stored(submission.scripts),
        )

    def _stored(self, relative: str) -> Path | None:
        """The path of a stored file or folder, if it exists and lies inside the folder of submissions."""
        parts = PurePosixPath(relative).parts
        if not parts or parts[0] == "/" or ".." in parts:
            return None
        path = self.submissions.joinpath(*parts)
        return path if path.exists() else None


def _has_shown(question: AttemptQuestion) -> bool:
    return (question.marks or 0) >= SHOWN_FROM


def _not_regradable(attempt: Attempt, submissions: tuple[SubmissionDetail, ...]) -> str:
    if attempt.phase is not Phase.ENDED:
        return "The attempt has not ended."
    if not submissions:
        return "Nothing was submitted."
    return "" if any(s.model for s in submissions) else "None of its models is stored any more."


def _size(folder: Path) -> int:
    """Bytes of all files below a folder; 0 if there is none."""
    total = 0
    for path, _, names in os.walk(folder):
        for name in names:
            try:
                total += os.lstat(os.path.join(path, name)).st_size
            except OSError:
                continue
    return total
