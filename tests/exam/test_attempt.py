"""An attempt is what its events add up to."""

from __future__ import annotations

import json
from dataclasses import replace
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockexam.exam import events as ev
from mockexam.exam.attempt import Phase, apply, fold
from mockexam.exam.clock import Reading
from mockexam.exam.paper import Counts, Mode
from mockexam.exam.scoring import Verdict
from mockexam.exam.training_history import FitHistory
from tests.factories import FakeClock, graded, received, started


def test_begins_empty() -> None:
    """A new attempt runs, with no marks and nothing waiting."""
    attempt = fold("a", [started(FakeClock().now)])
    assert attempt.phase is Phase.RUNNING
    assert attempt.total == 0
    assert [q.marks for q in attempt.questions] == [None] * 5
    assert attempt.waiting == ()


def test_best_submission_counts() -> None:
    """A worse model saved later takes nothing away."""
    clock = FakeClock()
    events = [started(clock.now)]
    for name, marks in (("aa", 3), ("bb", 5), ("cc", 2)):
        events += [received(clock.advance(10), 5, name), graded(clock.advance(1), 5, name, marks)]
    attempt = fold("a", events)
    assert attempt.questions[4].marks == 5
    assert attempt.total == Fraction(25, 75)


def test_last_submission_counts_if_the_exam_says_so() -> None:
    """With counts = last the newest graded one stands, and the same bytes saved again become the newest."""
    clock = FakeClock()
    events = [started(clock.now, counts=Counts.LAST)]
    for name, marks in (("aa", 5), ("bb", 2)):
        events += [received(clock.advance(10), 1, name), graded(clock.advance(1), 1, name, marks)]
    assert fold("a", events).questions[0].marks == 2
    again = [*events, ev.ReceivedAgain(at=clock.advance(5), submission="q1-aa")]
    assert fold("a", again).questions[0].marks == 5


@pytest.mark.parametrize("scripts", ["x/one", ""])
@pytest.mark.parametrize("fits", [(FitHistory(2, (1,), (0.5,), {"loss": (0.1,)}),), ()])
def test_a_model_saved_again_keeps_script_and_training(scripts: str, fits: tuple[FitHistory, ...]) -> None:
    """Those with which it was first saved, or none; earlier versions recorded later ones, which did not make it."""
    clock = FakeClock()
    later = (FitHistory(9, (1,), (0.5,), {"loss": (0.9,)}),)
    events: list[ev.Event] = [started(clock.now), replace(received(clock.advance(5), 1, "aa"), scripts=scripts)]
    events += [ev.TrainingRecorded(at=clock.now, submission="q1-aa", fits=fits)] if fits else []
    events.append(replace(received(clock.advance(20), 1, "bb"), scripts="x/two"))
    events.append(ev.TrainingRecorded(at=clock.now, submission="q1-bb", fits=later))
    events.append(ev.ReceivedAgain(at=clock.advance(30), submission="q1-aa", scripts="x/two"))
    events.append(ev.TrainingRecorded(at=clock.now, submission="q1-aa", fits=later))
    attempt = fold("a", events)
    again, other = attempt.submission("q1-aa"), attempt.submission("q1-bb")
    assert (again.scripts, again.training) == (scripts, fits)
    assert (again.elapsed, again.saved, again.saved_again) == (5, clock.now.wall, 55)
    assert (other.scripts, other.training, other.saved_again) == ("x/two", later, None)
    assert [s.id for s in attempt.questions[0].submissions] == ["q1-bb", "q1-aa"]
    assert attempt.places(1) == {"q1-aa": 1, "q1-bb": 2}


@pytest.mark.parametrize("verdict", [Verdict.INVALID_MODEL, Verdict.LIMIT_EXCEEDED, Verdict.GRADER_ERROR])
@pytest.mark.parametrize("counts", list(Counts))
def test_what_is_not_graded_displaces_nothing(verdict: Verdict, counts: Counts) -> None:
    """A refused model or a grader's fault is no zero: earlier marks stay, and alone it leaves no marks."""
    clock = FakeClock()
    alone = [started(clock.now, counts=counts), received(clock.advance(1), 2, "aa")]
    alone += [graded(clock.advance(1), 2, "aa", None, verdict=verdict)]
    assert fold("a", alone).questions[1].marks is None
    before = [started(clock.now, counts=counts), received(clock.advance(1), 2, "bb"), graded(clock.now, 2, "bb", 4)]
    after = [*before, received(clock.advance(1), 2, "aa"), graded(clock.advance(1), 2, "aa", None, verdict=verdict)]
    assert fold("a", after).questions[1].marks == 4


