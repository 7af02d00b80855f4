"""An attempt is the sum of its events: `fold(events)` is the only way to a state."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import StrEnum
from fractions import Fraction
from functools import cached_property
from typing import Any, Literal

from mockexam.exam import events as ev
from mockexam.exam.clock import LockedClock, Reading
from mockexam.exam.paper import Counts, Mode, Paper, PaperItem, Rules
from mockexam.exam.scoring import MARKS_PER_QUESTION, Verdict, passes, weighted_total
from mockexam.exam.training_history import FitHistory

MAX_FAULTS = 3
"""How often the grader may fail on a submission before its verdict is `grader_error`."""


class Phase(StrEnum):
    """Where an attempt stands."""

    RUNNING = "running"
    GRADING = "marking"
    """Finished, but not everything received is graded yet."""
    ENDED = "ended"


@dataclass(frozen=True)
class Submission:
    """One received model and, once graded, its verdict."""

    id: str
    number: int
    received: ev.Received
    order: int
    """Position among all receipts; the same bytes saved again move it to the end."""
    elapsed: float
    """Seconds of the attempt when it was received."""
    saved: float
    """Seconds since 1970 when its bytes were received last."""
    saved_again: float | None = None
    """Seconds of the attempt when its bytes were received last; None if only once."""
    scripts: str = ""
    """The question's scripts when it was received first, relative to the folder of submissions; empty if none were
    stored."""
    grading: ev.Graded | ev.Regraded | None = None
    """The verdict that counts."""
    training: tuple[FitHistory, ...] = ()
    """The training seen when it was received first."""
    faults: int = 0
    diagnosis: ev.Diagnosed | None = None
    regrades: tuple[ev.Regraded, ...] = ()
    """Verdicts given again after the end, oldest first."""

    @property
    def waiting(self) -> bool:
        """Whether it still has to be graded."""
        return self.grading is None

    @property
    def marks(self) -> int | None:
        """0 to 5, or None if not graded."""
        return self.grading.marks if self.grading else None


@dataclass(frozen=True)
class WorkEvent:
    """Something that shows work on a question."""

    elapsed: float
    """Seconds since the start of the attempt."""
    number: int
    what: ev.NoteKind | Literal["received"]


@dataclass(frozen=True)
class AttemptQuestion:
    """One question of the paper with its submissions, in the order of receipt."""

    item: PaperItem
    submissions: tuple[Submission, ...]
    counted: Submission | None
    """The graded submission that counts; None if there is none yet."""

    @property
    def marks(self) -> int | None:
        return self.counted.marks if self.counted else None

    @property
    def waiting(self) -> int:
        """How many of its submissions are not graded yet."""
        return sum(s.waiting for s in self.submissions)


@dataclass(frozen=True)
class Attempt:
    """The state of an attempt."""

    id: str
    mode: Mode
    rules: Rules
    paper: Paper
    workspace: str
    bank_version: str
    clock: LockedClock
    submissions: tuple[Submission, ...] = ()
    jumps: tuple[ev.ClockJumped, ...] = ()
    notes: tuple[ev.Noted, ...] = ()
    work_events: tuple[WorkEvent, ...] = ()
    """Notes and receipts in order."""
    finished: ev.Finished | None = None
    settled: ev.Settled | None = None
    receipts: int = 0
    repeat: bool = False
    """An exam of a paper that was sat before: its reference solutions could be seen. Not part of the events."""
    not_received: tuple[ev.NotReceived, ...] = ()
    """What lay in the workspace at the end and was not received; each file once."""

    @property
    def phase(self) -> Phase:
        if self.finished is None:
            return Phase.RUNNING
        return Phase.GRADING if self.settled is None else Phase.ENDED

    @cached_property
    def questions(self) -> tuple[AttemptQuestion, ...]:
        """In the paper's order. Made once: the room shows them each second."""
        return tuple(self._question(item) for item in self.paper.items)

    def _question(self, item: PaperItem) -> AttemptQuestion:
        mine = tuple(sorted((s for s in self.submissions if s.number == item.number), key=lambda s: s.order))
        return AttemptQuestion(item=item, submissions=mine, counted=_counted(mine, self.rules.counts))

    @property
    def total(self) -> Fraction:
        """The weighted total so far, from 0 to 1."""
        return weighted_total((q.item.weight, q.marks) for q in self.questions)

    @property
    def passed(self) -> bool:
        """Whether the present total would pass."""
        return passes(self.total, self.rules.pass_mark)

    @property
    def earned(self) -> int:
        """Σ weight·marks."""
        return sum(q.item.weight * (q.marks or 0) for q in self.questions)

    @property
    def possible(self) -> int:
        """Σ weight·5."""
        return sum(q.item.weight * MARKS_PER_QUESTION for q in self.questions)

    @property
    def waiting(self) -> tuple[Submission, ...]:
        """What must still be graded, the newest first."""
        return tuple(sorted((s for s in self.submissions if s.waiting), key=lambda s: -s.order))

    def hints(self, number: int) -> int:
        return len({note.detail for note in self.notes if note.number == number and note.what == "hint"})

    def submission(self, identifier: str) -> Submission:
        """The submission with this id. Raises KeyError if there is none."""
        return {submission.id: submission for submission in self.submissions}[identifier]

    def places(self, number: int) -> dict[str, int]:
        """By its id, the place of each submission of a question, from 1, in the order first received."""
        return {s.id: at for at, s in enumerate((s for s in self.submissions if s.number == number), 1)}

    def time_used(self, now: Reading) -> float:
        """Seconds from the start to the finish, or to now."""
        return self._time_at(self.finished.at if self.finished else now)

    def _time_at(self, at: Reading) -> float:
        elapsed = self.clock.elapsed(at)
        return elapsed if self.rules.duration is None else min(elapsed, self.rules.duration)

    def work_with(self, event: ev.Noted | ev.Received | ev.ReceivedAgain, number: int) -> tuple[WorkEvent, ...]:
        """The signs of work with one more on a question."""
        what = event.what if isinstance(event, ev.Noted) else "received"
        return (*self.work_events, WorkEvent(self._time_at(event.at), number, what))


