"""Would I pass, what have I shown, what should I study: from the record alone."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from mockexam.exam.scoring import MARKS_PER_QUESTION
from mockexam.exam.standing import Meeting
from mockexam.review.estimate import DAY, PassEstimate, estimate

if TYPE_CHECKING:
    from mockexam.bank.handbook import Handbook, Section
    from mockexam.bank.loader import Bank, NamedExam
    from mockexam.bank.models import Question

RECENT = 3
"""So many of the newest meetings tell whether a skill holds: one lucky model long ago does not."""
MOST = 5
"""So many skills a section are named."""
LOW = 2
"""Up to so many marks it is better to study first than to try again."""


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
    """The mean marks of the newest meetings, at most `RECENT`; None if none was met."""
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
class Readiness:
    """Whether somebody would pass an exam, what they have shown, and what to study."""

    exam: str
    """The exam's name."""
    title: str
    estimate: PassEstimate
    skills: tuple[SkillEvidence, ...]
    """In the handbook's order."""
    plan: tuple[SectionPlan, ...]
    """Weakest section first; sections without anything to do are left out."""
    sections: Mapping[str, str]
    """The titles of the handbook's sections, by id."""
    pass_mark: int
    """Of the exam, in per cent."""


def readiness(met: Sequence[Meeting], bank: Bank, handbook: Handbook, exam: NamedExam, wall: float) -> Readiness:
    """From the questions met in attempts at this exam and retries for it; `wall` is now, in seconds since 1970 UTC.

    `met` comes oldest first and may hold meetings of other exams, which do not count. Of the bank's questions those of
    the exam's categories show skills.
    """
    from mockexam.bank.papers import exam_categories

    met = [m for m in met if m.exam == exam.name]
    asked = [q for category in exam_categories(exam.exam) for q in bank.of_category(category)]
    skills = tuple(_evidence(met, asked, handbook, wall))
    return Readiness(
        exam=exam.name,
        title=exam.exam.title,
        estimate=estimate(met, exam, wall),
        skills=skills,
        plan=_study_plan(skills, bank, handbook),
        sections={section.id: section.title for section in handbook.section},
        pass_mark=exam.exam.pass_mark,
    )


def _evidence(
    met: Sequence[Meeting], bank: Sequence[Question], handbook: Handbook, wall: float
) -> Iterator[SkillEvidence]:
    """For each skill the best on record. A question gone from the bank shows nothing: its skills are not known."""
    for section in handbook.section:
        for skill in section.skills:
            questions = tuple(q.id for q in bank if skill.id in q.file.skills)
            mine = [m for m in met if m.outcome.question in questions]
            # Of equal marks the newest tells most.
            best = max(mine, key=lambda m: (m.marks, m.started), default=None)
            yield SkillEvidence(
                id=skill.id,
                title=skill.title,
                section=section.id,
                questions=questions,
                by_model=skill.by_model,
                best=best.marks if best else None,
                best_question=best.outcome.question if best else None,
                recent=_mean([m.marks for m in mine[-RECENT:]]),
                days_ago=max(0.0, wall - best.started) / DAY if best else None,
                met=len(mine),
            )


def _mean(marks: Sequence[int]) -> float | None:
    return sum(marks) / len(marks) if marks else None


def _study_plan(skills: Sequence[SkillEvidence], bank: Bank, handbook: Handbook) -> tuple[SectionPlan, ...]:
    """The sections where something is missing, the weakest first: the one with the most marks missing a skill."""
    plans = []
    for section in handbook.section:
        mine = [s for s in skills if s.section == section.id and s.questions]
        weakest = sorted((s for s in mine if s.gap > 0), key=lambda s: (-s.gap, s.best is not None, -(s.days_ago or 0)))
        if weakest:
            plans.append((sum(s.gap for s in mine) / len(mine), _plan(section, weakest[:MOST], bank)))
    return tuple(plan for _, plan in sorted(plans, key=lambda pair: -pair[0]))


def _plan(section: Section, weakest: Sequence[SkillEvidence], bank: Bank) -> SectionPlan:
    return SectionPlan(
        id=section.id,
        title=section.title,
        categories=tuple(section.categories),
        study=tuple(section.study),
        weakest=tuple(weakest),
        advice=_advice(section, weakest[0], bank),
    )


def _advice(section: Section, skill: SkillEvidence, bank: Bank) -> str:
    question = bank.questions[skill.best_question or skill.questions[0]]
    retry = f"practise “{question.title}” (mockexam retry --question {question.id})"
    if skill.recent is None or skill.best is None:
        return f"Nothing is on record for “{skill.title}” yet: {retry} and see how far you get."
    material = section.study[0] if section.study else ""
    if skill.recent <= LOW and material:
        return f"Study {material} for “{skill.title}” first, then {retry}."
    missing = MARKS_PER_QUESTION - skill.best
    if not missing:
        return f"“{skill.title}” went well before, and less well of late: {retry}."
    lacks = "One mark is" if missing == 1 else f"{missing} marks are"
    return f"{lacks} missing for “{skill.title}”: compare your script with the reference, then {retry}."