def test_newest_waits_first() -> None:
    """What was received last is graded first; graded ones no longer wait."""
    clock = FakeClock()
    events = [started(clock.now), *(received(clock.advance(1), 3, name) for name in ("aa", "bb", "cc"))]
    attempt = fold("a", events)
    assert [s.id for s in attempt.waiting] == ["q3-cc", "q3-bb", "q3-aa"]
    attempt = apply(attempt, graded(clock.advance(1), 3, "cc", 1))
    assert [s.id for s in attempt.waiting] == ["q3-bb", "q3-aa"]


def test_finish_then_marks_then_result() -> None:
    """Marks still come in after the finish; the result ends the attempt."""
    clock = FakeClock()
    events = [started(clock.now), received(clock.advance(60), 1, "aa")]
    events += [ev.Finished(at=clock.advance(60), reason="candidate")]
    attempt = fold("a", events)
    assert attempt.phase is Phase.GRADING
    attempt = apply(attempt, graded(clock.advance(30), 1, "aa", 5))
    attempt = apply(attempt, ev.Settled(at=clock.advance(1), earned=5, possible=75, passed=False))
    assert attempt.phase is Phase.ENDED
    assert attempt.time_used(clock.now) == 120


def test_finish_counts_once() -> None:
    """A second finish changes nothing."""
    clock = FakeClock()
    first = ev.Finished(at=clock.advance(5), reason="candidate")
    attempt = fold("a", [started(clock.now), first, ev.Finished(at=clock.advance(9), reason="time_up")])
    assert attempt.finished == first


def test_a_remark_replaces_the_verdict() -> None:
    """A later verdict on the same submission is the one that holds."""
    clock = FakeClock()
    events = [started(clock.now), received(clock.now, 1, "aa")]
    events += [graded(clock.now, 1, "aa", None, verdict=Verdict.GRADER_ERROR), graded(clock.now, 1, "aa", 5)]
    assert fold("a", events).questions[0].marks == 5


def test_impossible_orders_are_refused() -> None:
    """No start, two starts, the same receipt twice, or marks for an unknown submission make no attempt."""
    clock = FakeClock()
    start = started(clock.now)
    with pytest.raises(ValueError, match="at least its start"):
        fold("a", [])
    with pytest.raises(ValueError, match="first event"):
        fold("a", [ev.Ticked(at=clock.now)])
    with pytest.raises(ValueError, match="starts once"):
        fold("a", [start, start])
    with pytest.raises(ValueError, match="received before"):
        fold("a", [start, received(clock.now, 1, "aa"), received(clock.now, 1, "aa")])
    with pytest.raises(KeyError):
        fold("a", [start, graded(clock.now, 1, "zz", 5)])


actions = st.lists(
    st.one_of(
        st.tuples(st.just("save"), st.integers(1, 5), st.integers(0, 5)),
        st.tuples(st.just("refused"), st.integers(1, 5), st.just(0)),
        st.tuples(st.just("fault"), st.integers(1, 5), st.just(0)),
    ),
    max_size=25,
)


@given(actions)
def test_total_is_the_weighted_best_of_any_history(history: list[tuple[str, int, int]]) -> None:
    """Whatever is saved, refused or failed, in any order: total = sum of weight x best graded marks."""
    clock = FakeClock()
    events: list[ev.Event] = [started(clock.now)]
    best: dict[int, int] = {}
    for index, (what, number, marks) in enumerate(history):
        events.append(received(clock.advance(3), number, f"{index:04}"))
        if what == "save":
            events.append(graded(clock.advance(1), number, f"{index:04}", marks))
            best[number] = max(best.get(number, 0), marks)
        elif what == "refused":
            events.append(graded(clock.advance(1), number, f"{index:04}", None, verdict=Verdict.INVALID_MODEL))
        else:
            events.append(ev.GradingFailed(at=clock.now, submission=f"q{number}-{index:04}", detail="x"))
    attempt = fold("a", events)
    assert attempt.total == Fraction(sum(n * m for n, m in best.items()), 75)
    assert {s.id for s in attempt.waiting} == {f"q{n}-{i:04}" for i, (w, n, _) in enumerate(history) if w == "fault"}


