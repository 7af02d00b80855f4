"""Which question comes next in a retry."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockexam.exam.attempt import Phase
from mockexam.exam.outcome import Outcome
from mockexam.exam.paper import Mode
from mockexam.exam.standing import choose, question_histories
from tests.factories import WALL
from tests.outcomes import outcome, question

NAMES = ["time_series/ant", "time_series/bee", "time_series/cow", "time_series/dog"]


def retry(name: str, marks: int | None, day: int) -> Outcome:
    """A retry of one question."""
    return outcome(question("time_series", marks, question=name), day=day, mode=Mode.RETRY)


def history(met: list[tuple[int, int | None]]) -> list[Outcome]:
    """A retry a day: which question, and its marks."""
    return [retry(NAMES[which], marks, day) for day, (which, marks) in enumerate(met)]


met_so_far = st.lists(st.tuples(st.integers(0, 3), st.none() | st.integers(0, 5)), max_size=12)


@given(met_so_far, st.integers(0, 99))
def test_the_rule(met: list[tuple[int, int | None]], seed: int) -> None:
    """Unseen, else the fewest newest marks, else the longest ago: nothing that should come first is passed over."""
    chosen = NAMES.index(choose(NAMES, question_histories(history(met)), random.Random(seed)))
    seen = {which for which, _ in met}
    if len(seen) < 4:
        assert chosen not in seen
        return
    newest = {which: marks for which, marks in met if marks is not None}
    last = {which: place for place, (which, _) in enumerate(met)}
    best = [newest.get(which, 0) for which in range(4)]
    assert best[chosen] == min(best)
    assert last[chosen] == min(last[which] for which in range(4) if best[which] == min(best))


@given(met_so_far, st.integers(0, 99))
def test_what_is_mastered_makes_room(met: list[tuple[int, int | None]], seed: int) -> None:
    """Whoever earns full marks each time meets all four before one comes again, whatever was before."""
    chance, sat = random.Random(seed), list(met)
    for _ in range(6):
        sat.append((NAMES.index(choose(NAMES, question_histories(history(sat)), chance)), 5))
    drawn = [which for which, _ in sat[len(met) :]]
    assert sorted(drawn[:4]) == [0, 1, 2, 3]
    assert drawn[4:] == drawn[:2]


def test_unseen_ones_come_by_chance() -> None:
    """Each of three unseen questions comes up."""
    before = question_histories(history([(1, 5)]))
    assert {choose(NAMES, before, random.Random(seed)) for seed in range(30)} == {NAMES[0], NAMES[2], NAMES[3]}


def test_a_wrong_date_changes_nothing() -> None:
    """Longest ago goes by the order of the attempts, not by the computer's clock."""
    before = question_histories([retry(NAMES[0], 2, day=900), retry(NAMES[1], 2, day=1)])
    assert choose(NAMES[:2], before, random.Random(1)) == NAMES[0]


def test_what_says_nothing_keeps_the_marks_before() -> None:
    """A retry that was left without a submission moves the question back in time; its marks stay."""
    past = question_histories([*history([(0, 4)]), retry(NAMES[0], None, day=7)])[NAMES[0]]
    assert (past.times_seen, past.marks, past.started) == (2, 4, WALL + 7 * 86_400)
    running = outcome(question("time_series", 5, question=NAMES[0]), day=8, phase=Phase.RUNNING)
    assert question_histories([*history([(0, 4)]), running])[NAMES[0]].marks == 4


def test_nothing_to_choose_from() -> None:
    with pytest.raises(ValueError, match="no question"):
        choose([], {}, random.Random(1))
