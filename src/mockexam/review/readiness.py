"""Would I pass today, which skills have I shown, what should I study: computed from the record alone.

The estimate is exact arithmetic over all results that the exam can have. For each category the marks 0 to 5 of its
next question get the mean of a Dirichlet posterior: the weighted counts of marks so far, over a prior of one
pseudo-observation spread evenly (https://en.wikipedia.org/wiki/Dirichlet-multinomial_distribution). The questions are
taken as independent, so the distribution of the weighted total is the convolution of theirs.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from mockexam.exam.scoring import MARKS_PER_QUESTION
from mockexam.exam.standing import QuestionResult

if TYPE_CHECKING:
    from mockexam.bank.handbook import Handbook, Section
    from mockexam.bank.loader import Bank, NamedExam
    from mockexam.bank.models import Question

PRIOR = 1.0
"""Weight of the pseudo-observation, spread evenly over 0 to 5 marks."""
HALF_LIFE_DAYS = 60.0
"""After this time a mark counts half: an assumption, since skills fade and improve."""
HINT_WEIGHT = 0.5
"""Weight of a mark that was earned with hints."""
TAIL = 0.1
"""Probability left out on each side of the likely range."""
RECENT = 3
"""Number of newest results that a skill's recent average covers, so that one lucky model long ago does not count."""
MAX_WEAKEST = 5
"""Most skills named per section."""
STUDY_FIRST = 2
"""Up to this recent average the advice is to study before retrying."""
DAY = 86400.0

NO_ESTIMATE = "No estimate yet: there are no marks on record."

METHOD = (
    "Every question of this exam on record counts for its category, except those of a repeated paper. Its weight "
    "halves every 60 days, and again if you used hints. With few results the estimate stays cautious: one more "
    "result, spread evenly over 0 to 5 marks, is added to each category. From the chances of 0 to 5 marks in each "
    "category, the chance of every total is computed exactly, assuming independent questions. The weights and the pass "
    "mark are mockexam's assumptions; those of the real exam were never published."
)


class CategoryEvidence(NamedTuple):
    """How many marks of a category the estimate is based on."""

    category: str
    marks: int


@dataclass(frozen=True, slots=True)
class PassEstimate:
    """The chance to pass the exam today, and how certain that is."""

    probability: float
    """0 to 1."""
    low: float
    high: float
    """The likely range: the total, in per cent, lies between these with 80 % probability."""
    expected: float
    """The expected total in per cent."""
    evidence: tuple[CategoryEvidence, ...]
    method: str
    """How it is computed, in plain words."""

    @property
    def is_known(self) -> bool:
        """Whether it is based on any marks at all."""
        return any(marks for _, marks in self.evidence)


@dataclass(frozen=True, slots=True)
class SkillEvidence:
    """A skill of the handbook and the best evidence for it."""

    id: str
    title: str
    section: str
    """The section's id."""
    questions: tuple[str, ...]
    """Ids of the bank's questions that test it."""
    by_model: bool
    """Whether a saved model can show it at all; reading an error message, for one, leaves no trace in a model."""
    best: int | None
    """The best marks on one of its questions; None if none was attempted."""
    best_question: str | None
    recent: float | None
    """The average of the newest results, at most `RECENT`; None if no question was attempted.

    The result in an attempt is the best one among its questions that test the skill.
    """
    days_ago: float | None
    """Days since the best marks."""
    met: int
    """How often one of its questions was attempted."""

    @property
    def next_question(self) -> str | None:
        """The id of the question to retry for it; None if none tests it."""
        return self.best_question or next(iter(self.questions), None)

    @property
    def gap(self) -> float:
        """Marks missing to five, by the recent average; five if never attempted, 0 if no question tests it."""
        return MARKS_PER_QUESTION - (self.recent or 0.0) if self.questions else 0.0


@dataclass(frozen=True, slots=True)
class SectionPlan:
    """A section of the handbook: what to study, and for which skills."""

    id: str
    title: str
    categories: tuple[str, ...]
    study: tuple[str, ...]
    """Material that the handbook recommends."""
    weakest: tuple[SkillEvidence, ...]
    """The skills with the least evidence, weakest first, at most five."""
    question: str
    """The id of the question to retry next."""
    advice: str
    """One sentence: what to do next."""


@dataclass(frozen=True, slots=True)
class Readiness:
    """Whether somebody would pass an exam, which skills they have shown, and what to study."""

    exam: str
    """The exam's name."""
    title: str
    estimate: PassEstimate
    skills: tuple[SkillEvidence, ...]
    """In the handbook's order."""
    plan: tuple[SectionPlan, ...]
    """Weakest section first; sections with nothing to do are left out."""
    sections: Mapping[str, str]
    """The titles of the handbook's sections, by id."""
    pass_mark: int
    """Of the exam, in per cent."""


def readiness(
    results: Sequence[QuestionResult], bank: Bank, handbook: Handbook, exam: NamedExam, wall: float
) -> Readiness:
    """Readiness for an exam at `wall` (seconds since 1970 UTC), from the results in it and in its retries.

    `results` come oldest first; those of other exams are ignored. Only the questions of the exam's categories test
    skills.
    """
    from mockexam.bank.papers import exam_categories, retry_pool

    results = [r for r in results if r.exam == exam.name]
    questions = [q for category in exam_categories(exam.exam) for q in retry_pool(bank, exam.exam, category)]
    skills = tuple(_evidence(results, questions, handbook, wall))
    return Readiness(
        exam=exam.name,
        title=exam.exam.title,
        estimate=estimate(results, exam, wall),
        skills=skills,
        plan=_study_plan(skills, bank, handbook),
        sections={section.id: section.title for section in handbook.section},
        pass_mark=exam.exam.pass_mark,
    )


