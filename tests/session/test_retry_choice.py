"""What can be practised, and which question a retry is planned with."""

from __future__ import annotations

import random
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from mockexam.bank.loader import Bank, load_bank
from mockexam.errors import UnknownNameError, UserError
from mockexam.exam import events as ev
from mockexam.exam.paper import Mode
from mockexam.exam.standing import DEFAULT_EXAM
from mockexam.paths import StatePaths
from mockexam.session.manager import SessionManager
from mockexam.session.ports import RetryChoice
from mockexam.session.retry_choice import category_records, choose_question
from mockexam.store.journal import Journal
from tests.factories import CATEGORIES, WALL, FakeClock, graded, paper, received, started
from tests.histories import PAPER
from tests.outcomes import outcome, question

MET = [outcome(*(question(c, 5) for c in CATEGORIES)), outcome(question("image_classification", 1), day=1)]
"""All categories at five marks; then one mark in image classification: that is the weakest."""


@pytest.fixture(scope="module")
def bank() -> Bank:
    """A shipped question of each category, and a second of time series."""
    shipped = load_bank()
    quay = shipped.questions["time_series/tidal_quay"]
    other = quay.model_copy(update={"id": "time_series/basil_again"})
    return replace(shipped, questions={**{name: shipped.questions[name] for name in PAPER}, other.id: other})


def chosen(bank: Bank, choice: RetryChoice, seed: int = 0) -> str:
    """The id of the question that is chosen after MET."""
    return choose_question(bank, bank.exam(DEFAULT_EXAM), choice, MET, random.Random(seed)).id


def without(bank: Bank, *categories: str) -> Bank:
    """The bank without the questions of these categories."""
    left = {name: q for name, q in bank.questions.items() if q.category not in categories}
    return replace(bank, questions=left)


def test_what_is_named_is_chosen(bank: Bank) -> None:
    """A category by any clear word; a question by any clear part, clear within the category if one is named."""
    assert {chosen(bank, RetryChoice("series"), seed) for seed in range(9)} == {
        "time_series/tidal_quay", "time_series/basil_again",
    }  # fmt: skip
    assert chosen(bank, RetryChoice(question="inbox")) == "text_classification/town_hall_inbox"
    assert chosen(bank, RetryChoice("time", "basil")) == "time_series/basil_again"
    assert chosen(bank, RetryChoice("simple", "basil")) == "simple_model/basil_trays"


def test_nothing_named_is_the_weakest(bank: Bank) -> None:
    """What was never met counts as weakest of all, in the exam's order; what has no questions can't be practised."""
    named = bank.exam(DEFAULT_EXAM)
    assert chosen(bank, RetryChoice()).startswith("image_classification/")
    assert choose_question(bank, named, RetryChoice(), [], random.Random(0)).category == "simple_model"
    rest = without(bank, "simple_model")
    assert choose_question(rest, named, RetryChoice(), [], random.Random(0)).category == "learning_dataset"


@pytest.mark.parametrize(
    ("choice", "told"),
    [
        (RetryChoice("poetry"), "'poetry' is not known"),
        (RetryChoice("classification"), "'classification' is ambiguous"),
        (RetryChoice(question="yak"), "'yak' is not known"),
        (RetryChoice(question="basil"), "'basil' is ambiguous"),
        (RetryChoice("image", "quay"), "belongs to the category time_series, not to image_classification"),
    ],
)
def test_unclear_names_are_told(bank: Bank, choice: RetryChoice, told: str) -> None:
    """With the names that there are."""
    with pytest.raises(UserError, match=told) as error:
        chosen(bank, choice)
    assert error.value.hint
    if "known" in told or "ambiguous" in told:
        assert isinstance(error.value, UnknownNameError)


def test_a_category_without_questions_is_told(bank: Bank) -> None:
    """With those that have some; so is a bank without any."""
    with pytest.raises(UserError, match="no questions of the category time_series") as error:
        chosen(without(bank, "time_series"), RetryChoice("time"))
    assert "simple_model" in error.value.hint
    assert "time_series" not in error.value.hint
    with pytest.raises(UserError, match="no questions of any category"):
        chosen(without(bank, *CATEGORIES), RetryChoice())


def test_what_can_be_practised(bank: Bank) -> None:
    """Weakest first, with the time of each and how every question went."""
    found = category_records(without(bank, "simple_model"), bank.exam(DEFAULT_EXAM), MET, WALL + 3 * 86_400)
    assert [c.id for c in found] == [
        "image_classification", "learning_dataset", "text_classification", "time_series",
    ]  # fmt: skip
    weakest, series = found[0], found[-1]
    assert (weakest.title, weakest.seconds, weakest.best, weakest.mean) == ("image classification", 3600, 5, 3.0)
    assert [q.id for q in series.questions] == ["time_series/tidal_quay", "time_series/basil_again"]
    assert {(q.met, q.marks, q.days_ago) for q in series.questions} == {(0, None, None)}
    met = category_records(
        bank, bank.exam(DEFAULT_EXAM), [outcome(question("time_series", 2, question=series.questions[0].id))], WALL
    )
    (quay, _) = next(c for c in met if c.id == "time_series").questions
    assert (quay.met, quay.marks, quay.days_ago) == (1, 2, 0.0)


@pytest.fixture
def manager(tmp_path: Path) -> SessionManager:
    """With one exam on record: full marks in simple_model, nothing else handed in."""
    state = StatePaths(tmp_path / "home")
    journal, clock = Journal(state.database), FakeClock()
    attempt = journal.start(started(clock.now, on=paper()))
    for event in (
        received(clock.advance(60), 1, "aa"),
        graded(clock.advance(1), 1, "aa", 5),
        ev.Finished(at=clock.advance(1), reason="candidate"),
        ev.Settled(at=clock.now, earned=5, possible=75, passed=False),
    ):
        journal.append(attempt, event)
    journal.close()
    return SessionManager(state, clock)


async def test_a_plan_from_the_record(manager: SessionManager, tmp_path: Path) -> None:
    """Read in a thread, as the app does: the weakest category, its share of the time, a workspace of its own."""
    with ThreadPoolExecutor(1) as thread:
        plan = thread.submit(manager.plan_retry, RetryChoice(), tmp_path / "room").result()
        again = thread.submit(manager.plan_retry, RetryChoice(timed=False)).result()
        records = thread.submit(manager.retry_options).result()
    assert [c.id for c in records] == ["learning_dataset", *CATEGORIES[2:], "simple_model"]
    assert plan.mode is Mode.RETRY
    assert (plan.rules.exam, plan.rules.title) == (DEFAULT_EXAM, "Retry: learning from a dataset")
    assert (plan.rules.duration, plan.rules.pass_mark) == (2400, 90)
    assert (plan.workspace, plan.bank_version) == (tmp_path / "room", manager.bank.version)
    assert [(i.category, i.weight, i.folder) for i in plan.paper.items] == [
        ("learning_dataset", 2, "q1_learning_dataset")
    ]
    assert again.rules.duration is None
    assert again.paper.code != plan.paper.code
    assert again.workspace.name == again.paper.code
    await manager.close()
