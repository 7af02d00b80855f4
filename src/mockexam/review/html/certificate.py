"""What a certificate says, when there is none, and its ornament: woven lines as on old banknotes, drawn by formula."""

from __future__ import annotations

import hashlib
import unicodedata
from math import cos, pi, sin
from typing import Any

from mockexam.errors import UserError
from mockexam.exam.attempt import Phase
from mockexam.exam.policy import policy_of
from mockexam.review.detail import AttemptDetail

MAX_NAME = 80
"""Characters."""
LONG_SIDE, SHORT_SIDE = 936, 628
"""Of the border between its corners, in units of the drawing (a quarter of a millimetre)."""
_STEPS = 360
"""Corners of a ring."""
_UNPRINTABLE = ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp")
"""Unicode categories not allowed in a name: control, direction, surrogates, line ends."""
_JOINERS = "\u200c\u200d"
"""Names in several scripts need these two, although their category is one of those."""


def certificate_values(detail: AttemptDetail, name: str) -> dict[str, Any]:
    """The values of the certificate's template.

    Raises UserError unless this is a passed exam with an intact record, and the name can be printed.
    """
    receipt = certified_receipt(detail)
    tidy = clean_name(name)
    return {
        "name": tidy,
        "outcome": detail.outcome,
        "receipt": " ".join(receipt[i : i + 4] for i in range(0, len(receipt), 4)),  # for reading aloud
        "rosette": rosette(receipt),
        # In letters; those of some scripts are two wide.
        "width": sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in tidy),
        "across": weave(LONG_SIDE, waves=44, swing=9),
        "down": weave(SHORT_SIDE, waves=30, swing=9),
    }


def clean_name(name: str) -> str:
    """The name as printed, with tidy white space. Raises UserError if it is empty, too long or not printable."""
    tidy = unicodedata.normalize("NFC", " ".join(name.split()))
    if not tidy:
        raise UserError("A certificate needs a name.", hint='Add --name "First Last".')
    if len(tidy) > MAX_NAME:
        raise UserError(
            f"The name has {len(tidy)} characters; a certificate has space for {MAX_NAME}.",
            location="--name",
            hint="Shorten it.",
        )
    strange = [c for c in tidy if unicodedata.category(c) in _UNPRINTABLE and c not in _JOINERS]
    if strange:
        raise UserError(
            f"The name contains a character that can't be printed (U+{ord(strange[0]):04X}).",
            location="--name",
            hint="Type the name again without that character.",
        )
    return tidy


def certified_receipt(detail: AttemptDetail) -> str:
    """The receipt of an attempt that earns a certificate. Raises UserError if it does not."""
    outcome = detail.outcome
    where = f"attempt {outcome.attempt}"
    if not policy_of(outcome).has_verdict:
        raise UserError(
            "Certificates are for exams only; this was a retry.",
            location=where,
            hint="Choose an exam that you passed: `mockexam review list --mode exam --passed`.",
        )
    if detail.broken_at is not None:
        raise UserError(
            "The record of this attempt was altered, so it can't have a certificate.",
            location=f"{where}, event {detail.broken_at}: {detail.broken_reason}",
            hint="Choose another attempt.",
        )
    if outcome.phase is not Phase.ENDED or outcome.receipt is None:
        raise UserError("This exam has no result yet.", location=where, hint="Finish it and wait until it is graded.")
    if not outcome.passed:
        raise UserError(
            f"This exam was not passed: {outcome.percent:g} %, and the pass mark is {outcome.pass_mark} %.",
            location=where,
            hint="`mockexam review` shows what to study next.",
        )
    return outcome.receipt


def rosette(seed: str) -> tuple[str, ...]:
    """Closed curves around the origin, about 100 in radius, each as the `points` of a polygon.

    Each ring is r(t) = R + A·sin(n·t + φ), drawn several times with φ shifted, so that the lines weave. The seed
    chooses n and A of the rings: the same text gives the same rosette.
    """
    digest = hashlib.sha256(seed.encode("utf-8", "backslashreplace")).digest()
    curves = []
    for ring, (radius, swing) in enumerate(((84.0, 14.0), (64.0, 11.0), (48.0, 9.0))):
        waves = 9 + digest[2 * ring] % 10
        amplitude = swing * (0.7 + 0.3 * digest[2 * ring + 1] / 255)
        curves += [_ring(radius, amplitude, waves, strand * 2 * pi / 6) for strand in range(6)]
    return tuple(curves)


def _ring(radius: float, swing: float, waves: int, phase: float) -> str:
    corners = []
    for step in range(_STEPS):
        angle = 2 * pi * step / _STEPS
        r = radius + swing * sin(waves * angle + phase)
        corners.append(f"{r * cos(angle):.1f},{r * sin(angle):.1f}")
    return " ".join(corners)


def weave(length: int, waves: int, swing: float, strands: int = 4) -> tuple[str, ...]:
    """Woven waves along a line of this length from the origin, each as the `points` of a polyline."""
    steps = waves * 12
    return tuple(
        " ".join(
            f"{length * step / steps:.1f},{swing * sin(2 * pi * (waves * step / steps + strand / strands)):.1f}"
            for step in range(steps + 1)
        )
        for strand in range(strands)
    )