def _counted(submissions: tuple[Submission, ...], counts: Counts) -> Submission | None:
    """The graded submission that counts: the last, or the first of the best. One without marks displaces none."""
    graded = [s for s in submissions if s.grading is not None and s.grading.verdict is Verdict.GRADED]
    if not graded:
        return None
    if counts is Counts.LAST:
        return graded[-1]
    return max(graded, key=lambda s: (s.marks or 0, -s.order))


def apply(attempt: Attempt | None, event: ev.Event, attempt_id: str = "") -> Attempt:
    """The attempt after one more event. Raises ValueError for an event that cannot follow."""
    if isinstance(event, ev.Started):
        if attempt is not None:
            raise ValueError("an attempt starts once")
        return Attempt(
            id=attempt_id,
            mode=event.mode,
            rules=event.rules,
            paper=event.paper,
            workspace=event.workspace,
            bank_version=event.bank_version,
            clock=LockedClock.start(event.at, event.rules.duration),
        )
    if attempt is None:
        raise ValueError("the first event of an attempt is its start")
    changes = _changes(attempt, event)
    if attempt.finished is None:  # verdicts may come in after the end; they no longer concern the clock
        changes["clock"] = attempt.clock.observe(event.at)
    return replace(attempt, **changes)


def _changes(attempt: Attempt, event: ev.Event) -> dict[str, Any]:
    """The fields that an event changes, all for one copy: a copy for each would double the time of a fold."""
    match event:
        case ev.Received():
            return _receive(attempt, event)
        case ev.ReceivedAgain():
            return _receive_again(attempt, event)
        case ev.NotReceived():
            return {"not_received": (*_without(attempt.not_received, event.number, event.name), event)}
        case ev.TrainingRecorded() if attempt.submission(event.submission).saved_again is not None:
            return {}  # earlier versions recorded what had run since, which did not make it
        case ev.Graded() | ev.Diagnosed() | ev.TrainingRecorded():
            return _update(attempt, event.submission, **_news(event))
        case ev.Regraded():
            return _regrade(attempt, event)
        case ev.GradingFailed():
            faults = attempt.submission(event.submission).faults + 1
            return _update(attempt, event.submission, faults=faults)
        case ev.ClockJumped():
            return {"jumps": (*attempt.jumps, event)}
        case ev.Noted():
            return {"work_events": attempt.work_with(event, event.number), "notes": (*attempt.notes, event)}
        case ev.Finished():
            return {"finished": attempt.finished or event}
        case ev.Settled():
            return {"settled": event}
        case _:
            return {}


def _news(event: ev.Graded | ev.Diagnosed | ev.TrainingRecorded) -> dict[str, object]:
    """What an event adds to its submission."""
    match event:
        case ev.Graded():
            return {"grading": event}
        case ev.Diagnosed():
            return {"diagnosis": event}
        case ev.TrainingRecorded():
            return {"training": event.fits}


def _receive(attempt: Attempt, event: ev.Received) -> dict[str, Any]:
    if any(s.id == event.submission for s in attempt.submissions):
        raise ValueError(f"submission {event.submission} was received before")
    submission = Submission(
        id=event.submission,
        number=event.number,
        received=event,
        order=attempt.receipts,
        elapsed=attempt.clock.elapsed(event.at),
        saved=event.at.wall,
        scripts=event.scripts,
    )
    return {
        "work_events": attempt.work_with(event, event.number),
        "submissions": (*attempt.submissions, submission),
        "receipts": attempt.receipts + 1,
        "not_received": _without(attempt.not_received, event.number, event.name),
    }


def _receive_again(attempt: Attempt, event: ev.ReceivedAgain) -> dict[str, Any]:
    before, again = attempt.submission(event.submission), attempt.clock.elapsed(event.at)
    return {
        **_update(attempt, before.id, order=attempt.receipts, saved=event.at.wall, saved_again=again),
        "work_events": attempt.work_with(event, before.number),
        "receipts": attempt.receipts + 1,
    }


def _without(events: tuple[ev.NotReceived, ...], number: int | None, name: str) -> tuple[ev.NotReceived, ...]:
    """The events of all other files. A crash at the end can bring a file twice, or let it be received after all."""
    return tuple(event for event in events if (event.number, event.name) != (number, name))


def _regrade(attempt: Attempt, event: ev.Regraded) -> dict[str, Any]:
    before = attempt.submission(event.submission)
    changes: dict[str, object] = {"regrades": (*before.regrades, event)}
    if before.grading is None or before.grading.verdict is Verdict.GRADER_ERROR:
        changes["grading"] = event
    return _update(attempt, event.submission, **changes)


def _update(attempt: Attempt, identifier: str, **changes: object) -> dict[str, Any]:
    attempt.submission(identifier)
    changed = tuple(
        replace(s, **changes) if s.id == identifier else s  # type: ignore[arg-type]  # names are checked by `replace`
        for s in attempt.submissions
    )
    return {"submissions": changed}


def fold(attempt_id: str, events: Iterable[ev.Event]) -> Attempt:
    """The state after all events, oldest first. Raises ValueError if they do not begin with a start."""
    attempt: Attempt | None = None
    for event in events:
        attempt = apply(attempt, event, attempt_id)
    if attempt is None:
        raise ValueError("an attempt has at least its start")
    return attempt
