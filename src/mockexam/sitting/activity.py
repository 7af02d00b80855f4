"""Events in a candidate's words, for the activity pane and for `--plain`."""

from __future__ import annotations

from mockexam.exam import events as ev
from mockexam.exam.attempt import MAX_FAULTS, Attempt
from mockexam.exam.marking import MARKS_PER_QUESTION, Verdict
from mockexam.exam.paper import Mode
from mockexam.sitting.snapshot import Activity, Tone
from mockexam.wording import size_text

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
        case ev.ReceivedAgain():
            number = attempt.submission(event.submission).number
            return number, "the same model was saved again: it stands as the last one", Tone.INFO
        case ev.Marked():
            return attempt.submission(event.submission).number, *_verdict(attempt, event)
        case ev.MarkingFailed():
            submission = attempt.submission(event.submission)
            again = "trying again" if submission.faults < MAX_FAULTS else "not tried again"
            return submission.number, f"the marker failed, not your model: {again}", Tone.WARN
        case ev.Noted():
            what = _NOTES.get(event.what, "")
            return event.number, f"{what}: {event.detail}" if what and event.detail else what, Tone.INFO
        case ev.Finished():
            reason = "the time is up" if event.reason == "time_up" else "you finished"
            return None, f"{reason}: nothing more is received", Tone.WARN
        case ev.Settled():
            return None, f"result: {'pass' if event.passed else 'fail'}", Tone.INFO
        case _:
            return None, "", Tone.INFO


def _verdict(attempt: Attempt, event: ev.Marked) -> tuple[str, Tone]:
    if event.verdict is Verdict.GRADED:
        text = f"{event.marks}/{MARKS_PER_QUESTION}"
        if attempt.mode is Mode.RETRY and event.value is not None:
            text += f" · {event.metric} {event.value:.4g}"
            if event.next_at is not None:
                text += f", next mark at {event.next_at:.4g}"
        return text, Tone.GOOD
    told = f"{event.message} {event.remedy}".strip()
    if event.verdict is Verdict.GRADER_ERROR:
        return f"could not be marked, through no fault of yours. {told}".strip(), Tone.ERROR
    limit = event.verdict is Verdict.LIMIT_EXCEEDED
    head = "no marks, a limit was exceeded" if limit else "no marks, the model was refused"
    return f"{head}: {told}", Tone.ERROR