def estimate(results: Sequence[QuestionResult], exam: NamedExam, wall: float) -> PassEstimate:
    """The chance to pass this exam at `wall` (seconds since 1970 UTC), from all results."""
    slots = [(slot.category, slot.weight, slot.count) for slot in exam.exam.questions]
    by_category = {c: [r for r in results if r.outcome.category == c] for c, _, _ in slots}
    chances = {c: marks_chances(some, wall) for c, some in by_category.items()}
    totals = total_chances((weight, chances[category]) for category, weight, count in slots for _ in range(count))
    possible = max(totals)
    passing = sum(chance for total, chance in totals.items() if total * 100 >= exam.exam.pass_mark * possible)
    return PassEstimate(
        probability=min(1.0, passing),
        low=100 * _quantile(totals, TAIL) / possible,
        high=100 * _quantile(totals, 1 - TAIL) / possible,
        expected=100 * sum(total * chance for total, chance in totals.items()) / possible,
        evidence=tuple(CategoryEvidence(c, len(some)) for c, some in by_category.items()),
        method=METHOD,
    )


def marks_chances(results: Iterable[QuestionResult], wall: float) -> tuple[float, ...]:
    """The chances of 0 to 5 marks on the next question of a category; they add up to 1."""
    counts = [PRIOR / (MARKS_PER_QUESTION + 1)] * (MARKS_PER_QUESTION + 1)
    for result in results:
        # A clock that was set back must not make a mark count for more than one.
        days = max(0.0, wall - result.started) / DAY
        counts[result.marks] += math.pow(0.5, days / HALF_LIFE_DAYS) * (HINT_WEIGHT if result.outcome.hints else 1.0)
    total = sum(counts)
    return tuple(count / total for count in counts)


def total_chances(questions: Iterable[tuple[int, Sequence[float]]]) -> Mapping[int, float]:
    """The chance of each weighted total, from the weight of each question and the chances of its marks."""
    totals = {0: 1.0}
    for weight, chances in questions:
        longer: dict[int, float] = {}
        for total, chance in totals.items():
            for marks, part in enumerate(chances):
                reached = total + weight * marks
                longer[reached] = longer.get(reached, 0.0) + chance * part
        totals = longer
    return totals


def _quantile(totals: Mapping[int, float], share: float) -> int:
    """The smallest total that is not exceeded with at least this probability."""
    below = 0.0
    for total in sorted(totals):
        below += totals[total]
        if below >= share:
            return total
    return max(totals)


def _evidence(
    results: Sequence[QuestionResult], questions: Sequence[Question], handbook: Handbook, wall: float
) -> Iterator[SkillEvidence]:
    """Each skill with its best marks. A question gone from the bank is ignored: its skills are unknown."""
    for section in handbook.section:
        for skill in section.skills:
            testing = tuple(q.id for q in questions if skill.id in q.file.skills)
            mine = [r for r in results if r.outcome.question in testing]
            # Among equal marks the newest counts.
            best = max(mine, key=lambda r: (r.marks, r.started), default=None)
            yield SkillEvidence(
                id=skill.id,
                title=skill.title,
                section=section.id,
                questions=testing,
                by_model=skill.by_model,
                best=best.marks if best else None,
                best_question=best.outcome.question if best else None,
                recent=_mean(_by_attempt(mine)[-RECENT:]) if mine else None,
                days_ago=max(0.0, wall - best.started) / DAY if best else None,
                met=len(mine),
            )


def _by_attempt(results: Iterable[QuestionResult]) -> list[int]:
    """The best marks in each attempt: what one question of a paper has shown, another does not take back."""
    best: dict[str, int] = {}
    for result in results:
        best[result.attempt] = max(result.marks, best.get(result.attempt, 0))
    return list(best.values())


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values)


def _study_plan(skills: Sequence[SkillEvidence], bank: Bank, handbook: Handbook) -> tuple[SectionPlan, ...]:
    """The sections with gaps, the largest average gap first."""
    plans = []
    for section in handbook.section:
        tested = [s for s in skills if s.section == section.id and s.questions]
        gaps = (s for s in tested if s.gap > 0)
        weakest = sorted(gaps, key=lambda s: (-s.gap, s.best is not None, -(s.days_ago or 0)))[:MAX_WEAKEST]
        if weakest:
            plan = SectionPlan(
                id=section.id,
                title=section.title,
                categories=tuple(section.categories),
                study=tuple(section.study),
                weakest=tuple(weakest),
                question=weakest[0].next_question or "",
                advice=_advice(section, weakest[0], bank),
            )
            plans.append((_mean([s.gap for s in tested]), plan))
    return tuple(plan for _, plan in sorted(plans, key=lambda pair: -pair[0]))


def _advice(section: Section, skill: SkillEvidence, bank: Bank) -> str:
    question = bank.questions[skill.next_question or ""]
    retry = f"retry “{question.title}” (mockexam retry --question {question.id})"
    if skill.recent is None or skill.best is None:
        return f"You have no marks for “{skill.title}” yet: {retry} and see how far you get."
    if skill.recent <= STUDY_FIRST and section.study:
        return f"For “{skill.title}”, study {section.study[0]} first, then {retry}."
    missing = MARKS_PER_QUESTION - skill.best
    if not missing:
        return f"“{skill.title}” went well before, but your recent average is lower: {retry}."
    lacking = "1 mark is" if missing == 1 else f"{missing} marks are"
    return f"{lacking} missing for “{skill.title}”: compare your script with the reference, then {retry}."
