"""Events in a candidate's words, for the activity pane and for `--plain`."""

from __future__ import annotations

from mockexam.exam import events as ev
from mockexam.exam.attempt import MAX_FAULTS, Attempt, Submission
from mockexam.exam.policy import policy_of
from mockexam.exam.scoring import MARKS_PER_QUESTION, Verdict
from mockexam.session.ports import Activity, Tone
from mockexam.text.units import metric_text, number_text, size_text

_ON_TRAINING = "on the training data"
"""A finding with these words gives the figure itself."""
_NOTES = {"run": "script started", "run_ended": "script", "inspect": "inspected", "restore": "restored"}


def describe(attempt: Attempt, event: ev.Event) -> Activity | None:
    """The line for an event, with the attempt as it stands after it; None for an event of no interest."""
    number, text, tone = _line(attempt, event)
    return Activity(wall=event.at.wall, number=number, text=text, tone=tone) if text else None


def _line(attempt: Attempt, event: ev.Event) -> tuple[int | None, str, Tone]:
    match event:
        case ev.Started():
            return None, "the clock started", Tone.INFO
        case ev.Opened():
            return None, "attempt opened", Tone.INFO
        case ev.ClockJumped():
            way = "forward" if event.seconds > 0 else "back"
            return None, f"the computer's clock was set {way} by {abs(event.seconds):.0f} s", Tone.WARN
        case ev.Received():
            late = ", saved before the time was up" if event.swept else ""
            return event.number, f"{event.name} received · {size_text(event.size)}{late}", Tone.INFO
        case ev.ReceivedAgain() | ev.GradingResult() | ev.Diagnosed() | ev.GradingFailed():
            submission = attempt.submission(event.submission)
            return submission.number, *_of_submission(attempt, submission, event)
        case ev.Noted():
            return event.number, _note(event), Tone.INFO
        case ev.Finished():
            reason = "the time is up" if event.reason == "time_up" else "you finished"
            return None, f"{reason}: nothing more is received", Tone.WARN
        case ev.Settled():
            if not policy_of(attempt).has_verdict:
                return None, "all is marked: this retry has ended", Tone.INFO
            return None, f"result: {'pass' if event.passed else 'fail'}", Tone.INFO
        case _:
            return None, "", Tone.INFO


def _of_submission(
    attempt: Attempt,
    submission: Submission,
    event: ev.ReceivedAgain | ev.GradingResult | ev.Diagnosed | ev.GradingFailed,
) -> tuple[str, Tone]:
    match event:
        case ev.ReceivedAgain():
            return "the same model was saved again: it stands as the last one", Tone.INFO
        case ev.Regraded():
            return _regraded(attempt, submission, event)
        case ev.GradingResult():
            return _verdict(attempt, event)
        case ev.Diagnosed():
            return _diagnosis(submission, event), Tone.INFO
        case ev.GradingFailed():
            again = "trying again" if submission.faults < MAX_FAULTS else "not tried again"
            return f"the marker failed, not your model: {again}", Tone.WARN


def _note(event: ev.Noted) -> str:
    if event.what == "hint":
        return f"hint {event.detail} was shown"
    what = _NOTES.get(event.what, "")
    return f"{what}: {event.detail}" if what and event.detail else what


def _verdict(attempt: Attempt, event: ev.GradingResult) -> tuple[str, Tone]:
    if event.verdict is Verdict.GRADED:
        text = _marks(event)
        if policy_of(attempt).shows_metric_at_once and event.metric is not None and event.value is not None:
            text += f" · {metric_text(event.metric, event.value, event.next_at)}"
        return text, Tone.GOOD
    told = f"{event.message} {event.remedy}".strip()
    if event.verdict is Verdict.GRADER_ERROR:
        return f"could not be marked, through no fault of yours. {told}".strip(), Tone.ERROR
    limit = event.verdict is Verdict.LIMIT_EXCEEDED
    head = "no marks, a limit was exceeded" if limit else "no marks, the model was refused"
    return f"{head}: {told}", Tone.ERROR


def _marks(event: ev.GradingResult) -> str:
    return f"{event.marks}/{MARKS_PER_QUESTION}" if event.verdict is Verdict.GRADED else "no marks"


def _regraded(attempt: Attempt, submission: Submission, event: ev.Regraded) -> tuple[str, Tone]:
    text, tone = _verdict(attempt, event)
    standing = submission.grading
    if standing is None or standing == event:
        return f"marked again: {text}", tone
    if (standing.verdict, standing.marks) == (event.verdict, event.marks):
        return f"marked again, with the same marks: {text}", Tone.INFO
    return f"marked again; the first verdict ({_marks(standing)}) stands. Now: {text}", Tone.WARN


def _diagnosis(submission: Submission, event: ev.Diagnosed) -> str:
    metric = submission.grading.metric if submission.grading else None
    told = " ".join(event.findings)
    if not metric or event.train_value is None or _ON_TRAINING in told:
        return told
    return f"{metric} {number_text(event.train_value)} {_ON_TRAINING}. {told}".strip()
