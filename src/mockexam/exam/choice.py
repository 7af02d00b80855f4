"""Which question to practise next, from what came of the attempts before."""

from __future__ import annotations

import random
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from mockexam.exam.outcome import Outcome
from mockexam.exam.standing import meetings


@dataclass(frozen=True, slots=True)
class Past:
    """How a question went so far."""

    met: int
    """How often it stood on a paper."""
    place: int
    """Of the newest attempt with it, counted over all attempts from the oldest."""
    started: float
    """When that attempt started: seconds since 1970 UTC."""
    marks: int | None
    """0 to 5, of the newest meeting that says something (see `standing.meetings`); None if there is none."""


def pasts(outcomes: Iterable[Outcome]) -> dict[str, Past]:
    """By id, how each question went that was ever met; `outcomes` come oldest first."""
    known = tuple(outcomes)
    marks = {meeting.outcome.question: meeting.marks for meeting in meetings(known)}
    found: dict[str, Past] = {}
    for place, outcome in enumerate(known):
        for question in outcome.questions:
            name = question.question
            met = found[name].met + 1 if name in found else 1
            found[name] = Past(met=met, place=place, started=outcome.started, marks=marks.get(name))
    return found


def choose(questions: Sequence[str], before: Mapping[str, Past], chance: random.Random) -> str:
    """The id of the question to practise next, out of at least one.

    A question that never stood on a paper comes first, by chance among several. Else the one with the fewest marks at
    its newest meeting that says something (no such meeting counts as 0), and among equals the one that was met longest
    ago. Marks of long ago do not bind: a question that has been mastered makes room for the next. Recency goes by the
    order of the attempts, since a computer's date can be wrong. Raises ValueError if there is no question.
    """
    if not questions:
        raise ValueError("there is no question to choose from")
    unseen = [question for question in questions if question not in before]
    if unseen:
        return chance.choice(unseen)
    return min(questions, key=lambda question: (before[question].marks or 0, before[question].place))
