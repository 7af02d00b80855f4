"""An outcome says what the attempt says, and survives being stored as JSON."""

from __future__ import annotations

import json
from dataclasses import asdict

import pytest

from mockexam.exam import events as ev
from mockexam.exam.attempt import Attempt, Phase, fold
from mockexam.exam.outcome import from_fields, outcome_of
from mockexam.exam.paper import Mode
from mockexam.exam.scoring import Verdict
from tests.factories import FakeClock, graded, received, started


def sat(clock: FakeClock, *, end: bool = True) -> Attempt:
    """Five marks on the fifth question, a refusal on the second, a hint, a jump."""
    events: list[ev.Event] = [started(clock.now, mode=Mode.RETRY)]
    events += [
        ev.Noted(at=clock.advance(60), number=5, what="edit"),
        ev.Noted(at=clock.advance(30), number=5, what="hint", detail="1"),
        received(clock.advance(30), 5, "aa"),
        graded(clock.advance(1), 5, "aa", 5),
        ev.ClockJumped(at=clock.advance(1), seconds=-60.0),
        received(clock.advance(58), 2, "bb"),
        graded(clock.advance(1), 2, "bb", None, verdict=Verdict.INVALID_MODEL),
    ]
    if end:
        at = clock.advance(9)
        events += [
            ev.Finished(at=at, reason="candidate"),
            ev.Settled(at=at, earned=25, possible=75, passed=False),
        ]
    return fold("20270115-7K3QF2", events)


def test_says_what_the_attempt_says() -> None:
    """Totals, marks, verdicts, hints, time."""
    clock = FakeClock()
    attempt = sat(clock)
    outcome = outcome_of(attempt, clock.now, "r" * 64)
    assert (outcome.earned, outcome.possible, outcome.passed, outcome.phase) == (25, 75, False, Phase.ENDED)
    assert outcome.percent == 33.3
    assert outcome.time_used == 190.0
    assert (outcome.jumps, outcome.submissions, outcome.receipt) == (1, 2, "r" * 64)
    second, fifth = outcome.questions[1], outcome.questions[4]
    assert (second.marks, second.verdict, second.submissions) == (None, Verdict.INVALID_MODEL, 1)
    assert (fifth.marks, fifth.hints, fifth.seconds, fifth.value) == (5, 1, 120.0, 0.5)
    assert outcome.questions[0].verdict is None


def test_a_running_attempt_has_no_result() -> None:
    """Nothing is said to be passed or failed before the end."""
    clock = FakeClock()
    outcome = outcome_of(sat(clock, end=False), clock.advance(100), None)
    assert (outcome.phase, outcome.passed) == (Phase.RUNNING, None)
    assert outcome.time_used == 281.0


def test_survives_being_kept() -> None:
    """From JSON comes the same summary."""
    clock = FakeClock()
    outcome = outcome_of(sat(clock), clock.now, None)
    assert from_fields(json.loads(json.dumps(asdict(outcome)))) == outcome


@pytest.mark.parametrize("break_it", [{"mode": "picnic"}, {"phase": None}, {"questions": [{}]}, {"stranger": 1}])
def test_what_does_not_fit_is_refused(break_it: dict[str, object]) -> None:
    """A summary of another version is no summary."""
    clock = FakeClock()
    values = json.loads(json.dumps(asdict(outcome_of(sat(clock), clock.now, None))))
    with pytest.raises(ValueError, match=r"fit|valid|not"):
        from_fields({**values, **break_it})
