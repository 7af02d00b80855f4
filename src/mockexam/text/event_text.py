"""One line for each event of an attempt: for the activity pane, `--plain` and the timeline of the review."""

from __future__ import annotations

from mockexam.exam import events as ev
from mockexam.exam.attempt import MAX_FAULTS, Attempt, Submission
from mockexam.exam.policy import policy_of
from mockexam.exam.scoring import Verdict
from mockexam.text import formats
from mockexam.text.units import metric_text, number_text, size_text, time_text

_NOTES = {
    "edit": "edited",
    "run": "script started",
    "inspect": "model inspected",
    "restore": "files restored",
}
_ENDINGS = ("ended", "stopped", "interrupted", "killed", "crashed", "could not start")
"""How the recorded end of a script run begins, see `RunEnded.text`."""
_NO_MARKS = {
    Verdict.INVALID_MODEL: "model refused, no marks",
    Verdict.LIMIT_EXCEEDED: "limit exceeded, no marks",
    Verdict.GRADER_ERROR: "not graded because of a grader fault, not your fault",
}
_ON_TRAINING = "on the training data"
"""A finding with these words gives the figure itself."""


def missed_text(number: int | None, name: str, reason: str) -> str:
    """A model that was not received: `Q3 mymodel.keras: still being written when the time ended`."""
    return f"{'' if number is None else f'Q{number} '}{name}: {reason}"


def question_number(attempt: Attempt, event: ev.Event) -> int | None:
    """The number of the question that an event concerns; None if it concerns the whole attempt."""
    if isinstance(event, ev.Received | ev.NotReceived | ev.Noted):
        return event.number
    submission = getattr(event, "submission", None)
    return attempt.submission(submission).number if isinstance(submission, str) else None


def event_text(attempt: Attempt, event: ev.Event, *, shows_metric: bool) -> str:
    """What happened, with the attempt as it stands after the event; empty for an event of no interest.

    Without `shows_metric` the line has neither metric nor diagnosis.
    """
    match event:
        case ev.Received():
            late = ", saved before time was up" if event.swept else ""
            return f"{event.name} received · {size_text(event.size)}{late}"
        case ev.NotReceived():
            return f"{event.name} was not received: {event.reason}"
        case ev.ReceivedAgain():
            return "the same model was saved again; it is the last submission"
        case ev.Regraded():
            return _regraded(attempt.submission(event.submission), event, shows_metric=shows_metric)
        case ev.GradingResult():
            return _verdict(event, shows_metric=shows_metric)
        case ev.Diagnosed():
            return _diagnosis(attempt.submission(event.submission), event) if shows_metric else ""
        case ev.GradingFailed():
            again = "trying again" if attempt.submission(event.submission).faults < MAX_FAULTS else "not tried again"
            return f"the grader failed, not the model; {again}. {event.detail}".strip()
        case ev.Noted(what="hint"):
            return f"hint {event.detail} was shown"
        case ev.Noted(what="run_ended"):
            return f"script {event.detail}" if event.detail.startswith(_ENDINGS) else f"script ended: {event.detail}"
        case ev.Noted():
            what = _NOTES.get(event.what, event.what)
            return f"{what}: {event.detail}" if event.detail else what
        case _:
            return _of_the_attempt(attempt, event)


def _of_the_attempt(attempt: Attempt, event: ev.Event) -> str:
    match event:
        case ev.Started():
            return f"the clock started: {time_text(event.rules.duration)} · paper {event.paper.code}"
        case ev.Opened():
            return "attempt opened"
        case ev.Closed():
            return "the app was closed; the clock kept running" if attempt.finished is None else ""
        case ev.ClockJumped():
            return f"the computer's clock was {formats.clock_change(event.seconds)}"
        case ev.Finished():
            return f"{'time is up' if event.reason == 'time_up' else 'finished early'}: no more submissions"
        case ev.Settled() if policy_of(attempt).has_verdict:
            verdict = "pass" if event.passed else "fail"
            return f"result: {verdict}, {event.earned} of {event.possible} weighted marks"
        case ev.Settled():
            return f"result: {', '.join(formats.marks(question.marks) for question in attempt.questions)}"
        case _:
            return ""


def _verdict(grading: ev.GradingResult, *, shows_metric: bool) -> str:
    if grading.verdict is not Verdict.GRADED:
        return f"{_NO_MARKS[grading.verdict]}: {grading.message} {grading.remedy}".rstrip(": ")
    if grading.metric is None or grading.value is None or not shows_metric:
        return formats.marks(grading.marks)
    metric = metric_text(formats.metric(grading.metric), grading.value, grading.next_at)
    return f"{formats.marks(grading.marks)} · {metric}"


def _regraded(submission: Submission, regrade: ev.Regraded, *, shows_metric: bool) -> str:
    """The new verdict, and the one that stands where that is another one."""
    standing, text = submission.grading, _verdict(regrade, shows_metric=shows_metric)
    if standing is None or standing == regrade:
        return f"regraded: {text}"
    if (standing.verdict, standing.marks) == (regrade.verdict, regrade.marks):
        return f"regraded, same marks: {text}"
    counts = formats.marks(standing.marks) if standing.verdict is Verdict.GRADED else "no marks"
    return f"regraded: {text}; the first verdict ({counts}) stands"


def _diagnosis(submission: Submission, diagnosis: ev.Diagnosed) -> str:
    findings = " ".join(diagnosis.findings)
    metric = submission.grading.metric if submission.grading else None
    if not metric or diagnosis.train_value is None or _ON_TRAINING in findings:
        return findings
    return f"{formats.metric(metric)} {number_text(diagnosis.train_value)} {_ON_TRAINING}. {findings}".strip()
