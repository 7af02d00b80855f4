"""The line for each event, which every view of an attempt shows."""

from __future__ import annotations

from dataclasses import replace

import pytest

from mockexam.exam import events as ev
from mockexam.exam.attempt import Attempt, fold
from mockexam.exam.paper import Mode
from mockexam.exam.scoring import Verdict
from mockexam.text.event_text import event_text, question_number
from tests.factories import FakeClock, graded, paper, received, started


def lines(*events: ev.Event, mode: Mode = Mode.RETRY, shows_metric: bool = True) -> list[str]:
    """The line of each event after the start of an attempt at one question, as the attempt stood then."""
    story: list[ev.Event] = [started(FakeClock().now, mode=mode, on=paper((1,))), *events]
    states: list[Attempt] = [fold("a", story[:n]) for n in range(1, len(story) + 1)]
    return [event_text(state, event, shows_metric=shows_metric) for state, event in zip(states, story, strict=True)][1:]


def test_metric_and_diagnosis_appear_only_where_they_may() -> None:
    """The marks are always there."""
    clock = FakeClock()
    verdict = replace(graded(clock.advance(1), 1, "aa", 4), value=0.91, next_at=0.92)
    diagnosed = ev.Diagnosed(at=clock.now, submission=verdict.submission, train_value=0.99, findings=("It overfits.",))
    story = received(clock.now, 1, "aa"), verdict, diagnosed

    _, open_verdict, open_diagnosis = lines(*story)
    _, hidden_verdict, hidden_diagnosis = lines(*story, shows_metric=False)

    assert open_verdict == "4/5 · accuracy 0.91, 0.01 to the next mark at 0.92"
    assert open_diagnosis == "accuracy 0.99 on the training data. It overfits."
    assert (hidden_verdict, hidden_diagnosis) == ("4/5", "")


@pytest.mark.parametrize(
    ("first", "again", "expected"),
    [
        ((Verdict.GRADER_ERROR, None), (Verdict.GRADED, 4), ["regraded: 4/5"]),
        ((Verdict.GRADED, 3), (Verdict.GRADED, 3), ["same marks: 3/5"]),
        ((Verdict.GRADED, 3), (Verdict.GRADED, 2), ["regraded: 2/5", "(3/5) stands"]),
        ((Verdict.INVALID_MODEL, None), (Verdict.GRADED, 5), ["regraded: 5/5", "(no marks) stands"]),
    ],
)
def test_a_regrade_says_which_verdict_stands(
    first: tuple[Verdict, int | None], again: tuple[Verdict, int | None], expected: list[str]
) -> None:
    """Only a grader's fault is replaced."""
    clock = FakeClock()
    before = graded(clock.now, 1, "aa", first[1], verdict=first[0])
    regraded = ev.Regraded(**vars(graded(clock.now, 1, "aa", again[1], verdict=again[0])))

    *_, text = lines(received(clock.now, 1, "aa"), before, regraded)

    assert all(part in text for part in expected)


def test_a_grader_fault_is_not_the_models() -> None:
    """Each fault says so, and whether grading is tried again."""
    clock = FakeClock()
    fault = ev.GradingFailed(at=clock.now, submission="q1-aa", detail="It stopped.")

    _, *faults = lines(received(clock.now, 1, "aa"), fault, fault, fault)

    assert all("not the model" in text and "It stopped." in text for text in faults)
    assert ["not tried again" in text for text in faults] == [False, False, True]


def test_a_retry_has_marks_and_an_exam_a_verdict() -> None:
    """And an event of the whole attempt has no question."""
    clock = FakeClock()
    finished = ev.Finished(at=clock.now, reason="time_up")
    settled = ev.Settled(at=clock.now, earned=4, possible=5, passed=False)
    story = received(clock.now, 1, "aa"), graded(clock.now, 1, "aa", 4), finished, settled

    assert lines(*story)[-1] == "result: 4/5"
    assert "fail" in lines(*story, mode=Mode.EXAM)[-1]
    attempt = fold("a", [started(clock.now, on=paper((1,))), story[0]])
    assert [question_number(attempt, event) for event in story] == [1, 1, None, None]
