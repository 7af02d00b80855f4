"""Somebody takes an exam file of their own: retries, totals and estimate are for it, and the main exam's stay apart."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from mockexam.errors import UnknownNameError, UserError
from mockexam.exam import events as ev
from mockexam.exam.paper import Counts, Mode
from mockexam.exam.standing import DEFAULT_EXAM
from mockexam.paths import StatePaths
from mockexam.review.service import Review
from mockexam.session.manager import SessionManager
from mockexam.session.ports import AttemptPlan, RetryChoice
from tests.factories import FakeClock, graded, received

OWN = """
title = "Two of them"
duration_minutes = 40
pass_mark = 50
counts = "last"

[[questions]]
category = "simple_model"
weight = 3

[[questions]]
category = "time_series"
weight = 1
"""


@dataclass
class Candidate:
    """Takes exams and retries; the marks are made up."""

    manager: SessionManager
    review: Review
    clock: FakeClock
    own: Path

    def take(self, plan: AttemptPlan, *marks: int) -> None:
        """Start what is planned, hand in a model for each question, and finish."""
        journal = self.manager.journal
        self.clock.advance(86_400)
        attempt = self.manager.start(plan)
        for number, mark in enumerate(marks, 1):
            journal.append(attempt, received(self.clock.advance(60), number, "aa"))
            journal.append(attempt, graded(self.clock.advance(1), number, "aa", mark))
        state = journal.attempt(attempt)
        journal.append(attempt, ev.Finished(at=self.clock.advance(1), reason="candidate"))
        passed = state.earned * 100 >= plan.rules.pass_mark * state.possible
        settled = ev.Settled(at=self.clock.now, earned=state.earned, possible=state.possible, passed=passed)
        journal.append(attempt, settled)


@pytest.fixture
def candidate(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Candidate]:
    """With full marks in the main exam on record, and an exam file that has not been used yet."""
    monkeypatch.setattr("mockexam.bank.screening._check", lambda *_: {})
    own = tmp_path / "two.toml"
    own.write_text(OWN)
    clock, state = FakeClock(), StatePaths(tmp_path / "home")
    made = Candidate(SessionManager(state, clock), Review(state, clock), clock, own)
    made.take(made.manager.plan(), 5, 5, 5, 5, 5)
    yield made
    made.manager.journal.close()


@pytest.fixture(params=[True, False], ids=["file there", "file gone"])
def taken(candidate: Candidate, request: pytest.FixtureRequest) -> Candidate:
    """The own exam was taken after the main one: one mark in simple_model, five in time_series."""
    candidate.take(candidate.manager.plan(str(candidate.own)), 1, 5)
    if not request.param:
        candidate.own.unlink()
    return candidate


def test_its_categories_are_offered_with_their_share_of_its_time(taken: Candidate) -> None:
    """Weakest first by its own attempts alone."""
    found = taken.manager.retry_options()

    assert [(c.id, c.seconds, c.best) for c in found] == [("simple_model", 1800, 1), ("time_series", 600, 5)]
    assert [c.best for c in taken.manager.retry_options(DEFAULT_EXAM)] == [5] * 5


def test_a_retry_is_recorded_under_it(taken: Candidate) -> None:
    """With its time, weight, pass mark and what counts; the weakest category is its own."""
    plan = taken.manager.plan_retry(RetryChoice())

    assert (plan.mode, plan.rules.exam, plan.rules.duration) == (Mode.RETRY, "two", 1800)
    assert (plan.rules.pass_mark, plan.rules.counts) == (50, Counts.LAST)
    assert [(i.category, i.weight) for i in plan.paper.items] == [("simple_model", 3)]


def test_another_exam_can_be_named(taken: Candidate) -> None:
    """A category that it does not ask for is told with the option; a name on record or in the bank is known."""
    with pytest.raises(UserError, match="no question of the category text_classification") as told:
        taken.manager.plan_retry(RetryChoice("text"))
    assert "--exam" in told.value.hint

    main = taken.manager.plan_retry(RetryChoice("text", exam=DEFAULT_EXAM))
    assert (main.rules.exam, main.rules.duration, main.paper.items[0].weight) == (DEFAULT_EXAM, 4800, 4)
    assert taken.manager.plan_retry(RetryChoice(exam="two")).rules.exam == "two"
    with pytest.raises(UnknownNameError):
        taken.manager.plan_retry(RetryChoice(exam="three"))


def test_a_file_can_be_named_before_it_was_ever_taken(candidate: Candidate) -> None:
    """Until an exam of it has ended, retries without a name are for the main exam."""
    plan = candidate.manager.plan_retry(RetryChoice("series", exam=str(candidate.own)))
    assert (plan.rules.exam, plan.rules.duration) == ("two", 600)

    candidate.take(plan, 3)

    assert candidate.manager.plan_retry(RetryChoice()).rules.exam == DEFAULT_EXAM
    assert candidate.review.progress().exam == DEFAULT_EXAM


def test_totals_standing_and_estimate_are_its_own(taken: Candidate) -> None:
    """What was shown in the main exam says nothing here; skills of other categories are not asked for."""
    shown, readiness = taken.review.progress(), taken.review.readiness()

    assert (shown.exam, shown.others, [t.percent for t in shown.totals]) == ("two", (DEFAULT_EXAM,), [40.0])
    assert [(s.category, s.mean) for s in shown.standings] == [("simple_model", 1.0), ("time_series", 5.0)]
    assert (readiness.exam, readiness.title, readiness.pass_mark) == ("two", "Two of them", 50)
    assert readiness.estimate.evidence == (("simple_model", 1), ("time_series", 1))
    categories = {q.partition("/")[0] for skill in readiness.skills for q in skill.questions}
    assert categories == {"simple_model", "time_series"}


def test_the_main_exam_is_not_touched(candidate: Candidate) -> None:
    """Neither by an exam of one's own nor by retries for it."""
    before = candidate.review.readiness(exam=DEFAULT_EXAM), candidate.review.progress(exam=DEFAULT_EXAM)
    now = candidate.clock.now

    candidate.take(candidate.manager.plan(str(candidate.own)), 0, 0)
    candidate.take(candidate.manager.plan_retry(RetryChoice()), 2)

    candidate.clock.now = now
    readiness, shown = candidate.review.readiness(exam=DEFAULT_EXAM), candidate.review.progress(exam=DEFAULT_EXAM)
    assert readiness == before[0]
    assert (shown.totals, shown.standings) == (before[1].totals, before[1].standings)
    assert [s.recent for s in candidate.review.progress().standings] == [(0,), (0, 2)]


