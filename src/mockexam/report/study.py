"""The study plan: per section of the handbook the weakest skills, the material and what to do next."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from mockexam.exam.marking import MARKS_PER_QUESTION
from mockexam.report.readiness import SectionPlan, SkillEvidence

if TYPE_CHECKING:
    from mockexam.bank.loader import Bank
    from mockexam.bank.skills import Handbook, Section

MOST = 5
"""So many skills a section are named."""
LOW = 2
"""Up to so many marks it is better to study first than to try again."""


def study_plan(skills: Sequence[SkillEvidence], bank: Bank, handbook: Handbook) -> tuple[SectionPlan, ...]:
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
    practise = f"practise “{question.title}” (mockexam retry --question {question.id})"
    if skill.recent is None or skill.best is None:
        return f"Nothing is on record for “{skill.title}” yet: {practise} and see how far you get."
    material = section.study[0] if section.study else ""
    if skill.recent <= LOW and material:
        return f"Study {material} for “{skill.title}” first, then {practise}."
    missing = MARKS_PER_QUESTION - skill.best
    if not missing:
        return f"“{skill.title}” went well before, and less well of late: {practise}."
    lacks = "One mark is" if missing == 1 else f"{missing} marks are"
    return f"{lacks} missing for “{skill.title}”: compare your script with the reference, then {practise}."
