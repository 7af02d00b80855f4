"""The test's side of the zygote: orders rounds, and counts what came of them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass, field, is_dataclass
from pathlib import Path
from typing import Any, Self

from tests.faults.points import ERRORS, SILENT, Fault

ROOT = Path(__file__).parents[2]


class Zygote:
    """A running zygote in this folder; a context manager."""

    def __init__(self, folder: Path, *models: Path) -> None:
        path = os.pathsep.join(map(str, (ROOT, ROOT / "src")))
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.faults.zygote", str(folder), *map(str, models)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONPATH": path},
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.communicate()

    def play(self, story: str = "attempt", **order: Any) -> dict[str, Any]:
        """Play one round; an `Outcome` as a dictionary."""
        fields = {name: asdict(value) if is_dataclass(value) else value for name, value in order.items()}  # type: ignore[arg-type]
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps({"story": story, **fields}) + "\n")
        self._process.stdin.flush()
        outcome: dict[str, Any] = json.loads(self._process.stdout.readline())
        return outcome


def kills(names: Sequence[str]) -> list[Fault]:
    """A kill before each call that changes anything; the last is as good as one after them all."""
    count = sum(name not in SILENT for name in names)
    return [Fault(number, "kill") for number in range(1, count + 1)]


def errors(names: Sequence[str], times: int = 1) -> list[Fault]:
    """Each error that each call can meet, and so many calls in a row."""
    return [Fault(number, error, times) for number, name in enumerate(names, 1) for error in ERRORS[name]]


@dataclass
class Tally:
    """What came of many rounds."""

    kinds: Counter[str] = field(default_factory=Counter)
    ends: Counter[str] = field(default_factory=Counter)
    missed: int = 0
    """Rounds that ended before the fault was due: they do not count."""
    wrong: list[str] = field(default_factory=list)

    def add(self, kind: str, order: object, outcome: dict[str, Any]) -> None:
        """Count a round."""
        if outcome["how"] == "ended" and not outcome["struck"]:
            self.missed += 1
        else:
            self.kinds[kind] += 1
        self.ends[outcome["how"]] += 1
        self.wrong += [f"{order}, struck {outcome['struck']}, {outcome['how']}: {wrong}" for wrong in outcome["wrong"]]

    def report(self, record_property: Callable[[str, object], None]) -> None:
        """Have it said at the end of the run what it came to; fails if anything was wrong."""
        record_property("figures", str(self))
        assert not self.wrong, "\n".join(self.wrong[:5])
        assert self.missed <= self.kinds.total() // 10

    def __str__(self) -> str:
        kinds = ", ".join(f"{count} {kind}" for kind, count in sorted(self.kinds.items()))
        return f"{self.kinds.total()} faults: {kinds} ({self.missed} not reached); {dict(self.ends)}"


def play_all(zygote: Zygote, story: str, faults: Iterable[Fault], tally: Tally) -> None:
    """A round for each fault, every second with a new boot of the machine after it."""
    for number, fault in enumerate(faults):
        outcome = zygote.play(story, fault=fault, reboot=number % 2 == 1)
        kind = fault.what if fault.what == "kill" or not outcome["struck"] else "error"
        tally.add(f"{story} {kind}", fault, outcome)