def test_the_exam_that_was_taken_last_is_shown(taken: Candidate) -> None:
    """After the main exam once more, it is the main one; the other is offered."""
    taken.take(taken.manager.plan(), 1, 1, 1, 1, 1)

    shown = taken.review.progress()

    assert (shown.exam, shown.others) == (DEFAULT_EXAM, ("two",))
    assert [t.percent for t in shown.totals] == [100.0, 20.0]
    assert taken.manager.plan_retry(RetryChoice()).rules.exam == DEFAULT_EXAM


def test_a_file_that_is_called_like_the_main_exam_keeps_apart(candidate: Candidate, tmp_path: Path) -> None:
    """On record it goes by its file's whole name."""
    (tmp_path / "mine").mkdir()
    same = candidate.own.rename(tmp_path / "mine" / f"{DEFAULT_EXAM}.toml")
    candidate.take(candidate.manager.plan(str(same)), 2, 2)
    same.unlink()

    assert candidate.manager.plan_retry(RetryChoice()).rules.exam == f"{DEFAULT_EXAM}.toml"
    assert [t.percent for t in candidate.review.progress(exam=DEFAULT_EXAM).totals] == [100.0]
    shipped = candidate.manager.bank.exams[DEFAULT_EXAM].path
    assert candidate.manager.plan(str(shipped)).rules.exam == DEFAULT_EXAM
