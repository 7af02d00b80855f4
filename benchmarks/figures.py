"""A measured figure against its goal, and how several ways are timed fairly."""

from __future__ import annotations

import os
import platform
import statistics
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib import metadata


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure, for example a ratio, and its goal if one was promised."""

    name: str
    value: float
    goal: float | None = None
    unit: str = "x"
    detail: str = ""
    at_least: bool = False
    """The value must not be below the goal, instead of not above."""

    @property
    def reached(self) -> bool:
        """Whether the goal is kept, if there is one."""
        if self.goal is None:
            return True
        return self.value >= self.goal if self.at_least else self.value <= self.goal


def interleave(runs: int, ways: Mapping[str, Callable[[], float]]) -> dict[str, float]:
    """The median of each way's seconds over so many rounds, each of all ways, in turn forwards and backwards.

    So whatever else the machine does meets all alike. A first round is not counted: it fills caches.
    """
    seen: dict[str, list[float]] = {name: [] for name in ways}
    for number in range(runs + 1):
        order = list(ways.items())
        for name, way in order if number % 2 else reversed(order):
            seconds = way()
            if number:
                seen[name].append(seconds)
    return {name: statistics.median(values) for name, values in seen.items()}


def table(figures: Sequence[Figure]) -> str:
    """A line a figure."""
    return "\n".join(map(_line, figures))


def _line(figure: Figure) -> str:
    kept = "    " if figure.goal is None else "ok  " if figure.reached else "MISS"
    least = "at least " if figure.at_least else ""
    goal = "" if figure.goal is None else f"(goal {least}{figure.goal:g} {figure.unit})"
    return f"{kept}  {figure.name:<44} {figure.value:7.2f} {figure.unit:<2} {goal:<14} {figure.detail}"


def machine() -> str:
    """Where and with what this was measured."""
    names = ("tensorflow", "keras", "textual", "click")
    versions = ", ".join(f"{name} {metadata.version(name)}" for name in names)
    system = f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores"
    python = f"Python {platform.python_version()}"
    return f"{datetime.now(UTC):%Y-%m-%d}, {system}, load {os.getloadavg()[0]:.1f}, {python}, {versions}"
