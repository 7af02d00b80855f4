"""The outcome of an attempt, small enough to hold thousands, with the time spent on each question."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import accumulate, islice, pairwise
from typing import Any

from mockexam.exam.attempt import Attempt, AttemptQuestion, Phase, WorkEvent
from mockexam.exam.clock import Reading
from mockexam.exam.paper import Counts, Mode
from mockexam.exam.scoring import Verdict

LONGEST_GAP = 20 * 60.0
"""Seconds of a silence that count: nobody knows what the rest was spent on."""
ATTENTION = 2 * 60.0
"""Seconds for which a candidate's own action on one question outweighs what the script of another does by itself.
Edits are noted once a minute while they go on."""
LONGEST_UNSEEN_RUN = 60 * 60.0
"""Seconds that count for a run whose end was not seen, because the app was closed or crashed."""
_BY_SCRIPT = ("received", "run_ended")
"""What a script does while the candidate may be at another question."""


@dataclass(frozen=True, slots=True)
class QuestionOutcome:
    """The outcome of one question of an attempt."""

    number: int
    question: str
    category: str
    title: str
    weight: int
    fingerprint: str
    marks: int | None
    """The marks that count; None if nothing was graded."""
    verdict: Verdict | None
    """Of the submission that counts, else of the newest; None if nothing was submitted."""
    submissions: int
    metric: str | None
    """Of the submission that counts, as are `value` and `next_at`."""
    value: float | None
    next_at: float | None
    hints: int
    """How many hints were seen."""
    seconds: float
    """Seconds of work on the question; see `time_spent`."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """The outcome of an attempt."""

    attempt: str
    mode: Mode
    exam: str
    title: str
    code: str
    bank_version: str
    started: float
    """Seconds since 1970 UTC."""
    duration: float | None
    """Seconds; None if untimed."""
    time_used: float
    """Seconds."""
    phase: Phase
    earned: int
    """Σ weight·marks"""
    possible: int
    """Σ weight·5"""
    pass_mark: int
    """Per cent."""
    passed: bool | None
    """None until there is a result."""
    receipt: str | None
    jumps: int
    """How often the computer's clock was moved."""
    submissions: int
    questions: tuple[QuestionOutcome, ...]
    counts: Counts = Counts.BEST
    """Which submission of a question counts."""
    repeat: bool = False
    """An exam of a paper that was sat before: its reference solutions could be seen, so its marks show no skill."""

    @property
    def total(self) -> Fraction:
        return Fraction(self.earned, self.possible)

    @property
    def percent(self) -> float:
        """The total in per cent, cut (not rounded up) to one decimal, so that 89.96 never reads as 90."""
        return int(self.total * 1000) / 10


def outcome_of(attempt: Attempt, now: Reading, receipt: str | None) -> Outcome:
    """The outcome of an attempt so far; `now` matters only while it runs."""
    spent = time_spent(attempt.work_events, attempt.time_used(now))
    return Outcome(
        attempt=attempt.id,
        mode=attempt.mode,
        exam=attempt.rules.exam,
        title=attempt.rules.title,
        code=attempt.paper.code,
        bank_version=attempt.bank_version,
        started=attempt.clock.started.wall,
        duration=attempt.rules.duration,
        time_used=round(attempt.time_used(now), 1),
        phase=attempt.phase,
        earned=attempt.earned,
        possible=attempt.possible,
        pass_mark=attempt.rules.pass_mark,
        passed=attempt.settled.passed if attempt.settled else None,
        receipt=receipt,
        jumps=len(attempt.jumps),
        submissions=len(attempt.submissions),
        questions=tuple(
            _question(q, attempt.hints(q.item.number), spent.get(q.item.number, 0.0)) for q in attempt.questions
        ),
        counts=attempt.rules.counts,
        repeat=attempt.repeat,
    )


def _question(question: AttemptQuestion, hints: int, seconds: float) -> QuestionOutcome:
    item = question.item
    gradings = [s.grading for s in question.submissions if s.grading is not None]
    shown = question.counted.grading if question.counted else (gradings[-1] if gradings else None)
    return QuestionOutcome(
        number=item.number,
        question=item.question,
        category=item.category,
        title=item.title,
        weight=item.weight,
        fingerprint=item.fingerprint,
        marks=question.marks,
        verdict=shown.verdict if shown else None,
        submissions=len(question.submissions),
        metric=shown.metric if shown else None,
        value=shown.value if shown else None,
        next_at=shown.next_at if shown else None,
        hints=hints,
        seconds=round(seconds, 1),
    )


