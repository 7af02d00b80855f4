"""How long a candidate worked on each question, told from the signs of work that are on record."""

from __future__ import annotations

from collections.abc import Iterable

from mockexam.exam.attempt import Sign

LONGEST_GAP = 20 * 60.0
"""Seconds. A longer silence before a sign is not counted beyond this: nobody can tell what it was spent on."""


def time_spent(signs: Iterable[Sign]) -> dict[int, float]:
    """Seconds a question, by its number; a question without a sign is left out.

    The time before a sign (an edit, a run, a submission, ...) was spent on what the sign is about, from the sign before
    it on, whichever question that was about; of a silence over LONGEST_GAP only so much counts. While a script runs the
    time is its question's, unless another question shows a sign of work. `signs` are those of one attempt, in order.
    """
    spent: dict[int, float] = {}
    before = 0.0
    running: int | None = None
    for sign in signs:
        gap = max(0.0, sign.elapsed - before)
        counted = gap if running == sign.number else min(gap, LONGEST_GAP)
        spent[sign.number] = spent.get(sign.number, 0.0) + counted
        before = max(before, sign.elapsed)
        if sign.what == "run":
            running = sign.number
        elif sign.what == "run_ended" and running == sign.number:
            running = None
    return spent
