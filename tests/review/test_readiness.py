"""Would I pass, what was shown, what to study: from the marks on record, and honest about how few they are."""

from __future__ import annotations

import itertools
import math
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockexam.bank.handbook import Handbook, load_handbook
from mockexam.bank.loader import Bank, NamedExam, load_bank
from mockexam.exam.outcome import Outcome
from mockexam.exam.standing import QuestionResult, question_results
from mockexam.review.history_text import readiness_lines
from mockexam.review.readiness import (
    HALF_LIFE_DAYS,
    NO_ESTIMATE,
    PassEstimate,
    Readiness,
    estimate,
    marks_chances,
    readiness,
    total_chances,
)
from tests.factories import CATEGORIES, WALL
from tests.histories import PAPER
from tests.outcomes import outcome, question


@pytest.fixture(scope="module")
def bank() -> Bank:
    """One shipped question of each category; some skills are shown by none of them."""
    shipped = load_bank()
    return replace(shipped, questions={name: shipped.questions[name] for name in PAPER})


@pytest.fixture(scope="module")
def exam(bank: Bank) -> NamedExam:
    return bank.exam("tf_developer")


@pytest.fixture(scope="module")
def handbook() -> Handbook:
    return load_handbook()


def taken(marks: list[int], *, day: int = 0, hints: int = 0) -> Outcome:
    """An exam with these marks, a category each."""
    questions = zip(CATEGORIES, marks, strict=True)
    return outcome(*(question(c, m, hints=hints) for c, m in questions), day=day)


def chance(exam: NamedExam, *outcomes: Outcome, day: float = 0) -> PassEstimate:
    return estimate(question_results(outcomes), exam, WALL + day * 86_400)


def test_with_nothing_on_record_nothing_is_known(exam: NamedExam) -> None:
    """A low chance, a wide interval around the middle, and no evidence."""
    found = chance(exam)
    assert found.probability < 0.02
    assert found.expected == pytest.approx(50)
    assert found.high - found.low > 40
    assert dict(found.evidence) == dict.fromkeys(CATEGORIES, 0)


def test_full_marks_often_come_near_certainty(exam: NamedExam) -> None:
    """The more full marks there are, the surer; one alone is not much."""
    chances = [chance(exam, *[taken([5] * 5)] * n).probability for n in (1, 3, 10, 40)]
    assert chances == sorted(chances)
    assert chances[0] < 0.3
    assert chances[-1] > 0.93
    assert chance(exam, *[taken([5] * 5)] * 40).low >= 90
    assert chance(exam, *[taken([1] * 5)] * 10).probability < 0.001


def test_old_marks_and_marks_with_hints_count_less(exam: NamedExam) -> None:
    """A half-life is half a mark: as much as hints take away."""
    fresh, old = chance(exam, taken([5] * 5)), chance(exam, taken([5] * 5), day=HALF_LIFE_DAYS)
    helped = chance(exam, taken([5] * 5, hints=2))
    assert chance(exam).probability < old.probability < fresh.probability
    assert helped.probability == pytest.approx(old.probability)
    assert chance(exam, taken([5] * 5), day=-500).probability == fresh.probability
    assert dict(old.evidence)["time_series"] == 1


@given(st.lists(st.lists(st.integers(0, 5), min_size=5, max_size=5), max_size=6), st.integers(0, 5), st.integers(0, 4))
def test_more_marks_never_lower_the_chance(marks: list[list[int]], attempt: int, category: int) -> None:
    """One mark more somewhere: neither probability, expected total nor interval fall."""
    exam = load_exam()
    if attempt >= len(marks) or marks[attempt][category] == 5:
        return
    better = [list(row) for row in marks]
    better[attempt][category] += 1
    before = chance(exam, *(taken(row, day=-3 * n) for n, row in enumerate(marks)))
    after = chance(exam, *(taken(row, day=-3 * n) for n, row in enumerate(better)))
    assert after.probability >= before.probability - 1e-12
    assert after.expected > before.expected
    assert after.low >= before.low
    assert after.high >= before.high
    assert 0 <= before.low <= before.high <= 100


_EXAM: list[NamedExam] = []


def load_exam() -> NamedExam:
    """As the fixture; hypothesis takes none of a function's scope."""
    if not _EXAM:
        _EXAM.append(load_bank().exam("tf_developer"))
    return _EXAM[0]


@given(st.lists(st.tuples(st.integers(1, 5), st.lists(st.integers(0, 9), min_size=6, max_size=6)), max_size=3))
def test_chances_of_totals_are_exact(questions: list[tuple[int, list[int]]]) -> None:
    """The convolution is what trying every combination of marks gives."""
    chances = [(weight, [n / (sum(ns) or 1) for n in ns]) for weight, ns in questions]
    tried: dict[int, float] = {}
    for marks in itertools.product(range(6), repeat=len(chances)):
        total = sum(weight * m for (weight, _), m in zip(chances, marks, strict=True))
        part = math.prod(ps[m] for (_, ps), m in zip(chances, marks, strict=True))
        tried[total] = tried.get(total, 0.0) + part
    found = total_chances(chances)
    assert set(found) == set(tried)
    assert all(found[total] == pytest.approx(tried[total]) for total in tried)


def test_the_chances_of_a_category_add_up() -> None:
    """One extra mark spread evenly, and the marks on record."""
    results: tuple[QuestionResult, ...] = question_results([outcome(question("time_series", 4))])
    chances = marks_chances(results, WALL)
    assert sum(chances) == pytest.approx(1)
    assert chances[4] == pytest.approx((1 + 1 / 6) / 2)
    assert chances[0] == pytest.approx((1 / 6) / 2)


