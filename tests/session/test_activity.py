"""What a retry tells: full feedback, diagnosis, verdicts given again; an exam tells marks alone."""

from __future__ import annotations

from dataclasses import replace

import pytest

from mockexam.exam import events as ev
from mockexam.exam.attempt import fold
from mockexam.exam.paper import Mode
from mockexam.exam.scoring import Verdict
from mockexam.session.event_log import describe
from mockexam.session.ports import Activity, Tone
from tests.factories import FakeClock, graded, received, started

CLOCK = FakeClock()
START = [started(CLOCK.now, mode=Mode.RETRY), received(CLOCK.now, 5, "aa")]
GRADED = replace(graded(CLOCK.now, 5, "aa", 4), value=0.9131, next_at=0.92)
FAULT = graded(CLOCK.now, 5, "aa", None, verdict=Verdict.GRADER_ERROR, message="It broke.")


def told(*events: ev.Event, mode: Mode = Mode.RETRY) -> Activity:
    """The line of the last of these events."""
    story = [replace(START[0], mode=mode), *START[1:], *events]
    line = describe(fold("a", story), story[-1])
    assert line is not None
    assert line.number in (5, None)
    return line


def regraded(marks: int | None, verdict: Verdict = Verdict.GRADED) -> ev.Regraded:
    """The same submission regraded."""
    values = {**ev.to_fields(replace(GRADED, marks=marks, verdict=verdict, next_at=None)), "at": CLOCK.now}
    return ev.Regraded(**values)


@pytest.mark.parametrize(
    ("marks", "value", "next_at", "text"),
    [
        (4, 0.9131, 0.92, "4/5 · accuracy 0.9131, 0.0069 to the next mark at 0.92"),
        (5, 0.953, None, "5/5 · accuracy 0.953"),
        (3, 0.913049, 0.9132, "3/5 · accuracy 0.91305, 0.00015 to the next mark at 0.9132"),
        (0, 31.4, 12.0, "0/5 · accuracy 31.4, 19 to the next mark at 12"),
        (4, 0.91999996, 0.92, "4/5 · accuracy 0.91999996, 0.00000004 to the next mark at 0.92"),
    ],
)
def test_marks_of_a_retry(marks: int, value: float, next_at: float | None, text: str) -> None:
    """Band, metric and the distance to the next mark; what was missed never reads as reached."""
    assert told(replace(GRADED, marks=marks, value=value, next_at=next_at)).text == text


def test_marks_of_an_exam() -> None:
    """No metric, as in the real one."""
    assert told(GRADED, mode=Mode.EXAM).text == "4/5"


def test_a_diagnosis() -> None:
    """The training value in front of the findings, in one line; nothing to say is no line."""
    diagnosed = ev.Diagnosed(at=CLOCK.now, submission="q5-aa", train_value=0.98765, findings=("It overfits.", "So."))
    assert told(GRADED, diagnosed).text == "accuracy 0.9877 on the training data. It overfits. So."
    assert told(GRADED, replace(diagnosed, train_value=None)).text == "It overfits. So."
    assert told(GRADED, replace(diagnosed, findings=())).text == "accuracy 0.9877 on the training data."
    itself = ("Overfitting: accuracy 0.988 on the training data, 0.913 on unseen data.",)
    assert told(GRADED, replace(diagnosed, findings=itself)).text == itself[0]
    nothing = [*START, GRADED, replace(diagnosed, train_value=None, findings=())]
    assert describe(fold("a", nothing), nothing[-1]) is None


@pytest.mark.parametrize(
    ("before", "again", "text", "tone"),
    [
        (GRADED, regraded(4), "regraded, same marks: 4/5 · accuracy 0.9131", Tone.INFO),
        (GRADED, regraded(2), "regraded: 2/5 · accuracy 0.9131; the first verdict (4/5) stands", Tone.WARN),
        (FAULT, regraded(3), "regraded: 3/5 · accuracy 0.9131", Tone.INFO),
        (FAULT, regraded(4), "regraded: 4/5 · accuracy 0.9131", Tone.GOOD),
        (FAULT, regraded(0), "regraded: 0/5 · accuracy 0.9131", Tone.WARN),
    ],
)
def test_regraded(before: ev.Graded, again: ev.Regraded, text: str, tone: Tone) -> None:
    """Whether it stands is said: a fault is mended, a verdict is not replaced."""
    line = told(before, again)
    assert (line.text, line.tone) == (text, tone)


def test_a_hint_and_the_end() -> None:
    """A retry has no pass or fail."""
    assert told(ev.Noted(at=CLOCK.now, number=5, what="hint", detail="2")).text == "hint 2 was shown"
    end = ev.Finished(at=CLOCK.now, reason="candidate")
    settled = ev.Settled(at=CLOCK.now, earned=20, possible=25, passed=False)
    assert "fail" not in told(GRADED, end, settled).text
    assert told(GRADED, end, settled, mode=Mode.EXAM).text.startswith("result: fail")
