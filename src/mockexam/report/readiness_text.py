"""Readiness as text of 80 columns."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from functools import partial

from mockexam.exam.marking import MARKS_PER_QUESTION
from mockexam.report import formats
from mockexam.report.estimate import PassEstimate
from mockexam.report.readiness import Readiness, SectionPlan, SkillEvidence

_wrap = partial(textwrap.wrap, width=80, break_long_words=False, break_on_hyphens=False)


def readiness_lines(readiness: Readiness) -> Iterator[str]:
    """The estimate and its method, the study plan, every skill."""
    yield from estimate_lines(readiness.estimate)
    yield ""
    yield from _wrap(f"How: {readiness.estimate.method}", initial_indent="  ", subsequent_indent="  ")
    yield ""
    yield "Study plan, weakest section first"
    if not readiness.plan:
        yield "  Nothing is missing: of late, whatever a question shows was shown with full marks."
        yield "  What is left is certainty: sit one more exam."
    for plan in readiness.plan:
        yield ""
        yield from _plan_lines(plan)
    yield ""
    yield "Every skill: mean marks of late, and the best, on questions that show it"
    for section, title in readiness.sections.items():
        yield ""
        yield f"  {title}"
        yield from (skill_line(skill) for skill in readiness.skills if skill.section == section)


def estimate_lines(estimate: PassEstimate) -> Iterator[str]:
    """The chance to pass, with its interval and what it rests on."""
    yield f"Would you pass today? {formats.chance(estimate.probability)}"
    yield (
        f"  expected total {estimate.expected:.0f} %; between {estimate.low:.0f} % and {estimate.high:.0f} % "
        "with 80 % probability"
    )
    known = [f"{marks:,} in {formats.category(category)}" for category, marks in estimate.evidence if marks]
    rests = f"rests on marks of the past: {', '.join(known)}" if known else "no marks on record: nothing is known yet"
    yield from _wrap(rests, initial_indent="  ", subsequent_indent="    ")
    blank = [formats.category(category) for category, marks in estimate.evidence if not marks]
    if known and blank:
        yield from _wrap(f"never met: {', '.join(blank)}", initial_indent="  ", subsequent_indent="    ")


def _plan_lines(plan: SectionPlan) -> Iterator[str]:
    yield f"  {plan.title}"
    yield from _wrap(plan.advice, initial_indent="    ", subsequent_indent="    ")
    yield "    weakest (marks of late, best, when)"
    yield from (skill_line(skill, indent=6) for skill in plan.weakest)
    yield "    material"
    yield from (
        line for one in plan.study for line in _wrap(one, initial_indent="      ", subsequent_indent="        ")
    )


def skill_line(skill: SkillEvidence, indent: int = 4) -> str:
    """A skill and the evidence for it."""
    return f"{' ' * indent}{skill.title:<{59 - indent}}  {_evidence(skill)}"


def _evidence(skill: SkillEvidence) -> str:
    if not skill.questions:
        return "no question yet" if skill.by_model else "by no model"
    if skill.best is None:
        return "not met yet"
    return f"{skill.recent:.1f}  {skill.best}/{MARKS_PER_QUESTION}  {formats.ago(skill.days_ago)}"
