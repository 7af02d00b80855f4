"""The events of an attempt as lines to read."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from mockexam.exam import events as ev
from mockexam.exam.attempt import Attempt
from mockexam.exam.marking import MARKS_PER_QUESTION, Verdict
from mockexam.exam.policy import policy_of
from mockexam.report import formats
from mockexam.report.detail import TimelineLine
from mockexam.report.on_record import Step
from mockexam.wording import metric_text, number_text, size_text, time_text

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
            yield TimelineLine(event.at.wall, _elapsed(state, event), event.kind, number, text)


def _elapsed(state: Attempt, event: ev.Event) -> float:
    """Seconds of the attempt; after the finish its clock stands."""
    return round(state.time_used(event.at), 1)


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
        case ev.Judged():
            again = "marked again: " if isinstance(event, ev.Regraded) else ""
            return again + verdict_text(event, hidden=hidden)
        case ev.Diagnosed():
            return "" if hidden else _diagnosis(event)
        case ev.MarkingFailed():
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


def verdict_text(judged: ev.Judged, *, hidden: bool) -> str:
    """What the marker said of a submission; with `hidden` without the metric."""
    if judged.verdict is not Verdict.GRADED:
        return f"{_VERDICTS[judged.verdict]}. {judged.message} {judged.remedy}".strip()
    parts = [f"{judged.marks}/{MARKS_PER_QUESTION}"]
    if judged.value is not None and not hidden:
        parts.append(metric_text(formats.metric(judged.metric), judged.value, judged.next_at))
    return " · ".join([*parts, judged.isolation])


def _diagnosis(event: ev.Diagnosed) -> str:
    score = "" if event.train_value is None else f"on the training data {number_text(event.train_value)}. "
    return f"{score}{' '.join(event.findings)}".strip()