@given(actions)
def test_events_survive_the_record(history: list[tuple[str, int, int]]) -> None:
    """Every event reads back from JSON exactly as it was written."""
    clock = FakeClock()
    events: list[ev.Event] = [started(clock.now), ev.Opened(at=clock.now, pid=1, app_version="1")]
    for index, (_, number, marks) in enumerate(history):
        events += [received(clock.now, number, f"{index:04}"), graded(clock.now, number, f"{index:04}", marks)]
    for event in events:
        assert ev.from_fields(event.kind, json.loads(json.dumps(ev.to_fields(event)))) == event


@pytest.mark.parametrize(
    ("kind", "fields"),
    [
        ("unheard_of", {}), ("ticked", {}), ("ticked", {"at": {"wall": 1, "boot": 1, "boot_id": "x"}, "more": 1}),
        ("ticked", []), ("ticked", "text"),
    ],
)  # fmt: skip
def test_strange_events_are_refused(kind: str, fields: Any) -> None:
    """An unknown kind, a missing or an unknown field, or no object at all is an error, not a guess."""
    with pytest.raises(ValueError, match="event"):
        ev.from_fields(kind, fields)


def regraded(at: Reading, number: int, name: str, marks: int | None, verdict: Verdict = Verdict.GRADED) -> ev.Regraded:
    """A verdict given again."""
    first = graded(at, number, name, marks, verdict=verdict)
    return ev.Regraded(**first.__dict__)


def test_marking_again_leaves_the_first_verdict_in_force() -> None:
    """Both results stay recorded; what was said at the exam's end is not changed by a later version."""
    clock = FakeClock()
    events = [started(clock.now), received(clock.advance(1), 1, "aa"), graded(clock.advance(1), 1, "aa", 4)]
    attempt = fold("a", [*events, regraded(clock.advance(9), 1, "aa", 2)])
    assert attempt.questions[0].marks == 4
    assert [r.marks for r in attempt.submissions[0].regrades] == [2]


def test_marking_again_mends_a_fault_of_the_marker() -> None:
    """What the grader failed on has no verdict of its own: the new one counts."""
    clock = FakeClock()
    fault = graded(clock.advance(1), 1, "aa", None, verdict=Verdict.GRADER_ERROR)
    attempt = fold("a", [started(clock.now), received(clock.now, 1, "aa"), fault, regraded(clock.now, 1, "aa", 5)])
    assert attempt.questions[0].marks == 5


def test_a_fault_while_marking_again_takes_nothing_away() -> None:
    """Neither from marks that count nor from a fault that a retry may still resolve."""
    clock = FakeClock()
    events = [started(clock.now), received(clock.advance(1), 1, "aa"), graded(clock.advance(1), 1, "aa", 3)]
    attempt = fold("a", [*events, regraded(clock.advance(1), 1, "aa", None, Verdict.GRADER_ERROR)])
    assert attempt.questions[0].marks == 3


def test_a_diagnosis_belongs_to_its_submission() -> None:
    """It changes no marks, and an unknown submission can't be diagnosed."""
    clock = FakeClock()
    events = [started(clock.now), received(clock.advance(1), 1, "aa"), graded(clock.advance(1), 1, "aa", 3)]
    diagnosed = ev.Diagnosed(at=clock.now, submission="q1-aa", train_value=0.9, findings=("It overfits.",))
    attempt = fold("a", [*events, diagnosed])
    assert attempt.submissions[0].diagnosis == diagnosed
    assert attempt.questions[0].marks == 3
    with pytest.raises(KeyError):
        apply(attempt, replace(diagnosed, submission="q2-zz"))


def test_hints_count_once_each() -> None:
    """Looking at a hint again is no new help."""
    clock = FakeClock()
    steps = ("1", "2", "1")
    notes = [ev.Noted(at=clock.advance(5), number=1, what="hint", detail=step) for step in steps]
    attempt = fold("a", [started(clock.now, mode=Mode.RETRY), *notes])
    assert attempt.hints(1) == 2
    assert attempt.hints(2) == 0


def test_new_events_survive_the_record() -> None:
    """A diagnosis comes back from its JSON as it was, and an event of an older version lacks what is new."""
    diagnosed = ev.Diagnosed(at=FakeClock().now, submission="q1-aa", train_value=None, findings=("a", "b"))
    assert ev.from_fields("diagnosed", json.loads(json.dumps(ev.to_fields(diagnosed)))) == diagnosed
    older = ev.to_fields(received(FakeClock().now, 1, "aa"))
    del older["scripts"]
    assert ev.from_fields("received", older) == received(FakeClock().now, 1, "aa")
