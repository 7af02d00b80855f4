"""Two attempts side by side."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from mockexam.bank.loader import load_bank
from mockexam.exam import events as ev
from mockexam.exam.paper import Mode, Paper
from mockexam.paths import StatePaths
from mockexam.review.attempt_text import comparison_lines
from mockexam.review.compare import compare
from mockexam.review.detail import AttemptDetail
from mockexam.review.service import Review
from mockexam.store.journal import Journal
from tests.factories import FakeClock, paper, started
from tests.review.conftest import Past


@pytest.fixture(scope="module")
def exams(past: Past) -> list[AttemptDetail]:
    """All exams, oldest first."""
    return [past.review.detail(o.attempt) for o in past.review.outcomes() if o.mode is Mode.EXAM]


def test_questions_are_set_beside_their_like(exams: list[AttemptDetail]) -> None:
    """The same question first, else one of the category; changes are right minus left."""
    old, new = exams[0], exams[-1]
    found = compare(old, new)
    assert [(p.left and p.left.item.category, p.right and p.right.item.category) for p in found.questions] == [
        (q.item.category, q.item.category) for q in old.questions
    ]
    for pair in found.questions:
        assert pair.left is not None
        assert pair.right is not None
        same = pair.left.item.question == pair.right.item.question
        assert (pair.same_question, pair.same_edition) == (same, False)
        assert pair.marks_change == (pair.right.marks or 0) - (pair.left.marks or 0)
        assert pair.seconds_change == pytest.approx(pair.right.seconds - pair.left.seconds)
        if not same:
            assert pair.value_change is None
    assert found.percent_change == pytest.approx(float(new.outcome.total - old.outcome.total) * 100)
    assert [(v.name, v.left) for v in found.versions] == [("question bank", "0ldbank00000")]
    assert sum(c.left or 0 for c in found.categories) == sum(q.marks or 0 for q in old.questions)


def test_a_metric_that_changed_says_whether_for_the_better(exams: list[AttemptDetail]) -> None:
    """A larger accuracy is better, a smaller error is; the other way round it is the opposite."""
    found, turned = compare(exams[-2], exams[-1]), compare(exams[-1], exams[-2])
    for pair, opposite in zip(found.questions, turned.questions, strict=True):
        assert pair.value_change is not None
        assert pair.left is not None
        assert opposite.value_change == -pair.value_change
        assert pair.value_better is ((pair.value_change > 0) == pair.left.larger_is_better)
        assert opposite.value_better is not pair.value_better
    assert (found.versions, found.remarks) == ((), ())
    assert all(p.same_edition for p in found.questions)


@pytest.mark.parametrize(("recorded", "same"), [("earlier", True), ("other", False)])
def test_an_earlier_fingerprint_is_the_same_edition(recorded: str, same: bool, tmp_path: Path) -> None:
    """An attempt of before the question was reworded is comparable with one of today, and can be regraded."""
    question = load_bank().questions["simple_model/basil_trays"]
    before = question.earlier[0] if recorded == "earlier" else "0" * 64
    state, clock = StatePaths(tmp_path), FakeClock()
    journal = Journal(state.database)
    attempts = []
    for fingerprint in (before, question.fingerprint):
        item = replace(paper((1,)).items[0], question=question.id, fingerprint=fingerprint)
        attempts.append(journal.start(started(clock.advance(9), on=Paper("7K3Q-F2XM", (item,)))))
        journal.append(attempts[-1], ev.Finished(at=clock.now, reason="candidate"))
        journal.append(attempts[-1], ev.Settled(at=clock.now, earned=0, possible=5, passed=False))
    journal.close()
    review = Review(state, clock)

    assert review.compare(*attempts).questions[0].same_edition is same
    assert ("changed since" in review.detail(attempts[0]).questions[0].not_regradable) is not same


def test_attempts_with_different_papers(past: Past, exams: list[AttemptDetail]) -> None:
    """An exam beside a retry: the one question it has, the rest alone, and a remark."""
    retry = past.review.detail(next(o.attempt for o in reversed(past.review.outcomes()) if o.mode is Mode.RETRY))
    found = compare(retry, exams[-1])
    alone = [pair for pair in found.questions if pair.left is None]
    assert len(found.questions) == 5
    assert len(alone) == 4
    assert all(pair.marks_change is None and pair.right is not None for pair in alone)
    assert "retry" in found.remarks[0]
    assert sum(c.left is None for c in found.categories) == 4


def test_two_questions_of_one_category_are_not_mixed_up(exams: list[AttemptDetail]) -> None:
    """GIVEN two questions of a category in another order THEN each stands beside itself, not beside its neighbour."""
    detail = exams[-1]
    first = detail.questions[0]
    item = replace(first.item, number=6, question=f"{first.item.category}/another")
    another = replace(first, item=item)
    left = replace(detail, questions=(first, another))
    right = replace(detail, questions=(another, first))
    pairs = [
        (p.left and p.left.item.question, p.right and p.right.item.question) for p in compare(left, right).questions
    ]
    assert pairs == [(first.item.question,) * 2, (item.question,) * 2]


def test_long_ids_and_metrics_stay_apart(exams: list[AttemptDetail]) -> None:
    """Whatever their length, each value stands alone."""

    def longer(detail: AttemptDetail, value: float) -> AttemptDetail:
        question = detail.questions[0]
        counted = replace(question.submissions[-1], counts=True, metric="balanced_accuracy", value=value)
        questions = (replace(question, submissions=(counted,)), *detail.questions[1:])
        outcome = replace(detail.outcome, attempt=f"{detail.outcome.attempt}-2")
        return replace(detail, outcome=outcome, questions=questions)

    left, right = longer(exams[0], 0.5), longer(exams[0], 0.945)
    lines = [line.split() for line in comparison_lines(compare(left, right))]
    assert lines[0] == [left.outcome.attempt, right.outcome.attempt, "change"]
    assert ["0.5", "0.945"] in [line[2:4] for line in lines if line[:1] == ["balanced"]]


def test_it_reads_well_in_80_columns(past: Past, exams: list[AttemptDetail]) -> None:
    """Whatever is compared; an altered record is reported."""
    altered = past.review.detail(past.ids[5])
    for left, right in ((exams[0], exams[-1]), (exams[-2], exams[-1]), (altered, exams[-1])):
        lines = list(comparison_lines(compare(left, right)))
        assert max(map(len, lines)) <= 80, max(lines, key=len)
        assert lines[0].split() == [left.outcome.attempt, right.outcome.attempt, "change"]
    assert "altered at event 3" in lines[-1]
