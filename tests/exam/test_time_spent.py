"""The time per question, from signs of work: plausible in each story, and never more than there was."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockexam.exam import events as ev
from mockexam.exam.attempt import WorkEvent, fold
from mockexam.exam.clock import Reading
from mockexam.exam.outcome import time_spent
from tests.factories import FakeClock, received, started

A, B = 1, 2


def minutes(*work_events: tuple[float, int, str], until: float = 300) -> dict[int, float]:
    """The time in minutes, of signs in minutes."""
    made = [WorkEvent(minute * 60, number, what) for minute, number, what in work_events]  # type: ignore[arg-type]
    return {number: round(seconds / 60, 3) for number, seconds in time_spent(made, until * 60).items()}


def test_the_time_before_a_sign_is_its_questions() -> None:
    """Reading, thinking and writing come before the save; then the other question begins."""
    assert minutes((10, A, "edit"), (12, A, "edit"), (20, B, "edit")) == {A: 12, B: 8}


def test_a_long_silence_counts_in_part() -> None:
    """After lunch: an hour without a sign is twenty minutes' work."""
    assert minutes((5, A, "edit"), (65, A, "edit")) == {A: 25}


def test_a_long_training_counts_whole() -> None:
    """Waiting for one's own script is time spent on its question."""
    assert minutes((5, A, "run"), (95, A, "run_ended")) == {A: 95}


def test_edits_of_another_question_while_a_script_runs() -> None:
    """A trains for an hour; B is edited in the middle of it; the rest of the hour is A's."""
    edits = [(20.0 + n, B, "edit") for n in range(11)]
    assert minutes((0, A, "run"), *edits, (60, A, "run_ended")) == {A: 28, B: 32}


def test_checkpoints_take_no_time_from_the_question_at_hand() -> None:
    """A script that saves its model every half minute while another question is edited each minute."""
    saves = [(n / 2, A, "received") for n in range(1, 60)]
    edits = [(n + 0.2, B, "edit") for n in range(1, 21)]
    spent = minutes((0, A, "run"), *sorted([*saves, *edits]), (30, A, "run_ended"))
    # From the save before the first edit until attention wanes.
    assert spent[B] == pytest.approx((20.2 - 1) + 2)
    assert spent[A] == pytest.approx(30 - spent[B])


def test_a_submission_frees_the_attention() -> None:
    """What was just submitted is not at hand any more when the next question's model comes in."""
    assert minutes((1, A, "edit"), (2, A, "received"), (3, B, "received")) == {A: 2, B: 1}
    assert minutes((1, A, "edit"), (3, B, "received")) == {A: 3, B: 0}


def test_a_silence_beside_a_training_is_the_trainings() -> None:
    """Forty minutes of A's training, then a first edit of B: twenty of them may have been B's."""
    assert minutes((0, A, "run"), (40, B, "edit"), (41, A, "run_ended")) == {A: 20, B: 21}


def test_two_trainings_side_by_side_share_a_silence() -> None:
    """Two hours: 2 minutes are B's, which was started last, 20 are A's, which ended first; half of the rest each."""
    both = ((0, A, "run"), (0, B, "run"), (120, A, "run_ended"), (120, B, "run_ended"))
    assert minutes(*both) == {A: 69, B: 51}


def test_a_run_that_outlives_a_crash_of_the_app() -> None:
    """Its end was not seen; its model tells that it went on, and later silences are no part of it."""
    crashed = ((0, A, "run"), (45, A, "received"))
    assert minutes(*crashed) == {A: 45}
    assert minutes(*crashed, (145, A, "edit")) == {A: 65}
    assert minutes((0, A, "run"), (100, B, "edit"), (101, B, "run")) == {A: 0, B: 21}


def test_an_unseen_run_is_believed_for_an_hour() -> None:
    """A model that comes in three hours later need not be its work."""
    assert minutes((0, A, "run"), (200, A, "received")) == {A: 80}


def test_time_never_goes_back() -> None:
    """A wall clock set forward and back again leaves no negative times."""
    assert minutes((10, A, "edit"), (5, B, "edit"), (12, B, "edit")) == {A: 10, B: 2}


def test_a_model_swept_in_the_next_morning() -> None:
    """What is received long after the time was up adds nothing beyond it."""
    clock = FakeClock()
    events: list[ev.Event] = [started(clock.now, duration=3600.0)]
    events += [ev.Noted(at=clock.advance(600), number=A, what="edit") for _ in range(5)]
    events += [received(clock.advance(40_000), A, "aa"), ev.Finished(at=clock.now, reason="time_up")]
    attempt = fold("a", events)
    assert time_spent(attempt.work_events) == {A: 3600}
    assert attempt.time_used(clock.now) == 3600


def test_the_same_model_again_is_a_sign() -> None:
    """Somebody worked on its question, whether or not it is a new model."""
    clock = FakeClock()
    events: list[ev.Event] = [started(clock.now), received(clock.advance(60), A, "aa")]
    events += [received(clock.advance(60), A, "bb"), ev.ReceivedAgain(at=clock.advance(60), submission="q1-aa")]
    assert time_spent(fold("a", events).work_events) == {A: 180}


whats = st.sampled_from(["edit", "run", "run_ended", "inspect", "restore", "hint", "received"])
work_events = st.lists(st.builds(WorkEvent, st.floats(0, 20_000), st.integers(1, 3), whats), max_size=30)


@given(work_events, st.booleans(), st.floats(0, 20_000))
def test_never_negative_never_more_than_there_was(made: list[WorkEvent], in_order: bool, until: float) -> None:
    """For any signs, in order or not: each sign's question is named, none has less than nothing, all fit."""
    if in_order:
        made = sorted(made, key=lambda sign: sign.elapsed)
    spent = time_spent(made, until)
    assert spent.keys() == {sign.number for sign in made}
    assert all(seconds >= 0 for seconds in spent.values())
    newest = max((sign.elapsed for sign in made), default=0.0)
    assert sum(spent.values()) <= min(until, newest) + 1e-6


steps = st.lists(
    st.tuples(
        st.floats(-4000, 9000), st.booleans(), st.integers(1, 3), st.sampled_from(["edit", "run", "run_ended", "save"])
    ),
    max_size=15,
)


@given(steps)
def test_all_questions_fit_into_the_time_used(story: list[tuple[float, bool, int, str]]) -> None:
    """In whole attempts, whatever the clocks do: the wall clock may be set, the machine may start anew."""
    now = FakeClock().now
    events: list[ev.Event] = [started(now)]
    for count, (seconds, reboot, number, what) in enumerate(story):
        boot = 5.0 if reboot else now.boot + abs(seconds)
        now = Reading(now.wall + seconds, boot, f"{now.boot_id}+" if reboot else now.boot_id)
        sign = received(now, number, f"s{count}") if what == "save" else ev.Noted(at=now, number=number, what=what)  # type: ignore[arg-type]
        events.append(sign)
    attempt = fold("a", [*events, ev.Finished(at=now, reason="candidate")])
    used = attempt.time_used(now)
    spent = time_spent(attempt.work_events, used)
    assert sum(spent.values()) <= used + 1e-6
    assert spent.keys() == {number for _, _, number, _ in story}
