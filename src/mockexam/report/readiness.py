"""Would I pass, what have I shown, what should I study: from the record alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from mockexam.exam.standing import Meeting

if TYPE_CHECKING:
    from mockexam.bank.loader import Bank, NamedExam
    from mockexam.bank.skills import Handbook


@dataclass(frozen=True, slots=True)
class SkillEvidence:
    """A skill of the handbook and the best evidence for it."""

    id: str
    title: str
    section: str
    """The section's id."""
    questions: tuple[str, ...]
    """Ids of the bank's questions that show it."""
    by_model: bool
    """Whether a saved model can show it at all; reading an error message, for one, leaves no trace in a model."""
    best: int | None
    """The best marks on one of them; None if none was met."""
    best_question: str | None
    recent: float | None
    """The mean marks of the newest meetings, at most `evidence.RECENT`; None if none was met."""
    days_ago: float | None
    """Since that best."""
    met: int
    """How often one of them was met."""

    @property
    def gap(self) -> float:
        """Marks missing to five, by the recent ones; five if never met, 0 if no question shows it."""
        if not self.questions:
            return 0.0
        return 5.0 - (self.recent or 0.0)


@dataclass(frozen=True, slots=True)
class SectionPlan:
    """A section of the handbook: what to study, and for which skills."""

    id: str
    title: str
    categories: tuple[str, ...]
    study: tuple[str, ...]
    """Material, as the handbook's candidates used it."""
    weakest: tuple[SkillEvidence, ...]
    """The skills with the least evidence, weakest first, at most five; none if nothing is missing."""
    advice: str
    """One sentence: what to do next."""


@dataclass(frozen=True, slots=True)
class PassEstimate:
    """The chance to pass the exam today, and how sure that is."""

    probability: float
    """0 to 1."""
    low: float
    high: float
    """The total, in per cent, lies between these with 80 % probability."""
    expected: float
    """The expected total in per cent."""
    evidence: tuple[tuple[str, int], ...]
    """By category: how many marks it rests on."""
    method: str
    """How it is computed, in plain words."""


@dataclass(frozen=True, slots=True)
class Readiness:
    """All of it, for one exam."""

    exam: str
    """The exam's name."""
    title: str
    pass_mark: int
    """Per cent."""
    estimate: PassEstimate
    skills: tuple[SkillEvidence, ...]
    """In the handbook's order."""
    plan: tuple[SectionPlan, ...]
    """Weakest section first; sections without anything to do are left out."""


def readiness(met: Sequence[Meeting], bank: Bank, handbook: Handbook, exam: NamedExam, wall: float) -> Readiness:
    """From the questions met in attempts at this exam and retries for it; `wall` is now, in seconds since 1970 UTC.

    `met` comes oldest first and may hold meetings of other exams, which do not count. Of the bank's questions those of
    the exam's categories show skills.
    """
    from mockexam.bank.draw import exam_categories
    from mockexam.report.estimate import estimate
    from mockexam.report.evidence import evidence
    from mockexam.report.study import study_plan

    met = [m for m in met if m.exam == exam.name]
    asked = [q for category in exam_categories(exam.exam) for q in bank.of_category(category)]
    skills = evidence(met, asked, handbook, wall)
    return Readiness(
        exam=exam.name,
        title=exam.exam.title,
        pass_mark=exam.exam.pass_mark,
        estimate=estimate(met, exam, wall),
        skills=skills,
        plan=study_plan(skills, bank, handbook),
    )
