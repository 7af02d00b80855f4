"""How long a candidate worked on each question, told from the signs of work that are on record."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

from mockexam.exam.attempt import Sign

LONGEST_GAP = 20 * 60.0
"""Seconds. A longer silence before a sign is not counted beyond this: nobody can tell what it was spent on."""
ATTENTION = 2 * 60.0
"""Seconds. So long after a touch on one question, a sign of another that a script can make alone tells nothing: edits
are noted once a minute while they go on."""
LONGEST_UNSEEN_RUN = 60 * 60.0
"""Seconds that are counted for a run whose end was not seen, because the app was closed or crashed."""

_BY_SCRIPT = ("received", "run_ended")
"""Signs that a script makes while the candidate may be at another question."""


@dataclass(frozen=True, slots=True)
class _Run:
    number: int
    begin: float
    end: float


def time_spent(signs: Iterable[Sign], until: float = math.inf) -> dict[int, float]:
    """Seconds a question, by its number; a question without a sign is left out.

    The time before a sign was spent on what the sign is about, from the sign before it on, whichever question that was
    about. Of a silence over LONGEST_GAP only so much counts for it; the rest counts for the question whose script ran
    meanwhile, if one did. After the candidate's own touch on one question (an edit, a run, ...), what a running script
    of another brings forth takes over only ATTENTION later, or once the one at hand was submitted.

    `signs` are those of one attempt, in order; `until` is the time that the attempt took, in seconds: together the
    questions get no more.
    """
    known = _in_time(signs, until)
    runs = _runs(known)
    spent = dict.fromkeys((sign.number for sign in known), 0.0)
    before = 0.0
    touched: Sign | None = None
    for sign in known:
        if sign.what not in _BY_SCRIPT:
            touched = sign
        elif touched is not None and touched.number != sign.number:
            held = min(sign.elapsed, touched.elapsed + ATTENTION)
            spent[touched.number] += max(0.0, held - before)
            before = max(before, held)
        elif sign.what == "received":
            touched = None
        counted_from = max(before, sign.elapsed - LONGEST_GAP)
        spent[sign.number] += sign.elapsed - counted_from
        if counted_from > before:
            for run in runs:
                spent[run.number] += max(0.0, min(run.end, counted_from) - max(run.begin, before))
        before = sign.elapsed
    return spent


def _in_time(signs: Iterable[Sign], until: float) -> list[Sign]:
    """The signs with times that never go back (as the wall clock may), within the attempt."""
    known: list[Sign] = []
    newest = 0.0
    for sign in signs:
        newest = max(newest, min(sign.elapsed, until))
        known.append(Sign(newest, sign.number, sign.what))
    return known


def _runs(signs: Iterable[Sign]) -> list[_Run]:
    """When scripts ran. Only one runs at a time, so a run is over when the next begins.

    Of a run whose end was not seen it is known that it went on until a model of its question came in.
    """
    runs: list[_Run] = []
    going: Sign | None = None
    model: float | None = None
    for sign in (*signs, None):
        if sign is None or sign.what == "run":
            if going is not None and model is not None:
                runs.append(_Run(going.number, going.elapsed, min(model, going.elapsed + LONGEST_UNSEEN_RUN)))
            going, model = sign, None
        elif going is not None and sign.number == going.number:
            if sign.what == "run_ended":
                runs.append(_Run(going.number, going.elapsed, sign.elapsed))
                going = None
            elif sign.what == "received" and model is None:
                model = sign.elapsed
    return runs
