"""The events of an attempt: read as far as they can be, and told as lines."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from mockexam.errors import UserError
from mockexam.exam import events as ev
from mockexam.exam.attempt import Attempt, apply
from mockexam.exam.policy import policy_of
from mockexam.exam.scoring import Verdict
from mockexam.review.detail import TimelineLine
from mockexam.store.journal import BrokenChain, Journal, JournalEntry
from mockexam.text import formats
from mockexam.text.units import metric_text, number_text, size_text, time_text

_NOTES = {
    "edit": "edited",
    "run": "script started",
    "run_ended": "script ended",
    "inspect": "model inspected",
    "restore": "files restored",
    "hint": "hint",
}
_VERDICTS = {
    Verdict.INVALID_MODEL: "no marks, the model was refused",
    Verdict.LIMIT_EXCEEDED: "no marks, a limit was exceeded",
    Verdict.GRADER_ERROR: "could not be marked, through no fault of the model",
}


@dataclass(frozen=True, slots=True)
class Step:
    """An event, and the attempt as it stood after it."""

    entry: JournalEntry
    after: Attempt


@dataclass(frozen=True, slots=True)
class OnRecord:
    """An attempt as its events tell it."""

    steps: tuple[Step, ...]
    """At least the start."""
    events: int
    """How many there are, those that can't be read among them."""
    broken: BrokenChain | None
    """The first event that was altered, is missing or can't be read."""

    @property
    def attempt(self) -> Attempt:
        """The state after the last event that can be read."""
        return self.steps[-1].after


def read_attempt(journal: Journal, identifier: str) -> OnRecord:
    """Read an attempt up to the first event that makes no sense. Raises UserError if that is its start."""
    steps: list[Step] = []
    state: Attempt | None = None
    stopped: BrokenChain | None = None
    seq = 0
    try:
        for entry in journal.entries(identifier):
            seq = entry.seq
            state = apply(state, entry.event, identifier)
            steps.append(Step(entry, state))
    except (UserError, LookupError, TypeError, ValueError) as error:
        if not steps:
            # The start itself: nothing of the attempt is known without it.
            raise _told(error, identifier) from None
        stopped = BrokenChain(
            max(seq, steps[-1].entry.seq + 1), f"the event can't be read, nor what follows: {_what(error)}"
        )
    if not steps:
        raise UserError(f"There is no attempt {identifier!r}.", hint="`mockexam review` lists all attempts.")
    return OnRecord(tuple(steps), journal.count(identifier), journal.verify(identifier) or stopped)


def _told(error: Exception, identifier: str) -> UserError:
    return UserError(
        f"The start of this attempt can't be read: {_what(error)}",
        location=f"attempt {identifier}",
        hint=f"Nothing can be shown of it; `mockexam review delete {identifier}` removes it.",
    )


def _what(error: Exception) -> str:
    return error.message if isinstance(error, UserError) else f"{error}."


def timeline(steps: Iterable[Step], closed: frozenset[int]) -> tuple[TimelineLine, ...]:
    """What happened, oldest first. Of the questions in `closed` (numbers) no metric and no diagnosis is told."""
    return tuple(_lines(steps, closed))


def _lines(steps: Iterable[Step], closed: frozenset[int]) -> Iterator[TimelineLine]:
    opened = 0
    for step in steps:
        event, state = step.entry.event, step.after
        opened += isinstance(event, ev.Opened)
        number = _number(state, event)
        text = _text(state, event, hidden=number in closed, first=opened == 1)
        if text:
            # After the finish the attempt's clock stands.
            yield TimelineLine(event.at.wall, round(state.time_used(event.at), 1), event.kind, number, text)


def _number(state: Attempt, event: ev.Event) -> int | None:
    if isinstance(event, ev.Received | ev.Noted):
        return event.number
    submission = getattr(event, "submission", None)
    return state.submission(submission).number if isinstance(submission, str) else None


def _text(state: Attempt, event: ev.Event, *, hidden: bool, first: bool) -> str:
    match event:
        case ev.Received():
            late = " · saved before the time was up" if event.swept else ""
            return f"{event.name} received · {size_text(event.size)}{late}"
        case ev.ReceivedAgain():
            return "the same model was saved again: it stands as the last one"
        case ev.GradingResult():
            again = "marked again: " if isinstance(event, ev.Regraded) else ""
            return again + _verdict(event, hidden=hidden)
        case ev.Diagnosed():
            return "" if hidden else _diagnosis(event)
        case ev.GradingFailed():
            return f"the marker failed, not the model: {event.detail}".rstrip(": ")
        case ev.Noted():
            what = _NOTES.get(event.what, event.what)
            return f"{what} {event.detail}".strip()
        case _:
            return _of_the_attempt(state, event, first=first)


def _of_the_attempt(state: Attempt, event: ev.Event, *, first: bool) -> str:
    match event:
        case ev.Started():
            return f"the clock started: {time_text(event.rules.duration)} · paper {event.paper.code}"
        case ev.Opened():
            return "" if first else "opened again"
        case ev.Closed():
            return "the app was left; the clock ran on" if state.finished is None else ""
        case ev.ClockJumped():
            way = "forward" if event.seconds > 0 else "back"
            return f"the computer's clock was set {way} by {abs(event.seconds):.0f} s"
        case ev.Finished():
            return "the time was up" if event.reason == "time_up" else "finished early"
        case ev.Settled():
            return _result(state, event)
        case _:
            return ""


def _result(state: Attempt, event: ev.Settled) -> str:
    weighted = f"{event.earned} of {event.possible} weighted marks"
    if not policy_of(state).has_verdict:
        return f"the result stands: {weighted}"  # a question has no pass mark of its own
    return f"result: {'pass' if event.passed else 'fail'}, {weighted}"


def _verdict(grading: ev.GradingResult, *, hidden: bool) -> str:
    """What the marker said of a submission; with `hidden` without the metric."""
    if grading.verdict is not Verdict.GRADED:
        return f"{_VERDICTS[grading.verdict]}. {grading.message} {grading.remedy}".strip()
    parts = [formats.marks(grading.marks)]
    if grading.value is not None and not hidden:
        parts.append(metric_text(formats.metric(grading.metric), grading.value, grading.next_at))
    return " · ".join([*parts, grading.isolation])


def _diagnosis(event: ev.Diagnosed) -> str:
    score = "" if event.train_value is None else f"on the training data {number_text(event.train_value)}. "
    return f"{score}{' '.join(event.findings)}".strip()
