"""For each skill of the handbook, the best that is on record for it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from mockexam.exam.standing import Meeting
from mockexam.report.readiness import SkillEvidence

if TYPE_CHECKING:
    from mockexam.bank.models import Question
    from mockexam.bank.skills import Handbook

DAY = 86400.0
RECENT = 3
"""So many of the newest meetings tell whether a skill holds: one lucky model long ago does not."""


def evidence(
    met: Sequence[Meeting], bank: Sequence[Question], handbook: Handbook, wall: float
) -> tuple[SkillEvidence, ...]:
    """In the handbook's order. A question that is gone from the bank shows nothing: its skills are not known."""
    return tuple(_evidence(met, bank, handbook, wall))


def _evidence(
    met: Sequence[Meeting], bank: Sequence[Question], handbook: Handbook, wall: float
) -> Iterator[SkillEvidence]:
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