def of(bank: Bank, handbook: Handbook, exam: NamedExam, *outcomes: Outcome, day: float = 0) -> Readiness:
    return readiness(question_results(outcomes), bank, handbook, exam, WALL + day * 86_400)


def test_every_skill_has_its_evidence(bank: Bank, handbook: Handbook, exam: NamedExam) -> None:
    """The best marks on a question that shows it, the newest of them, and how long ago; none where no model can."""
    tidal = "time_series/tidal_quay"
    sittings = [outcome(question("time_series", m, question=tidal), day=d) for d, m in enumerate((2, 4, 4, 3))]
    found = {s.id: s for s in of(bank, handbook, exam, *sittings, day=10).skills}
    assert list(found) == list(handbook.titles)
    shown = found["series.mae"]
    assert (shown.best, shown.best_question, shown.met) == (4, tidal, 4)
    assert shown.recent == pytest.approx(11 / 3)
    assert shown.gap == pytest.approx(4 / 3)
    assert shown.days_ago == pytest.approx(8)
    assert (found["series.huber"].questions, found["series.huber"].gap) == ((), 0.0)
    assert (found["text.lstm"].best, found["text.lstm"].gap) == (None, 5.0)


def test_a_question_that_is_gone_shows_nothing(bank: Bank, handbook: Handbook, exam: NamedExam) -> None:
    """Its skills are not known; its marks still count for the estimate."""
    found = of(bank, handbook, exam, outcome(question("time_series", 5)))
    assert all(skill.best is None for skill in found.skills)
    assert dict(found.estimate.evidence)["time_series"] == 1


def test_the_plan_names_what_is_weakest(bank: Bank, handbook: Handbook, exam: NamedExam) -> None:
    """GIVEN all but text at full marks THEN text is all that is left, with its material and one sentence of advice."""
    ids = {q.category: q.id for q in bank.questions.values()}
    marks = {**dict.fromkeys(CATEGORIES, 5), "text_classification": 2}
    exam_sat = outcome(*(question(c, m, question=ids[c]) for c, m in marks.items()))
    (plan,) = of(bank, handbook, exam, exam_sat).plan
    section = next(s for s in handbook.section if s.id == "text")
    assert (plan.id, plan.study, plan.categories) == ("text", section.study, ("text_classification",))
    assert [s.best for s in plan.weakest] == [2] * 5
    assert section.study[0] in plan.advice
    assert f"mockexam retry --question {ids['text_classification']}" in plan.advice
    done = outcome(*(question(c, 5, question=ids[c]) for c in CATEGORIES))
    assert of(bank, handbook, exam, done).plan == ()


def test_advice_follows_the_marks(bank: Bank, handbook: Handbook, exam: NamedExam) -> None:
    """Nothing on record: try it. Close: look at the reference. The weakest section comes first."""
    ids = {q.category: q.id for q in bank.questions.values()}
    marks = {"simple_model": 4, "learning_dataset": 4, "image_classification": 4, "time_series": 3}
    found = of(bank, handbook, exam, outcome(*(question(c, m, question=ids[c]) for c, m in marks.items())))
    advice = {plan.id: plan.advice for plan in found.plan}
    assert next(iter(advice)) == "text"
    assert advice["text"].startswith("You have no marks")
    assert advice["image"].startswith("1 mark is missing")
    assert advice["series"].startswith("2 marks are missing")
    assert all(advice[key].count(". ") == 0 for key in advice)


def test_what_went_well_once_is_not_held(bank: Bank, handbook: Handbook, exam: NamedExam) -> None:
    """GIVEN full marks long ago and few recently THEN the skill is back in the plan, and the advice says why."""
    ids = {q.category: q.id for q in bank.questions.values()}
    every = [outcome(*(question(c, 5, question=ids[c]) for c in CATEGORIES), day=d) for d in range(4)]
    assert of(bank, handbook, exam, *every).plan == ()
    slipped = outcome(question("time_series", 3, question=ids["time_series"]), day=5)
    (plan,) = [p for p in of(bank, handbook, exam, *every, slipped).plan if p.id == "series"]
    assert plan.weakest[0].recent == pytest.approx(13 / 3)
    assert "recent average is lower" in plan.advice


def test_without_marks_there_is_no_estimate(bank: Bank, handbook: Handbook, exam: NamedExam) -> None:
    """A chance computed from nothing would only frighten."""
    found = of(bank, handbook, exam)
    text = "\n".join(readiness_lines(found))
    assert NO_ESTIMATE in text
    assert "under 1 %" not in text
    assert "expected total" not in text
    known = of(bank, handbook, exam, taken([3, 4, 2, 5, 1]))
    assert [one.estimate.is_known for one in (found, known)] == [False, True]


def test_readiness_reads_well_in_80_columns(bank: Bank, handbook: Handbook, exam: NamedExam) -> None:
    """Estimate, interval, method, plan and every skill."""
    titles = {s.id: s.title for s in handbook.section}
    found = of(bank, handbook, exam, taken([3, 4, 2, 5, 1]))
    lines = list(readiness_lines(found))
    text = "\n".join(lines)
    assert max(map(len, lines)) <= 80
    assert "likely range (80 % probability)" in text
    assert "based on results: 1 in simple model" in text
    assert "can't be tested" in text
    assert "not tested" in text
    assert all(title in text for title in (*titles.values(), *handbook.titles.values()))
