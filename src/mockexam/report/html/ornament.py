"""The certificate's line ornament: a rosette and a border of woven lines, as on old banknotes, drawn by formula."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from math import cos, pi, sin

_STEPS = 360


@dataclass(frozen=True, slots=True)
class Rosette:
    """Closed curves around the origin, the outermost about 100 from it."""

    curves: tuple[str, ...]
    """Each the `points` of a polygon."""


def rosette(seed: str) -> Rosette:
    """The rosette of a text: the same text gives the same rosette.

    Each ring is r(t) = R + A·sin(n·t + φ), drawn several times with φ moved on, so that the lines weave. The text
    chooses n and A of the rings.
    """
    digest = hashlib.sha256(seed.encode("utf-8", "backslashreplace")).digest()
    curves = []
    for ring, (radius, swing) in enumerate(((84.0, 14.0), (64.0, 11.0), (48.0, 9.0))):
        waves = 9 + digest[2 * ring] % 10
        reach = swing * (0.7 + 0.3 * digest[2 * ring + 1] / 255)
        curves += [_ring(radius, reach, waves, strand * 2 * pi / 6) for strand in range(6)]
    return Rosette(tuple(curves))


def _ring(radius: float, swing: float, waves: int, phase: float) -> str:
    corners = []
    for step in range(_STEPS):
        angle = 2 * pi * step / _STEPS
        away = radius + swing * sin(waves * angle + phase)
        corners.append(f"{away * cos(angle):.1f},{away * sin(angle):.1f}")
    return " ".join(corners)


def weave(length: int, waves: int, swing: float, strands: int = 4) -> tuple[str, ...]:
    """Woven waves along a line of this length from the origin: the `points` of as many polylines as strands."""
    steps = waves * 12
    return tuple(
        " ".join(
            f"{length * step / steps:.1f},{swing * sin(2 * pi * (waves * step / steps + strand / strands)):.1f}"
            for step in range(steps + 1)
        )
        for strand in range(strands)
    )