def to_fields(outcome: Outcome | QuestionOutcome) -> dict[str, Any]:
    """Its fields as they are, for `json.dumps(..., default=to_fields)`: `asdict` would copy each value."""
    return {name: getattr(outcome, name) for name in outcome.__slots__}


def from_fields(values: dict[str, Any]) -> Outcome:
    """The outcome from its fields, read from JSON. Raises ValueError if they do not fit."""
    try:
        questions = tuple(
            QuestionOutcome(**{**q, "verdict": Verdict(q["verdict"]) if q["verdict"] else None})
            for q in values["questions"]
        )
        known = {"mode": Mode(values["mode"]), "phase": Phase(values["phase"]), "counts": Counts(values["counts"])}
        return Outcome(**{**values, **known, "questions": questions})
    except (KeyError, TypeError) as error:
        raise ValueError(f"an outcome does not fit: {error}") from None


@dataclass(frozen=True, slots=True)
class _Run:
    number: int
    begin: float
    end: float


def time_spent(work: Iterable[WorkEvent], until: float = math.inf) -> dict[int, float]:
    """Seconds of work on each question, by its number; without those that nothing shows work on.

    The time before an event was spent on the event's question, from the event before it on. Of a silence over
    LONGEST_GAP only so much counts for that question; the rest counts for the question whose script ran meanwhile, if
    one did. After the candidate's own action on one question (an edit, a run, ...), what a running script of another
    does takes over only ATTENTION later, or once the question at hand was submitted.

    `work` is in order and of one attempt; `until` is the attempt's time used, in seconds, which the sum never exceeds.
    """
    known = _in_time(work, until)
    runs = _runs(known)
    spent = dict.fromkeys((event.number for event in known), 0.0)
    before = 0.0
    touched: WorkEvent | None = None
    for event in known:
        if event.what not in _BY_SCRIPT:
            touched = event
        elif touched is not None and touched.number != event.number:
            held = min(event.elapsed, touched.elapsed + ATTENTION)
            spent[touched.number] += max(0.0, held - before)
            before = max(before, held)
        elif event.what == "received":
            touched = None
        counted_from = max(before, event.elapsed - LONGEST_GAP)
        spent[event.number] += event.elapsed - counted_from
        if counted_from > before:
            for number, seconds in _shares(runs, before, counted_from):
                spent[number] += seconds
        before = event.elapsed
    return spent


def _in_time(work: Iterable[WorkEvent], until: float) -> list[WorkEvent]:
    """The events with times that never go back (as the wall clock may), within the attempt."""
    events = list(work)
    times = accumulate((min(event.elapsed, until) for event in events), max, initial=0.0)
    return [
        event if event.elapsed == time else replace(event, elapsed=time)
        for event, time in zip(events, islice(times, 1, None), strict=True)
    ]


def _shares(runs: list[_Run], begin: float, end: float) -> Iterator[tuple[int, float]]:
    """Question and seconds of what ran in that time; runs side by side share it."""
    cuts = {begin, end, *(cut for run in runs for cut in (run.begin, run.end) if begin < cut < end)}
    for start, stop in pairwise(sorted(cuts)):
        beside = [run.number for run in runs if run.begin <= start and stop <= run.end]
        for number in beside:
            yield number, (stop - start) / len(beside)


def _runs(work: Iterable[WorkEvent]) -> list[_Run]:
    """When scripts ran, one at a time for each question.

    A run whose end was not seen lasts until a model of its question comes.
    """
    runs: list[_Run] = []
    begun: dict[int, WorkEvent] = {}
    models: dict[int, float] = {}

    def close_unseen(number: int) -> None:
        begin, model = begun.pop(number, None), models.pop(number, None)
        if begin is not None and model is not None:
            runs.append(_Run(number, begin.elapsed, min(model, begin.elapsed + LONGEST_UNSEEN_RUN)))

    for event in work:
        number = event.number
        if event.what == "run":
            close_unseen(number)
            begun[number] = event
        elif number in begun and event.what == "run_ended":
            runs.append(_Run(number, begun.pop(number).elapsed, event.elapsed))
            models.pop(number, None)
        elif number in begun and event.what == "received":
            models.setdefault(number, event.elapsed)
    for number in list(begun):
        close_unseen(number)
    return runs
